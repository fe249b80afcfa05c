"""Layers: what the networks of the studies are built of, with random weights.

Parameters, bytes and time do not depend on what the weights are, as long as no value runs into denormal numbers: they are drawn so that
values keep their size from layer to layer.

References
----------
He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, https://arxiv.org/abs/1502.01852
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from numpy.typing import DTypeLike, NDArray
from onnx import numpy_helper
from spox import Tensor, Var, argument, build

from models.compression.graph import IR_VERSION

SEED = 2013
BIAS_SCALE = 0.01


class Weights:
    """Random weights of one network, the same ones for the same calls.

    Parameters
    ----------
    dtype : dtype
        Of the weights; they are drawn as float32 and rounded.
    """

    def __init__(self, dtype: DTypeLike = np.float32) -> None:
        self._dtype = np.dtype(dtype)
        self._random = np.random.default_rng(SEED)
        self._values: list[NDArray[Any]] = []
        self._vars: list[Var] = []

    def normal(self, *shape: int, scale: float) -> Var:
        """Normal numbers of this standard deviation."""
        values = self._random.standard_normal(shape, dtype=np.float32)
        values *= np.float32(scale)
        return self._kept(values)

    def rectifying(self, *shape: int, fan_in: int) -> Var:
        """Normal numbers that keep the size of values through a layer and the ReLU after it."""
        return self.normal(*shape, scale=math.sqrt(2 / fan_in))

    def bias(self, size: int) -> Var:
        """Small numbers, (size)."""
        return self.normal(size, scale=BIAS_SCALE)

    def ones(self, size: int) -> Var:
        """A scale that changes nothing yet, (size)."""
        return self._kept(np.ones(size, np.float32))

    def _kept(self, values: NDArray[np.float32]) -> Var:
        """Weights enter the graph as inputs: spox would carry constants of this size through every check of types."""
        self._values.append(values.astype(self._dtype, copy=False))
        self._vars.append(argument(Tensor(self._dtype, values.shape)))
        return self._vars[-1]

    def model(self, inputs: Mapping[str, Var], outputs: Mapping[str, Var]) -> onnx.ModelProto:
        """The checked model from inputs to outputs, with the weights as initializers."""
        names = [f"weight_{place}" for place in range(len(self._vars))]
        model: onnx.ModelProto = build({**inputs, **dict(zip(names, self._vars, strict=True))}, dict(outputs))
        model.ir_version = IR_VERSION
        del model.graph.input[len(inputs) :]
        for name, values in zip(names, self._values, strict=True):
            model.graph.initializer.append(numpy_helper.from_array(values, name))
        onnx.checker.check_model(model)
        return model


def convolved(
    values: Var, weights: Weights, channels: tuple[int, int], kernel: int, *, stride: int = 1, padding: int = 0, groups: int = 1
) -> Var:
    """A square convolution with a bias, and the ReLU after it.

    Parameters
    ----------
    values : Var of (N, C, H, W)
    weights : Weights
    channels : tuple of int
        Of the inputs, of the outputs.
    kernel, stride, padding, groups : int
    """
    inputs, outputs = channels
    shape = (outputs, inputs // groups, kernel, kernel)
    drawn = weights.rectifying(*shape, fan_in=math.prod(shape[1:])), weights.bias(outputs)
    strides, pads = (stride, stride), (padding,) * 4
    return op.relu(op.conv(values, *drawn, group=groups, kernel_shape=(kernel, kernel), strides=strides, pads=pads))


def pooled(values: Var) -> Var:
    """The largest of 3 x 3 at every second place: the overlapping pooling of AlexNet."""
    return op.max_pool(values, kernel_shape=(3, 3), strides=(2, 2))[0]


def averaged(values: Var) -> Var:
    """The mean over height and width, (N, C)."""
    return op.flatten(op.global_average_pool(values))


def dense(values: Var, weights: Weights, inputs: int, outputs: int) -> Var:
    """A fully connected layer with a bias, nothing after it, (N, outputs)."""
    return op.gemm(values, weights.rectifying(outputs, inputs, fan_in=inputs), weights.bias(outputs), transB=1)


def drawn_rows(rows: int, *shape: int) -> NDArray[np.float32]:
    """Standard normal rows of this shape."""
    return np.random.default_rng(SEED).standard_normal((rows, *shape), dtype=np.float32)
