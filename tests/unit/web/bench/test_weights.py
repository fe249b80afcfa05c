"""The weights file holds what the ONNX model computes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from web.bench.weights import WeightsError, routes_of, write_weights

ROUNDING = 1e-5
"""Of sums of a few products of numbers below 10 in float32, folded in another order."""

OPERATIONS = ("Add", "Sub", "RSub", "Mul", "Div", "MatMul", "Gemm", "GemmT", "Relu", "Identity")


class Chain:
    """Builds a model node by node."""

    def __init__(self, width: int, seed: int) -> None:
        self.width = self.inputs = width
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, *shape: int) -> str:
        name = f"constant_{len(self.constants)}"
        values = self.random.uniform(0.5, 1.0, shape) * self.random.choice([-1.0, 1.0], shape)
        self.constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def append(self, operation: str) -> None:
        source, target = f"tensor_{len(self.nodes)}", f"tensor_{len(self.nodes) + 1}"
        operands, attributes = self.operands(operation, source)
        self.nodes.append(
            helper.make_node(
                operation.removeprefix("R") if operation == "RSub" else operation.rstrip("T"), operands, [target], **attributes
            )
        )

    def operands(self, operation: str, source: str) -> tuple[list[str], dict[str, Any]]:
        width, wider = self.width, int(self.random.integers(1, 5))
        if operation in ("Relu", "Identity"):
            return [source], {}
        if operation == "RSub":
            return [self.constant(width), source], {}
        if operation in ("Add", "Sub", "Mul", "Div"):
            return [source, self.constant(width)], {}
        self.width = wider
        if operation == "MatMul":
            return [source, self.constant(width, wider)], {}
        if operation == "Gemm":
            return [source, self.constant(width, wider), self.constant(wider)], {"alpha": 0.5, "beta": 2.0}
        return [source, self.constant(wider, width)], {"transB": 1}

    def model(self) -> onnx.ModelProto:
        end = helper.make_tensor_value_info(f"tensor_{len(self.nodes)}", TensorProto.FLOAT, ["N", self.width])
        start = helper.make_tensor_value_info("tensor_0", TensorProto.FLOAT, ["N", self.inputs])
        graph = helper.make_graph(self.nodes, "chain", [start], [end], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def run_written(folder: Path, rows: NDArray[np.float32], network: int = 0) -> NDArray[np.float64]:
    """A network as the JavaScript reads it: from the two files alone."""
    description = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    numbers = np.fromfile(folder / description["weights"], "<f4")
    values = rows.astype(np.float64)
    for layer in description["networks"][network]:
        shape = layer["inputs"], layer["outputs"]
        start, bias = layer["weights_offset"], layer["bias_offset"]
        values = values @ numbers[start:bias].reshape(shape) + numbers[bias : bias + shape[1]]
        values = np.maximum(values, 0) if layer["activation"] == "relu" else values
    return values


def saved(chain: Chain, operations: Sequence[str], path: Path) -> Path:
    """The chain with these operations appended, as a file."""
    for operation in operations:
        chain.append(operation)
    onnx.save(chain.model(), path)
    return path


def check_written(folder: Path, chain: Chain, model: Path, network: int = 0) -> None:
    rows = chain.random.uniform(-2, 2, (5, chain.inputs)).astype(np.float32)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"tensor_0": rows})
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(run_written(folder, rows, network), expected, rtol=ROUNDING, atol=ROUNDING * scale)


@given(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=8), st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_written_layers_compute_what_onnxruntime_computes(
    tmp_path_factory: pytest.TempPathFactory, operations: list[str], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("weights")
    chain = Chain(3, seed)
    model = saved(chain, operations, folder / "model.onnx")
    write_weights([model], [], folder)
    check_written(folder, chain, model)


def test_models_of_segments_stand_beside_the_model_of_all(tmp_path: Path) -> None:
    chains = [Chain(3, seed) for seed in (1, 2, 3)]
    models = [saved(chain, ("Gemm", "Relu", "MatMul"), tmp_path / f"{place}.onnx") for place, chain in enumerate(chains)]
    description = write_weights(models, [2, 0, 1], tmp_path)
    assert description["routes"] == [2, 0, 1]
    for place, (chain, model) in enumerate(zip(chains, models, strict=True)):
        check_written(tmp_path, chain, model, place)


def test_a_segment_without_a_model_of_its_own_goes_to_that_of_all() -> None:
    assert routes_of(["EWR", "JFK", "LGA"], ["LGA", "EWR"]) == [2, 0, 1]
    assert routes_of([], []) == []


def test_the_description_fits_the_numbers(tmp_path: Path) -> None:
    model = saved(Chain(4, 1), ("Gemm", "Relu", "MatMul"), tmp_path / "model.onnx")
    description = write_weights([model], [0], tmp_path / "made" / "here")
    assert description["size_bytes"] == (tmp_path / "made" / "here" / "weights.bin").stat().st_size
    (layers,) = description["networks"]
    assert (layers[-1]["bias_offset"] + layers[-1]["outputs"]) * 4 == description["size_bytes"]
    assert [layer["activation"] for layer in layers] == ["relu", "none"]


@pytest.mark.parametrize("operation", ["Sigmoid", "Exp"])
def test_an_operation_that_is_no_layer_is_refused_by_name(tmp_path: Path, operation: str) -> None:
    chain = Chain(2, 1)
    chain.nodes.append(helper.make_node(operation, ["tensor_0"], ["tensor_1"]))
    onnx.save(chain.model(), tmp_path / "model.onnx")
    with pytest.raises(WeightsError, match=f"{operation}: expected one of Relu"):
        write_weights([tmp_path / "model.onnx"], [], tmp_path)


def test_a_branching_graph_is_refused(tmp_path: Path) -> None:
    chain = Chain(2, 1)
    chain.append("Relu")
    chain.nodes.append(helper.make_node("Add", ["tensor_1", "tensor_0"], ["tensor_2"]))
    onnx.save(chain.model(), tmp_path / "model.onnx")
    with pytest.raises(WeightsError, match="the graph branches"):
        write_weights([tmp_path / "model.onnx"], [], tmp_path)
