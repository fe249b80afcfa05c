"""Convolutional networks as a list of layers, each of which names the earlier values that it reads.

What follows a layer alone and only bounds its values is written into it, and a matrix product is a convolution of a single pixel: four
kinds of layers are left for the JavaScript to run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from web.bench.weights.graph import WeightsError, attributes_of, constants_of, input_shape

type Numbers = NDArray[Any]
type Shape = tuple[int, ...]
"""(channels, rows, columns) of an image, (channels,) once it is flattened."""
type Window = tuple[tuple[int, int], tuple[int, int], tuple[int, int, int, int]]
"""Kernel, stride, pads (above, left, below, right)."""

CONVOLUTION = "Conv"
UNBOUNDED: Mapping[str, float | None] = {"floor": None, "ceiling": None}
PIXEL: Window = (1, 1), (1, 1), (0, 0, 0, 0)


@dataclass
class Reading:
    """A graph on its way into a list of layers.

    Attributes
    ----------
    constants : mapping
        By name.
    readers : mapping
        How often each value is read.
    values : dict
        By name: the number of a value (0 is the input, n what layer n gives), and its shape.
    layers, parts : list
        The layers so far, and their numbers.
    """

    constants: Mapping[str, NDArray[Any]]
    readers: Mapping[str, int]
    values: dict[str, tuple[int, Shape]]
    layers: list[dict[str, Any]] = field(default_factory=list)
    parts: list[Numbers] = field(default_factory=list)

    def append(self, node: onnx.NodeProto, shape: Shape, layer: dict[str, Any]) -> None:
        """Let a layer give what a node gives."""
        self.layers.append(layer)
        self.values[node.output[0]] = len(self.layers), shape

    def source(self, node: onnx.NodeProto, place: int = 0) -> tuple[int, Shape]:
        """The value that a node reads."""
        try:
            return self.values[node.input[place]]
        except KeyError:
            raise WeightsError(f"{node.op_type}: input {place} is {node.input[place]!r}, expected a value that a layer gives") from None

    def constant(self, node: onnx.NodeProto, place: int) -> NDArray[Any] | None:
        """A constant that a node reads; None where it has none there."""
        if len(node.input) <= place or not node.input[place]:
            return None
        try:
            return self.constants[node.input[place]]
        except KeyError:
            raise WeightsError(f"{node.op_type}: input {place} is {node.input[place]!r}, expected a constant") from None

    def store(self, weights: NDArray[Any], bias: NDArray[Any]) -> dict[str, int]:
        """Keep a layer's numbers; where they stand."""
        start = sum(part.size for part in self.parts)
        self.parts += [weights.astype(np.float32).ravel(), bias.astype(np.float32).ravel()]
        return {"weights_offset": start, "bias_offset": start + weights.size}


def is_convolutional(model: onnx.ModelProto) -> bool:
    """Whether a model holds a convolution."""
    return any(node.op_type == CONVOLUTION for node in model.graph.node)


def read_convolutional(model: onnx.ModelProto) -> tuple[dict[str, Any], list[Numbers]]:
    """The description of a convolutional network, and its numbers in the order of its offsets.

    Raises
    ------
    WeightsError
        If it holds an operator that the plain JavaScript does not run, or one that it does in a form that it does not.
    """
    graph = model.graph
    shape = input_shape(graph, 3)
    names = [name for node in graph.node for name in node.input] + [item.name for item in graph.output]
    readers = {name: names.count(name) for name in set(names)}
    reading = Reading(constants_of(graph), readers, {graph.input[0].name: (0, shape)})
    for node in graph.node:
        if node.op_type != "Constant":
            _read(node, reading)
    _check_outputs(graph, reading)
    return {"kind": "convolutional", "input": list(shape), "layers": reading.layers}, reading.parts


def _read(node: onnx.NodeProto, reading: Reading) -> None:
    try:
        read = _READERS[node.op_type]
    except KeyError:
        raise WeightsError(f"{node.op_type}: expected one of {', '.join(_READERS)}") from None
    read(node, reading)


def _check_outputs(graph: onnx.GraphProto, reading: Reading) -> None:
    outputs = [item.name for item in graph.output]
    value, shape = reading.values.get(outputs[0], (0, ()))
    if len(outputs) != 1 or value != len(reading.layers) or len(shape) != 1:
        raise WeightsError(f"outputs {outputs}, shape {shape}: expected the last layer's values alone, flattened")


def _convolution(node: onnx.NodeProto, reading: Reading) -> None:
    attributes, weights = attributes_of(node), reading.constant(node, 1)
    source, shape = reading.source(node)
    if weights is None or weights.ndim != 4 or len(shape) != 3:
        raise WeightsError("Conv: expected an image of channels, rows and columns, and constant weights for it")
    groups, window = attributes.get("group", 1), _window(attributes, weights)
    layer = _convolved(reading, source, weights, reading.constant(node, 2), groups, window)
    reading.append(node, (weights.shape[0], *_places(shape[1:], window)), layer)


def _window(attributes: Mapping[str, Any], weights: NDArray[Any]) -> Window:
    kernel, stride = weights.shape[2:], attributes.get("strides", [1, 1])
    if attributes.get("auto_pad", b"NOTSET") != b"NOTSET" or any(each != 1 for each in attributes.get("dilations", [1, 1])):
        raise WeightsError("Conv: got auto_pad or dilations, expected pads that are given and a kernel without gaps")
    above, left, below, right = attributes.get("pads", [0, 0, 0, 0])
    return (kernel[0], kernel[1]), (stride[0], stride[1]), (above, left, below, right)


def _places(size: Sequence[int], window: Window) -> tuple[int, int]:
    """How often a kernel fits, rows first."""
    kernel, stride, pads = window
    rows, columns = ((size[axis] + pads[axis] + pads[axis + 2] - kernel[axis]) // stride[axis] + 1 for axis in (0, 1))
    return rows, columns


def _convolved(
    reading: Reading, source: int, weights: NDArray[Any], bias: NDArray[Any] | None, groups: int, window: Window
) -> dict[str, Any]:
    """A layer of (outputs, inputs of a group, kernel rows, kernel columns) weights, stored with the outputs of a group last."""
    outputs, inputs = weights.shape[:2]
    ordered = weights.reshape(groups, outputs // groups, *weights.shape[1:]).transpose(0, 2, 3, 4, 1)
    return {
        "kind": "convolution",
        "from": source,
        "inputs": inputs * groups,
        "outputs": outputs,
        "groups": groups,
        **dict(zip(("kernel", "stride", "pads"), map(list, window), strict=True)),
        **UNBOUNDED,
        **reading.store(ordered, np.zeros(outputs) if bias is None else bias),
    }


def _matrix_product(node: onnx.NodeProto, reading: Reading) -> None:
    attributes, matrix, bias = attributes_of(node), reading.constant(node, 1), reading.constant(node, 2)
    source, shape = reading.source(node)
    if matrix is None or attributes.get("transA") or len(shape) != 1:
        raise WeightsError("Gemm: expected flattened values, a constant matrix on the right and transA=0")
    weights = (matrix if attributes.get("transB") else matrix.T) * attributes.get("alpha", 1.0)
    added = np.zeros(len(weights)) if bias is None else np.broadcast_to(bias.reshape(-1) * attributes.get("beta", 1.0), len(weights))
    reading.append(node, (len(weights),), _convolved(reading, source, weights[:, :, None, None], added, 1, PIXEL))


def _sum(node: onnx.NodeProto, reading: Reading) -> None:
    (source, shape), (other, other_shape) = reading.source(node), reading.source(node, 1)
    if shape != other_shape:
        raise WeightsError(f"Add: got shapes {shape} and {other_shape}, expected the same twice")
    reading.append(node, shape, {"kind": "add", "from": source, "other": other, **UNBOUNDED})


def _average(node: onnx.NodeProto, reading: Reading) -> None:
    source, shape = reading.source(node)
    reading.append(node, (shape[0], 1, 1), {"kind": "average", "from": source})


def _softmax(node: onnx.NodeProto, reading: Reading) -> None:
    source, shape = reading.source(node)
    if len(shape) != 1 or attributes_of(node).get("axis", -1) not in (-1, 1):
        raise WeightsError(f"Softmax: got shape {shape}, expected flattened values and their last axis")
    reading.append(node, shape, {"kind": "softmax", "from": source})


def _flattened(node: onnx.NodeProto, reading: Reading) -> None:
    source, shape = reading.source(node)
    if shape[1:] not in ((), (1, 1)) or attributes_of(node).get("axis", 1) != 1:
        raise WeightsError(f"Flatten: got shape {shape}, expected single pixels and axis 1")
    reading.values[node.output[0]] = source, shape[:1]


def _unchanged(node: onnx.NodeProto, reading: Reading) -> None:
    reading.values[node.output[0]] = reading.source(node)


def _clipped(node: onnx.NodeProto, reading: Reading) -> None:
    bounds = [reading.constant(node, place) for place in (1, 2)]
    _bound(node, reading, *(None if bound is None else float(bound) for bound in bounds))


def _rectified(node: onnx.NodeProto, reading: Reading) -> None:
    _bound(node, reading, 0.0, None)


def _bound(node: onnx.NodeProto, reading: Reading, floor: float | None, ceiling: float | None) -> None:
    """Write bounds into the layer before."""
    source, shape = reading.source(node)
    alone = source == len(reading.layers) > 0 and reading.readers[node.input[0]] == 1
    if not alone or any(reading.layers[-1].get(bound, 0) is not None for bound in UNBOUNDED):
        raise WeightsError(f"{node.op_type}: expected it right after a Conv, a Gemm or an Add that nobody else reads")
    reading.layers[-1] |= {"floor": floor, "ceiling": ceiling}
    reading.values[node.output[0]] = source, shape


_READERS: Mapping[str, Callable[[onnx.NodeProto, Reading], None]] = {
    CONVOLUTION: _convolution,
    "Gemm": _matrix_product,
    "Add": _sum,
    "GlobalAveragePool": _average,
    "Softmax": _softmax,
    "Flatten": _flattened,
    "Identity": _unchanged,
    "Clip": _clipped,
    "Relu": _rectified,
}
