"""The harbour laid out as a checkout: sources, models for all quays and for one, card and golden cases."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v17 as op

from models.segments import SegmentedModel
from models.verification.records import draw_records
from packing.hashing import sha256_of
from tests.harbour.pipeline import CONTRACT, PIPELINE
from tests.root import ROOT

NAME = CONTRACT.name
VARIANT = "fp32"
OWN_MODEL = "north"
"""The quay whose ships a model of its own answers for."""
GOLDEN_CASES = 20


def write_checkout(root: Path) -> Path:
    """Write all that a checkout holds of the pipeline under a root; returns `models/harbour`."""
    (root / "pywasm").symlink_to(ROOT / "pywasm")
    shutil.copy(ROOT / "pyproject.toml", root)
    folder = root / "models" / NAME
    (folder / "artefacts").mkdir(parents=True)
    for file in ("__init__.py", "pipeline.py"):
        shutil.copy(Path(__file__).with_name(file), folder)
    variant = {**_write_model(folder, VARIANT, seed=1), "name": VARIANT, "quality": {}}
    variant["segments"] = {OWN_MODEL: _write_model(folder, f"{VARIANT}.{OWN_MODEL}", seed=2)}
    _write_json(folder / "artefacts" / "card.json", {"default_variant": VARIANT, "variants": [variant]})
    records = draw_records(CONTRACT, GOLDEN_CASES, seed=3)
    model = SegmentedModel.of_variant(CONTRACT, variant, lambda file: folder / "artefacts" / file)
    _write_json(folder / "artefacts" / "golden.json", {"records": records, "outputs": model.answer(PIPELINE, records)})
    return folder


def _write_model(folder: Path, stem: str, seed: int) -> dict[str, Any]:
    """A linear model of random weights, as a card lists it."""
    width = len(CONTRACT.features[0].columns)
    weights = np.random.default_rng(seed).normal(size=(width, 1)).astype(np.float32)
    features = spox.argument(spox.Tensor(np.dtype("float32"), ("N", width)))
    file = folder / "artefacts" / f"{stem}.onnx"
    onnx.save(spox.build({"features": features}, {"wait": op.matmul(features, op.constant(value=weights))}), file)
    return {"file": file.name, "sha256": sha256_of(file), "size_bytes": file.stat().st_size}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content))


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Let `models.harbour` be imported from a checkout beside this one's pipelines."""
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for module in [module for module in sys.modules if module.startswith(f"models.{NAME}")]:
            del sys.modules[module]
