"""Chains: read from graphs of several forms, written back, refused by operator."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from models.compression.chain import Chain
from models.compression.errors import LessonError, OperatorError, WeightsError
from models.compression.graph import Writer, constants, with_products
from models.compression.lesson import Lesson
from tests.unit.models.compression.conftest import INPUTS, answers, declared, random_chain

ROWS = np.random.default_rng(3).normal(0, 1, (50, INPUTS)).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=4), st.integers(0, 1000))
def test_a_chain_is_read_as_it_was_written(hidden: list[int], seed: int) -> None:
    chain = random_chain([INPUTS, *hidden, 2], seed)
    read = Chain.read(chain.model(), "test")
    assert [layer.rectified for layer in read.layers] == [layer.rectified for layer in chain.layers]
    for found, expected in zip(read.layers, chain.layers, strict=True):
        np.testing.assert_array_equal(found.weights, expected.weights)
        np.testing.assert_array_equal(found.bias, expected.bias)


def test_a_chain_computes_what_its_graph_does(chain: Chain) -> None:
    np.testing.assert_allclose(chain.activations(ROWS)[-1], answers(chain.model(), ROWS), rtol=1e-5, atol=1e-5)


def test_matrix_products_and_additions_are_layers_too(model: onnx.ModelProto) -> None:
    products = with_products(model)
    assert "Gemm" not in {node.op_type for node in products.graph.node}
    np.testing.assert_allclose(answers(Chain.read(products, "test").model(), ROWS), answers(model, ROWS), rtol=1e-5, atol=1e-5)


def test_transposed_and_scaled_weights_are_read() -> None:
    graph, weights = Writer(declared(outputs=3)), np.random.default_rng(1).normal(size=(3, INPUTS)).astype(np.float32)
    bias = graph.constant(np.array([[1, 2, 3]], np.float32))
    model = graph.model(graph.add("Gemm", "rows", graph.constant(weights), bias, transB=1, alpha=0.5, beta=2.0))
    np.testing.assert_allclose(answers(Chain.read(model, "test").model(), ROWS), answers(model, ROWS), rtol=1e-5, atol=1e-5)


def test_weights_in_constant_nodes_are_read(model: onnx.ModelProto) -> None:
    expected = answers(model, ROWS)
    for tensor in list(model.graph.initializer):
        model.graph.node.insert(0, helper.make_node("Constant", [], [tensor.name], value=tensor))
        model.graph.initializer.remove(tensor)
    assert not model.graph.initializer
    np.testing.assert_array_equal(answers(Chain.read(model, "test").model(), ROWS), expected)


def test_another_operator_is_refused_by_name() -> None:
    graph = Writer(declared(outputs=INPUTS))
    model = graph.model(graph.add("Sigmoid", "rows"))
    with pytest.raises(OperatorError, match=r"low_rank: got Sigmoid .*expected a chain of Gemm, MatMul, Add and Relu"):
        Chain.read(model, "low_rank")


def test_a_convolution_is_refused_by_name() -> None:
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 4, 4])
    result = helper.make_tensor_value_info("answers", TensorProto.FLOAT, ["N", 1, 2, 2])
    kernel = numpy_helper.from_array(np.ones((1, 1, 3, 3), np.float32), "kernel")
    node = helper.make_node("Conv", ["image", "kernel"], ["answers"])
    with pytest.raises(OperatorError, match="structured: got Conv"):
        Chain.read(helper.make_model(helper.make_graph([node], "g", [image], [result], [kernel])), "structured")


def test_a_branch_is_refused() -> None:
    graph, weights = Writer(declared(outputs=INPUTS)), np.eye(INPUTS, dtype=np.float32)
    through = graph.add("MatMul", "rows", graph.constant(weights))
    model = graph.model(graph.add("Add", through, "rows"))
    with pytest.raises(OperatorError, match="got Add .* which takes"):
        Chain.read(model, "test")


def test_a_rectified_input_is_no_layer() -> None:
    graph = Writer(declared(outputs=INPUTS))
    with pytest.raises(OperatorError, match="got Relu"):
        Chain.read(graph.model(graph.add("Relu", "rows")), "test")


def test_weights_that_are_no_numbers_are_refused(chain: Chain) -> None:
    chain.layers[1].weights[3, 4] = np.nan
    with pytest.raises(WeightsError, match="got 1 weights that are not finite, expected none; train the model again"):
        Chain.read(chain.model(), "test")


def test_features_of_another_width_are_refused(chain: Chain) -> None:
    with pytest.raises(LessonError, match=r"got rows of \(11,\) with targets of \(1,\), expected \(12,\) and \(1,\)"):
        chain.rows(Lesson({"rows": ROWS[:, 1:]}, ROWS[:, :1]))


def test_features_of_another_name_are_refused(chain: Chain) -> None:
    with pytest.raises(LessonError, match="expected 'rows'; name them as the model does"):
        chain.rows(Lesson({"columns": ROWS}, ROWS[:, :1]))


def test_reading_leaves_the_model_as_it_is(model: onnx.ModelProto) -> None:
    before = model.SerializeToString()
    Chain.read(model, "test")
    constants(model)
    assert model.SerializeToString() == before
