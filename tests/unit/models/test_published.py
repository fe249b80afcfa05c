"""Models that follow from what others published: made where they are missing, and only if they are the ones that the card names."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.published import ensure_artefacts
from packing.errors import BuildError
from tests.harbour.checkout import importable

CONTENT = b"a model"
EXPORT = f"""
def write_models(folder):
    (folder / "fp32.onnx").write_bytes({CONTENT!r})
    (folder / "other.onnx").write_bytes(b"not on the card")
"""


def checkout(root: Path, sha256: str, export: str | None) -> Path:
    folder = root / "models" / "published_tides"
    (folder / "artefacts").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    if export is not None:
        (folder / "export.py").write_text(export)
    card = {"variants": [{"name": "fp32", "file": "fp32.onnx", "sha256": sha256}]}
    (folder / "artefacts" / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with importable(tmp_path):
        yield tmp_path
    for name in [name for name in sys.modules if name.startswith("models.published_tides")]:
        del sys.modules[name]


def test_missing_model_is_made_once_and_nothing_else_is_kept(root: Path) -> None:
    folder = checkout(root, hashlib.sha256(CONTENT).hexdigest(), EXPORT)
    told: list[str] = []
    ensure_artefacts(folder, told.append)
    ensure_artefacts(folder, told.append)
    assert (folder / "artefacts" / "fp32.onnx").read_bytes() == CONTENT
    assert sorted(path.name for path in (folder / "artefacts").iterdir()) == ["card.json", "fp32.onnx"]
    assert told == ["published_tides: making fp32.onnx from published weights"]
    assert sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__") == ["artefacts"]


def test_model_that_is_another_than_the_cards_is_refused(root: Path) -> None:
    folder = checkout(root, "0" * 64, EXPORT)
    with pytest.raises(
        BuildError, match="expected 0{64} as its card says; restore the card, or run `python3 build.py train published_tides`"
    ):
        ensure_artefacts(folder, lambda _: None)
    assert not (folder / "artefacts" / "fp32.onnx").exists()


@pytest.mark.parametrize("export", [None, "NOTHING = 1\n"])
def test_pipeline_that_makes_no_models_is_left_to_the_release(root: Path, export: str | None) -> None:
    folder = checkout(root, "0" * 64, export)
    ensure_artefacts(folder, lambda _: None)
    assert not (folder / "artefacts" / "fp32.onnx").exists()
