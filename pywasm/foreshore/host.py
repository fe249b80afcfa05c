"""The boundary between Pyodide and JavaScript: the only module that touches `js` or `pyodide`.

JavaScript imports this module and calls its functions. Each returns a plain JavaScript object: `{ok: …}`, or `{error: …}` in the
form of `ForeshoreError.to_json`; no Python exception and no proxy crosses over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

import js
import numpy as np
from pyodide.ffi import JsProxy, to_js

from foreshore.errors import ForeshoreError, Problem, ValidationError
from foreshore.pipeline import Pipeline, load_pipeline

if TYPE_CHECKING:
    from foreshore.live import Live


RECORDS, EVENTS = "a JSON list of records", "a JSON list of events, [type, record] each"


@cache
def _pipeline(name: str) -> Pipeline:
    return load_pipeline(name)


@cache
def _live(name: str) -> Live:
    from foreshore.live import Live  # a pipeline without a view starts without windows

    return Live(_pipeline(name))


def _answered[**Arguments](function: Callable[Arguments, Any]) -> Callable[Arguments, Any]:
    """Return `{ok}` or `{error}` as a JavaScript object, whatever happens."""

    @wraps(function)
    def answer(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Any:
        try:
            result = {"ok": function(*args, **kwargs)}
        except ForeshoreError as error:
            result = {"error": error.to_json()}
        except Exception as error:  # the last boundary: an unforeseen error still has to reach the page
            result = {"error": ForeshoreError(f"{type(error).__name__}: {error}").to_json()}
        return to_js(result, dict_converter=js.Object.fromEntries, create_pyproxies=False)

    return answer


@_answered
def open_pipeline(name: str) -> str:
    """Import a pipeline and run its features once on its own examples, so that the first prediction finds all warm.

    Returns
    -------
    str
        The contract as JSON.
    """
    pipeline = _pipeline(name)
    example = {field.name: field.example for field in pipeline.contract.fields}
    with suppress(ValidationError):  # a contract need not give an example for every field
        pipeline.prepare([example])
    return json.dumps(pipeline.contract.to_json())


@_answered
def prepare(name: str, records_json: str, first_row: int = 0, images: JsProxy | None = None) -> dict[str, Any]:
    """Feature tensors of records; context that they lack is filled in from the windows, where these have seen anything.

    Parameters
    ----------
    name : str
        Of an opened pipeline.
    records_json : str
        JSON list of N records.
    first_row : int
        What the first record's row is called in errors: where a batch begins in what the caller gave.
    images : JavaScript list of Uint8Array, optional
        Data of the records' images, which name it by its place.

    Returns
    -------
    dict
        `tensors`: name to `{data: TypedArray, dims: number[]}`; `segments`: the code of each record's segment, Int32Array, undefined for
        a contract without segments. Arrays are copies that JavaScript owns and may transfer.
    """
    pipeline = _pipeline(name)
    with _rows_from(first_row):
        records = _parsed(records_json, RECORDS)
        if images is not None:
            _put_in(records, pipeline, images)
        columns = pipeline.encode(records) if pipeline.view is None else _live(name).columns(records)
    tensors = pipeline.tensors(columns, len(records))
    segment = pipeline.contract.segment
    return {
        "tensors": {key: {"data": memoryview(array.reshape(-1)), "dims": list(array.shape)} for key, array in tensors.items()},
        "segments": memoryview(columns[segment]) if segment else None,
    }


@_answered
def decode(name: str, tensors: JsProxy) -> str:
    """Answers from the model's outputs.

    Parameters
    ----------
    tensors : JavaScript object
        Tensor name to `{data: TypedArray, dims: number[]}`.

    Returns
    -------
    str
        JSON list of answers.
    """
    arrays = {key: np.asarray(item["data"]).reshape(item["dims"]) for key, item in tensors.to_py().items()}
    return json.dumps(_pipeline(name).decode(arrays))


@_answered
def observe(name: str, events_json: str) -> str:
    """Take events into the windows; a JSON list of [type, record] to what became of them (see `Live.observe`), as JSON."""
    return json.dumps(_live(name).observe(_parsed(events_json, EVENTS)))


@_answered
def follow(name: str, events_json: str, records_json: str, restart: bool) -> str:
    """Records with their context in the middle of events: JSON of `records` and `intake` (see `Live.follow`)."""
    events, records = _parsed(events_json, EVENTS), _parsed(records_json, RECORDS)
    filled, intake = _live(name).follow(events, records, restart=restart)
    return json.dumps({"records": filled, "intake": intake})


@_answered
def fill(name: str, records_json: str, first_row: int = 0) -> str:
    """Records with their context (see `Live.fill`), as JSON; parameters as in `prepare`."""
    with _rows_from(first_row):
        return json.dumps(_live(name).fill(_parsed(records_json, RECORDS)))


@_answered
def save_windows(name: str) -> memoryview:
    """What the windows remember, as Uint8Array."""
    return memoryview(_live(name).save())


@_answered
def restore_windows(name: str, state: JsProxy) -> None:
    """Go on from what `save_windows` gave, a Uint8Array."""
    _live(name).restore(state.to_bytes())


@_answered
def restart_windows(name: str) -> None:
    """Forget all events."""
    _live(name).restart()


def _parsed(text: str, expected: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError([Problem(0, "", f"text that is not JSON ({error})", expected)]) from error


def _put_in(records: list[dict[str, Any]], pipeline: Pipeline, images: JsProxy) -> None:
    """Give images their data."""
    for field in pipeline.contract.image_fields:
        for record in records:
            image = record[field.name]
            image["data"] = images[image["data"]].to_bytes()


@contextmanager
def _rows_from(first_row: int) -> Iterator[None]:
    """Call the first record's row that in errors."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError([replace(problem, row=problem.row + first_row) for problem in error.problems]) from error
