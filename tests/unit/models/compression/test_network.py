"""Networks with convolutions: found, narrowed, factorised, rewritten and refused, on an inverted bottleneck with a residual."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.compression import activations
from models.compression.activations import answers, sampled
from models.compression.channels import bottlenecks
from models.compression.errors import LessonError, OperatorError, WeightsError
from models.compression.factors import separated
from models.compression.graph import Array, constants, in_order, parameters
from models.compression.integers import QuantisationAware, quantisation_aware
from models.compression.layout import PointwiseProducts, pointwise_products
from models.compression.lesson import Lesson
from models.compression.low_rank import LowRank, low_rank
from models.compression.network import Floats, Network
from models.compression.programme import Exam
from models.compression.pruning import Structured, Unstructured, structured, unstructured
from models.compression.recipes import Recipe, Step, run
from models.compression.reconstruction import Fit
from models.compression.weights import WeightOnlyInt8, weight_only_int8

CHANNELS, INNER, SIDE = 6, 24, 8


def network(*, idle: int = 0, rank: int = 5, seed: int = 3) -> onnx.ModelProto:
    """A first convolution, a bottleneck with a residual past it, and a head; `idle` inner channels say nothing.

    The depthwise kernels have this rank.
    """
    random = np.random.default_rng(seed)

    def drawn(*shape: int) -> Array:
        return random.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape).astype(np.float32)

    columns, rows = random.normal(size=(INNER, 5, rank)), random.normal(size=(INNER, rank, 5))
    fixed: dict[str, Array] = {"low": np.array(0, np.float32), "high": np.array(6, np.float32)}
    fixed |= {"w0": drawn(CHANNELS, 3, 3, 3), "b0": drawn(CHANNELS)}
    fixed |= {"w1": drawn(INNER, CHANNELS, 1, 1), "b1": random.normal(0.5, 0.2, INNER).astype(np.float32)}
    fixed |= {"w2": (columns @ rows).astype(np.float32)[:, None] / 5, "b2": random.normal(0.5, 0.2, INNER).astype(np.float32)}
    fixed |= {"w3": drawn(CHANNELS, INNER, 1, 1), "b3": drawn(CHANNELS), "w4": drawn(4, CHANNELS), "b4": drawn(4)}
    fixed["w2"][:idle], fixed["b2"][:idle] = 0, 1
    nodes = [
        helper.make_node("Conv", ["pixels", "w0", "b0"], ["first"], kernel_shape=[3, 3], pads=[0, 0, 1, 1], strides=[2, 2]),
        helper.make_node("Conv", ["first", "w1", "b1"], ["expanded"], kernel_shape=[1, 1]),
        helper.make_node("Clip", ["expanded", "low", "high"], ["expanded6"]),
        helper.make_node("Conv", ["expanded6", "w2", "b2"], ["deep"], kernel_shape=[5, 5], pads=[2, 2, 2, 2], group=INNER),
        helper.make_node("Clip", ["deep", "low", "high"], ["deep6"]),
        helper.make_node("Conv", ["deep6", "w3", "b3"], ["projected"], kernel_shape=[1, 1]),
        helper.make_node("Add", ["projected", "first"], ["summed"]),
        helper.make_node("GlobalAveragePool", ["summed"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w4", "b4"], ["logits"], transB=1),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 4])],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in fixed.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def probabilities(model: onnx.ModelProto, lesson: Lesson) -> Floats:
    found: Floats = answers(model.SerializeToString(), lesson.features)["probabilities"]
    return found


def shapes(model: onnx.ModelProto) -> list[tuple[int, ...]]:
    return [layer.weights.shape for layer in Network(model, "test").layers()]


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return network()


@pytest.fixture(scope="module")
def lesson(model: onnx.ModelProto) -> Lesson:
    return lesson_for(model)


def lesson_for(model: onnx.ModelProto, rows: int = 200) -> Lesson:
    pixels = np.random.default_rng(4).normal(size=(rows, 3, SIDE, SIDE)).astype(np.float32)
    return Lesson({"pixels": pixels}, answers(model.SerializeToString(), {"pixels": pixels})["probabilities"])


def test_channels_that_others_see_are_no_bottleneck(model: onnx.ModelProto) -> None:
    (found,) = bottlenecks(Network(model, "test"))
    assert (found.first.made, [node.op_type for node in found.between], found.last.made) == (
        "expanded",
        ["Clip", "Conv", "Clip"],
        "projected",
    )


def test_channels_leave_every_layer_that_they_pass() -> None:
    whole = network()
    small = structured(whole, Structured(0.75), lesson_for(whole))
    kept = 3 * INNER // 4
    assert shapes(small)[1:4] == [(kept, CHANNELS, 1, 1), (kept, 1, 5, 5), (CHANNELS, kept, 1, 1)]
    assert len(small.SerializeToString()) < len(whole.SerializeToString())


def test_channels_that_say_the_same_to_everything_are_hardly_missed() -> None:
    whole, busy = network(idle=INNER // 3), network()
    errors = []
    for each in (whole, busy):
        lesson = lesson_for(each)
        errors.append(np.abs(probabilities(structured(each, Structured(0.75), lesson), lesson) - lesson.targets).mean())
    assert errors[0] < 0.2 * errors[1]


def test_fitting_again_makes_up_for_channels_that_are_gone(model: onnx.ModelProto, lesson: Lesson) -> None:
    small = structured(model, Structured(0.75), lesson)
    kept = shapes(small)[1][0]
    (found,) = bottlenecks(Network(model, "test"))
    seen = sampled(Network(model, "test").model(), lesson.features, ["deep6", "projected"])
    blind = found.last.weights[:, :kept, 0, 0] @ seen["deep6"][:, :kept].T
    error = np.mean((blind.T + found.last.bias - seen["projected"]) ** 2)
    fitted = sampled(Network(small, "test").model(), lesson.features, ["projected"])["projected"]
    assert np.mean((fitted - seen["projected"]) ** 2) < 0.5 * error


def test_removal_is_the_least_squares_of_what_stays() -> None:
    random = np.random.default_rng(5)
    inputs = random.normal(size=(4000, 8)).astype(np.float32) @ random.normal(size=(8, 8)).astype(np.float32)
    layer = list(Network(network(), "test").layers())[-1]
    weights = random.normal(size=(4, 8)).astype(np.float32)
    fit = Fit.of(type(layer)(layer.node, weights, np.zeros(4, np.float32), 1), inputs, inputs @ weights.T)
    removed, errors = fit.remove(3)
    kept = np.setdiff1d(np.arange(8), removed)
    assert not fit.weights[:, removed].any()
    assert (errors >= 0).all()
    blind, targets = inputs[:, kept] @ weights[:, kept].T, inputs @ weights.T
    assert np.mean((inputs @ fit.weights.T - targets) ** 2) < np.mean((blind - targets) ** 2)


@pytest.mark.parametrize("taught", [True, False])
def test_depthwise_kernels_of_rank_one_become_columns_and_rows(taught: bool) -> None:
    whole = network(rank=1)
    lesson = lesson_for(whole)
    thin = low_rank(whole, LowRank(energy=0.9999), lesson if taught else None)
    assert (INNER, 1, 5, 1) in shapes(thin)
    assert (INNER, 1, 1, 5) in shapes(thin)
    np.testing.assert_allclose(probabilities(thin, lesson), lesson.targets, atol=2e-3)


def test_convolution_of_a_rank_becomes_two(lesson: Lesson) -> None:
    whole = network()
    weights = Network(whole, "test")
    wide = next(layer for layer in weights.layers() if layer.made == "expanded")
    random = np.random.default_rng(6)
    low = random.normal(size=(INNER, 2)) @ random.normal(size=(2, CHANNELS)) / 3
    weights.rewrite(wide, low[:, :, None, None], wide.bias)
    whole = weights.model()
    thin = low_rank(whole, LowRank(rank=2), lesson)
    assert {(2, CHANNELS, 1, 1), (INNER, 2, 1, 1)} <= set(shapes(thin))
    assert parameters(thin) < parameters(whole)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 2))
def test_columns_and_rows_come_closer_by_the_metric_than_singular_vectors(seed: int, rank: int) -> None:
    random = np.random.default_rng(seed)
    kernels, root = random.normal(size=(3, 5, 5)), random.normal(size=(3, 25, 25))
    metric = root @ root.transpose(0, 2, 1)

    def missed(found: Array) -> float:
        error = (kernels - found).reshape(3, -1)
        return float(np.einsum("ct,ctu,cu", error, metric, error))

    columns, rows = separated(kernels, metric, rank)
    left, sizes, right = np.linalg.svd(kernels)
    plain = np.einsum("chr,cr,crw->chw", left[:, :, :rank], sizes[:, :rank], right[:, :rank])
    assert missed(np.einsum("crh,crw->chw", columns, rows)) <= missed(plain) * (1 + 1e-6)


@pytest.mark.parametrize("places", [16, 1])
def test_products_answer_as_the_convolutions_did(model: onnx.ModelProto, lesson: Lesson, places: int) -> None:
    if places < 16:
        with pytest.raises(OperatorError, match="got no convolution of 1 x 1 over at most 1 places, expected one; leave this step out"):
            pointwise_products(model, PointwiseProducts(places), None)
        return
    made = pointwise_products(model, PointwiseProducts(places), None)
    assert [node.op_type for node in made.graph.node].count("MatMul") == 2
    np.testing.assert_allclose(probabilities(made, lesson), lesson.targets, atol=1e-6)


def test_smallest_weights_of_every_layer_end_as_zeros(model: onnx.ModelProto, lesson: Lesson) -> None:
    thin = unstructured(model, Unstructured(0.5), lesson)
    zeros = [np.mean(layer.weights == 0) for layer in Network(thin, "test").layers()]
    assert 0.45 < np.average(zeros, weights=[layer.weights.size for layer in Network(model, "test").layers()]) < 0.55
    assert max(zeros) < 0.8, "no layer is emptied because its numbers are small"
    assert shapes(thin) == shapes(model)


def test_layers_of_few_weights_an_output_keep_sixteen_bits(model: onnx.ModelProto, lesson: Lesson) -> None:
    made = [weight_only_int8(model, WeightOnlyInt8(short=short, smallest=16), None) for short in (0, 25, 27)]
    kinds = [[values.dtype.name for name, values in constants(each).items() if name.endswith("_int")] for each in made]
    assert kinds == [["int8"] * 5, ["int8", *["int16"] * 4], ["int16"] * 5]
    errors = [np.abs(probabilities(each, lesson) - lesson.targets).mean() for each in made]
    assert errors[2] < 0.1 * errors[0]


@pytest.mark.parametrize(
    "step",
    [
        Step.of("structured", kept=0.8),
        Step.of("low_rank", energy=0.9),
        Step.of("unstructured", sparsity=0.3),
        Step.of("pointwise_products"),
    ],
    ids=lambda step: step.technique,
)
def test_networks_keep_inputs_and_outputs_and_are_made_the_same_every_time(step: Step, model: onnx.ModelProto, lesson: Lesson) -> None:
    before = model.SerializeToString()
    first, again = (run(Recipe("variant", (step, Step.of("weight_only_int8", smallest=16))), model, lesson) for _ in range(2))
    assert first.SerializeToString() == again.SerializeToString()
    assert model.SerializeToString() == before


@pytest.mark.parametrize(
    "step", [Step.of("structured", kept=0.8), Step.of("low_rank", energy=0.9), Step.of("static_int8")], ids=lambda step: step.technique
)
def test_a_calibration_set_of_one_is_refused(step: Step, model: onnx.ModelProto) -> None:
    with pytest.raises(LessonError, match="calibration: got 1 rows, expected at least 16; give more"):
        run(Recipe("variant", (step,)), model, lesson_for(model, rows=1))


@pytest.mark.parametrize("step", [Step.of("structured", kept=0.8), Step.of("pointwise_products")], ids=lambda step: step.technique)
def test_weights_that_are_no_numbers_are_refused(step: Step, lesson: Lesson) -> None:
    broken = network()
    (tensor,) = (each for each in broken.graph.initializer if each.name == "w2")
    values = numpy_helper.to_array(tensor).copy()
    values[0, 0, 0, 0] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, "w2"))
    with pytest.raises(WeightsError, match="w2: got 1 weights that are not finite"):
        run(Recipe("variant", (step,)), broken, lesson)


def test_a_network_without_channels_of_its_own_is_refused(lesson: Lesson) -> None:
    shared = network()
    shared.graph.output.append(helper.make_tensor_value_info("deep6", TensorProto.FLOAT, ["N", INNER, 4, 4]))
    with pytest.raises(OperatorError, match="structured: got a network whose every channel is added to others or given out"):
        structured(shared, Structured(0.5), lesson)


def test_padding_that_is_left_to_the_runtime_is_refused(lesson: Lesson) -> None:
    vague = network()
    node = vague.graph.node[3]
    del node.attribute[:]
    node.attribute.extend([helper.make_attribute("auto_pad", "SAME_UPPER"), helper.make_attribute("group", INNER)])
    with pytest.raises(OperatorError, match="low_rank: got Conv 'deep' .* explicit pads; export the model so, or leave this step out"):
        low_rank(vague, LowRank(energy=0.9), lesson)


def test_techniques_for_chains_alone_say_so(model: onnx.ModelProto, lesson: Lesson) -> None:
    with pytest.raises(OperatorError, match="quantisation_aware: got Conv .*leave this step out of the recipe"):
        quantisation_aware(model, QuantisationAware(epochs=1), lesson)


def test_nodes_are_put_in_order(model: onnx.ModelProto) -> None:
    mixed = onnx.ModelProto()
    mixed.CopyFrom(model)
    nodes = [*mixed.graph.node][::-1]
    del mixed.graph.node[:]
    mixed.graph.node.extend(nodes)
    onnx.checker.check_model(in_order(mixed), full_check=True)


def test_exams_that_share_features_are_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def answered(model: bytes, feeds: activations.Feeds) -> dict[str, NDArray[Any]]:
        asked.append(len(feeds["x"]))
        return {"y": feeds["x"] * 2}

    monkeypatch.setattr(activations, "answers", answered)
    features = {"x": np.arange(4.0)}
    some = np.array([3, 1])
    exams = {"all": Exam(features, np.zeros(4), np.arange(4)), "some": Exam(features, np.zeros(2), np.arange(2), some)}
    found = activations.examined(b"", exams)
    assert asked == [4]
    assert {name: each["y"].tolist() for name, each in found.items()} == {"all": [0, 2, 4, 6], "some": [6, 2]}
