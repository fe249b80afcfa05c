"""The form of an error: the Open Inference Protocol's under /v2, that of `ForeshoreError.to_json` elsewhere."""

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
    return Response(json.dumps(body).encode(), status, {"Cache-Control": UNCACHED}, content_type="application/json")


def http_error(path: str, status: int, message: str) -> Response:
    """The same for an error of HTTP itself, such as an address that there is not."""
    return refused(path, status, {"kind": "unsupported", "message": message, "field": None, "row": None, "problems": []})
