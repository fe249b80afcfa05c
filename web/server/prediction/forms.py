"""The form of an answer, and of an error: the Open Inference Protocol's under /v2, that of `ForeshoreError.to_json` elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from web.server.headers import UNCACHED

PREFIXES = ("/v2", "/api", "/metrics")


def is_prediction(path: str) -> bool:
    """Whether a path belongs to predictions, and not to the site.

    Examples
    --------
    >>> is_prediction("/v2/models/eta"), is_prediction("/v2.html")
    (True, False)
    """
    return path.startswith(PREFIXES) and (path in PREFIXES or path.startswith(tuple(f"{prefix}/" for prefix in PREFIXES)))


def answered(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return response_of(status, json.dumps(value, separators=(",", ":")).encode(), "application/json", headers)


def response_of(status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that no cache keeps."""
    return Response(body, status, {"Cache-Control": UNCACHED, **(headers or {})}, content_type=content_type)


def refused(path: str, status: int, error: Mapping[str, Any]) -> Response:
    """The answer to a request at `path` that gets none, in the form of its protocol.

    Parameters
    ----------
    status : int
        HTTP status.
    error : mapping
        As `ForeshoreError.to_json` gives it.
    """
    body = {"error": error["message"]} if path.startswith("/v2") else error
    return response_of(status, json.dumps(body).encode(), "application/json")


def http_error(path: str, status: int, message: str) -> Response:
    """The same for an error of HTTP itself, such as an address that there is not."""
    return refused(path, status, {"kind": "unsupported", "message": message, "field": None, "row": None, "problems": []})
