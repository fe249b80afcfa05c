"""The network: EfficientNet-Lite0 as an ONNX graph, written from its published weights.

Batch normalisation is folded into the convolutions in double precision, so that every machine writes the same bytes.

References
----------
Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019, https://arxiv.org/abs/1905.11946
EfficientNet-Lite, https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite (no squeeze-and-excitation, ReLU6, stem
    and head as they are)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from numpy.typing import NDArray
from spox import Tensor, Var, argument, build

from models.compression.graph import IR_VERSION
from models.see.labels import LABELS
from models.see.pipeline import CONTRACT, SIZE

EPSILON = 1e-3
"""Of batch normalisation."""
CEILING = np.float32(6)
"""Of ReLU6."""
LOGITS = "logits"

type Weights = Mapping[str, NDArray[Any]]
"""By name, as in the published file."""


@dataclass(frozen=True, slots=True)
class Block:
    """An inverted bottleneck.

    Attributes
    ----------
    kernel, stride : int
        Of its depthwise convolution.
    inputs, outputs : int
        Channels.
    expansion : int
        Channels in the middle, in multiples of the inputs.
    """

    kernel: int
    stride: int
    inputs: int
    outputs: int
    expansion: int


STAGES = (
    (1, Block(3, 1, 32, 16, 1)),
    (2, Block(3, 2, 16, 24, 6)),
    (2, Block(5, 2, 24, 40, 6)),
    (3, Block(3, 2, 40, 80, 6)),
    (3, Block(5, 1, 80, 112, 6)),
    (4, Block(5, 2, 112, 192, 6)),
    (1, Block(3, 1, 192, 320, 6)),
)
"""How often each block stands; its stride and its change of channels are the first one's."""


def blocks() -> Iterator[Block]:
    """The sixteen blocks in order."""
    for repeats, block in STAGES:
        yield block
        for _ in range(repeats - 1):
            yield Block(block.kernel, 1, block.outputs, block.outputs, block.expansion)


def network(weights: Weights) -> onnx.ModelProto:
    """The graph from pixels (N, 3, 224, 224) to probabilities (N, 1000), the value before the softmax named `LOGITS`."""
    pixels = argument(Tensor(np.float32, ("N", 3, SIZE, SIZE)))
    values, size = _rectified(_convolved(pixels, weights, "_conv_stem", "_bn0", SIZE, stride=2)), SIZE // 2
    for number, block in enumerate(blocks()):
        values = _bottleneck(values, weights, f"_blocks.{number}.", block, size)
        size //= block.stride
    values = _rectified(_convolved(values, weights, "_conv_head", "_bn1", size))
    pooled = op.flatten(op.global_average_pool(values))
    logits = op.gemm(pooled, op.const(weights["_fc.weight"]), op.const(weights["_fc.bias"]), transB=1)
    model: onnx.ModelProto = build({CONTRACT.features[0].name: pixels}, {CONTRACT.predictions[0].name: op.softmax(logits)})
    model.ir_version = IR_VERSION
    _name_logits(model)
    onnx.checker.check_model(model, full_check=True)
    assert len(weights["_fc.bias"]) == len(LABELS)
    return model


def _name_logits(model: onnx.ModelProto) -> None:
    (softmax,) = (node for node in model.graph.node if node.op_type == "Softmax")
    (giving,) = (node for node in model.graph.node if node.output[0] == softmax.input[0])
    giving.output[0] = softmax.input[0] = LOGITS


def _bottleneck(values: Var, weights: Weights, prefix: str, block: Block, size: int) -> Var:
    inner = values
    if block.expansion > 1:
        inner = _rectified(_convolved(inner, weights, f"{prefix}_expand_conv", f"{prefix}_bn0", size))
    channels = block.inputs * block.expansion
    names = f"{prefix}_depthwise_conv", f"{prefix}_bn1"
    inner = _rectified(_convolved(inner, weights, *names, size, stride=block.stride, groups=channels))
    made = _convolved(inner, weights, f"{prefix}_project_conv", f"{prefix}_bn2", size // block.stride)
    return op.add(made, values) if block.stride == 1 and block.inputs == block.outputs else made


def _rectified(values: Var) -> Var:
    return op.clip(values, op.const(np.float32(0)), op.const(CEILING))


def _convolved(values: Var, weights: Weights, convolution: str, norm: str, size: int, *, stride: int = 1, groups: int = 1) -> Var:
    """A convolution that pads as TensorFlow's "SAME" does, with the batch normalisation after it folded in."""
    kernel, bias = folded(weights, convolution, norm)
    total = max((-(-size // stride) - 1) * stride + kernel.shape[2] - size, 0)
    before, after = total // 2, total - total // 2
    pads, strides = (before, before, after, after), (stride, stride)
    return op.conv(values, op.const(kernel), op.const(bias), group=groups, kernel_shape=kernel.shape[2:], strides=strides, pads=pads)


def folded(weights: Weights, convolution: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A convolution's kernel and bias that do the normalisation's work as well."""
    scale, shift, mean, variance = (
        weights[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / np.sqrt(variance + EPSILON)
    kernel = weights[f"{convolution}.weight"].astype(np.float64) * factor[:, None, None, None]
    return kernel.astype(np.float32), (shift - mean * factor).astype(np.float32)
