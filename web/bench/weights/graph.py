"""What both kinds of networks ask of an ONNX graph."""

from __future__ import annotations

from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper


class WeightsError(Exception):
    """The model holds something that the plain JavaScript cannot run."""


def constants_of(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    """Initializers and Constant nodes, by name."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(next(item.t for item in node.attribute if item.name == "value"))
    return constants


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's attributes as Python values, by name."""
    return {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}


def input_shape(graph: onnx.GraphProto, sides: int) -> tuple[int, ...]:
    """The shape of the one input, without its rows.

    Raises
    ------
    WeightsError
        If there are several, or it has not `sides` fixed sides.
    """
    shape = [dimension.dim_value for dimension in graph.input[0].type.tensor_type.shape.dim]
    if len(graph.input) != 1 or len(shape) != sides + 1 or 0 in shape[1:]:
        names = [item.name for item in graph.input]
        raise WeightsError(f"inputs {names}, shape {shape}: expected one input of rows, and {sides} sides that are given")
    return tuple(shape[1:])
