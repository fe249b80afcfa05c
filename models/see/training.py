"""What takes the place of training: the published network is written as ONNX, judged, and recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import onnx

from models.compression.activations import examined
from models.see.card import card, rendered
from models.see.curriculum import exams
from models.see.export import write_models
from models.see.golden import golden
from models.see.quality import measures
from models.shipping import carried
from packing.hashing import write_whole

type Progress = Callable[[str], None]


def train(folder: Path, progress: Progress) -> None:
    """Write `artefacts/` and `CARD.md`; nothing is learned here.

    Raises
    ------
    FetchError
        If weights or photos cannot be had.
    """
    artefacts = folder / "artefacts"
    artefacts.mkdir(exist_ok=True)
    progress("writing the network from its published weights")
    write_models(artefacts)
    progress("judging it on photos")
    facts, _ = carried(artefacts, card(artefacts, _quality(artefacts / "fp32.onnx")))
    progress("recording golden cases")
    write_whole(artefacts / "golden.json", (json.dumps(golden(artefacts / "fp32.onnx")) + "\n").encode())
    write_whole(artefacts / "card.json", (json.dumps(facts, indent=1) + "\n").encode())
    write_whole(folder / "CARD.md", rendered(facts).encode())


def _quality(model: Path) -> dict[str, float]:
    asked = exams(onnx.load(model))
    return measures(examined(model.read_bytes(), asked), asked)
