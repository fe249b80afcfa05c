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
from models.eta.card import parameters
from models.eta.cardtext import rendered
from models.eta.events import events, timed
from models.eta.golden import DRAWN, bounds
from models.eta.inference import VALUES, answers
from models.eta.lessons import Examinations, examinations
from models.eta.pipeline import CONTRACT, PIPELINE
from models.eta.quality import BAR, FURTHER_SITUATIONS, SITUATIONS, quality, shortfalls
from models.eta.segments import WORTH_MIN
from models.eta.situations import STREAMING_NAMES, Flights
from models.segments import SegmentedModel

ARTEFACTS = Path(data.__file__).parent / "artefacts"
TRAINED = ("fp32", "int8")
VARIANTS = (*TRAINED, "pruned_int8", "weights_int8")
INT8_WITHIN_MIN = 4.0
"""How far 8 bits may take one answer from full precision; their mean errors differ by far less."""
ABLATED = ("schedule", "schedule + history", "schedule + streaming", "schedule + both")
RECOMPUTED_WITHIN_MIN = 0.002
"""Float sums of another processor, after rounding to three decimals."""


def variant(card: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(item) for item in card["variants"] if item["name"] == name)


def minutes(golden: dict[str, Any]) -> Any:
    return np.array([answer["arrival_delay_min"] for answer in golden["outputs"]])


@pytest.fixture(scope="module")
def exams(flights: pl.DataFrame, split: data.Split) -> Examinations:
    """The test flights in every situation."""
    return examinations(Flights.read(timed(split.test)), events(timed(flights)))


def test_full_precision_replays_the_golden_cases(golden: dict[str, Any], released: dict[str, SegmentedModel]) -> None:
    replayed = released["fp32"].answer(PIPELINE, golden["records"])
    got, expected = np.array([answer["arrival_delay_min"] for answer in replayed]), minutes(golden)

    assert (np.abs(got - expected) <= CONTRACT.tolerance * np.maximum(1, np.abs(expected))).all()


def test_int8_stays_near_the_golden_cases(golden: dict[str, Any], released: dict[str, SegmentedModel]) -> None:
    replayed = released["int8"].answer(PIPELINE, golden["records"])
    far = np.abs(np.array([answer["arrival_delay_min"] for answer in replayed]) - minutes(golden))

    assert np.quantile(far, 0.99) < INT8_WITHIN_MIN


def test_golden_cases_are_real_flights_of_the_test_months(golden: dict[str, Any], split: data.Split) -> None:
    def identity(record: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(record[name] for name in data.RECORD_FIELDS if name != "departure_delay_min")

    known = {identity(record): record["departure_delay_min"] for record in split.test.select(data.RECORD_FIELDS).to_dicts()}
    real = golden["records"][: -len(bounds())]

    assert len(real) >= DRAWN
    assert all(record["departure_delay_min"] in (None, known[identity(record)]) for record in real)


def test_golden_cases_spread_over_airlines_places_and_situations(golden: dict[str, Any], split: data.Split) -> None:
    drawn = golden["records"][:DRAWN]

    assert sum(record["departure_delay_min"] is None for record in drawn) == DRAWN * 3 // 4
    assert sum(record["asked_at"] is not None for record in drawn) == DRAWN // 4
    blind = sum(all(record[name] is None for name in STREAMING_NAMES) for record in drawn)
    assert DRAWN // 4 <= blind < DRAWN // 3
    for name in ("carrier", "origin", "destination"):
        assert {record[name] for record in golden["records"]} == set(split.test[name].unique())
    rarest = min(sum(record["carrier"] == carrier for record in drawn) for carrier in ("OO", "HA", "YV", "AS"))
    assert rarest >= 5


def test_golden_cases_carry_all_context(golden: dict[str, Any]) -> None:
    names = {field.name for field in CONTRACT.inputs}

    assert all(set(record) == names for record in golden["records"])


def test_golden_cases_reach_every_bound_of_the_contract(golden: dict[str, Any]) -> None:
    for field in CONTRACT.inputs:
        values = {record[field.name] for record in golden["records"]}
        assert {bound for bound in (field.minimum, field.maximum) if bound is not None} <= values
    assert {"00:00", "23:59"} <= {record["scheduled_departure"] for record in golden["records"]}


@pytest.mark.parametrize("name", VARIANTS)
def test_card_describes_its_files(card: dict[str, Any], name: str) -> None:
    entry = variant(card, name)

    for file in (entry, *entry["segments"].values()):
        content = (ARTEFACTS / file["file"]).read_bytes()
        assert (file["sha256"], file["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
        assert file["parameters"] == parameters(onnx.load_from_string(content))


def test_no_model_lies_about_that_no_card_names(card: dict[str, Any]) -> None:
    named = {file["file"] for entry in card["variants"] for file in (entry, *entry["segments"].values())}

    assert {path.name for path in ARTEFACTS.glob("*.onnx")} == named


def test_segments_are_kept_only_where_they_win(card: dict[str, Any]) -> None:
    compared = card["segments"]["compared"]

    assert card["segments"]["field"] == CONTRACT.segment
    assert [(each["variant"], each["value"]) for each in compared] == [(name, value) for name in TRAINED for value in VALUES]
    for each in compared:
        assert each["kept"] == (each["validation"]["high"] < -WORTH_MIN) == (each["value"] in variant(card, each["variant"])["segments"])


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_reaches_the_bar(card: dict[str, Any], name: str) -> None:
    assert shortfalls(variant(card, name)["quality"]) == []
    assert card["bar"] == BAR


@pytest.mark.parametrize("name", VARIANTS)
def test_card_tells_the_quality_that_the_models_have(
    card: dict[str, Any], released: dict[str, SegmentedModel], exams: Examinations, name: str
) -> None:
    predicted = {situation: answers(released[name], asked) for situation, asked in exams.items()}
    found = quality(predicted, {situation: asked.actual for situation, asked in exams.items()})

    assert {key.rpartition("_mae_min")[0] for key in found if "_mae_" in key} == {*SITUATIONS, *FURTHER_SITUATIONS}
    assert found == pytest.approx(variant(card, name)["quality"], abs=RECOMPUTED_WITHIN_MIN)


def test_ablation_has_a_row_for_all_that_may_be_known(card: dict[str, Any]) -> None:
    rows = {row["name"]: row for row in card["ablation"]["rows"]}

    assert tuple(rows) == ABLATED
    for error in ("before_departure_mae_min", "after_departure_mae_min"):
        assert rows["schedule + streaming"][error] < rows["schedule"][error]


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
    assert facts["validation_rows"] == len(split.validation)
    assert facts["train_period"][1] < facts["test_period"][0]
    assert facts["licence"] == "CC0-1.0"


def test_readable_card_says_what_the_card_says(card: dict[str, Any]) -> None:
    assert (ARTEFACTS.parent / "CARD.md").read_text(encoding="utf-8") == rendered(card)
