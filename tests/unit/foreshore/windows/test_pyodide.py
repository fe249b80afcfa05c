"""Windows in the browser's Python: the same answers, to the last bit, from both executions."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from foreshore.windows import Key, Window, WindowSet
from models.benchmarks.pyodide import call_in_pyodide
from tests.unit.foreshore.windows.executions import Entry, answers_of_both
from tests.unit.foreshore.windows.logs import ALL, QUAYS, SHIPS, TIDES

KEYS = ((), (Key("quay", "quay"),), (Key("quay", "quay"), Key("pilot", "pilot")))
WINDOWS = WindowSet(
    (SHIPS, TIDES),
    tuple(
        Window(
            f"{aggregate}_{len(key)}_{horizon}",
            "ships",
            aggregate,
            horizon,
            key,
            None if aggregate in ("count", "rate") else value,
            half_life_min=horizon if aggregate == "decay" else None,
        )
        for aggregate in ALL
        for key in KEYS
        for horizon, value in ((5, "delay_min"), (30, "draught_m"))
    ),
)


def long_log(seed: int) -> list[Entry]:
    """A thousand events and queries, some events late, repeated or delayed; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    log: list[Entry] = []
    now = 50
    for number in range(1000):
        now += chance.choice([0, 0, 0, 1, 2])
        if chance.random() < 0.3:
            query: dict[str, Any] = {"quay": chance.choice(QUAYS), "other_quay": "north", "pilot": chance.choice([1, 2, None])}
            log.append(("", {**query, "time_min": now}))
            continue
        known = now - chance.choice([0, 0, 0, 3, 9])
        event: dict[str, Any] = {"id": str(number // 2), "known_time_min": known, "event_time_min": known - chance.choice([0, 0, 4])}
        event |= {"quay": chance.choice(QUAYS), "pilot": chance.choice([1, 2, None])}
        log.append(("ships", event | {"delay_min": chance.randint(-50, 500), "draught_m": chance.choice([None, chance.uniform(0, 30)])}))
    return log


def test_both_executions_answer_in_pyodide_as_in_cpython(dist: Path, release: dict[str, Any]) -> None:
    cases = json.dumps([[WINDOWS.to_json(), long_log(seed)] for seed in range(3)])
    pyodide = dist / release["entry"]["pyodide_folder"]
    there = call_in_pyodide(pyodide, "tests.unit.foreshore.windows.executions", "answers_of_both", cases)
    here = answers_of_both(cases)
    assert len(json.loads(here)[0][0]) > 200
    assert there.strip() == here
