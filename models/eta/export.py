"""Export: the student as ONNX, in full precision and in 8-bit integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Tensor, Var, argument, build

from models.eta.inference import predict
from models.eta.pipeline import CONTRACT
from models.eta.student import Layer, Matrix

LEVELS = 255
"""Steps of an unsigned 8-bit integer."""
HALF = 128
SATURATED = 1e-5
"""Share of a layer's activations that may lie above its 8-bit range."""


def full_precision(layers: Sequence[Layer]) -> onnx.ModelProto:
    """The student as a plain chain of Gemm and Relu.

    Two units a hidden layer carry the departure delay past the network, its positive and its negative part, so that the sum of
    both is what the chain gives and nothing branches.

    Parameters
    ----------
    layers : sequence of layers
        From the features without their last column to minutes relative to the departure delay.

    Returns
    -------
    onnx.ModelProto
        From "features" (N, F) float32 to "arrival_delay" (N, 1) float32, minutes.
    """
    features = _features()
    values = features
    carried = with_delay_carried(layers)
    for weights, bias in carried[:-1]:
        values = op.relu(op.gemm(values, op.const(weights), op.const(bias)))
    weights, bias = carried[-1]
    return _model(features, op.gemm(values, op.const(weights), op.const(bias)))


def with_delay_carried(layers: Sequence[Layer]) -> list[Layer]:
    """The same network with the departure delay as its last input, added to its output."""
    ways_in, through, ways_out = np.array([[1, -1]]), np.eye(2), np.array([[1], [-1]])
    carries = [ways_in, *[through] * (len(layers) - 2), ways_out]
    return [_beside(layer, carry, last=carry is ways_out) for layer, carry in zip(layers, carries, strict=True)]


def _beside(layer: Layer, carry: Any, *, last: bool) -> Layer:
    weights, bias = layer
    if last:
        return np.concatenate([weights, carry]).astype(np.float32), bias
    rows, columns = weights.shape
    joint = np.zeros((rows + carry.shape[0], columns + carry.shape[1]), np.float32)
    joint[:rows, :columns] = weights
    joint[rows:, columns:] = carry
    return joint, np.concatenate([bias, np.zeros(carry.shape[1], np.float32)])


def int8(layers: Sequence[Layer], calibration: Matrix) -> onnx.ModelProto:
    """The student in 8-bit integers, scales fixed beforehand.

    Integer products, scaled in float between layers: in WebAssembly that takes half the time of fused QGemm, whose requantisation
    is scalar there. ReLU is the lower end of an unsigned range that starts at zero. Weights are unsigned as well: signed ones
    saturate on x86 processors without VNNI, and answers would differ from device to device. The departure delay goes past the
    integers, untouched; its column saturates unread.

    Parameters
    ----------
    layers : sequence of layers
        As for `full_precision`.
    calibration : (N, F) float32
        Features of training flights; they set the ranges and the correction of the mean.

    Returns
    -------
    onnx.ModelProto
        The same tensors as those of `full_precision`.

    References
    ----------
    Jacob et al.: Quantization and Training of Neural Networks, 2018, https://arxiv.org/abs/1712.05877
    Nagel et al.: Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, https://arxiv.org/abs/1906.04721
    """
    exact, rounded = (predict(model, calibration) for model in (full_precision(layers), _integers(layers, calibration)))
    weights, bias = layers[-1]
    return _integers([*layers[:-1], (weights, bias + np.float32(np.mean(exact - rounded)))], calibration)


def _integers(layers: Sequence[Layer], calibration: Matrix) -> onnx.ModelProto:
    features = _features()
    scale, zero = _input_range(calibration[:, :-1])
    values, activations = op.quantize_linear(features, op.const(scale), op.const(zero)), calibration
    for weights, bias in _blind_to_delay(layers)[:-1]:
        product = _product(values, zero, scale, weights)
        activations = (activations @ weights + bias).clip(0)
        scale, zero = np.float32(np.quantile(activations, 1 - SATURATED) / LEVELS), np.uint8(0)
        values = op.quantize_linear(op.add(product, op.const(bias)), op.const(scale), op.const(zero))
    weights, bias = layers[-1]
    minutes = op.add(_product(values, zero, scale, weights), op.const(bias))
    return _model(features, op.add(minutes, _delay(features)))


def _input_range(values: Matrix) -> tuple[np.float32, np.uint8]:
    low, high = min(0.0, float(values.min())), float(values.max())
    scale = np.float32((high - low) / LEVELS)
    return scale, np.uint8(np.rint(-low / scale))


def _blind_to_delay(layers: Sequence[Layer]) -> list[Layer]:
    """The same network with the departure delay as its last input, which it does not see."""
    weights, bias = layers[0]
    return [(np.pad(weights, ((0, 1), (0, 0))), bias), *layers[1:]]


def _product(values: Var, zero: np.uint8, scale: np.float32, weights: Matrix) -> Var:
    """Product of quantised values and weights, in float; each output has a weight scale of its own."""
    steps = (np.abs(weights).max(axis=0) / (HALF - 1)).astype(np.float32)
    integers = (np.rint(weights / steps) + HALF).astype(np.uint8)
    product = op.matmul_integer(values, op.const(integers), op.const(zero), op.const(np.uint8(HALF)))
    return op.mul(op.cast(product, to=np.float32), op.const(scale * steps))


def _features() -> Var:
    declared = CONTRACT.features[0]
    return argument(Tensor(np.dtype(declared.dtype), declared.shape))


def _delay(features: Var) -> Var:
    last = int(CONTRACT.features[0].shape[1]) - 1
    return op.slice(features, op.const([last]), op.const([last + 1]), op.const([1]))


def _model(features: Var, minutes: Var) -> onnx.ModelProto:
    model = build({CONTRACT.features[0].name: features}, {CONTRACT.predictions[0].name: minutes})
    onnx.checker.check_model(model, full_check=True)
    return model
