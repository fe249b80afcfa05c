"""What a job is asked to do, read from a request's query or from its JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from foreshore import Contract
from web.server.jobs.keys import Key
from web.server.jobs.queue import Request
from web.server.prediction.catalogue import ReleasedPipeline
from web.server.prediction.errors import Malformed, Unsupported
from web.server.prediction.protocol import parse_json

FORMATS = ("csv", "parquet")
UPLOADS = {"text/csv": "csv", "application/vnd.apache.parquet": "parquet"}
"""Media types of uploads; which of the two a file is, its content tells."""
OPTIONS = ("variant", "mapping", "key", "format")
LONGEST_COLUMN = 256


def job_of_upload(released: ReleasedPipeline, media_type: str, query: Mapping[str, str], owner: str | None) -> Request:
    """The job that an upload asks for; raises Refusal."""
    given: dict[str, Any] = {name: query[name] for name in OPTIONS if name in query}
    if "mapping" in given:
        given["mapping"] = parse_json(given["mapping"].encode("utf-8", "surrogateescape"))
    if "key" in given:
        given["key"] = given["key"].split(",")
    return _request(released, {"format": UPLOADS[media_type], **given}, owner)


def job_of_path(released: ReleasedPipeline, body: bytes, owner: str | None) -> Request:
    """The job that a JSON object asks for, of a file among the inputs; raises Refusal."""
    given = parse_json(body)
    unknown = sorted(set(given) - {"path", *OPTIONS}) if isinstance(given, dict) else []
    if not isinstance(given, dict) or unknown or not isinstance(given.get("path"), str):
        raise Malformed(f"got no job, expected an object with the path of a file, and some of {', '.join(OPTIONS)}")
    _check_text("path", given["path"], math.inf)
    return _request(released, {"format": "parquet" if given["path"].endswith(".parquet") else "csv", **given}, owner)


def check_media_type(media_type: str) -> None:
    """Raise Unsupported where a body is neither a table nor JSON."""
    if media_type not in (*UPLOADS, "application/json"):
        raise Unsupported(
            f"Content-Type: got {media_type[:40]!r}, expected {', '.join(UPLOADS)} for a file, or application/json for a path"
        )


def _request(released: ReleasedPipeline, given: Mapping[str, Any], owner: str | None) -> Request:
    contract = released.contract
    if contract.image_fields:
        names = ", ".join(field.name for field in contract.image_fields)
        raise Malformed(f"pipeline {contract.name}: its field {names} holds images, which tables don't; send records to predict instead")
    if given["format"] not in FORMATS:
        raise Malformed(f"format: expected one of {', '.join(FORMATS)}")
    variant = released.variant(given["variant"]).name if given.get("variant") is not None else None
    key = ",".join(Key(contract, _names(given["key"])).names) if given.get("key") is not None else ""
    mapping = _mapping(contract, given["mapping"]) if given.get("mapping") is not None else None
    return Request(contract.name, given["format"], variant, mapping, key, given.get("path"), owner)


def _names(key: object) -> list[str]:
    if not isinstance(key, list) or not all(isinstance(name, str) for name in key):
        raise Malformed("key: expected a list of names of fields")
    return key


def _mapping(contract: Contract, given: object) -> dict[str, str]:
    """Columns by the names of fields."""
    if not isinstance(given, dict) or not all(isinstance(column, str) for column in given.values()):
        raise Malformed("mapping: expected an object of names of columns by names of fields")
    known = {field.name for field in contract.inputs}
    if unknown := set(given) - known:
        raise Malformed(f"mapping: got {len(unknown)} names that are no field's, expected some of {', '.join(sorted(known))}")
    for column in given.values():
        _check_text("mapping", column, LONGEST_COLUMN)
    return given


def _check_text(name: str, text: str, longest: float) -> None:
    """Refuse what no file has and no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"{name}: got a text that UTF-8 can't write") from error
    if "\0" in text or len(text) > longest:
        raise Malformed(f"{name}: got a text that is too long, or holds a NUL")
