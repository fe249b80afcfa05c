"""Inference on the host: a model's answers through native ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray

from models.eta.pipeline import CONTRACT
from models.eta.situations import Asked
from models.segments import SegmentedModel, run_native

FEATURES, PREDICTION = CONTRACT.features[0].name, CONTRACT.predictions[0].name
SEGMENT = str(CONTRACT.segment)
VALUES = CONTRACT.segment_values


def predict(model: onnx.ModelProto, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Arrival delays in minutes, (N,), for features (N, F)."""
    answers: NDArray[np.float32] = run_native(model.SerializeToString(), {FEATURES: features})[PREDICTION][:, 0]
    return answers


def segmented(model: onnx.ModelProto, segments: Mapping[str, onnx.ModelProto]) -> SegmentedModel:
    """The model for all, with those that segments have of their own."""
    return SegmentedModel(model.SerializeToString(), {VALUES.index(value): own.SerializeToString() for value, own in segments.items()})


def answers(model: SegmentedModel, asked: Asked) -> NDArray[np.float32]:
    """Arrival delays in minutes, (N,), each row's by its segment's model."""
    minutes: NDArray[np.float32] = model.run({FEATURES: asked.features()}, asked.columns[SEGMENT])[PREDICTION][:, 0]
    return minutes
