"""Counts: what a graph holds and what it computes, read off the graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import onnx

from models.compression.errors import OperatorError

WEIGHTS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
SMALL = 64
"""Elements of a fixed tensor whose values may decide shapes."""

type Shape = tuple[int, ...]
type Count = Callable[[onnx.NodeProto, Sequence[Shape], Shape], int]


def weights(model: onnx.ModelProto) -> int:
    """How many weights a model has: elements of its initializers that are floating and of rank 1 or more.

    Numbers without an axis belong to a formula (the 0.5 in a GELU), whole numbers to shapes and indices.
    """
    return sum(math.prod(tensor.dims) for tensor in model.graph.initializer if tensor.data_type in WEIGHTS and tensor.dims)


def multiply_adds(model: onnx.ModelProto, shapes: Mapping[str, Shape]) -> int:
    """How often a run multiplies and adds in `Conv`, `Gemm` and `MatMul`; a multiplication and the addition after it are one.

    Biases, activations, normalisation and pooling are not in it, as in the papers that count so.

    Parameters
    ----------
    model : ModelProto
        Weights as initializers.
    shapes : mapping
        Shape of each input, its batch included.

    Raises
    ------
    OperatorError
        If a shape that is needed cannot be inferred from those.
    """
    known = _inferred(model, shapes)
    total = 0
    for node in model.graph.node:
        if count := COUNTS.get(node.op_type):
            total += count(node, [_shape_of(known, node, name) for name in node.input[:2]], _shape_of(known, node, node.output[0]))
    return total


def _inferred(model: onnx.ModelProto, shapes: Mapping[str, Shape]) -> dict[str, Shape | None]:
    """Shape of every tensor by name, None where it is not known."""
    hollow = _hollow(model, shapes)
    graph = onnx.shape_inference.infer_shapes(hollow, strict_mode=True, data_prop=True).graph
    known: dict[str, Shape | None] = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        sizes = [size.dim_value if size.HasField("dim_value") else None for size in value.type.tensor_type.shape.dim]
        known[value.name] = None if None in sizes else tuple(size for size in sizes if size is not None)
    return known


def _hollow(model: onnx.ModelProto, shapes: Mapping[str, Shape]) -> onnx.ModelProto:
    """The model with inputs of fixed shapes, and with inputs in the place of its large weights, which inference would copy about."""
    made = onnx.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    made.graph.node.extend(model.graph.node)
    made.graph.output.extend(model.graph.output)
    made.graph.name = "hollow"
    for item in model.graph.input:
        made.graph.input.append(onnx.helper.make_tensor_value_info(item.name, item.type.tensor_type.elem_type, shapes[item.name]))
    for output in made.graph.output:
        output.type.tensor_type.ClearField("shape")
    for tensor in model.graph.initializer:
        if math.prod(tensor.dims) <= SMALL:
            made.graph.initializer.append(tensor)
        else:
            made.graph.input.append(onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    return made


def _shape_of(known: Mapping[str, Shape | None], node: onnx.NodeProto, name: str) -> Shape:
    shape = known.get(name)
    if shape is None:
        raise OperatorError(f"{node.op_type} {node.name!r}: the shape of {name!r} cannot be inferred; give every input a fixed shape")
    return shape


def _convolution(node: onnx.NodeProto, inputs: Sequence[Shape], output: Shape) -> int:
    _, per_group, *kernel = inputs[1]
    return math.prod(output) * per_group * math.prod(kernel)


def _gemm(node: onnx.NodeProto, inputs: Sequence[Shape], output: Shape) -> int:
    transposed = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
    return math.prod(output) * inputs[0][0 if transposed else 1]


def _product(node: onnx.NodeProto, inputs: Sequence[Shape], output: Shape) -> int:
    return math.prod(output) * inputs[0][-1]


COUNTS: Mapping[str, Count] = {"Conv": _convolution, "Gemm": _gemm, "MatMul": _product}
