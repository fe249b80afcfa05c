"""What the public module fills into records, from tables and from events, held to what the host fills in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from foreshore import load_pipeline
from foreshore.contract import utc_text
from foreshore.live import Live
from foreshore.store import Table
from models.tables import read_tables
from tests.browser.fixtures import NewPage, probe, watch_of
from tests.golden import deviation, native_model

pytestmark = pytest.mark.as_visitors

type Record = dict[str, Any]
type Event = tuple[str, Record]

PIPELINE = load_pipeline("eta")
ENGINES = ("graph", "python")
DAY = "2013-10-05"
CONTEXT = [field.name for field in PIPELINE.contract.context]
GOOD = {field.name: field.example for field in PIPELINE.contract.fields}
EXACT = {"variant": "fp32"}


@pytest.fixture(scope="module")
def samples(dist: Path, release: dict[str, Any]) -> Path:
    return dist / str(release["pipelines"]["eta"]["samples"])


@pytest.fixture(scope="module")
def flights(samples: Path) -> list[Record]:
    """The day's records, each asked at its scheduled departure."""
    day = json.loads((samples / f"{DAY}.json").read_text())
    asked = zip(day["scheduled_departure_min"], zip(*day["columns"].values(), strict=True), strict=True)
    return [{**dict(zip(day["columns"], row, strict=True)), "departure_delay_min": None, "asked_at": utc_text(time)} for time, row in asked]


@pytest.fixture(scope="module")
def events(samples: Path) -> list[Event]:
    """The day's events by the time at which they were known."""
    day = json.loads((samples / "events" / f"{DAY}.json").read_text())
    log: list[Event] = [
        (source, dict(zip(day[source], row, strict=True)))
        for source in ("departures", "arrivals")
        for row in zip(*day[source].values(), strict=True)
    ]
    return sorted(log, key=lambda event: event[1]["known_time_min"])


@pytest.fixture
def live(dist: Path, release: dict[str, Any]) -> Live:
    """The host's windows and tables, with nothing observed yet."""
    return Live(PIPELINE, read_tables(dist / release["pipelines"]["eta"]["history"]))


@pytest.fixture(params=ENGINES)
def options(request: pytest.FixtureRequest) -> Record:
    return {**EXACT, "engine": request.param}


def ok(outcomes: list[dict[str, Any]]) -> list[Any]:
    """What calls gave; none may have failed."""
    assert [outcome["error"]["message"] for outcome in outcomes if "error" in outcome] == []
    return [outcome["ok"] for outcome in outcomes]


def assert_answers(answers: list[Record], filled: list[Record]) -> None:
    """Hold answers to the host's for the same records with their context."""
    expected = native_model("eta", "fp32").answer(PIPELINE, filled)
    (output,) = [output.name for output in PIPELINE.contract.outputs]
    got = [answer[output] for answer in answers]
    assert deviation(got, [answer[output] for answer in expected]) <= PIPELINE.contract.tolerance


def contexts(filled: list[Record]) -> list[Record]:
    return [{name: record[name] for name in CONTEXT} for record in filled]


def test_following_a_day_is_the_hosts(page: Page, options: Record, live: Live, flights: list[Record], events: list[Event]) -> None:
    filled, intake = live.follow(events, flights)

    (followed,) = ok(probe(page, "calls", "eta", options, [["follow", events, flights]]))

    assert followed["intake"] == intake
    assert followed["context"] == contexts(filled)
    assert {name for context in followed["context"] for name, value in context.items() if value is not None} == set(CONTEXT)
    assert_answers(followed["answers"], filled)


def test_tables_of_its_time_fill_a_record(page: Page, options: Record, live: Live) -> None:
    times = ["2013-10-05T12:30Z", "2013-12-24T18:00Z", "2013-10-05T07:59Z", "2013-01-01T00:00Z", None]
    records = [{**GOOD, "asked_at": time} for time in times]

    answers = ok(probe(page, "calls", "eta", options, [["predict", record] for record in records]))

    assert_answers(answers, live.fill(records))


def test_observed_events_count_in_later_predictions(page: Page, options: Record, live: Live, events: list[Event]) -> None:
    record = {**GOOD, "asked_at": utc_text(events[-1][1]["known_time_min"]), "date": DAY}
    calls = [["predict", record], ["observe", events[:700]], ["predict", record], ["observe", events[700:]], ["predict", record]]
    before, first, between, second, after = (
        *(live.fill([record]), live.observe(events[:700])),
        *(live.fill([record]), live.observe(events[700:]), live.fill([record])),
    )
    assert between != after

    for together in (False, True):
        told = ok(probe(page, "calls", "eta", options, calls, together))

        assert [told[1], told[3]] == [first, second]
        assert_answers([told[0], told[2], told[4]], [*before, *between, *after])


def test_wrong_events_are_counted_and_change_nothing(page: Page, options: Record, live: Live, events: list[Event]) -> None:
    good = [event for event in events if event[0] == "departures"][:50]
    late = ("departures", {**good[0][1], "id": "late", "known_time_min": good[-1][1]["known_time_min"] - 61})
    wrong: list[Any] = [
        *(5, None, "departures", ["departures"], ["landings", good[0][1]], ["departures", None], ["departures", {}]),
        *(good[0], late, ("departures", {**good[0][1], "id": "odd", "delay_min": "much"})),
    ]
    record = {**GOOD, "asked_at": utc_text(good[-1][1]["known_time_min"]), "date": DAY}
    live.observe(good)
    intake = live.observe(wrong)

    _, told, answer = ok(probe(page, "calls", "eta", options, [["observe", good], ["observe", wrong], ["predict", record]]))

    assert told == intake
    assert None not in told["outcomes"]
    assert {reason for reasons in told["dropped"].values() for reason in reasons} >= {"unknown_type", "malformed", "late"}
    assert_answers([answer], live.fill([record]))


def test_what_is_no_list_of_events_is_refused(page: Page, options: Record) -> None:
    told = probe(page, "calls", "eta", options, [["observe", {"departures": []}], ["follow", "departures", []], ["follow", [], {}]])

    assert [(outcome["error"]["kind"], outcome["error"]["field"]) for outcome in told] == [
        *(("validation", "events"), ("validation", "events"), ("validation", "records"))
    ]


def test_questions_must_come_in_the_order_of_time(page: Page, options: Record, events: list[Event]) -> None:
    clock = events[-1][1]["known_time_min"]
    early, now = ({**GOOD, "date": DAY, "asked_at": utc_text(time)} for time in (clock - 1, clock))
    calls = [["observe", events], ["predict", early], ["follow", [], [now, early]], ["predict", now]]

    _, predicted, followed, afterwards = probe(page, "calls", "eta", options, calls)

    for outcome, row in ((predicted, 0), (followed, 1)):
        error = outcome["error"]
        assert (error["kind"], error["field"], error["row"]) == ("validation", "asked_at", row)
        assert "in the order of time" in error["message"]
    assert "ok" in afterwards


def test_windows_go_on_where_they_were_saved(new_page: NewPage, options: Record, live: Live, events: list[Event]) -> None:
    record = {**GOOD, "asked_at": utc_text(events[-1][1]["known_time_min"]), "date": DAY}
    live.observe(events)
    observed, state = ok(probe(new_page(), "calls", "eta", options, [["observe", events], ["saveWindows"]]))
    assert observed["accepted"]["departures"] > 0
    assert bytes(state["bytes"]) == live.save()

    _, answer = ok(probe(new_page(), "calls", "eta", options, [["restoreWindows", state], ["predict", record]]))

    assert_answers([answer], live.fill([record]))


def test_a_state_that_is_not_theirs_is_refused_and_changes_nothing(page: Page, options: Record, live: Live, events: list[Event]) -> None:
    record = {**GOOD, "asked_at": utc_text(events[99][1]["known_time_min"]), "date": DAY}
    live.observe(events[:100])
    head, body = live.save().split(b"\n", 1)
    other = json.dumps({**json.loads(head), "windows": "0" * 64}).encode() + b"\n" + body
    states = [live.save()[:-1], other, b"", b"no state", b'{"format": 9}\n{}']
    calls = [["observe", events[:100]], *(["restoreWindows", {"bytes": list(state)}] for state in states), ["predict", record]]

    _, *refused, answer = probe(page, "calls", "eta", options, calls)

    assert [outcome["error"]["kind"] for outcome in refused] == ["artefact"] * len(states)
    assert_answers(ok([answer]), live.fill([record]))


def test_restarted_windows_have_seen_nothing(page: Page, options: Record, live: Live, events: list[Event]) -> None:
    record = {**GOOD, "asked_at": utc_text(events[-1][1]["known_time_min"]), "date": DAY}

    _, _, answer = ok(probe(page, "calls", "eta", options, [["observe", events], ["restartWindows"], ["predict", record]]))

    assert_answers([answer], live.fill([record]))


def test_the_graph_needs_python_from_the_first_event_on(page: Page) -> None:
    watch = watch_of(page)
    ok(probe(page, "calls", "eta", {"engine": "graph"}, [["predict", GOOD], ["restartWindows"]]))
    assert not [url for url in watch.requests if "pyodide" in url]

    ok(probe(page, "calls", "eta", {"engine": "graph"}, [["observe", []]]))
    assert [url for url in watch.requests if "pyodide" in url]


def test_an_abort_and_a_close_let_go_of_what_is_followed(page: Page, options: Record, flights: list[Record], events: list[Event]) -> None:
    told = probe(page, "stopFollowing", "eta", options, events, flights)

    assert told["stopped"]["error"]["kind"] == "cancelled"
    assert len(told["afterwards"]["ok"]["answers"]) == len(flights)
    assert [told[name]["error"]["kind"] for name in ("pending", "closed")] == ["closed", "closed"]


def test_forecasts_are_found_by_key_day_and_time(page: Page, dist: Path, release: dict[str, Any], samples: Path) -> None:
    day = json.loads((samples / f"{DAY}.json").read_text())
    key = {"flight": day["flight"][0], "origin": day["columns"]["origin"][0]}
    folder = dist / release["pipelines"]["eta"]["forecasts"]
    (entry,) = [entry for entry in json.loads((folder / "index.json").read_text())["tables"] if entry["day"] == DAY]
    table = Table.from_bytes((folder / entry["file"]).read_bytes())
    calls = [
        ["stored", key, {"day": DAY}],
        ["stored", key, {"day": DAY, "at": utc_text(table.as_of_min - 1)}],
        ["stored", {**key, "flight": "XX0"}, {"day": DAY}],
        ["stored", key, {"day": "2012-01-01"}],
    ]

    found, *others = ok(probe(page, "calls", "eta", {}, calls))

    assert found == {"outputs": table.lookup(key), "as_of_min": table.as_of_min, "release": release["id"]}
    assert others == [None, None, None]
