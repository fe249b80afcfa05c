"""Activations: what values inside a model are on rows of a lesson, as samples of places, and answers in parts that fit memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

from models.compression.network import Floats

if TYPE_CHECKING:
    from models.compression.programme import Exam

PART = 2**22
"""Numbers that go in at a time: images fill memory with what is computed between the layers."""
PLACES = 49
"""Of a row, at which activations are looked at; a last stage of 7 x 7 has no more."""
SEED = 2013

type Feeds = Mapping[str, NDArray[Any]]


def answers(model: bytes, feeds: Feeds) -> dict[str, NDArray[Any]]:
    """A model's outputs by name, rows first, computed in parts."""
    session = _session(model)
    names = [output.name for output in session.get_outputs()]
    parts = [session.run(names, part) for part in _parts(feeds)]
    return {name: np.concatenate(found) for name, found in zip(names, zip(*parts, strict=True), strict=True)}


def examined(model: bytes, exams: Mapping[str, Exam]) -> dict[str, dict[str, NDArray[Any]]]:
    """A model's answers by exam; features that several exams share are answered once."""
    shared = {id(exam.features): exam.features for exam in exams.values()}
    found = {key: answers(model, features) for key, features in shared.items()}
    asked = {name: (found[id(exam.features)], slice(None) if exam.rows is None else exam.rows) for name, exam in exams.items()}
    return {name: {output: values[rows] for output, values in outputs.items()} for name, (outputs, rows) in asked.items()}


def sampled(model: onnx.ModelProto, feeds: Feeds, values: Sequence[str]) -> dict[str, Floats]:
    """Values inside a model at some places of every row, (rows x places, channels).

    Parameters
    ----------
    model : ModelProto
    feeds : mapping of str to (N, …) array
    values : sequence of str
        Names, each of a value (N, C, H, W) or (N, C); places are the same for values of the same height and width.
    """
    session = _opened(model, values)
    parts = [[_places(found) for found in session.run(list(values), part)] for part in _parts(feeds)]
    return {name: np.concatenate(found) for name, found in zip(values, zip(*parts, strict=True), strict=True)}


def patches(model: onnx.ModelProto, feeds: Feeds, value: str, kernel: tuple[int, ...], settings: Mapping[str, Any]) -> Floats:
    """What a convolution of these attributes sees of a value at some places, (rows x places, channels, taps)."""
    session = _opened(model, [value])
    return np.concatenate([_patches(session.run([value], part)[0], kernel, settings) for part in _parts(feeds)])


def _parts(feeds: Feeds) -> list[dict[str, NDArray[Any]]]:
    rows = len(next(iter(feeds.values())))
    numbers = sum(values.size for values in feeds.values()) // max(rows, 1)
    count = max(1, PART // max(numbers, 1))
    return [{name: values[at : at + count] for name, values in feeds.items()} for at in range(0, rows, count)]


def _opened(model: onnx.ModelProto, values: Sequence[str]) -> onnxruntime.InferenceSession:
    """A session that gives these values and computes nothing beyond."""
    needed, kept = set(values), []
    for node in reversed(model.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    fixed = [tensor for tensor in model.graph.initializer if tensor.name in needed]
    outputs = [helper.make_empty_tensor_value_info(name) for name in values]
    graph = helper.make_graph(kept[::-1], "prefix", model.graph.input, outputs, fixed)
    part = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return _session(part.SerializeToString())


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting in a loop starves whoever else has work
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _drawn(height: int, width: int) -> NDArray[np.int64]:
    return np.sort(np.random.default_rng(SEED).permutation(height * width)[:PLACES])


def _places(values: Floats) -> Floats:
    if values.ndim == 2:
        return values
    rows, channels, height, width = values.shape
    return values.reshape(rows, channels, -1)[:, :, _drawn(height, width)].transpose(0, 2, 1).reshape(-1, channels)


def _patches(values: Floats, kernel: tuple[int, ...], settings: Mapping[str, Any]) -> Floats:
    top, left, bottom, right = settings.get("pads", (0, 0, 0, 0))
    down, across = settings.get("strides", (1, 1))
    padded = np.pad(values, ((0, 0), (0, 0), (top, bottom), (left, right)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, list(kernel), axis=(2, 3))[:, :, ::down, ::across]  # type: ignore[call-overload]
    places = np.unravel_index(_drawn(*seen.shape[2:4]), seen.shape[2:4])
    found: Floats = seen[:, :, *places].transpose(0, 2, 1, 3, 4).reshape(-1, seen.shape[1], kernel[0] * kernel[1])
    return found
