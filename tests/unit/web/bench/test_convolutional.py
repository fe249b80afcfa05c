"""Convolutional networks in plain JavaScript compute what ONNX Runtime computes, from the two files that the build writes."""

from __future__ import annotations

import json
import subprocess
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

from web.bench.weights import WeightsError, write_weights

ROUNDING = 2e-5
"""Of sums of up to a few hundred products in float32, relative to the largest of the values."""

SCRIPT = Path(__file__).with_name("run-network.js")

type Array = NDArray[np.float32]


class Photographic:
    """Builds a convolutional model node by node, and knows the shape of what the last node gives."""

    def __init__(self, channels: int, rows: int, columns: int, seed: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.start = self.shape = (channels, rows, columns)
        self.last = "pixels"

    def constant(self, *shape: int) -> str:
        return self.given(self.random.uniform(-1, 1, shape))

    def given(self, values: Any) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def append(self, operator: str, *operands: str, **attributes: Any) -> str:
        target = f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [self.last, *operands], [target], **attributes))
        self.last = target
        return target

    def convolve(self, outputs: int, kernel: tuple[int, int], stride: tuple[int, int], pads: tuple[int, ...], groups: int = 1) -> str:
        channels, *size = self.shape
        weights = self.constant(outputs, channels // groups, *kernel)
        self.append("Conv", weights, self.constant(outputs), kernel_shape=kernel, strides=stride, pads=pads, group=groups)
        rows, columns = ((size[axis] + pads[axis] + pads[axis + 2] - kernel[axis]) // stride[axis] + 1 for axis in (0, 1))
        self.shape = (outputs, rows, columns)
        return self.last

    def clip(self, low: float = 0.0, high: float = 6.0) -> str:
        return self.append("Clip", self.given(low), self.given(high))

    def finish(self, classes: int = 5) -> None:
        """Pool, flatten, and give scores that add up to 1."""
        self.append("GlobalAveragePool")
        self.append("Flatten", axis=1)
        self.append("Gemm", self.constant(classes, self.shape[0]), self.constant(classes), transB=1, alpha=0.5, beta=2.0)
        self.append("Softmax", axis=-1)
        self.append("Identity")

    def save(self, path: Path) -> Path:
        start = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", *self.start])
        end = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "photographic", [start], [end], self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
        return path


def by_javascript(folder: Path, images: Array) -> Array:
    request = json.dumps({"data": images.ravel().tolist(), "dims": images.shape})
    done = subprocess.run(["node", str(SCRIPT), str(folder)], input=request, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answered = json.loads(done.stdout)
    return np.array(answered["data"], np.float32).reshape(answered["dims"])


def check_alike(model: Photographic, folder: Path, count: int = 2) -> dict[str, Any]:
    path = model.save(folder / "model.onnx")
    description = write_weights([path], [], folder)
    images = model.random.uniform(-1, 1, (count, *model.start)).astype(np.float32)
    (expected,) = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"pixels": images})
    got = by_javascript(folder, images)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=ROUNDING, atol=ROUNDING * max(1.0, float(np.abs(expected).max())))
    return description


@st.composite
def convolutions(draw: st.DrawFn) -> Photographic:
    """One convolution of any shape that fits, its values kept apart by a flattening of single pixels."""
    kernel = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    pads = draw(st.tuples(*(st.integers(0, 2) for _ in range(4))))
    rows, columns = (draw(st.integers(max(1, kernel[axis] - pads[axis] - pads[axis + 2]), 9)) for axis in (0, 1))
    groups = draw(st.integers(1, 3))
    inputs, outputs = (groups * draw(st.integers(1, 5)) for _ in range(2))
    if draw(st.booleans()):
        groups, outputs = inputs, inputs
    model = Photographic(inputs, rows, columns, draw(st.integers(0, 2**16)))
    model.convolve(outputs, kernel, stride, pads, groups)
    if draw(st.booleans()):
        model.clip(-0.5, 0.5)
    _, rows, columns = model.shape
    model.convolve(rows * columns, (rows, columns), (1, 1), (0, 0, 0, 0))
    model.append("Flatten", axis=1)
    return model


@given(convolutions())
@settings(max_examples=40, deadline=None)
def test_convolutions_of_any_shape_compute_what_onnxruntime_computes(tmp_path_factory: pytest.TempPathFactory, model: Photographic) -> None:
    check_alike(model, tmp_path_factory.mktemp("convolution"))


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (40, 40)])
def test_pixels_in_odd_numbers_and_in_several_blocks_are_all_answered(tmp_path: Path, size: tuple[int, int]) -> None:
    model = Photographic(3, *size)
    model.convolve(6, (1, 1), (1, 1), (0, 0, 0, 0))
    model.append("Relu")
    model.finish()
    check_alike(model, tmp_path)


def bottleneck() -> Photographic:
    """What the published networks are made of: expand, filter each channel, project, add what came in."""
    model = Photographic(3, 16, 12)
    model.convolve(8, (3, 3), (2, 2), (0, 0, 1, 1))
    before = model.clip()
    model.convolve(24, (1, 1), (1, 1), (0, 0, 0, 0))
    model.clip()
    model.convolve(24, (5, 5), (1, 1), (2, 2, 2, 2), groups=24)
    model.clip()
    model.convolve(8, (1, 1), (1, 1), (0, 0, 0, 0))
    residual = model.append("Add", before)
    model.convolve(8, (3, 3), (1, 1), (1, 1, 1, 1), groups=8)
    model.append("Add", residual)
    model.append("Relu")
    return model


def test_a_whole_network_with_residuals_gives_onnxruntimes_probabilities(tmp_path: Path) -> None:
    model = bottleneck()
    model.finish()
    description = check_alike(model, tmp_path, count=3)
    assert [layer["kind"] for layer in description["layers"]].count("add") == 2
    assert [(layer["floor"], layer["ceiling"]) for layer in description["layers"][:2]] == [(0, 6), (0, 6)]
    last = description["layers"][-2]
    assert (last["bias_offset"] + last["outputs"]) * 4 == description["size_bytes"] == (tmp_path / "weights.bin").stat().st_size


@pytest.mark.parametrize("operator", ["Sigmoid", "MaxPool", "BatchNormalization"])
def test_an_operator_that_the_javascript_does_not_run_is_refused_by_name(tmp_path: Path, operator: str) -> None:
    model = bottleneck()
    model.append(operator)
    with pytest.raises(WeightsError, match=f"{operator}: expected one of Conv, Gemm"):
        write_weights([model.save(tmp_path / "model.onnx")], [], tmp_path)


def test_a_bound_on_what_others_read_too_is_refused(tmp_path: Path) -> None:
    model = Photographic(2, 4, 4)
    made = model.convolve(2, (1, 1), (1, 1), (0, 0, 0, 0))
    model.append("Relu")
    model.append("Add", made)
    model.finish()
    with pytest.raises(WeightsError, match="Relu: expected it right after a Conv"):
        write_weights([model.save(tmp_path / "model.onnx")], [], tmp_path)


def test_a_kernel_with_gaps_is_refused(tmp_path: Path) -> None:
    model = Photographic(2, 8, 8)
    model.append("Conv", model.constant(2, 2, 3, 3), dilations=[2, 2])
    with pytest.raises(WeightsError, match="Conv: got auto_pad or dilations"):
        write_weights([model.save(tmp_path / "model.onnx")], [], tmp_path)


def test_an_image_that_is_not_flattened_is_no_answer(tmp_path: Path) -> None:
    model = Photographic(2, 8, 8)
    model.convolve(2, (1, 1), (1, 1), (0, 0, 0, 0))
    with pytest.raises(WeightsError, match="expected the last layer's values alone, flattened"):
        write_weights([model.save(tmp_path / "model.onnx")], [], tmp_path)


def test_segments_with_convolutions_of_their_own_are_refused(tmp_path: Path) -> None:
    model = bottleneck()
    model.finish()
    path = model.save(tmp_path / "model.onnx")
    with pytest.raises(WeightsError, match="got 2 models with convolutions, expected one"):
        write_weights([path, path], [0, 1], tmp_path)
