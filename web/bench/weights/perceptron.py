"""Multilayer perceptrons as flat numbers.

A graph is read as what it computes: a chain of affine maps and ReLUs. Scaling, matrix products and additions that follow each
other are folded into one matrix and one bias, so the JavaScript has nothing but dense layers to run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from web.bench.weights.graph import WeightsError, attributes_of, constants_of, input_shape

type Array = NDArray[np.float64]


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


def read_perceptrons(models: Sequence[onnx.ModelProto], routes: Sequence[int]) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """The description of multilayer perceptrons, and their numbers in the order of its offsets.

    Raises
    ------
    WeightsError
        If one of them is no chain of affine maps and ReLUs.
    """
    networks = [read_layers(model) for model in models]
    parts: list[NDArray[Any]] = [part for layers in networks for layer in layers for part in (layer.affine.matrix, layer.affine.bias)]
    return {"kind": "perceptrons", "networks": _describe(networks), "routes": list(routes)}, parts


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
    constants = constants_of(graph)
    chain = _chain(graph, constants)
    layers: list[Layer] = []
    affine = Affine.identity(*input_shape(graph, 1))
    for node in chain:
        if node.op_type == "Relu":
            layers.append(Layer(affine, "relu"))
            affine = Affine.identity(affine.bias.size)
        else:
            affine = _fold(affine, node, constants)
    return [*layers, Layer(affine, "none")]


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
    attributes = attributes_of(node)
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
