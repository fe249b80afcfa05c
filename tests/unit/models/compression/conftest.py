"""A small chain with a quantity carried past it, and a lesson about it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from models.compression.chain import Chain, Layer, Matrix
from models.compression.lesson import Lesson
from models.segments import run_native

INPUTS, CARRIED = 12, 2
"""The last input is of a large range and all but added to the answer, by the last two units of each hidden layer."""


def declared(inputs: int = INPUTS, outputs: int = 1) -> onnx.ModelProto:
    """A model that only says what goes in and out."""
    graph = helper.make_graph(
        [],
        "chain",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["N", inputs])],
        [helper.make_tensor_value_info("answers", TensorProto.FLOAT, ["N", outputs])],
    )
    return helper.make_model(graph)


def random_chain(sizes: list[int], seed: int = 7) -> Chain:
    """A chain of random weights, ReLU between its layers."""
    random = np.random.default_rng(seed)
    layers = [
        Layer(
            random.normal(0, rows**-0.5, (rows, columns)).astype(np.float32),
            random.normal(0, 0.3, columns).astype(np.float32),
            rectified=index < len(sizes) - 2,
        )
        for index, (rows, columns) in enumerate(pairwise(sizes))
    ]
    return Chain(tuple(layers), declared(sizes[0], sizes[-1]))


def answers(model: onnx.ModelProto, rows: Matrix) -> Matrix:
    """What native ONNX Runtime gives."""
    found: Matrix = run_native(model.SerializeToString(), {"rows": rows})["answers"]
    return found


def mean_square(model: onnx.ModelProto, lesson: Lesson) -> float:
    """How far a model is from what the lesson says."""
    return float(np.mean((answers(model, lesson.features["rows"]) - lesson.targets) ** 2))


@pytest.fixture
def chain() -> Chain:
    """A chain whose last input reaches the answer by units of its own."""
    made = random_chain([INPUTS, 24, 16, 1])
    parts = [np.array([[1.0, -1.0]]), np.eye(CARRIED), np.array([[1.0], [-1.0]])]
    for layer, part in zip(made.layers, parts, strict=True):
        rows, columns = part.shape
        layer.weights[-rows:] = 0
        if layer.rectified:
            layer.weights[:, -columns:] = 0
            layer.bias[-columns:] = 0
        layer.weights[-rows:, -columns:] = part
    made.layers[-1].weights[:-CARRIED] *= 20
    return made


@pytest.fixture
def model(chain: Chain) -> onnx.ModelProto:
    return chain.model()


@pytest.fixture
def lesson(chain: Chain) -> Lesson:
    rows = np.random.default_rng(8).uniform(-2, 2, (3000, INPUTS)).astype(np.float32)
    rows[:, -1] *= 20
    return Lesson({"rows": rows}, chain.activations(rows)[-1])
