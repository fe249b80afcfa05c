"""The committed comparison of eta's variants: of what is released, by the recipes as they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.comparison import rendered
from models.eta.recipes import PROGRAMME
from packing.hashing import sha256_of

FOLDER = Path(__file__).resolve().parents[4] / "models" / "eta"
TRAPS = ("dynamic_int8", "static_int8")
ADVICE = "run `python3 build.py compress eta`"


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "compression.json").read_text())
    return found


def test_figures_are_of_the_released_model(facts: dict[str, Any]) -> None:
    assert facts["base"]["sha256"] == sha256_of(FOLDER / "artefacts" / f"{PROGRAMME.base}.onnx"), ADVICE


def test_figures_are_of_the_recipes_as_they_stand(facts: dict[str, Any]) -> None:
    declared = [recipe.to_json() for recipe in PROGRAMME.recipes]
    made = [each for each in facts["variants"] if each["steps"]]
    assert [{key: each[key] for key in ("name", "steps")} for each in made] == declared, ADVICE


def test_released_are_those_that_the_programme_ships(facts: dict[str, Any]) -> None:
    card = json.loads((FOLDER / "artefacts" / "card.json").read_text())
    shipped = {each["name"]: each["sha256"] for each in card["variants"] if "recipe" in each}
    assert tuple(shipped) == PROGRAMME.ships, ADVICE
    assert {each["name"]: each["sha256"] for each in facts["variants"] if each["released"] and each["steps"]} == shipped, ADVICE


def test_every_learned_variant_is_kept_for_visitors_to_measure(facts: dict[str, Any]) -> None:
    kept = {file.stem: sha256_of(file) for file in (FOLDER / "variants").glob("*.onnx")}
    assert kept == {each["name"]: each["sha256"] for each in facts["variants"] if each["learned"] and not each["released"]}, ADVICE


def test_shipped_variants_meet_the_targets(facts: dict[str, Any]) -> None:
    small, near = (target["met_by"] for target in facts["targets"])
    assert PROGRAMME.ships[0] in small
    assert PROGRAMME.ships[1] in near


def test_page_shows_the_figures(facts: dict[str, Any]) -> None:
    assert (FOLDER / "COMPRESSION.md").read_text() == rendered(facts), ADVICE


def test_variants_learned_from_enough_rows(facts: dict[str, Any]) -> None:
    assert facts["base"]["lesson_rows"] >= 400_000


def test_known_traps_are_refused_by_the_budget(facts: dict[str, Any]) -> None:
    refused = {each["name"]: each["shortfalls"] for each in facts["variants"] if not each["ships"]}
    assert all(any(text.startswith("after_departure:") for text in refused[name]) for name in TRAPS)
