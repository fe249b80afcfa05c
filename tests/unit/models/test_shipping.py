"""Shipping: variants that a programme names join artefacts and card, once, and leave them again when they no longer hold."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest

from models.compressing import compress_pipeline
from models.compression.errors import RecipeError
from models.see.recipes import PROGRAMME
from models.shipping import RECIPE, carried, dropped, quoted_lines, restore_shipped, trained, without_shipped
from packing.errors import BuildError
from packing.hashing import sha256_of, sha256_of_tree
from packing.stage import Stages
from tests.unit.models import test_compressing
from tests.unit.models.compression.conftest import INPUTS, random_chain
from tests.unit.models.test_compressing import RECIPES, Make, report

pipeline, stages = test_compressing.pipeline, test_compressing.stages

MEASURES = """
def measures(answers, exams):
    return {f"{name}_mae": float(loss(each, exams[name]).mean()) for name, each in answers.items()}


def card_text(card):
    return " ".join(variant["name"] for variant in card["variants"])


PROGRAMME ="""
SHIPPING = RECIPES.replace("PROGRAMME =", MEASURES).replace(
    "    loss,\n)", '    loss,\n    ships=("bytes",),\n    measures=measures,\n    card_text=card_text,\n)'
)


def folder_of(stages: Stages, name: str) -> Path:
    """The pipeline's folder, its card as training writes one."""
    folder = stages.root / "models" / name
    variant = {"name": "whole", "file": "whole.onnx", "sha256": sha256_of(folder / "artefacts" / "whole.onnx")}
    (folder / "artefacts" / "card.json").write_text(json.dumps({"title": "Small", "variants": [variant]}))
    return folder


def card_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "artefacts" / "card.json").read_text()))


def recipes(folder: Path, text: str) -> None:
    """Change the recipes, as seen by the next process."""
    (folder / "recipes.py").write_text(text)
    sys.modules.pop(f"models.{folder.name}.recipes", None)


def test_shipped_variant_is_among_artefacts_and_in_the_card(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    facts = compress_pipeline(stages, folder.name, report)
    base, entry = card_of(folder)["variants"]
    content = (folder / "artefacts" / entry["file"]).read_bytes()
    assert (entry["sha256"], entry["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert entry["quality"] == {"seen_mae": pytest.approx(facts["variants"][0]["quality"]["seen"]["variant"], abs=1e-6)}
    assert entry[RECIPE] == {"base": "whole", "base_sha256": base["sha256"], "steps": facts["variants"][0]["steps"]}
    assert (folder / "CARD.md").read_text() == "whole bytes"
    assert [each["released"] for each in facts["variants"]] == [True, False]


def test_card_quotes_size_time_and_quality(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    facts = compress_pipeline(stages, folder.name, report)
    card = card_of(folder)
    assert [row["name"] for row in card["compression"]["rows"]] == ["whole", "bytes"]
    lines = "\n".join(quoted_lines(card))
    size = facts["variants"][0]["size_bytes"]
    assert f"| `bytes` | {size:,} |" in lines
    assert "2.00× (2.00 to 2.00)" in lines
    high = 100 * facts["variants"][0]["quality"]["seen"]["relative_high"]
    assert f"to {high:+.2f}), seen |" in lines


def test_card_quotes_losses_as_they_are_where_budgets_are_no_shares(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING.replace("Budget(0.05)", "Budget(0.05, relative=False)")))
    found = compress_pipeline(stages, folder.name, report)["variants"][0]["quality"]["seen"]
    (line,) = (line for line in quoted_lines(card_of(folder)) if line.startswith("| `bytes`"))
    assert line.endswith(f"{found['variant'] - found['base']:+.3g} ({found['low']:+.3g} to {found['high']:+.3g}), seen |")


def test_shipping_again_changes_nothing(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    compress_pipeline(stages, folder.name, report)
    before = sha256_of_tree([folder / "artefacts", folder / "variants", folder / "CARD.md"], folder)
    compress_pipeline(stages, folder.name, report)
    assert sha256_of_tree([folder / "artefacts", folder / "variants", folder / "CARD.md"], folder) == before


def test_variant_that_no_longer_ships_leaves_artefacts_and_card(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    before = card_of(folder)
    compress_pipeline(stages, folder.name, report)
    recipes(folder, SHIPPING.replace('ships=("bytes",)', "ships=()"))
    compress_pipeline(stages, folder.name, report)
    assert card_of(folder) == before
    assert [file.name for file in (folder / "artefacts").glob("*.onnx")] == ["whole.onnx"]
    assert (folder / "CARD.md").read_text() == "whole"


def test_variant_beyond_the_budget_is_not_shipped(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING.replace('ships=("bytes",)', 'ships=("bytes", "lossy")')))
    before = sha256_of_tree([folder], folder)
    with pytest.raises(RecipeError, match=r"ships: got 'lossy', expected variants that hold every budget \(seen: got .* too much\); mend"):
        compress_pipeline(stages, folder.name, report)
    assert sha256_of_tree([folder], folder) == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('ships=("bytes",)', 'ships=("byte",)', r"ships, offers: got \['byte'\], expected names of recipes"),
        ("    measures=measures,\n", "", r"without measures or card_text, expected both"),
    ],
)
def test_programme_that_cannot_ship_is_refused(pipeline: Make, stages: Stages, old: str, new: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        compress_pipeline(stages, pipeline(SHIPPING.replace(old, new)), report)


def test_recipe_of_a_trained_variants_name_is_refused(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    card = card_of(folder)
    card["variants"].append({**card["variants"][0], "name": "lossy"})
    (folder / "artefacts" / "card.json").write_text(json.dumps(card))
    with pytest.raises(RecipeError, match=r"got \['lossy'\], which training makes already"):
        compress_pipeline(stages, folder.name, report)


def test_other_trained_variants_are_compared_as_well(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    onnx.save(random_chain([INPUTS, 20, 1]).model(), folder / "artefacts" / "other.onnx")
    card = card_of(folder)
    card["variants"].append({"name": "other", "file": "other.onnx", "sha256": sha256_of(folder / "artefacts" / "other.onnx")})
    (folder / "artefacts" / "card.json").write_text(json.dumps(card))
    other = compress_pipeline(stages, folder.name, report)["variants"][0]
    assert (other["name"], other["steps"], other["released"]) == ("other", [], True)
    assert [each["name"] for each in card_of(folder)["variants"]] == ["whole", "other", "bytes"]


def test_training_to_the_same_model_keeps_compressed_variants(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    compress_pipeline(stages, folder.name, report)
    compressed = card_of(folder)
    again = {"title": "Trained again", "variants": trained(compressed)}
    card, files = carried(folder / "artefacts", again)
    assert card == {**compressed, "title": "Trained again"}
    assert [file.name for file in files] == ["bytes.onnx"]
    assert dropped(folder / "artefacts", again) == []


def test_training_to_another_model_drops_compressed_variants(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    compress_pipeline(stages, folder.name, report)
    other = {"title": "Other", "variants": [{**trained(card_of(folder))[0], "sha256": "other"}]}
    assert carried(folder / "artefacts", other) == (other, [])
    assert dropped(folder / "artefacts", other) == ["bytes"]


def test_first_training_carries_nothing(tmp_path: Path) -> None:
    card = {"variants": [{"name": "whole", "sha256": "x"}]}
    assert carried(tmp_path / "artefacts", card) == (card, [])
    assert dropped(tmp_path / "artefacts", card) == []


def test_shipped_model_that_is_missing_is_made_by_its_recipe(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    compress_pipeline(stages, folder.name, report)
    file = folder / "artefacts" / "bytes.onnx"
    before = file.read_bytes()
    file.unlink()
    told: list[str] = []
    restore_shipped(folder, told.append)
    restore_shipped(folder, told.append)
    assert file.read_bytes() == before
    assert told == [f"{folder.name}: making bytes.onnx by its recipe"]


def test_shipped_model_that_cannot_be_made_again_is_told(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING))
    compress_pipeline(stages, folder.name, report)
    (folder / "artefacts" / "bytes.onnx").unlink()
    onnx.save(random_chain([INPUTS, 20, 1]).model(), folder / "artefacts" / "whole.onnx")
    with pytest.raises(BuildError, match=r"bytes\.onnx: got sha256 .*, expected .* as its card says; restore the file or run"):
        restore_shipped(folder, lambda _: None)


def test_recommended_variant_is_what_visitors_get_until_it_no_longer_ships(pipeline: Make, stages: Stages) -> None:
    folder = folder_of(stages, pipeline(SHIPPING.replace('ships=("bytes",),', 'ships=("bytes",),\n    recommends="bytes",')))
    compress_pipeline(stages, folder.name, report)
    card = card_of(folder)
    assert card["default_variant"] == "bytes"
    assert without_shipped(card)["default_variant"] == "whole"


def test_what_is_recommended_has_to_ship() -> None:
    with pytest.raises(RecipeError, match="recommends: got 'half', expected one of those that ship"):
        replace(PROGRAMME, recommends="half")
