"""Quantisation by the libraries: smaller, close in its answers, the same inputs and outputs, the given model untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.compression.errors import LessonError, OperatorError, RecipeError
from models.compression.graph import Writer, constants, parameters, signature
from models.compression.lesson import Lesson
from models.compression.quantisation import DynamicInt8, Half, StaticInt8, dynamic_int8, half, static_int8
from models.compression.recipes import TECHNIQUES
from models.compression.weights import Int4, WeightOnlyInt8, int4, weight_only_int8
from models.segments import run_native
from tests.unit.models.compression.conftest import answers, declared, random_chain

WIDE = random_chain([96, 128, 64, 1])
ROWS = np.random.default_rng(2).uniform(-1, 1, (400, 96)).astype(np.float32)
LESSON = Lesson({"rows": ROWS}, WIDE.activations(ROWS)[-1])
FORMS = {
    "half": (Half(), 0.55, 1e-5),
    "dynamic_int8": (DynamicInt8(), 0.35, 3e-3),
    "static_int8": (StaticInt8(), 0.35, 3e-3),
    "weight_only_int8": (WeightOnlyInt8(), 0.30, 1e-3),
    "int4": (Int4(), 0.22, 5e-2),
}
"""Settings, the most that is left of the size, and the mean squared error in shares of the answers' variance."""


@pytest.mark.parametrize("name", FORMS)
def test_forms_are_smaller_and_answer_nearly_the_same(name: str) -> None:
    chosen, size, error = FORMS[name]
    made = TECHNIQUES[name].apply(WIDE.model(), chosen, LESSON)
    onnx.checker.check_model(made)
    assert signature(made) == signature(WIDE.model())
    assert made.ByteSize() < size * WIDE.model().ByteSize()
    assert np.mean((answers(made, ROWS) - LESSON.targets) ** 2) < error * LESSON.targets.var()


@pytest.mark.parametrize("name", FORMS)
def test_the_given_model_stays_as_it_is(name: str) -> None:
    model = WIDE.model()
    before = model.SerializeToString()
    TECHNIQUES[name].apply(model, FORMS[name][0], LESSON)
    assert model.SerializeToString() == before


@pytest.mark.parametrize("name", FORMS)
def test_forms_are_the_same_every_time(name: str) -> None:
    first, again = (TECHNIQUES[name].apply(WIDE.model(), FORMS[name][0], LESSON).SerializeToString() for _ in range(2))
    assert first == again


@pytest.mark.parametrize("name", ["dynamic_int8", "static_int8", "weight_only_int8", "int4"])
def test_a_graph_with_nothing_to_quantise_is_refused(name: str) -> None:
    graph = Writer(declared(96, 96))
    model = graph.model(graph.add("Sigmoid", "rows"))
    lesson = Lesson({"rows": ROWS}, ROWS)
    chosen = StaticInt8(operators=("MatMul",)) if name == "static_int8" else FORMS[name][0]
    with pytest.raises(OperatorError, match=f"{name}: got a graph of .*; leave this step out of the recipe"):
        TECHNIQUES[name].apply(model, chosen, lesson)


def test_weights_are_stored_in_the_type_promised() -> None:
    kinds = {
        name: {values.dtype.name for values in constants(TECHNIQUES[name].apply(WIDE.model(), FORMS[name][0], LESSON)).values()}
        for name in FORMS
    }
    assert kinds["half"] == {"float16"}
    assert "int8" in kinds["static_int8"]
    assert "int8" in kinds["weight_only_int8"]
    assert "uint8" in kinds["int4"]
    assert "uint8" in kinds["dynamic_int8"]


def test_weight_only_keeps_a_scale_for_each_output() -> None:
    chain = random_chain([32, 32, 1])
    chain.layers[0].weights[:, 0] *= 1000
    rows = ROWS[:, :32]
    made = weight_only_int8(chain.model(), WeightOnlyInt8(), None)
    scales = constants(made)[next(node.input[1] for node in made.graph.node if node.op_type == "Mul")]
    assert scales.shape == (1, 32)
    assert np.mean((answers(made, rows) - answers(chain.model(), rows)) ** 2) < 1e-3 * answers(chain.model(), rows).var()


def test_weight_only_reaches_convolutions() -> None:
    random = np.random.default_rng(5)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 8, 8])
    result = helper.make_tensor_value_info("answers", TensorProto.FLOAT, ["N", 16, 6, 6])
    kernel = numpy_helper.from_array(random.normal(size=(16, 3, 3, 3)).astype(np.float32), "kernel")
    node = helper.make_node("Conv", ["image", "kernel"], ["answers"])
    graph = helper.make_graph([node], "g", [image], [result], [kernel])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    feeds = {"image": random.normal(size=(2, 3, 8, 8)).astype(np.float32)}
    made = weight_only_int8(model, WeightOnlyInt8(), None)
    assert constants(made)["kernel_int"].dtype == np.int8
    exact, rounded = (run_native(each.SerializeToString(), feeds)["answers"] for each in (model, made))
    assert 0 < np.mean((exact - rounded) ** 2) < 1e-3 * exact.var()


def test_small_weights_stay_exact() -> None:
    made = weight_only_int8(WIDE.model(), WeightOnlyInt8(smallest=1000), None)
    assert sum(node.op_type == "Cast" for node in made.graph.node) == 2


def test_small_weights_of_a_large_input_are_kept_by_a_scale_of_their_own() -> None:
    chain, rows = random_chain([96, 64, 1]), ROWS.copy()
    rows[:, 0] *= 1000
    chain.layers[0].weights[0] /= 1000
    exact = answers(chain.model(), rows)
    errors = [np.mean((answers(weight_only_int8(chain.model(), WeightOnlyInt8(each), None), rows) - exact) ** 2) for each in (True, False)]
    assert errors[0] < 0.1 * errors[1]


def test_weights_are_floats_again_once_loaded(tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    onnxruntime.InferenceSession(weight_only_int8(WIDE.model(), WeightOnlyInt8(), None).SerializeToString(), options)
    operators = {node.op_type for node in onnx.load(tmp_path / "loaded.onnx").graph.node}
    assert not operators & {"Cast", "Mul", "DequantizeLinear"}


@pytest.mark.parametrize("block", [16, 32, 64])
@pytest.mark.parametrize("symmetric", [True, False])
def test_four_bits_hold_weights_of_sixteen_values_exactly(block: int, symmetric: bool) -> None:
    chain = random_chain([40, 8])
    chain.layers[0].weights[:] = np.random.default_rng(1).integers(-7, 8, (40, 8))
    chain.layers[0].weights[::16] = -8
    chain.layers[0].weights[1::16] = -8 if symmetric else 7
    rows = ROWS[:, :40]
    np.testing.assert_allclose(
        answers(int4(chain.model(), Int4(block, symmetric, smallest=1), None), rows), answers(chain.model(), rows), rtol=1e-4, atol=1e-4
    )


def test_weights_that_two_products_share_are_packed_once() -> None:
    graph = Writer(declared(96, 96))
    weights = graph.constant(np.random.default_rng(1).normal(0, 0.1, (96, 96)).astype(np.float32))
    model = graph.model(graph.add("MatMul", graph.add("MatMul", "rows", weights), weights))
    made = int4(model, Int4(), None)
    assert len(made.graph.initializer) == 3
    assert np.mean((answers(made, ROWS) - answers(model, ROWS)) ** 2) < 0.05 * answers(model, ROWS).var()


def test_smaller_blocks_of_four_bits_are_closer() -> None:
    errors = [float(np.mean((answers(int4(WIDE.model(), Int4(block), None), ROWS) - LESSON.targets) ** 2)) for block in (16, 128)]
    assert errors[0] < errors[1]


def test_four_bits_count_as_parameters_of_their_own() -> None:
    assert parameters(int4(WIDE.model(), Int4(), None)) >= 96 * 128 + 128 * 64


@pytest.mark.parametrize("block", [0, 8, 48])
def test_blocks_of_other_sizes_are_refused(block: int) -> None:
    with pytest.raises(RecipeError, match=rf"Int4\.block: got {block}, expected a power of two from 16"):
        Int4(block)


def test_half_precision_spares_operators_named() -> None:
    made = half(WIDE.model(), Half(kept=("Gemm",)), None)
    assert "float32" in {values.dtype.name for values in constants(made).values()}


def test_static_quantisation_needs_more_than_a_row() -> None:
    with pytest.raises(LessonError, match="calibration: got 1 rows"):
        static_int8(WIDE.model(), StaticInt8(), Lesson({"rows": ROWS[:1]}, ROWS[:1, :1]))


def test_unknown_calibration_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"got 'guess', expected one of \['entropy', 'minmax', 'percentile'\]"):
        StaticInt8(method="guess")


def test_operators_to_quantise_can_be_chosen() -> None:
    with pytest.raises(OperatorError, match="dynamic_int8"):
        dynamic_int8(WIDE.model(), DynamicInt8(operators=("Conv",)), None)
