"""Weight-only quantisation: smaller files, products in float as before.

References
----------
Müller et al.: SINQ: Sinkhorn-Normalized Quantization for Calibration-Free Low-Precision LLM Weights, 2025,
    https://arxiv.org/abs/2509.22944 (scales for inputs and outputs)
ONNX Runtime: com.microsoft.MatMulNBits, https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.capi._pybind_state import quantize_matmul_4bits

from models.compression.errors import OperatorError, RecipeError
from models.compression.graph import Array, constants, copied, with_products
from models.compression.lesson import Lesson

LARGEST = {np.dtype(np.int8): 127, np.dtype(np.int16): 32767}
SMALLEST = 1e-12
DOMAIN = "com.microsoft"


@dataclass(frozen=True, slots=True)
class WeightOnlyInt8:
    """8-bit weights of Gemm, MatMul and Conv, a scale for each output.

    Attributes
    ----------
    per_input : bool
        A scale for each input as well: where one input is of a much larger range than the others, its small weights need steps of their
        own. It costs four bytes an input and no time.
    short : int
        Tensors with at most so many weights for an output are kept in 16 bits: depthwise convolutions hold few weights, and the errors of
        so few do not cancel out.
    smallest : int
        Tensors of fewer numbers stay as they are.
    """

    per_input: bool = False
    short: int = 0
    smallest: int = 256


@dataclass(frozen=True, slots=True)
class Int4:
    """4-bit weights of Gemm and MatMul.

    Attributes
    ----------
    block : int
        Weights that share a scale: a power of two from 16.
    symmetric : bool
        Without a zero point of their own.
    smallest : int
        Tensors of fewer numbers stay as they are.
    """

    block: int = 32
    symmetric: bool = False
    smallest: int = 256

    def __post_init__(self) -> None:
        if self.block < 16 or self.block & (self.block - 1):
            raise RecipeError(f"Int4.block: got {self.block}, expected a power of two from 16; mend the recipe")


def weight_only_int8(model: onnx.ModelProto, settings: WeightOnlyInt8, data: Lesson | None) -> onnx.ModelProto:
    """The model with its large weights as 8-bit integers, which ONNX Runtime turns back into floats when it loads them.

    Written as Cast and Mul, which are folded into a constant once; DequantizeLinear is left in the graph and costs time in every run.
    """
    made = copied(model)
    found = _large(made, settings.smallest)
    axes = {
        node.input[1]: _axes(node) for node in made.graph.node if len(node.input) > 1 and node.input[1] in found and _takes_weights(node)
    }
    if not axes:
        raise OperatorError(_nothing("weight_only_int8", f"Gemm, MatMul or Conv with {settings.smallest} fixed weights", made))
    for name, (outputs, inputs) in axes.items():
        scales = [_reach(found[name], outputs)]
        if settings.per_input:
            scales.append(_reach(found[name] / scales[0], inputs))
        short = found[name].size // found[name].shape[outputs] <= settings.short
        _as_integers(made, name, found[name], scales, np.dtype(np.int16 if short else np.int8))
    return made


def _large(model: onnx.ModelProto, smallest: int) -> dict[str, Array]:
    """Fixed float tensors of at least two axes and this many numbers."""
    return {
        name: values
        for name, values in constants(model).items()
        if values.dtype == np.float32 and values.ndim > 1 and values.size >= smallest
    }


def _takes_weights(node: onnx.NodeProto) -> bool:
    return node.op_type in ("Gemm", "MatMul", "Conv")


def _axes(node: onnx.NodeProto) -> tuple[int, int]:
    """Which axes of the weights are the outputs' and the inputs'."""
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    return (0, 1) if node.op_type == "Conv" or transposed else (-1, -2)


def _reach(values: Array, axis: int) -> Array:
    """The largest magnitude along an axis, broadcastable."""
    others = tuple(each for each in range(values.ndim) if each != axis % values.ndim)
    found: Array = np.maximum(np.abs(values).max(axis=others, keepdims=True), SMALLEST).astype(np.float32)
    return found


def _as_integers(model: onnx.ModelProto, name: str, values: Array, scales: list[Array], kind: np.dtype[Any]) -> None:
    largest = LARGEST[kind]
    steps = [scales[0] / np.float32(largest), *scales[1:]]
    integers = np.rint(values / math.prod(steps)).clip(-largest, largest).astype(kind)
    (tensor,) = (each for each in model.graph.initializer if each.name == name)
    tensor.CopyFrom(numpy_helper.from_array(integers, f"{name}_int"))
    nodes, value = [helper.make_node("Cast", [f"{name}_int"], [f"{name}_0"], to=onnx.TensorProto.FLOAT)], f"{name}_0"
    for number, step in enumerate(steps, 1):
        model.graph.initializer.append(numpy_helper.from_array(step, f"{name}_s{number}"))
        result = name if number == len(steps) else f"{name}_{number}"
        nodes.append(helper.make_node("Mul", [value, f"{name}_s{number}"], [result]))
        value = result
    for node in reversed(nodes):
        model.graph.node.insert(0, node)


def int4(model: onnx.ModelProto, settings: Int4, data: Lesson | None) -> onnx.ModelProto:
    """The model with products by 4-bit weights, packed by ONNX Runtime's own kernel.

    That kernel is called directly: the class around it (`MatMulNBitsQuantizer`) needs a package more.
    """
    made = with_products(model)
    fixed = {name: values for name, values in _large(made, settings.smallest).items() if values.ndim == 2}
    chosen = [node for node in made.graph.node if node.op_type == "MatMul" and node.input[1] in fixed]
    if not chosen:
        raise OperatorError(_nothing("int4", f"Gemm or MatMul with {settings.smallest} fixed weights", made))
    packed = {name: _in_blocks(made, name, fixed[name], settings) for name in dict.fromkeys(node.input[1] for node in chosen)}
    for node in chosen:
        _multiplied(node, packed[node.input[1]], fixed[node.input[1]].shape, settings)
    used = {name for node in made.graph.node for name in node.input}
    for tensor in [tensor for tensor in made.graph.initializer if tensor.name not in used]:
        made.graph.initializer.remove(tensor)
    if DOMAIN not in {each.domain for each in made.opset_import}:
        made.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return made


def _in_blocks(model: onnx.ModelProto, name: str, weights: NDArray[np.float32], settings: Int4) -> list[str]:
    """Names of the tensors that stand for a matrix."""
    rows, columns = weights.shape
    blocks = -(-rows // settings.block)
    packed = np.zeros((columns, blocks, settings.block // 2), np.uint8)
    scales, zeros = np.zeros(columns * blocks, np.float32), np.zeros(columns * -(-blocks // 2), np.uint8)
    quantize_matmul_4bits(packed, np.ascontiguousarray(weights), scales, zeros, settings.block, columns, rows, settings.symmetric)
    parts: dict[str, Array] = {"q": packed, "scales": scales}
    if not settings.symmetric:
        parts["zeros"] = zeros
    model.graph.initializer.extend(numpy_helper.from_array(values, f"{name}_{part}") for part, values in parts.items())
    return [f"{name}_{part}" for part in parts]


def _multiplied(node: onnx.NodeProto, packed: list[str], shape: tuple[int, ...], settings: Int4) -> None:
    """Turn a product by floats into one by 4 bits."""
    sizes: dict[str, Any] = {"K": shape[0], "N": shape[1], "bits": 4, "block_size": settings.block}
    node.CopyFrom(helper.make_node("MatMulNBits", [node.input[0], *packed], list(node.output), name=node.name, domain=DOMAIN, **sizes))


def _nothing(technique: str, expected: str, model: onnx.ModelProto) -> str:
    found = sorted({node.op_type for node in model.graph.node})
    return f"{technique}: got a graph of {found}, expected {expected}; leave this step out of the recipe"
