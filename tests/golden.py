"""Golden cases, the host's own answers to them, and what it means to agree."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import ArrayLike

from foreshore import load_pipeline
from models.segments import SegmentedModel
from tests.browsers import ROOT


def artefacts_of(name: str) -> Path:
    """Where a pipeline's committed models, card and golden cases are."""
    return ROOT / "models" / name / "artefacts"


def golden_cases(name: str) -> dict[str, Any]:
    """The recorded "records" and "outputs" of training."""
    return dict(json.loads((artefacts_of(name) / "golden.json").read_text(encoding="utf-8")))


def native_run(name: str, variant: str) -> Callable[[Any], Any]:
    """A `run` for `Pipeline.predict`, over native ONNX Runtime."""
    session = onnxruntime.InferenceSession(artefacts_of(name) / f"{variant}.onnx")
    names = [output.name for output in session.get_outputs()]
    return lambda feeds: dict(zip(names, session.run(names, feeds), strict=True))


def native_answers(name: str, variant: str, records: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Answers of native ONNX Runtime, asked for one after the other, from the model that the record's segment has."""
    pipeline = load_pipeline(name)
    card = json.loads((artefacts_of(name) / "card.json").read_text(encoding="utf-8"))
    (entry,) = [each for each in card["variants"] if each["name"] == variant]
    model = SegmentedModel.of_variant(pipeline.contract, entry, artefacts_of(name).joinpath)
    return [model.answer(pipeline, [record])[0] for record in records]


def deviation(got: ArrayLike, expected: ArrayLike) -> float:
    """The largest `abs(a - b) / max(1, abs(b))`, which a contract's tolerance bounds."""
    a, b = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    assert a.shape == b.shape
    return float(np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b))))
