"""Inference on the host: a model's answers through native ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from models.eta.pipeline import CONTRACT

FEATURES, PREDICTION = CONTRACT.features[0].name, CONTRACT.predictions[0].name


def predict(model: onnx.ModelProto, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Arrival delays in minutes, (N,), for features (N, F)."""
    answers: NDArray[np.float32] = run(model, {FEATURES: features})[PREDICTION][:, 0]
    return answers


def run(model: onnx.ModelProto, feeds: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The model's output tensors by name."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return {PREDICTION: session.run([PREDICTION], feeds)[0]}
