"""Offering: what a release holds for visitors to measure, made again or kept, never another model than was compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import models.offering
from models.compressing import compress_pipeline
from models.offering import offer_stage
from models.segments import run_native
from packing.hashing import sha256_of
from packing.stage import Stages
from tests.unit.models import test_compressing
from tests.unit.models.compression.conftest import INPUTS, random_chain
from tests.unit.models.test_compressing import Make, report
from tests.unit.models.test_shipping import SHIPPING, card_of, folder_of, recipes

pipeline, stages = test_compressing.pipeline, test_compressing.stages

OFFERING = SHIPPING.replace('ships=("bytes",)', "ships=()")


def offered(stages: Stages, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The release's folder, and its `offer.json`."""
    made = offer_stage(stages, folder.name)["compression"].folder
    return made, json.loads((made / "offer.json").read_text())


def told(stages: Stages) -> str:
    return " ".join(stages.console.file.getvalue().split())  # type: ignore[attr-defined]


def test_learned_models_are_kept_and_others_made_again(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(OFFERING))
    facts = compress_pipeline(stages, folder.name, report)
    assert {each["name"]: each["learned"] for each in facts["variants"]} == {"bytes": False, "lossy": True}
    assert [file.name for file in (folder / "variants").glob("*.onnx")] == ["lossy.onnx"]
    made, offer = offered(stages, folder)
    assert {name: sha256_of(made / file) for name, file in offer["models"].items()} == {
        each["name"]: each["sha256"] for each in facts["variants"]
    }


def test_offer_holds_the_figures_and_rows_to_feed(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(OFFERING))
    facts = compress_pipeline(stages, folder.name, report)
    made, offer = offered(stages, folder)
    assert json.loads((made / "compression.json").read_text()) == facts
    (rows,) = offer["rows"]
    values = np.fromfile(made / rows["file"], np.dtype(rows["dtype"]).newbyteorder("<")).reshape(rows["dims"])
    assert (rows["name"], values.shape) == ("rows", (1024, INPUTS))
    assert np.isfinite(run_native(folder / "artefacts" / "whole.onnx", {"rows": values})["answers"]).all()


def test_released_variant_is_not_shipped_twice(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    compress_pipeline(stages, folder.name, report)
    assert list(offered(stages, folder)[1]["models"]) == ["lossy"]


def test_large_models_and_rows_are_left_out_unless_asked_for(pipeline: Make, stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.offering, "LARGEST_BYTES", 100)
    monkeypatch.setattr(models.offering, "ROWS_BYTES", 3 * 4 * INPUTS)
    folder = folder_of(stages, pipeline(OFFERING))
    compress_pipeline(stages, folder.name, report)
    assert list((folder / "variants").glob("*.onnx")) == []
    assert offered(stages, folder)[1]["models"] == {}
    recipes(folder, OFFERING.replace("ships=()", 'ships=(),\n    offers=("lossy",)'))
    compress_pipeline(stages, folder.name, report)
    offer = offered(stages, folder)[1]
    assert (list(offer["models"]), offer["rows"][0]["dims"]) == (["lossy"], [3, INPUTS])


def test_model_that_is_another_one_here_is_left_out_and_told(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(OFFERING))
    compress_pipeline(stages, folder.name, report)
    onnx.save(random_chain([INPUTS, 9, 1]).model(), folder / "variants" / "lossy.onnx")
    assert list(offered(stages, folder)[1]["models"]) == ["bytes"]
    assert f"compression-{folder.name}: lossy cannot be measured" in told(stages)


def test_figures_of_another_base_are_left_out_and_told(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(OFFERING))
    compress_pipeline(stages, folder.name, report)
    card = card_of(folder)
    card["variants"][0]["sha256"] = "another"
    (folder / "artefacts" / "card.json").write_text(json.dumps(card))
    assert offer_stage(stages, folder.name) == {}
    assert f"run `python3 build.py compress {folder.name}`" in told(stages)


def test_pipeline_that_was_never_compressed_offers_nothing(pipeline: Make, stages: Stages) -> None:
    assert offer_stage(stages, pipeline(None)) == {}


def test_model_no_longer_kept_leaves_the_folder(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(OFFERING))
    compress_pipeline(stages, folder.name, report)
    recipes(folder, OFFERING.replace('Recipe("lossy"', 'Recipe("other"'))
    compress_pipeline(stages, folder.name, report)
    assert [file.name for file in (folder / "variants").glob("*.onnx")] == ["other.onnx"]
