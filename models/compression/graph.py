"""Graphs: what every technique needs of an ONNX model, whatever its operators are."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization.onnx_model import ONNXModel

from models.compression.errors import WeightsError

OPSET = 17
IR_VERSION = 10
"""What onnxruntime-web reads."""

type Array = NDArray[Any]


class Writer:
    """A graph in the making; every value is known by its name.

    Parameters
    ----------
    like : ModelProto
        Whose inputs and outputs the graph takes over.
    """

    def __init__(self, like: onnx.ModelProto) -> None:
        self._like = like
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: Array | np.generic) -> str:
        """A fixed tensor."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value) if np.ndim(value) else np.asarray(value), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """The result of an operator."""
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def model(self, result: str) -> onnx.ModelProto:
        """The model whose only output is `result`, checked."""
        like = self._like.graph
        for node in self._nodes:
            node.output[:] = [like.output[0].name if name == result else name for name in node.output]
        graph = helper.make_graph(self._nodes, like.name or "model", like.input, like.output, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="foreshore")
        onnx.checker.check_model(model, full_check=True)
        return model


def copied(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with its `Constant` nodes as initializers, where the libraries look for weights."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for node in [node for node in made.graph.node if node.op_type == "Constant" and node.attribute[0].name == "value"]:
        tensor = made.graph.initializer.add()
        tensor.CopyFrom(node.attribute[0].t)
        tensor.name = node.output[0]
        made.graph.node.remove(node)
    return made


def with_products(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with `MatMul` and `Add` in the place of `Gemm`, where one does the other's work."""
    wrapped = ONNXModel(copied(model))
    wrapped.replace_gemm_with_matmul()
    made: onnx.ModelProto = wrapped.model
    return made


def in_order(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model, every node after those whose values it takes, in branches of its own as well: libraries append where they please."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    makers = {name: node for node in made.graph.node for name in node.output if name}
    order: list[onnx.NodeProto] = []
    placed: set[int] = set()

    def place(node: onnx.NodeProto) -> None:
        if id(node) not in placed:
            placed.add(id(node))
            for name in _taken(node):
                if name in makers:
                    place(makers[name])
            order.append(node)

    for node in made.graph.node:
        place(node)
    sorted_nodes = [copy.deepcopy(node) for node in order]
    del made.graph.node[:]
    made.graph.node.extend(sorted_nodes)
    return made


def _taken(node: onnx.NodeProto) -> Iterator[str]:
    """What a node and the branches in it take."""
    yield from node.input
    for attribute in node.attribute:
        for each in attribute.g.node if attribute.HasField("g") else ():
            yield from _taken(each)


def constants(model: onnx.ModelProto) -> dict[str, Array]:
    """Every fixed tensor by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in _tensors(model)}


def parameters(model: onnx.ModelProto) -> int:
    """How many numbers the model's fixed tensors hold; two of four bits count as two."""
    return sum(int(np.prod(tensor.dims)) * _packed(model, tensor.name) for tensor in _tensors(model))


def hold_finite(model: onnx.ModelProto) -> None:
    """Raise WeightsError if a weight is not finite."""
    for name, values in constants(model).items():
        if values.dtype.kind == "f" and (wrong := int(np.count_nonzero(~np.isfinite(values)))):
            raise WeightsError(f"{name}: got {wrong} weights that are not finite, expected none; train the model again")


def signature(model: onnx.ModelProto) -> list[bytes]:
    """Names, types and shapes of inputs and outputs, to be compared."""
    return [value.SerializeToString() for value in (*model.graph.input, *model.graph.output)]


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from copied(model).graph.initializer


def _packed(model: onnx.ModelProto, name: str) -> int:
    """How many numbers lie in an element: two where four bits each are packed into bytes."""
    return 2 if any(node.op_type == "MatMulNBits" and node.input[1] == name for node in model.graph.node) else 1
