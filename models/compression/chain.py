"""Chain: a model that is one layer after the other, as NumPy weights, and back to a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.errors import LessonError, OperatorError
from models.compression.graph import Array, Writer, constants, hold_finite
from models.compression.lesson import Lesson

type Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A fully connected layer.

    Attributes
    ----------
    weights : (inputs, outputs) float32
    bias : (outputs,) float32
    rectified : bool
        Whether ReLU follows.
    """

    weights: Matrix
    bias: Matrix
    rectified: bool

    def __call__(self, values: Matrix) -> Matrix:
        """What (N, inputs) become: (N, outputs)."""
        made: Matrix = values @ self.weights + self.bias
        return made.clip(0) if self.rectified else made


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Layers between a model's only input and its only output, both (N, …) of rank 2.

    Attributes
    ----------
    layers : tuple of Layer
    like : ModelProto
        Whose input and output the chain has.
    """

    layers: tuple[Layer, ...]
    like: onnx.ModelProto

    @classmethod
    def read(cls, model: onnx.ModelProto, technique: str) -> Chain:
        """The chain that a model is.

        Raises
        ------
        OperatorError
            If the model has an operator besides Gemm, MatMul, Add, Relu and Identity, or branches; `technique` is who cannot touch it.
        WeightsError
            If a weight is not finite.
        """
        hold_finite(model)
        return cls(tuple(_Reader(model, technique).layers()), model)

    @property
    def input_name(self) -> str:
        """The only input's name."""
        return str(self.like.graph.input[0].name)

    def of(self, layers: Sequence[Layer]) -> Chain:
        """Other layers between the same input and output."""
        return replace(self, layers=tuple(layers))

    def model(self) -> onnx.ModelProto:
        """The chain as a graph of Gemm and Relu."""
        graph, values = Writer(self.like), self.input_name
        for layer in self.layers:
            values = graph.add("Gemm", values, graph.constant(layer.weights), graph.constant(layer.bias))
            values = graph.add("Relu", values) if layer.rectified else values
        return graph.model(values)

    def activations(self, values: Matrix) -> list[Matrix]:
        """What every layer takes, and at last the answers."""
        seen = [values]
        for layer in self.layers:
            seen.append(layer(seen[-1]))
        return seen

    def rows(self, lesson: Lesson) -> tuple[Matrix, Matrix]:
        """A lesson's features and targets as the chain takes and gives them; raises LessonError where they do not fit."""
        if self.input_name not in lesson.features:
            raise LessonError(f"lesson: got features {list(lesson.features)}, expected {self.input_name!r}; name them as the model does")
        features, targets = lesson.features[self.input_name], lesson.targets.reshape(len(lesson), -1)
        got, expected = (features.shape[1:], targets.shape[1:]), (self.layers[0].weights.shape[:1], self.layers[-1].bias.shape)
        if got != expected:
            raise LessonError(f"lesson: got rows of {got[0]} with targets of {got[1]}, expected {expected[0]} and {expected[1]}")
        return features.astype(np.float32, copy=False), targets.astype(np.float32, copy=False)


class _Reader:
    def __init__(self, model: onnx.ModelProto, technique: str) -> None:
        self._fixed, self._technique = constants(model), technique
        self._nodes = [node for node in model.graph.node if node.op_type != "Constant"]
        self._ends = len(model.graph.input), len(model.graph.output)
        self._value = model.graph.input[0].name
        self._result = model.graph.output[0].name

    def layers(self) -> list[Layer]:
        found: list[Layer] = []
        if self._ends != (1, 1):
            raise OperatorError(
                f"{self._technique}: got {self._ends} inputs and outputs, expected one of each; leave this step out of the recipe"
            )
        for node in self._nodes:
            self._follow(node)
            self._take(node, found)
        if self._value != self._result or not found:
            raise OperatorError(
                f"{self._technique}: the graph does not lead from its input to {self._result!r} by layers; leave this step out"
            )
        return found

    def _follow(self, node: onnx.NodeProto) -> None:
        """Hold that the node takes what the one before it gave, beside fixed tensors."""
        moving = [name for name in node.input if name not in self._fixed]
        if moving != [self._value]:
            raise self._refused(node, f"which takes {moving}")
        self._value = node.output[0]

    def _take(self, node: onnx.NodeProto, found: list[Layer]) -> None:
        if node.op_type in ("Gemm", "MatMul"):
            found.append(self._product(node))
        elif node.op_type in ("Relu", "Add") and found and not found[-1].rectified:
            found[-1] = self._rectified_or_moved(node, found[-1])
        elif node.op_type != "Identity":
            raise self._refused(node, "")

    def _rectified_or_moved(self, node: onnx.NodeProto, layer: Layer) -> Layer:
        if node.op_type == "Relu":
            return replace(layer, rectified=True)
        (added,) = (self._fixed[name] for name in node.input if name in self._fixed)
        return replace(layer, bias=layer.bias + _bias(added, len(layer.bias)))

    def _product(self, node: onnx.NodeProto) -> Layer:
        settings = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
        weights = self._fixed.get(node.input[1])
        if weights is None or weights.ndim != 2 or settings.get("transA") or node.input[0] in self._fixed:
            raise self._refused(node, "whose right-hand side is no fixed matrix")
        weights = np.float32(settings.get("alpha", 1.0)) * (weights.T if settings.get("transB") else weights)
        added = self._fixed[node.input[2]] if len(node.input) > 2 else np.zeros(weights.shape[1], np.float32)
        return Layer(weights, np.float32(settings.get("beta", 1.0)) * _bias(added, weights.shape[1]), rectified=False)

    def _refused(self, node: onnx.NodeProto, why: str) -> OperatorError:
        what = f"{node.op_type} {node.name or node.output[0]!r}" + (f" {why}" if why else "")
        return OperatorError(
            f"{self._technique}: got {what}, expected a chain of Gemm, MatMul, Add and Relu; leave this step out of the recipe"
        )


def _bias(added: Array, outputs: int) -> Matrix:
    return np.broadcast_to(added.reshape(-1), (outputs,)).astype(np.float32)
