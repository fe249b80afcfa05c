"""Artefacts: what training leaves behind is what the build asks for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from foreshore import ContractError
from models.artefacts import Variant, write_artefacts
from models.scaffolding.template.data import measurements
from models.scaffolding.template.pipeline import PIPELINE
from models.scaffolding.template.training import fit, predict

RECORDS, FELT = measurements()
MODEL = fit(PIPELINE.prepare(RECORDS[:1000])["features"], FELT[:1000])
ABOUT = {"licence": "CC0-1.0", "limits": ["Invented."]}


def written(folder: Path, *names: str) -> dict[str, Any]:
    """The card and golden cases of a model under these variants' names."""
    write_artefacts(folder, PIPELINE, [Variant(name, MODEL, {"mae_min": index}) for index, name in enumerate(names)], RECORDS[:5], ABOUT)
    return {name: json.loads((folder / "artefacts" / f"{name}.json").read_text()) for name in ("card", "golden")}


def test_the_card_names_the_files_that_were_written(tmp_path: Path) -> None:
    for variant in written(tmp_path, "fp32", "int8")["card"]["variants"]:
        content = (tmp_path / "artefacts" / variant["file"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (variant["sha256"], variant["size_bytes"])


def test_visitors_get_the_first_variant_whose_quality_heads_the_card(tmp_path: Path) -> None:
    card = written(tmp_path, "int8", "fp32")["card"]
    assert (card["default_variant"], card["metrics"]) == ("int8", {"mae_min": 0})
    assert {key: card[key] for key in ABOUT} == ABOUT


def test_golden_cases_hold_the_answers_of_fp32(tmp_path: Path) -> None:
    golden = written(tmp_path, "fp32")["golden"]
    assert golden["records"] == RECORDS[:5]
    assert [answer["feels_like_c"] for answer in golden["outputs"]] == predict(MODEL, RECORDS[:5])


def test_variants_without_fp32_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"^new_pipeline: got the variants \['int8'\], expected 'fp32' among them; write it, too$"):
        written(tmp_path, "int8")
    assert not (tmp_path / "artefacts").exists()
