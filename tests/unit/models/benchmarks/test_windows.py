"""The windows' benchmark replays what it says, and tells its figures beside their targets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from foreshore.windows import EventField, EventType, Key, Window, WindowSet
from models.benchmarks.replay import replay
from models.benchmarks.report import figures, windows_table
from models.benchmarks.windows import AnswersDifferError, check_answers

RUNS = 3
LANDINGS = EventType(
    "landings",
    (
        EventField("id", "text"),
        EventField("event_time_min", "int32"),
        EventField("known_time_min", "int32"),
        EventField("quay", "text"),
    ),
)
QUAYS = WindowSet((LANDINGS,), (Window("landings_60", "landings", "count", 60, (Key("quay", "quay"),)),))


def log(times: list[int]) -> str:
    """A landing at each of these minutes, and a question after each."""
    entries: list[tuple[str, dict[str, Any]]] = []
    for minute in times:
        landed = {"id": str(minute), "event_time_min": minute, "known_time_min": minute, "quay": "north"}
        entries.append(("landings", landed))
        entries.append(("", {"quay": "north", "time_min": minute}))
    return json.dumps({"windows": QUAYS.to_json(), "log": entries})


@pytest.fixture
def results() -> dict[str, Any]:
    streamed = json.loads(replay(log([1, 2, 30]), RUNS))
    past = {"queries": 336_776, "features": 19, "events": {"departures": 10}, "seconds": [19.0, 4.5, 5.25]}
    return {"history": past, "cpython": streamed, "pyodide": streamed}


def test_a_replay_counts_its_log_and_measures_every_run() -> None:
    replayed = json.loads(replay(log([1, 2, 30]), RUNS))
    assert (replayed["events"], replayed["queries"]) == (3, 3)
    assert len(replayed["events_per_s"]) == len(replayed["events_per_s_with_queries"]) == RUNS
    for call in ("push_us", "query_us"):
        assert all(len(replayed[call][name]) == RUNS for name in ("p50", "p99", "max"))
        assert all(0 < p50 <= top for p50, top in zip(replayed[call]["p50"], replayed[call]["max"], strict=True))


def test_answers_are_told_apart_by_their_hash() -> None:
    hashes = [json.loads(replay(log(times), 1))["answers_sha256"] for times in ([1, 2, 30], [1, 2, 30], [1, 2, 90])]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_same_answers_pass_and_others_are_an_error(results: dict[str, Any]) -> None:
    check_answers(results)
    check_answers({"cpython": results["cpython"]})
    with pytest.raises(AnswersDifferError, match="expected the same everywhere"):
        check_answers(results | {"pyodide": results["pyodide"] | {"answers_sha256": "0"}})


def test_medians_stand_beside_their_range_and_target(results: dict[str, Any]) -> None:
    console = Console(width=160)
    with console.capture() as capture:
        console.print(windows_table(results))
    rows = {
        line.split("│")[1].strip(): [cell.strip() for cell in line.split("│")[2:-1]] for line in capture.get().splitlines() if "│" in line
    }
    assert rows["history: 19 features of 336,776 flights"] == ["5.25 s", "4.5 to 19", "under 20 s", "met"]
    assert {"CPython: 3 events", "Pyodide: 3 events", "Pyodide: one update, 99th percentile"} <= rows.keys()


@pytest.mark.parametrize(("seconds", "verdict"), [(19.9, "met"), (20.0, "MISSED")])
def test_a_missed_target_is_called_so(results: dict[str, Any], seconds: float, verdict: str) -> None:
    results["history"]["seconds"] = [seconds]
    assert next(figures(results)).verdict == verdict


@pytest.mark.parametrize(("speed", "verdict"), [(20_000.0, "met"), (19_999.0, "MISSED")])
def test_more_events_a_second_are_better(results: dict[str, Any], speed: float, verdict: str) -> None:
    results["cpython"]["events_per_s"] = [speed]
    assert next(figure for figure in figures(results) if figure.title == "CPython: 3 events").verdict == verdict
