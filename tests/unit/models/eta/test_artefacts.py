"""Committed artefacts: they agree with each other, with the data, and reach the bar."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest

from models.eta import data
from models.eta.card import parameters, rendered
from models.eta.golden import DRAWN, bounds
from models.eta.inference import FEATURES, predict, run
from models.eta.pipeline import CONTRACT, PIPELINE
from models.eta.quality import BAR, SITUATIONS, quality, shortfalls

ARTEFACTS = Path(data.__file__).parent / "artefacts"
VARIANTS = ("fp32", "int8")
INT8_WITHIN_MIN = 4.0
"""How far 8 bits may take one answer from full precision; their mean errors differ by far less."""
RECOMPUTED_WITHIN_MIN = 0.002
"""Float sums of another processor, after rounding to three decimals."""


def variant(card: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(item) for item in card["variants"] if item["name"] == name)


def minutes(golden: dict[str, Any]) -> Any:
    return np.array([answer["arrival_delay_min"] for answer in golden["outputs"]])


def test_full_precision_replays_the_golden_cases(golden: dict[str, Any], models: dict[str, onnx.ModelProto]) -> None:
    answers = PIPELINE.predict(golden["records"], lambda feeds: run(models["fp32"], feeds))
    got, expected = np.array([answer["arrival_delay_min"] for answer in answers]), minutes(golden)

    assert (np.abs(got - expected) <= CONTRACT.tolerance * np.maximum(1, np.abs(expected))).all()


def test_int8_stays_near_the_golden_cases(golden: dict[str, Any], models: dict[str, onnx.ModelProto]) -> None:
    answers = predict(models["int8"], PIPELINE.prepare(golden["records"])[FEATURES])

    assert np.abs(answers - minutes(golden)).max() < INT8_WITHIN_MIN


def test_golden_cases_are_real_flights_of_the_test_months(golden: dict[str, Any], split: data.Split) -> None:
    known = {tuple(record.values()) for situation in (split.test, data.before_departure(split.test)) for record in data.records(situation)}
    real = golden["records"][: -len(bounds())]

    assert len(real) >= DRAWN
    assert all(tuple(record.values()) in known for record in real)


def test_golden_cases_spread_over_airlines_places_and_both_situations(golden: dict[str, Any], split: data.Split) -> None:
    drawn = golden["records"][:DRAWN]

    assert sum(record["departure_delay_min"] is None for record in drawn) == DRAWN // 2
    for name in ("carrier", "origin", "destination"):
        assert {record[name] for record in golden["records"]} == set(split.test[name].unique())
    rarest = min(sum(record["carrier"] == carrier for record in drawn) for carrier in ("OO", "HA", "YV", "AS"))
    assert rarest >= 5


def test_golden_cases_reach_every_bound_of_the_contract(golden: dict[str, Any]) -> None:
    for field in CONTRACT.fields:
        values = {record[field.name] for record in golden["records"]}
        assert {bound for bound in (field.minimum, field.maximum) if bound is not None} <= values
    assert {"00:00", "23:59"} <= {record["scheduled_departure"] for record in golden["records"]}


@pytest.mark.parametrize("name", VARIANTS)
def test_card_describes_the_file(card: dict[str, Any], models: dict[str, onnx.ModelProto], name: str) -> None:
    entry = variant(card, name)
    content = (ARTEFACTS / entry["file"]).read_bytes()

    assert (entry["sha256"], entry["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert entry["parameters"] == parameters(models[name])


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_reaches_the_bar(card: dict[str, Any], name: str) -> None:
    assert shortfalls(variant(card, name)["quality"]) == []
    assert card["bar"] == BAR


@pytest.mark.parametrize("name", VARIANTS)
def test_card_tells_the_quality_that_the_models_have(
    card: dict[str, Any], models: dict[str, onnx.ModelProto], split: data.Split, name: str
) -> None:
    shown = dict(zip(SITUATIONS, (data.before_departure(split.test), split.test), strict=True))
    predicted = {
        situation: predict(models[name], PIPELINE.prepare(data.records(flights))[FEATURES]) for situation, flights in shown.items()
    }
    found = quality(predicted, split.test["arrival_delay_min"].to_numpy().astype(float))

    assert found == pytest.approx(variant(card, name)["quality"], abs=RECOMPUTED_WITHIN_MIN)


def test_card_beats_what_needs_no_model(card: dict[str, Any]) -> None:
    metrics, others = card["metrics"], card["baselines"]

    assert metrics == variant(card, card["default_variant"])["quality"]
    assert all(metrics[name] < others["mean"][name] for name in others["mean"])
    assert metrics["before_departure_rmse_min"] < others["median"]["before_departure_rmse_min"]
    assert all(metrics[name] < others["departure_delay_plus_constant"][name] for name in others["departure_delay_plus_constant"])


def test_card_names_the_data(card: dict[str, Any], flights: pl.DataFrame, split: data.Split) -> None:
    facts = card["data"]

    assert facts["sha256"] == hashlib.sha256(data.fetch_archive().read_bytes()).hexdigest()
    assert (facts["rows"], facts["train_rows"], facts["test_rows"]) == (len(flights), len(split.train), len(split.test))
    assert facts["train_period"][1] < facts["test_period"][0]
    assert facts["licence"] == "CC0-1.0"


def test_readable_card_says_what_the_card_says(card: dict[str, Any]) -> None:
    assert (ARTEFACTS.parent / "CARD.md").read_text(encoding="utf-8") == rendered(card)
