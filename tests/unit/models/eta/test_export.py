"""Export: both variants compute what the student learned, and pass the departure delay on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from models.eta.export import full_precision, int8
from models.eta.inference import predict
from models.eta.pipeline import FEATURE_NAMES, PIPELINE
from models.eta.student import Layer

INPUTS = len(FEATURE_NAMES) - 1
FLIGHT = {
    "date": "2013-12-23",
    "carrier": "UA",
    "origin": "EWR",
    "destination": "ORD",
    "scheduled_departure": "17:05",
    "scheduled_arrival": "18:50",
}


@pytest.fixture
def layers() -> list[Layer]:
    """A student of random weights."""
    random = np.random.default_rng(7)
    sizes = [INPUTS, 24, 12, 1]
    return [
        (random.normal(0, rows**-0.5, (rows, columns)).astype(np.float32), random.normal(0, 0.5, columns).astype(np.float32))
        for rows, columns in pairwise(sizes)
    ]


@pytest.fixture
def features() -> NDArray[np.float32]:
    random = np.random.default_rng(8)
    values = random.uniform(-2, 2, (4000, INPUTS + 1))
    values[:, -1] = random.integers(-40, 600, len(values))
    return values.astype(np.float32)


def by_hand(layers: list[Layer], features: NDArray[np.float32]) -> NDArray[np.float64]:
    values = features[:, :-1].astype(np.float64)
    for weights, bias in layers[:-1]:
        values = np.maximum(values @ weights + bias, 0)
    weights, bias = layers[-1]
    return (values @ weights + bias)[:, 0] + features[:, -1]


def test_full_precision_adds_the_network_to_the_departure_delay(layers: list[Layer], features: NDArray[np.float32]) -> None:
    np.testing.assert_allclose(predict(full_precision(layers), features), by_hand(layers, features), rtol=1e-6, atol=1e-5)


def test_full_precision_is_a_plain_chain(layers: list[Layer]) -> None:
    operators = [node.op_type for node in full_precision(layers).graph.node]

    assert [name for name in operators if name not in {"Constant", "Identity"}] == ["Gemm", "Relu", "Gemm", "Relu", "Gemm"]


def test_int8_follows_full_precision_without_bias(layers: list[Layer], features: NDArray[np.float32]) -> None:
    exact = by_hand(layers, features)
    error = predict(int8(layers, features), features) - exact
    spread = np.std(exact - features[:, -1])

    assert abs(error.mean()) < 1e-4 * spread
    assert error.std() < 0.05 * spread


def test_int8_range_ignores_the_size_of_the_delay(layers: list[Layer], features: NDArray[np.float32]) -> None:
    delayed = features.copy()
    delayed[:, -1] *= 100
    model = int8(layers, features)

    np.testing.assert_allclose(predict(model, delayed) - delayed[:, -1], predict(model, features) - features[:, -1], atol=0.01)


def test_int8_holds_its_matrices_as_unsigned_bytes(models: dict[str, onnx.ModelProto]) -> None:
    constants = [item.t for node in models["int8"].graph.node if node.op_type == "Constant" for item in node.attribute]
    matrices = [numpy_helper.to_array(tensor) for tensor in (*models["int8"].graph.initializer, *constants) if len(tensor.dims) == 2]

    assert len(matrices) == 3
    assert {matrix.dtype for matrix in matrices} == {np.dtype(np.uint8)}


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_long_delays_carry_on_minute_by_minute(models: dict[str, onnx.ModelProto], name: str) -> None:
    delays = [240, 300, 700, 1440]
    rows = PIPELINE.prepare([{**FLIGHT, "departure_delay_min": delay} for delay in delays])["features"]

    np.testing.assert_allclose(np.diff(predict(models[name], rows)), np.diff(delays), atol=1e-3)


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_a_later_departure_never_means_an_earlier_arrival(models: dict[str, onnx.ModelProto], name: str) -> None:
    rows = PIPELINE.prepare([{**FLIGHT, "departure_delay_min": delay} for delay in range(-20, 400)])["features"]

    assert np.diff(predict(models[name], rows)).min() > 0
