"""Windows across the boundary: the host module in the browser's Python, and what the same pipeline says here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foreshore.live import Event, Live
from models.benchmarks.pyodide import call_in_pyodide
from tests.unit.foreshore.harbour import VIEW, contract, harbour, record, ship

EVENTS: list[Event] = [("ships", ship(100)), ("ships", ship(90, id="b")), ("boats", {}), ("ships", ship(105, id="c", quay="south"))]
RECORDS = [record(100), record(103), record(110, quay="south", berth="south")]
LATER = [record(112), record(111)]


def answers(release: dict[str, Any], dist: Path, *calls: list[Any]) -> list[Any]:
    texts = (json.dumps(each) for each in (contract(VIEW).to_json(), VIEW.to_json(), calls))
    pyodide = dist / release["entry"]["pyodide_folder"]
    told: list[Any] = json.loads(call_in_pyodide(pyodide, "tests.unit.foreshore.hosting", "answers_in_pyodide", *texts))
    return told


def test_windows_answer_in_pyodide_as_here(dist: Path, release: dict[str, Any]) -> None:
    records, later = json.dumps(RECORDS), json.dumps(LATER)
    opened, blank, prepared, followed, busy, _, _, forgotten, _, restored, wrong, fed, broken = answers(
        release,
        dist,
        ["open_pipeline"],
        ["fill", records],
        ["prepare", records],
        ["follow", json.dumps(EVENTS), records, False],
        ["prepare", json.dumps(LATER[:1])],
        ["save_windows"],
        ["restart_windows"],
        ["fill", later],
        ["restore_windows"],
        ["fill", json.dumps(LATER[:1])],
        ["fill", later, 40],
        ["observe", json.dumps(EVENTS)],
        ["observe", "[["],
    )
    live = Live(harbour())
    assert json.loads(opened["ok"]) == contract(VIEW).to_json()
    assert json.loads(blank["ok"]) == live.fill(RECORDS)
    assert prepared["ok"] == {"tensors": {"x": {"data": [-1, -1, -1], "dims": [3, 1]}}, "segments": [0, 0, 1]}
    filled, intake = live.follow(EVENTS, RECORDS)
    assert json.loads(followed["ok"]) == {"records": filled, "intake": intake}
    assert [one["busy"] for one in filled] == [1, 1, 1]
    assert busy["ok"]["tensors"]["x"]["data"] == [1]
    assert json.loads(forgotten["ok"])[0]["busy"] is None
    assert json.loads(restored["ok"]) == live.fill(LATER[:1])
    assert (wrong["error"]["kind"], wrong["error"]["field"], wrong["error"]["row"]) == ("validation", "asked_at", 41)
    assert json.loads(fed["ok"]) == live.observe(EVENTS)
    assert broken["error"]["message"].endswith("expected a JSON list of events, [type, record] each (row 0)")
