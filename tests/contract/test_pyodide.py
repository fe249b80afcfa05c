"""The same pipelines in the site's Pyodide, compared with CPython."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreshore import Pipeline, ValidationError
from models.verification.browser import BrowserExecutions
from tests.contract.records import any_records, valid_records
from tests.static_host import static_host
from tests.wheels import write_wheel

PYODIDE = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
"""Pyodide answers at its own pace, and keeps no state between examples."""


@pytest.fixture
def opened(pyodide: BrowserExecutions, name: str) -> BrowserExecutions:
    """Pyodide with the pipeline's wheels installed; installing them again does nothing."""
    pyodide.open(name)
    return pyodide


def test_versions_are_those_of_the_release_and_of_this_host(opened: BrowserExecutions, release: dict[str, Any]) -> None:
    runtime = release["runtime"]

    assert opened.versions() == {"pyodide": runtime["pyodide"], "python": runtime["python"]}
    assert opened.numpy_version() == runtime["numpy"] == np.__version__


def test_contract_is_the_hosts(pyodide: BrowserExecutions, name: str, pipeline: Pipeline) -> None:
    assert pyodide.open(name) == pipeline.contract.to_json()


def test_features_of_golden_cases_are_the_hosts(opened: BrowserExecutions, name: str, pipeline: Pipeline, golden: dict[str, Any]) -> None:
    got = opened.prepare(name, json.dumps(golden["records"]))["ok"]

    assert_same_tensors(got, pipeline.prepare(golden["records"]), pipeline.contract.tolerance)


def test_decoding_is_the_hosts(opened: BrowserExecutions, name: str, pipeline: Pipeline) -> None:
    shapes = {tensor.name: _concrete(tensor.shape, 700) for tensor in pipeline.contract.predictions}
    tensors = {name: np.linspace(-90, 300, math.prod(shape), dtype=np.float32).reshape(shape) for name, shape in shapes.items()}

    assert opened.decode(name, tensors)["ok"] == pipeline.decode(tensors)


def test_decoding_refuses_what_the_host_refuses(opened: BrowserExecutions, name: str, pipeline: Pipeline) -> None:
    tensors = {tensor.name: np.full(_concrete(tensor.shape, 2), np.nan, np.float32) for tensor in pipeline.contract.predictions}

    assert opened.decode(name, tensors)["error"]["kind"] == "model"


@PYODIDE
@given(data=st.data())
def test_features_of_random_records_are_the_hosts(opened: BrowserExecutions, name: str, pipeline: Pipeline, data: st.DataObject) -> None:
    records = data.draw(valid_records(pipeline.contract))

    got = opened.prepare(name, json.dumps(records))

    assert_same_tensors(got["ok"], pipeline.prepare(records), pipeline.contract.tolerance)


@PYODIDE
@given(data=st.data())
def test_problems_of_random_records_are_the_hosts(opened: BrowserExecutions, name: str, pipeline: Pipeline, data: st.DataObject) -> None:
    records = data.draw(any_records(pipeline.contract))

    got = opened.prepare(name, json.dumps(records))

    expected = outcome(pipeline, json.dumps(records))
    assert got.get("error") == expected.get("error")
    assert_same_tensors(got.get("ok", {}), expected.get("ok", {}), pipeline.contract.tolerance)


@pytest.mark.parametrize("text", ["", "[", "nonsense", "{}", '"text"', "[1]", "[null]", "[" * 1000])
def test_what_is_no_list_of_records_is_a_validation_error(opened: BrowserExecutions, name: str, text: str) -> None:
    assert opened.prepare(name, text)["error"]["kind"] == "validation"


def test_a_huge_text_is_named_briefly(opened: BrowserExecutions, name: str, pipeline: Pipeline) -> None:
    field = pipeline.contract.fields[0].name

    error = opened.prepare(name, json.dumps([{field: "x" * 10_000_000}]))["error"]

    problem = next(problem for problem in error["problems"] if problem["field"] == field)
    assert "10000000 characters" in problem["got"]
    assert len(json.dumps(error)) < 100_000


def test_an_unknown_pipeline_is_refused(opened: BrowserExecutions) -> None:
    assert opened.prepare("no_such_pipeline", "[]")["error"]["kind"] == "contract"


def outcome(pipeline: Pipeline, records_json: str) -> dict[str, Any]:
    """What the host says to the same text, in the form that crosses the boundary."""
    try:
        return {"ok": pipeline.prepare(json.loads(records_json))}
    except ValidationError as error:
        return {"error": json.loads(json.dumps(error.to_json()))}


def test_micropip_installs_a_pure_python_wheel(pyodide: BrowserExecutions, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "visitor_extras", {"visitor_extras.py": "ANSWER = 42\n"})

    with static_host(tmp_path) as host:
        assert pyodide.install(f"{host.url}/{wheel.name}", "visitor_extras", "ANSWER") == 42


def assert_same_tensors(got: dict[str, Any], expected: dict[str, Any], tolerance: float) -> None:
    assert set(got) == set(expected)
    for name, array in expected.items():
        assert (got[name].dtype, got[name].shape) == (array.dtype, array.shape)
        if array.size:
            np.testing.assert_array_less(np.abs(got[name] - array), tolerance * np.maximum(1.0, np.abs(array)) + 1e-30)


def _concrete(shape: tuple[int | str, ...], rows: int) -> tuple[int, ...]:
    return tuple(rows if isinstance(size, str) else size for size in shape)
