"""The public module, used from a page as any site would use it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from foreshore import load_pipeline
from tests.browser.fixtures import NewPage, living_workers, probe, wait_for_workers_to_end, watch_of
from tests.golden import deviation, golden_cases, native_model

pytestmark = pytest.mark.as_visitors

PIPELINE = load_pipeline("eta")
OUTPUT = "arrival_delay_min"
GOOD = {field.name: field.example for field in PIPELINE.contract.fields}

INT8_LIMIT_MIN = 0.5
"""int8 kernels round in another order on each processor; half a minute of delay is the most that this may cost."""

WRONG_VALUES: list[tuple[dict[str, Any], str, str]] = [
    ({"date": "2031-01-01"}, "date", "2013-12-31"),
    ({"date": "2013-02-30"}, "date", "YYYY-MM-DD"),
    ({"date": 5}, "date", "YYYY-MM-DD"),
    ({"origin": "XXX"}, "origin", "one of"),
    ({"destination": ""}, "destination", "one of"),
    ({"scheduled_departure": "25:00"}, "scheduled_departure", "HH:MM"),
    ({"scheduled_arrival": None}, "scheduled_arrival", "HH:MM"),
    ({"departure_delay_min": "12"}, "departure_delay_min", "integer"),
    ({"departure_delay_min": 12.5}, "departure_delay_min", "integer"),
    ({"departure_delay_min": 100_000}, "departure_delay_min", "1440"),
    ({"departure_delay_min": True}, "departure_delay_min", "integer"),
    ({"departure_delay_min": [1]}, "departure_delay_min", "integer"),
    ({"tail": ""}, "tail", "1 to 64"),
    ({"tail": 7}, "tail", "text"),
    ({"asked_at": "2013-10-05"}, "asked_at", "YYYY-MM-DDTHH:MMZ"),
    ({"asked_at": "2013-10-05T24:00Z"}, "asked_at", "YYYY-MM-DDTHH:MMZ"),
    ({"origin_departures_60": "many"}, "origin_departures_60", "number"),
]
"""What is changed in a good record, the field that the answer must name, and part of what it must expect."""


ENGINES = ("graph", "python")


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return golden_cases("eta")


def minutes(answers: list[dict[str, float]]) -> list[float]:
    return [answer[OUTPUT] for answer in answers]


def test_list_names_the_pipelines_of_the_release(page: Page) -> None:
    assert "eta" in str(probe(page, "pipelines"))


@pytest.mark.parametrize("engine", ENGINES)
def test_browser_gives_the_hosts_answers_to_every_golden_case(page: Page, golden: dict[str, Any], engine: str) -> None:
    told = probe(page, "predictEach", "eta", {"engine": engine, "variant": "fp32"}, golden["records"])

    assert told["engine"] == engine
    assert len(told["answers"]) >= 500
    assert deviation(minutes(told["answers"]), minutes(golden["outputs"])) <= PIPELINE.contract.tolerance


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_gives_the_hosts_answers_to_every_golden_case(page: Page, golden: dict[str, Any], engine: str) -> None:
    chunks = probe(page, "predictMany", "eta", {"engine": engine, "variant": "fp32"}, golden["records"], 64)["chunks"]

    starts = np.cumsum([0, *(len(chunk["answers"]) for chunk in chunks)])
    assert [chunk["start"] for chunk in chunks] == starts[:-1].tolist()
    answers = [answer for chunk in chunks for answer in chunk["answers"]]
    assert deviation(minutes(answers), minutes(golden["outputs"])) <= PIPELINE.contract.tolerance


def test_compressed_variant_agrees_with_its_native_run(page: Page, golden: dict[str, Any]) -> None:
    records = golden["records"][:100]
    expected = [native_model("eta", "int8").answer(PIPELINE, [record])[0] for record in records]

    told = probe(page, "predictEach", "eta", {"variant": "int8"}, records)

    assert told["variant"] == "int8"
    assert np.max(np.abs(np.subtract(minutes(told["answers"]), minutes(expected)))) <= INT8_LIMIT_MIN


def test_an_answer_says_what_gave_it(page: Page, release: dict[str, Any]) -> None:
    told = probe(page, "predictEach", "eta", {"engine": "python", "variant": "fp32", "threads": 1}, [GOOD])

    (answer,) = told["answers"]
    assert (answer["release"], answer["variant"], answer["engine"]) == (release["id"], "fp32", "python")
    assert (answer["threads"], answer["provider"]) == (1, "wasm")
    assert answer["latency_ms"] > 0
    assert told["contract"] == PIPELINE.contract.to_json()
    assert told["timings"]


@pytest.mark.parametrize("engine", ENGINES)
def test_wrong_values_are_named_with_field_and_expectation(page: Page, engine: str) -> None:
    told = probe(page, "refusals", "eta", {"engine": engine}, [{**GOOD, **change} for change, _, _ in WRONG_VALUES], GOOD)

    for (change, field, expected), outcome in zip(WRONG_VALUES, told["outcomes"], strict=True):
        error = outcome["error"]
        assert (error["name"], error["kind"]) == ("ForeshoreError", "validation"), change
        (problem,) = error["problems"]
        assert (problem["field"], problem["row"]) == (field, 0), change
        assert expected in problem["expected"], change
    assert OUTPUT in told["afterwards"]["ok"]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_no_whole_record_is_refused(page: Page, engine: str) -> None:
    lacking = {name: value for name, value in GOOD.items() if name != "carrier"}

    told = probe(page, "refusals", "eta", {"engine": engine}, [lacking, {}, {**GOOD, "gate": 5}, None, [], "text", 5], GOOD)

    assert [problem["field"] for problem in told["outcomes"][0]["error"]["problems"]] == ["carrier"]
    required = [field.name for field in PIPELINE.contract.fields if not field.nullable]
    assert [problem["field"] for problem in told["outcomes"][1]["error"]["problems"]] == required
    assert {outcome["error"]["kind"] for outcome in told["outcomes"]} == {"validation"}
    assert OUTPUT in told["afterwards"]["ok"]


@pytest.mark.parametrize("engine", ENGINES)
def test_values_that_json_cannot_carry_are_refused_at_their_field(page: Page, engine: str) -> None:
    told = probe(page, "strangeValues", "eta", {"engine": engine}, GOOD, "departure_delay_min")

    for label, outcome in told["outcomes"].items():
        assert "error" in outcome, f"{label}: got {outcome}, expected it to be refused"
        assert outcome["error"]["kind"] == "validation", f"{label}: {outcome['error']}"
        assert [problem["field"] for problem in outcome["error"]["problems"]] == ["departure_delay_min"], label
        assert len(outcome["error"]["message"]) < 10_000, label
    assert OUTPUT in told["afterwards"]["ok"]


def test_best_engine_is_the_graph_and_needs_no_python(page: Page) -> None:
    told = probe(page, "predictEach", "eta", {}, [GOOD])

    assert told["engine"] == "graph"
    assert not [url for url in watch_of(page).requests if "pyodide" in url or ".whl" in url]


def test_unknown_pipeline_variant_and_engine_are_refused(page: Page) -> None:
    for name, options, word in (("nope", {}, "nope"), ("eta", {"variant": "fp8"}, "fp8"), ("eta", {"engine": "steam"}, "steam")):
        error = probe(page, "tryToOpen", name, options)["error"]
        assert error["name"] == "ForeshoreError"
        assert word in error["message"]


def test_progress_never_falls_and_ends_at_one(page: Page) -> None:
    told = probe(page, "progressOf", "eta")

    fractions = [step["fraction"] for step in told]
    assert len(fractions) > 3
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert fractions[-1] == 1
    assert fractions.count(1) < len(fractions)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.9])
def test_loading_can_be_cancelled_and_started_again(page: Page, fraction: float) -> None:
    told = probe(page, "cancelAt", "eta", fraction, GOOD)

    assert told["stopped"]["error"]["kind"] == "cancelled"
    assert OUTPUT in told["afterwards"]["ok"]["answers"][0]
    wait_for_workers_to_end(page)


def test_a_batch_can_be_cancelled(page: Page, golden: dict[str, Any]) -> None:
    told = probe(page, "cancelBatch", "eta", golden["records"])

    assert told["stopped"]["error"]["kind"] == "cancelled"
    assert 0 < told["answered"] < len(golden["records"])
    assert OUTPUT in told["afterwards"]["ok"]


def test_closing_ends_the_workers(page: Page) -> None:
    probe(page, "openAndHold", "eta")
    assert len(living_workers(page)) >= 2

    probe(page, "release")

    wait_for_workers_to_end(page)


def test_a_closed_predictor_refuses(page: Page) -> None:
    told = probe(page, "useAfterClose", "eta", GOOD)

    assert told["after"]["error"]["kind"] == "closed"
    assert "ok" in told["second"]
    assert "ok" in told["pending"] or told["pending"]["error"]["kind"] == "closed"


def test_a_page_without_isolation_gets_the_same_answers_from_one_thread(new_page: NewPage, plain_site: str, golden: dict[str, Any]) -> None:
    page = new_page(origin=plain_site)

    told = probe(page, "predictEach", "eta", {"variant": "fp32"}, golden["records"][:50])

    assert page.evaluate("crossOriginIsolated") is False
    assert told["threads"] == 1
    assert deviation(minutes(told["answers"]), minutes(golden["outputs"][:50])) <= PIPELINE.contract.tolerance
