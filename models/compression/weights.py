"""Weight-only quantisation: smaller files, products in float as before.

References
----------
ONNX: DequantizeLinear, https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
ONNX Runtime: com.microsoft.MatMulNBits, https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

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

LARGEST = 127
SMALLEST = 1e-12
OLDEST_OPSET = 13
"""The first whose DequantizeLinear has a scale a channel."""


@dataclass(frozen=True, slots=True)
class WeightOnlyInt8:
    """8-bit weights of Gemm, MatMul and Conv, a scale for each output.

    Attributes
    ----------
    smallest : int
        Tensors of fewer numbers stay as they are.
    """

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
    """The model with its large weights as 8-bit integers, which ONNX Runtime turns back into floats when it loads them."""
    made = copied(model)
    _hold_opset(made)
    found = {name: values for name, values in constants(made).items() if values.dtype == np.float32 and values.size >= settings.smallest}
    axes = {
        node.input[1]: _axis(node) for node in made.graph.node if len(node.input) > 1 and node.input[1] in found and _takes_weights(node)
    }
    if not axes:
        raise OperatorError(_nothing("weight_only_int8", f"Gemm, MatMul or Conv with {settings.smallest} fixed weights", made))
    for name, axis in axes.items():
        _dequantised(made, name, found[name], axis % found[name].ndim)
    return made


def _takes_weights(node: onnx.NodeProto) -> bool:
    return node.op_type in ("Gemm", "MatMul", "Conv")


def _axis(node: onnx.NodeProto) -> int:
    """Which axis of the weights is the outputs'."""
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    return 0 if node.op_type == "Conv" or transposed else -1


def _dequantised(model: onnx.ModelProto, name: str, values: Array, axis: int) -> None:
    others = tuple(each for each in range(values.ndim) if each != axis)
    steps = np.maximum(np.abs(values).max(axis=others, keepdims=True), SMALLEST) / LARGEST
    integers = np.rint(values / steps).astype(np.int8)
    (tensor,) = (each for each in model.graph.initializer if each.name == name)
    tensor.CopyFrom(numpy_helper.from_array(integers, f"{name}_i8"))
    model.graph.initializer.append(numpy_helper.from_array(steps.astype(np.float32).reshape(-1), f"{name}_scale"))
    model.graph.node.insert(0, helper.make_node("DequantizeLinear", [f"{name}_i8", f"{name}_scale"], [name], axis=axis))


def _hold_opset(model: onnx.ModelProto) -> None:
    versions = [each.version for each in model.opset_import if not each.domain]
    if min(versions, default=0) < OLDEST_OPSET:
        raise OperatorError(
            f"weight_only_int8: got opset {versions}, expected {OLDEST_OPSET} at least; convert the model by onnx.version_converter"
        )


def int4(model: onnx.ModelProto, settings: Int4, data: Lesson | None) -> onnx.ModelProto:
    """The model with products by 4-bit weights, packed by ONNX Runtime's own kernel.

    That kernel is called directly: the class around it (`MatMulNBitsQuantizer`) needs a package more.
    """
    made = with_products(model)
    fixed = {
        name: values
        for name, values in constants(made).items()
        if values.dtype == np.float32 and values.ndim == 2 and values.size >= settings.smallest
    }
    chosen = [node for node in made.graph.node if node.op_type == "MatMul" and node.input[1] in fixed]
    if not chosen:
        raise OperatorError(_nothing("int4", f"Gemm or MatMul with {settings.smallest} fixed weights", made))
    for node in chosen:
        _in_blocks(made, node, fixed[node.input[1]], settings)
    used = {name for node in made.graph.node for name in node.input}
    for tensor in [tensor for tensor in made.graph.initializer if tensor.name not in used]:
        made.graph.initializer.remove(tensor)
    made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return made


def _in_blocks(model: onnx.ModelProto, node: onnx.NodeProto, weights: NDArray[np.float32], settings: Int4) -> None:
    rows, columns = weights.shape
    blocks = -(-rows // settings.block)
    packed = np.zeros((columns, blocks, settings.block // 2), np.uint8)
    scales, zeros = np.zeros(columns * blocks, np.float32), np.zeros(columns * -(-blocks // 2), np.uint8)
    quantize_matmul_4bits(packed, np.ascontiguousarray(weights), scales, zeros, settings.block, columns, rows, settings.symmetric)
    parts: dict[str, Array] = {"q": packed, "scales": scales}
    if not settings.symmetric:
        parts["zeros"] = zeros
    names = [f"{node.input[1]}_{part}" for part in parts]
    model.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in zip(names, parts.values(), strict=True))
    shape: dict[str, Any] = {"K": rows, "N": columns, "bits": 4, "block_size": settings.block}
    made = helper.make_node("MatMulNBits", [node.input[0], *names], list(node.output), name=node.name, domain="com.microsoft", **shape)
    node.CopyFrom(made)


def _nothing(technique: str, expected: str, model: onnx.ModelProto) -> str:
    found = sorted({node.op_type for node in model.graph.node})
    return f"{technique}: got a graph of {found}, expected {expected}; leave this step out of the recipe"
