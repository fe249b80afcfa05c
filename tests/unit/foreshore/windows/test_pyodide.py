"""Windows in the browser's Python: the same answers, to the last bit, from both executions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.benchmarks.pyodide import call_in_pyodide
from tests.unit.foreshore.windows.executions import answers_of_both
from tests.unit.foreshore.windows.logs import every_window, long_log


def test_both_executions_answer_in_pyodide_as_in_cpython(dist: Path, release: dict[str, Any]) -> None:
    cases = json.dumps([[every_window().to_json(), long_log(seed, 1000)] for seed in range(3)])
    pyodide = dist / release["entry"]["pyodide_folder"]
    there = call_in_pyodide(pyodide, "tests.unit.foreshore.windows.executions", "answers_of_both", cases)
    here = answers_of_both(cases)
    assert len(json.loads(here)[0][0]) > 200
    assert there.strip() == here
