"""Weights for the benchmark's plain JavaScript: ONNX multilayer perceptrons as flat numbers.

A graph is read as what it computes: a chain of affine maps and ReLUs. Scaling, matrix products and additions that follow each
other are folded into one matrix and one bias, so the JavaScript has nothing but dense layers to run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from foreshore import load_pipeline
from packing.stage import Made, Stages

type Array = NDArray[np.float64]

FORMAT = 2
NUMBERS = "weights.bin"
DESCRIPTION = "weights.json"
VARIANT = "fp32"
"""Which the plain JavaScript answers by."""


class WeightsError(Exception):
    """The model is no chain of affine maps and ReLUs, so the plain JavaScript cannot run it."""


@dataclass(frozen=True)
class Affine:
    """`x @ matrix + bias`: what has been folded since the last activation."""

    matrix: Array
    bias: Array

    @staticmethod
    def identity(width: int) -> Affine:
        """The map that changes nothing."""
        return Affine(np.eye(width), np.zeros(width))

    def scaled(self, factor: Array) -> Affine:
        """The same map with each output times `factor`."""
        return Affine(self.matrix * factor, self.bias * factor)

    def shifted(self, offset: Array) -> Affine:
        """The same map with `offset` added to each output."""
        return Affine(self.matrix, self.bias + offset)

    def then(self, matrix: Array) -> Affine:
        """A matrix product after this map."""
        return Affine(self.matrix @ matrix, self.bias @ matrix)


@dataclass(frozen=True)
class Layer:
    """A dense layer: an affine map and "relu" or "none" after it."""

    affine: Affine
    activation: str


def weights_stage(stages: Stages, name: str) -> dict[str, Made]:
    """The weights of a pipeline that has a plain JavaScript, by the manifest's key; nothing for others."""
    if not (stages.root / "web" / "bench" / "plain" / f"{name}.js").is_file():
        return {}
    artefacts = stages.root / "models" / name / "artefacts"
    card = json.loads((artefacts / "card.json").read_text(encoding="utf-8"))
    variant = next(each for each in card["variants"] if each["name"] == VARIANT)
    segments = variant.get("segments", {})
    models = [artefacts / each["file"] for each in (variant, *segments.values())]
    routes = routes_of(load_pipeline(name).contract.segment_values, list(segments))
    inputs = [*models, Path(__file__)]
    return {"benchmark_weights": stages.run(f"weights-{name}", inputs, lambda out: write_weights(models, routes, out), routes=routes)}


def routes_of(values: Sequence[str], own: Sequence[str]) -> list[int]:
    """Which model answers a segment, by its code: 0 that of all, else one more than its place among those with one of their own.

    Examples
    --------
    >>> routes_of(["EWR", "JFK", "LGA"], ["JFK"])
    [0, 1, 0]
    """
    return [own.index(value) + 1 if value in own else 0 for value in values]


def write_weights(models: Sequence[Path], routes: Sequence[int], folder: Path) -> dict[str, Any]:
    """Write `weights.json` and `weights.bin` (float32, little-endian) for `web/bench/plain/network.js`.

    Parameters
    ----------
    models : sequence of Path
        ONNX, the one of all first: one input (N, F), one output (N, 1), between them affine operations with constants, and ReLUs.
    routes : sequence of int
        Which of them answers, by code of the segment field.
    folder : Path
        Made if it is not there.

    Returns
    -------
    dict
        What `weights.json` holds: format, weights (file name), size_bytes, sha256, networks (their layers), routes.

    Raises
    ------
    WeightsError
        If a model holds anything else.
    """
    networks = [read_layers(onnx.load(model)) for model in models]
    parts = [part.ravel() for layers in networks for layer in layers for part in (layer.affine.matrix, layer.affine.bias)]
    numbers = np.concatenate(parts).astype("<f4")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NUMBERS).write_bytes(numbers.tobytes())
    description = {
        "format": FORMAT,
        "weights": NUMBERS,
        "size_bytes": numbers.nbytes,
        "sha256": hashlib.sha256(numbers.tobytes()).hexdigest(),
        "networks": _describe(networks),
        "routes": list(routes),
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    return description


def _describe(networks: list[list[Layer]]) -> list[list[dict[str, Any]]]:
    """Each network's layers, and where their numbers stand: one after the other."""
    sizes = (layer.affine.matrix.size + layer.affine.bias.size for layers in networks for layer in layers)
    starts = accumulate(sizes, initial=0)
    return [[_describe_layer(layer, next(starts)) for layer in layers] for layers in networks]


def _describe_layer(layer: Layer, offset: int) -> dict[str, Any]:
    inputs, outputs = layer.affine.matrix.shape
    places = {"weights_offset": offset, "bias_offset": offset + inputs * outputs}
    return {"inputs": inputs, "outputs": outputs, "activation": layer.activation, **places}


def read_layers(model: onnx.ModelProto) -> list[Layer]:
    """The dense layers that a model's graph amounts to.

    Raises
    ------
    WeightsError
        If it is no chain of affine maps and ReLUs from its one input to its one output.
    """
    graph = model.graph
    constants = _constants(graph)
    chain = _chain(graph, constants)
    layers: list[Layer] = []
    affine = Affine.identity(_width(graph))
    for node in chain:
        if node.op_type == "Relu":
            layers.append(Layer(affine, "relu"))
            affine = Affine.identity(affine.bias.size)
        else:
            affine = _fold(affine, node, constants)
    return [*layers, Layer(affine, "none")]


def _constants(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(next(item.t for item in node.attribute if item.name == "value"))
    return constants


def _width(graph: onnx.GraphProto) -> int:
    shape = [dimension.dim_value for dimension in graph.input[0].type.tensor_type.shape.dim]
    if len(graph.input) != 1 or len(shape) != 2 or shape[1] == 0:
        names = [item.name for item in graph.input]
        raise WeightsError(f"inputs {names}, shape {shape}: expected one input (N, F) with F given")
    return int(shape[1])


def _chain(graph: onnx.GraphProto, constants: Mapping[str, Any]) -> list[onnx.NodeProto]:
    """The nodes in order, each fed by the one before."""
    current, nodes = graph.input[0].name, []
    for node in graph.node:
        if node.op_type == "Constant":
            continue
        live = [name for name in node.input if name and name not in constants]
        if live != [current] or len(node.output) != 1:
            raise WeightsError(f"{node.op_type} reads {live}, expected {current!r} and constants: the graph branches")
        current = node.output[0]
        nodes.append(node)
    if [item.name for item in graph.output] != [current]:
        raise WeightsError(f"outputs {[item.name for item in graph.output]}: expected the last node's, {current!r}, alone")
    return nodes


def _fold(affine: Affine, node: onnx.NodeProto, constants: Mapping[str, NDArray[Any]]) -> Affine:
    try:
        fold = _FOLDS[node.op_type]
    except KeyError:
        raise WeightsError(f"{node.op_type}: expected one of Relu, {', '.join(_FOLDS)}") from None
    return fold(affine, node, [constants[name].astype(np.float64) if name in constants else None for name in node.input])


type Operands = list[Array | None]
"""A node's inputs in order; None where the chain enters."""


def _constant_of(operands: Operands) -> Array:
    (constant,) = (operand for operand in operands if operand is not None)
    return constant.reshape(-1)


def _add(affine: Affine, _: onnx.NodeProto, operands: Operands) -> Affine:
    return affine.shifted(_constant_of(operands))


def _subtract(affine: Affine, _: onnx.NodeProto, operands: Operands) -> Affine:
    if operands[0] is None:
        return affine.shifted(-_constant_of(operands))
    return affine.scaled(np.array(-1.0)).shifted(_constant_of(operands))


def _multiply(affine: Affine, _: onnx.NodeProto, operands: Operands) -> Affine:
    return affine.scaled(_constant_of(operands))


def _divide(affine: Affine, _: onnx.NodeProto, operands: Operands) -> Affine:
    if operands[0] is not None:
        raise WeightsError("Div: divides a constant by the chain, which is not affine")
    return affine.scaled(1 / _constant_of(operands))


def _matrix_product(affine: Affine, _: onnx.NodeProto, operands: Operands) -> Affine:
    matrix = operands[1]
    if matrix is None or matrix.ndim != 2:
        raise WeightsError("MatMul: expected a constant matrix on the right")
    return affine.then(matrix)


def _gemm(affine: Affine, node: onnx.NodeProto, operands: Operands) -> Affine:
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    matrix, bias = operands[1], operands[2] if len(operands) > 2 else None
    if matrix is None or attributes.get("transA"):
        raise WeightsError("Gemm: expected a constant matrix on the right and transA=0")
    product = affine.then(matrix.T if attributes.get("transB") else matrix).scaled(np.array(attributes.get("alpha", 1.0)))
    return product if bias is None else product.shifted(bias.reshape(-1) * attributes.get("beta", 1.0))


def _unchanged(affine: Affine, _: onnx.NodeProto, __: Operands) -> Affine:
    return affine


_FOLDS: Mapping[str, Callable[[Affine, onnx.NodeProto, Operands], Affine]] = {
    "Add": _add,
    "Sub": _subtract,
    "Mul": _multiply,
    "Div": _divide,
    "MatMul": _matrix_product,
    "Gemm": _gemm,
    "Identity": _unchanged,
}
