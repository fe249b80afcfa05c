"""The boundary between Pyodide and JavaScript: the only module that touches `js` or `pyodide`.

JavaScript imports this module and calls its functions. Each returns a plain JavaScript object: `{ok: …}`, or `{error: …}` in the
form of `ForeshoreError.to_json`; no Python exception and no proxy crosses over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, wraps
from typing import Any

import js
import numpy as np
from pyodide.ffi import JsProxy, to_js

from foreshore.errors import ForeshoreError, Problem, ValidationError
from foreshore.pipeline import Pipeline, load_pipeline


@cache
def _pipeline(name: str) -> Pipeline:
    return load_pipeline(name)


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
def prepare(name: str, records_json: str, first_row: int = 0) -> dict[str, Any]:
    """Feature tensors of records.

    Parameters
    ----------
    name : str
        Of an opened pipeline.
    records_json : str
        JSON list of N records.
    first_row : int
        What the first record's row is called in errors: where a batch begins in what the caller gave.

    Returns
    -------
    dict
        Tensor name to `{data: TypedArray, dims: number[]}`; the array is a copy that JavaScript owns and may transfer.
    """
    try:
        tensors = _pipeline(name).prepare(_records(records_json))
    except ValidationError as error:
        raise ValidationError([replace(problem, row=problem.row + first_row) for problem in error.problems]) from error
    return {key: {"data": memoryview(array.reshape(-1)), "dims": list(array.shape)} for key, array in tensors.items()}


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


def _records(records_json: str) -> Any:
    try:
        return json.loads(records_json)
    except (ValueError, RecursionError) as error:
        raise ValidationError([Problem(0, "", f"text that is not JSON ({error})", "a JSON list of records")]) from error
