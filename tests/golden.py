"""Golden cases, the host's own answers to them, and what it means to agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foreshore import load_pipeline
from models.segments import SegmentedModel
from tests.root import ROOT


def artefacts_of(name: str) -> Path:
    """Where a pipeline's committed models, card and golden cases are."""
    return ROOT / "models" / name / "artefacts"


def golden_cases(name: str) -> dict[str, Any]:
    """The recorded "records" and "outputs" of training."""
    return dict(json.loads((artefacts_of(name) / "golden.json").read_text(encoding="utf-8")))


def native_model(name: str, variant: str) -> SegmentedModel:
    """A variant's models, by segment, in native ONNX Runtime."""
    card = json.loads((artefacts_of(name) / "card.json").read_text(encoding="utf-8"))
    (entry,) = [each for each in card["variants"] if each["name"] == variant]
    return SegmentedModel.of_variant(load_pipeline(name).contract, entry, artefacts_of(name).joinpath)


def deviation(got: ArrayLike, expected: ArrayLike) -> float:
    """The largest `abs(a - b) / max(1, abs(b))`, which a contract's tolerance bounds."""
    a, b = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    assert a.shape == b.shape
    return float(np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b))))
