"""Counts: multiply-adds and weights, read off graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.case_studies.counts import multiply_adds, weights
from models.compression.errors import OperatorError
from models.segments import run_native

type Shape = tuple[int, ...]


def one_node(operator: str, shape: tuple[int | str, ...], kernel: NDArray[np.float32], **attributes: Any) -> onnx.ModelProto:
    """A model of one operator on `x` and a fixed tensor."""
    graph = helper.make_graph(
        [helper.make_node(operator, ["x", "kernel"], ["y"], **attributes)],
        operator,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def summed(model: onnx.ModelProto, shape: Shape) -> int:
    """Every product of ones is one: their sum is how often was multiplied."""
    (made,) = run_native(model.SerializeToString(), {"x": np.ones(shape, np.float32)}).values()
    return int(made.sum(dtype=np.float64))


small = st.integers(1, 3)


@settings(max_examples=40, deadline=None)
@given(batch=small, groups=small, inputs=small, outputs=small, kernel=st.tuples(small, small), stride=small, more=st.integers(0, 4))
def test_convolutions_are_counted_as_they_are_computed(
    batch: int, groups: int, inputs: int, outputs: int, kernel: tuple[int, int], stride: int, more: int
) -> None:
    shape = (batch, groups * inputs, kernel[0] + more, kernel[1] + 2 * more)
    ones = np.ones((groups * outputs, inputs, *kernel), np.float32)
    model = one_node("Conv", ("N", *shape[1:]), ones, group=groups, strides=[stride, stride])
    assert multiply_adds(model, {"x": shape}) == summed(model, shape)


@settings(max_examples=20, deadline=None)
@given(rows=small, inner=small, columns=small, first=st.booleans(), second=st.booleans())
def test_products_are_counted_as_they_are_computed(rows: int, inner: int, columns: int, first: bool, second: bool) -> None:
    shape = (inner, rows) if first else (rows, inner)
    ones = np.ones((columns, inner) if second else (inner, columns), np.float32)
    model = one_node("Gemm", shape, ones, transA=int(first), transB=int(second))
    assert multiply_adds(model, {"x": shape}) == summed(model, shape) == rows * inner * columns


@settings(max_examples=20, deadline=None)
@given(batch=st.lists(small, max_size=2), rows=small, inner=small, columns=small)
def test_batches_of_products_are_counted_as_they_are_computed(batch: list[int], rows: int, inner: int, columns: int) -> None:
    shape = (*batch, rows, inner)
    model = one_node("MatMul", ("N", *shape[1:]), np.ones((inner, columns), np.float32))
    assert multiply_adds(model, {"x": shape}) == summed(model, shape)


def test_padding_is_multiplied_as_well() -> None:
    """As the papers count: places times kernel, whatever lies under it."""
    model = one_node("Conv", ("N", 512, 14, 14), np.ones((512, 512, 3, 3), np.float32), pads=[1, 1, 1, 1])
    assert multiply_adds(model, {"x": (1, 512, 14, 14)}) == 14 * 14 * 512 * 512 * 9


def test_shape_that_cannot_be_inferred_is_told() -> None:
    model = one_node("MatMul", ("N", 3), np.ones((3, 2), np.float32))
    model.graph.node.insert(0, helper.make_node("NonZero", ["x"], ["places"]))
    model.graph.node.insert(1, helper.make_node("Cast", ["places"], ["which"], to=TensorProto.FLOAT))
    model.graph.node[2].input[0] = "which"
    model.graph.node[2].input[1] = "x"
    with pytest.raises(OperatorError, match="MatMul .*'which' cannot be inferred; give every input a fixed shape"):
        multiply_adds(model, {"x": (2, 3)})


def test_numbers_of_formulas_are_no_weights() -> None:
    model = one_node("MatMul", ("N", 3), np.ones((3, 2), np.float32))
    model.graph.initializer.append(numpy_helper.from_array(np.array(0.5, np.float32), "half"))
    model.graph.initializer.append(numpy_helper.from_array(np.array([0, 0, 12, 64]), "shape"))
    model.graph.initializer.append(numpy_helper.from_array(np.ones(4, np.float16), "bias"))
    assert weights(model) == 3 * 2 + 4
