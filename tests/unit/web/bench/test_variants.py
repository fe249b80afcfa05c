"""What is said of models and sample rows before and after a browser has seen them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from packing.errors import BuildError
from web.bench.variants import VariantError, default_threads, drawn_feeds, measure
from web.bench.variants.feeds import batch_of, check_inputs, check_rows, compare, decoded, host_answers

FEATURES = 3

type Values = NDArray[Any]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Doubles (N, 3) float32; its constant is listed among the inputs, as old exporters do."""
    inputs: list[tuple[str, list[str | int]]] = [("x", ["N", FEATURES]), ("two", [1])]
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "two"], ["y"])],
        "double",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", FEATURES])],
        [numpy_helper.from_array(np.array([2], np.float32), "two")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), tmp_path / "double.onnx")
    return tmp_path / "double.onnx"


def rows(count: int = 2, features: int = FEATURES, dtype: str = "float32") -> Values:
    return np.ones((count, features), dtype)


def test_rows_of_the_models_inputs_are_taken(model: Path) -> None:
    check_inputs("double", model, {"x": rows()})


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ({"x": rows(features=4)}, r"'rows', 4"),
        ({"x": rows(dtype="float64")}, "float64"),
        ({"z": rows()}, "'z'"),
        ({"x": rows(), "z": rows()}, "'z'"),
        ({"x": rows()[:, :, np.newaxis]}, r"'rows', 3, 1"),
    ],
)
def test_a_model_of_other_inputs_is_refused_by_name(model: Path, feeds: dict[str, Values], told: str) -> None:
    with pytest.raises(VariantError, match=rf"^double: double\.onnx takes .*'x'.*expected .*{told}.*measure models of the same inputs"):
        check_inputs("double", model, feeds)


@pytest.mark.parametrize("content", [b"", b"\x7fELF, renamed"])
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.onnx").write_bytes(content)
    with pytest.raises(VariantError, match=r"^broken: .*write it anew"):
        check_inputs("broken", tmp_path / "broken.onnx", {"x": rows()})


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(VariantError, match=r"^gone: .*gone\.onnx.*No such file"):
        check_inputs("gone", tmp_path / "gone.onnx", {"x": rows()})


@pytest.mark.parametrize("feeds", [{}, {"x": rows(0)}, {"x": rows(2), "z": rows(3)}, {"x": np.float32(1)}])
def test_rows_must_be_as_many_for_each_input(feeds: dict[str, Values]) -> None:
    with pytest.raises(BuildError, match="as many rows for each input"):
        check_rows(feeds)


def test_rows_of_a_type_without_tensors_are_refused() -> None:
    with pytest.raises(BuildError, match=r"x is complex128, expected one of float32.*convert it"):
        check_rows({"x": rows(dtype="complex128")})


def test_nothing_to_measure_is_refused(model: Path) -> None:
    with pytest.raises(BuildError, match="got 0 models"):
        measure({}, {"x": rows()})
    with pytest.raises(BuildError, match=r"batches \[0, 4\]"):
        measure({"double": model}, {"x": rows()}, batches=(0, 4))
    with pytest.raises(BuildError, match=r"threads \[0\]"):
        measure({"double": model}, {"x": rows()}, threads=(0,))


def test_drawn_rows_fit_the_model_and_repeat(model: Path) -> None:
    drawn = drawn_feeds(model, 5)
    check_inputs("double", model, drawn)
    assert drawn["x"].shape == (5, FEATURES)
    assert len(np.unique(drawn["x"])) == 15
    np.testing.assert_array_equal(drawn["x"], drawn_feeds(model, 5)["x"])


def test_rows_cannot_be_drawn_for_a_size_that_is_not_fixed(model: Path) -> None:
    changed = onnx.load(model)
    changed.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "length"
    onnx.save(changed, model)
    with pytest.raises(VariantError, match=r"^double: x has sizes \['length'\]"):
        drawn_feeds(model, 5)


def test_batches_repeat_the_rows() -> None:
    np.testing.assert_array_equal(batch_of({"x": np.array([[1], [2], [3]])}, 5)["x"], [[1], [2], [3], [1], [2]])


def test_answers_of_the_host_are_those_of_the_model(model: Path) -> None:
    np.testing.assert_array_equal(host_answers("double", model, {"x": rows()})["y"], 2 * rows())


def test_agreement_is_the_difference_to_the_host() -> None:
    expected = {"y": np.array([0.0, 10.0, 2.0, np.nan, np.inf], np.float32)}
    got = {"y": np.array([0.5, 11.0, 2.0, np.nan, np.inf], np.float32)}
    assert compare("int8", got, expected) == {"compared": 5, "largest_difference": 0.5, "median_difference": 0.0}


@pytest.mark.parametrize("got", [[np.nan, 1.0], [np.inf, 1.0]])
def test_numbers_that_are_none_in_the_browser_are_an_error(got: list[float]) -> None:
    with pytest.raises(VariantError, match=r"^int8: y is not finite"):
        compare("int8", {"y": np.array(got)}, {"y": np.array([0.0, 1.0])})


def test_answers_of_another_shape_are_an_error() -> None:
    with pytest.raises(VariantError, match=r"^int8: the browser answers with \{'y': \(3,\)\}, the host with \{'y': \(2,\)\}"):
        compare("int8", {"y": np.zeros(3)}, {"y": np.zeros(2)})


def test_the_pages_tensors_are_read() -> None:
    values = np.array([[1, -2], [3, 4]], "<i8")
    told = {"dtype": "int64", "dims": [2, 2], "base64": base64.b64encode(values.tobytes()).decode()}
    np.testing.assert_array_equal(decoded(told), values)


def test_one_thread_is_always_measured() -> None:
    assert default_threads()[0] == 1
    assert default_threads("webgpu") == (1,)
