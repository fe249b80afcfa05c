"""Network: a model with convolutions, whose layers can be looked into, replaced and narrowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from models.compression.errors import OperatorError
from models.compression.graph import Array, constants, copied, hold_finite

type Floats = NDArray[np.float32]

CHANNELWISE = ("Clip", "Relu", "Identity")
"""Operators that keep channels apart, as depthwise convolutions do."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A convolution or a product, with fixed weights.

    Attributes
    ----------
    node : NodeProto
    weights : (outputs, inputs of a group, *kernel) float32
        Without kernel for a product.
    bias : (outputs,) float32
    group : int
    """

    node: onnx.NodeProto
    weights: Floats
    bias: Floats
    group: int

    @property
    def taken(self) -> str:
        """The value that goes in."""
        return str(self.node.input[0])

    @property
    def made(self) -> str:
        """The value that comes out."""
        return str(self.node.output[0])

    @property
    def kernel(self) -> tuple[int, ...]:
        """Taps along each axis; none for a product."""
        return self.weights.shape[2:]

    @property
    def depthwise(self) -> bool:
        """Whether every channel is convolved alone."""
        return self.group == len(self.weights) and self.weights.shape[1] == 1 and self.group > 1

    @property
    def pointwise(self) -> bool:
        """Whether it mixes channels of one place alone: a product, or a convolution of 1 x 1 that leaves out no place."""
        settings = attributes(self.node)
        plain = set(settings.get("strides", [])) <= {1} and not any(settings.get("pads", []))
        return self.group == 1 and set(self.kernel) <= {1} and plain


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's attributes by name."""
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


class Network:
    """A copy of a model's graph in the making.

    Parameters
    ----------
    model : ModelProto
    technique : str
        Who asks, for messages.

    Raises
    ------
    WeightsError
        If a weight is not finite.
    """

    def __init__(self, model: onnx.ModelProto, technique: str) -> None:
        hold_finite(model)
        self.graph = (made := copied(model)).graph
        self.technique = technique
        self._made = made
        self._fixed = constants(made)

    @staticmethod
    def is_one(model: onnx.ModelProto) -> bool:
        """Whether a model has convolutions, by which it is no chain of products."""
        return any(node.op_type == "Conv" for node in model.graph.node)

    def layers(self) -> Iterator[Layer]:
        """Convolutions and products, in order."""
        for node in list(self.graph.node):
            if node.op_type in ("Conv", "Gemm"):
                yield self.layer(node)

    def layer(self, node: onnx.NodeProto) -> Layer:
        """A node as a layer; raises OperatorError if its weights are not fixed, or it pads as it sees fit."""
        settings = attributes(node)
        weights = self._fixed.get(node.input[1])
        unclear = settings.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID") or settings.get("transA")
        if weights is None or unclear or settings.get("alpha", 1.0) != 1.0 or settings.get("beta", 1.0) != 1.0:
            raise OperatorError(
                f"{self.technique}: got {node.op_type} {node.name or node.output[0]!r} with weights that are computed or scaled, or with "
                "auto_pad, expected fixed ones and explicit pads; export the model so, or leave this step out of the recipe"
            )
        weights = weights.T if node.op_type == "Gemm" and not settings.get("transB") else weights
        bias = self._fixed[node.input[2]] if len(node.input) > 2 else np.zeros(len(weights), np.float32)
        return Layer(node, weights, np.broadcast_to(bias.reshape(-1), (len(weights),)), int(settings.get("group", 1)))

    def takers(self, value: str) -> list[onnx.NodeProto]:
        """Nodes that take a value."""
        return [node for node in self.graph.node if value in node.input]

    def only_taker(self, value: str) -> onnx.NodeProto | None:
        """The node that alone takes a value, unless the model gives it as well."""
        takers = self.takers(value)
        return takers[0] if len(takers) == 1 and value not in {output.name for output in self.graph.output} else None

    def rewrite(self, layer: Layer, weights: Array, bias: Array) -> None:
        """Give a layer other weights; its group follows where it is depthwise."""
        transposed = layer.node.op_type == "Gemm" and not attributes(layer.node).get("transB")
        names = [self.fixed(weights.T if transposed else weights), self.fixed(bias)]
        layer.node.input[1:] = names
        for each in layer.node.attribute:
            if each.name == "group" and layer.depthwise:
                each.i = len(weights)

    def replace(self, layer: Layer, parts: Sequence[tuple[Array, Array | None, dict[str, Any]]]) -> None:
        """Put convolutions one after the other, given by weights, bias and attributes, in a convolution's place."""
        value, nodes = layer.taken, []
        for number, (weights, bias, settings) in enumerate(parts):
            made = layer.made if number == len(parts) - 1 else f"{layer.made}_{number}"
            fixed = [self.fixed(each) for each in (weights, bias) if each is not None]
            nodes.append(helper.make_node("Conv", [value, *fixed], [made], name=f"{layer.node.name or layer.made}_{number}", **settings))
            value = made
        self.substitute(layer, nodes)

    def substitute(self, layer: Layer, nodes: Sequence[onnx.NodeProto]) -> None:
        """Put nodes in a layer's place; the last one gives what it gave."""
        place = list(self.graph.node).index(layer.node)
        self.graph.node.remove(layer.node)
        for node in reversed(nodes):
            self.graph.node.insert(place, node)

    def fixed(self, values: Array) -> str:
        """A new fixed tensor's name; others may go on with the one that it replaces."""
        name = f"{self.technique}_{len(self._fixed)}"
        self._fixed[name] = np.ascontiguousarray(values, np.float32)
        self.graph.initializer.append(numpy_helper.from_array(self._fixed[name], name))
        return name

    def model(self) -> onnx.ModelProto:
        """The model as it is now, without tensors that nothing takes, checked."""
        used = {name for node in self.graph.node for name in node.input}
        for tensor in [tensor for tensor in self.graph.initializer if tensor.name not in used]:
            self.graph.initializer.remove(tensor)
        del self.graph.value_info[:]
        onnx.checker.check_model(self._made, full_check=True)
        finished = onnx.ModelProto()
        finished.CopyFrom(self._made)
        return finished


def places(model: onnx.ModelProto) -> dict[str, int]:
    """Places (H x W) of every value that is made; 1 where a size is open."""
    found = onnx.shape_inference.infer_shapes(model).graph
    shapes = {each.name: each.type.tensor_type.shape.dim for each in (*found.value_info, *found.output)}
    return {name: int(np.prod([size.dim_value or 1 for size in sizes[2:]])) for name, sizes in shapes.items()}
