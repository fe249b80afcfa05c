"""Training: artefacts are written whole or not at all, and never below the bar."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import onnx
import pytest

from foreshore import ModelError
from models.eta import data
from models.eta.card import Variant
from models.eta.cardtext import rendered
from models.eta.training import lines_of, report, write
from models.shipping import trained, without_shipped
from packing.hashing import sha256_of_tree

FOLDER = Path(data.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pipeline's folder with artefacts of an earlier training."""
    shutil.copytree(FOLDER / "artefacts", tmp_path / "artefacts")
    shutil.copy(FOLDER / "CARD.md", tmp_path)
    return tmp_path


@pytest.fixture
def variants(card: dict[str, Any]) -> list[Variant]:
    return [
        Variant(
            entry["name"],
            onnx.load(FOLDER / "artefacts" / entry["file"]),
            {value: onnx.load(FOLDER / "artefacts" / segment["file"]) for value, segment in entry["segments"].items()},
            entry["quality"],
            card["spread"],
        )
        for entry in trained(card)
    ]


def test_writing_what_is_committed_changes_nothing(
    folder: Path, variants: list[Variant], golden: dict[str, Any], card: dict[str, Any]
) -> None:
    before = sha256_of_tree([folder], folder)

    write(folder, variants, golden, without_shipped(card))

    assert sha256_of_tree([folder], folder) == before


def test_first_training_writes_no_compressed_variant(
    folder: Path, variants: list[Variant], golden: dict[str, Any], card: dict[str, Any]
) -> None:
    shutil.rmtree(folder / "artefacts")

    write(folder, variants, golden, without_shipped(card))

    assert {file.stem for file in (folder / "artefacts").glob("*.onnx")} == {"fp32", "fp32.EWR", "int8", "int8.EWR"}
    assert "## Compression" not in (folder / "CARD.md").read_text(encoding="utf-8")


def test_a_failure_while_writing_leaves_the_earlier_artefacts(folder: Path, variants: list[Variant], card: dict[str, Any]) -> None:
    before = sha256_of_tree([folder], folder)

    with pytest.raises(TypeError, match="not JSON serializable"):
        write(folder, variants, {"records": [object()]}, {**card, "title": "half written"})

    assert sha256_of_tree([folder], folder) == before


def test_a_variant_below_the_bar_is_refused(folder: Path, card: dict[str, Any]) -> None:
    poor = [{**entry, "quality": {**entry["quality"], "after_departure_mae_min": 12.5}} for entry in card["variants"]]

    with pytest.raises(ModelError, match="fp32 misses the bar: after_departure_mae_min: got 12.5, expected at most 11.18"):
        report({**card, "variants": poor}, folder, lambda text: None)


def test_training_says_whether_it_reproduced_the_committed_quality(folder: Path, card: dict[str, Any]) -> None:
    same: list[str] = []
    other: list[str] = []
    report(card, folder, same.append)
    better = [{**entry, "quality": {**entry["quality"], "after_departure_mae_min": 5.0}} for entry in trained(card)]
    report({**card, "variants": better}, folder, other.append)

    assert next(text for text in same if "as committed, within" in text).startswith("fp32: as committed")
    assert sum("not as committed: after_departure_mae_min: got 5.0" in text for text in other) == 2


def test_golden_cases_stand_a_record_a_line(golden: dict[str, Any]) -> None:
    text = lines_of(golden)

    assert json.loads(text) == golden
    assert text.count(b"\n") > 2 * len(golden["records"])


def test_readable_card_has_a_row_for_everything_measured(card: dict[str, Any]) -> None:
    lines = rendered(card).splitlines()

    for name in ("mean", "median", "departure delay plus constant", "teacher", "fp32", "int8"):
        assert any(line.startswith(f"| {name} |") for line in lines)
    for limit in card["limits"]:
        assert f"- {limit}" in lines
