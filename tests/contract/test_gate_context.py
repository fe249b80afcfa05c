"""The gate over windows, tables and segments: what is broken in one execution alone makes the build refuse, and say where."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from foreshore.windows import Stream
from models.lowering import graphs_stage
from models.tables import write_tables
from models.verification import gate
from models.verification.comparisons import VerificationError
from models.verification.context import refer
from models.verification.gate import verify
from models.verification.logs import draw_log
from packing.stage import Made, Stages
from tests.contract.conftest import Start
from tests.contract.spoiling import pyodide_with, replaced, web_with
from tests.harbour.checkout import NAME, importable, write_checkout
from tests.harbour.pipeline import DAY_MIN, FIRST_MIN, PIPELINE, VIEW
from tests.root import ROOT


@pytest.fixture(autouse=True)
def _few_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "RANDOM_RECORDS", 50)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("checkout")
    write_checkout(root)
    with importable(root):
        yield root


@pytest.fixture(scope="module")
def graphs(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return graphs_stage(Stages(checkout, tmp_path_factory.mktemp("cache")), NAME)


@pytest.fixture(scope="module")
def harbour_pyodide(checkout: Path, dist: Path, release: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pyodide_with(tmp_path_factory.mktemp("site"), dist / str(release["entry"]["pyodide_folder"]), checkout, NAME)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of some days, from a log that was drawn."""
    folder = tmp_path_factory.mktemp("history")
    days = [FIRST_MIN + day * DAY_MIN + VIEW.refresh_offset_min for day in range(1, 4)]
    tables = refer(PIPELINE, VIEW, draw_log(PIPELINE, seed=5)).tables
    write_tables(folder, [table for table in tables if table.as_of_min in days])
    return folder


def test_executions_of_a_view_agree(checkout: Path, graphs: Made, start: Start, harbour_pyodide: Path, history: Path) -> None:
    report = verify(checkout, NAME, graphs, start(ROOT / "web", harbour_pyodide), history)
    compared = {(each["execution"], each["what"]): each for each in report["comparisons"]}
    for execution in ("stream and tables in Python", "stream in Pyodide, saved and restored"):
        assert {what for each, what in compared if each == execution} == {"context", "events taken or dropped"}
    assert ("tables in JavaScript", "historical features") in compared
    assert ("released tables in JavaScript", "historical features") in compared
    assert all(each["deviation"] == 0 for each in compared.values() if each["tolerance"] == 0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"ships_60", "ships", "count", 60', '"ships_60", "ships", "count", 61', r"\(context\), ships_60: got .* record \{\"quay\""),
        ('"wait_60", "ships", "mean"', '"wait_60", "ships", "max"', r"\(context\), wait_60: got"),
        ("half_life_min=30", "half_life_min=31", r"\(context\), wait_decay_180: got"),
        ('Key("ship", "ship")', 'Key("hour", "ship")', r"\(context\), ship_last_720: got"),
        ("lateness_min=30", "lateness_min=31", r"\(events taken or dropped\), outcome: got -1.0, expected 5.0 .* record \[\"ships\""),
    ],
)
def test_window_changed_in_pyodide_alone_is_refused(
    tmp_path: Path, checkout: Path, graphs: Made, start: Start, pyodide_folder: Path, history: Path, old: str, new: str, message: str
) -> None:  # fmt: skip
    changed = shutil.copytree(checkout, tmp_path / "checkout", symlinks=True)
    replaced(changed / "models" / NAME / "pipeline.py", old, new)
    pyodide = pyodide_with(tmp_path, pyodide_folder, changed, NAME)
    with pytest.raises(VerificationError, match=rf"pipeline harbour, stream in Pyodide, saved and restored {message}"):
        verify(checkout, NAME, graphs, start(ROOT / "web", pyodide), history)


def test_stream_that_answers_otherwise_in_python_alone_is_refused(
    monkeypatch: pytest.MonkeyPatch, checkout: Path, graphs: Made, start: Start, harbour_pyodide: Path, history: Path
) -> None:  # fmt: skip
    honest = Stream.query

    def broken(self: Stream, record: Mapping[str, Any], time_min: int) -> dict[str, float]:
        answer = honest(self, record, time_min)
        return {**answer, "deepest_120": answer["deepest_120"] * (1 + 2**-20)}

    monkeypatch.setattr(Stream, "query", broken)
    with pytest.raises(VerificationError, match=r"stream and tables in Python \(context\), deepest_120: got .* allowed 0;"):
        verify(checkout, NAME, graphs, start(ROOT / "web", harbour_pyodide), history)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "shared/table.js",
            "place * rows + row",
            "place * rows",
            r"tables in JavaScript \(historical features\), (quay_wait|hour_ships)_2880",
        ),
        ("shared/history.js", "text.slice(0, 2)", "text.slice(1, 3)", r"tables in JavaScript \(historical features\), hour_ships_2880"),
        ("shared/archive.js", "as_of_min <= time_min", "as_of_min < time_min", r"released tables in JavaScript \(historical features\), "),
        ("shared/segments.js", "routes[code] ?? 0", "0", r"joined graph, ONNX Runtime Web \(fp32\), wait_min"),
        (
            "shared/segments.js",
            "values.indexOf(value) + 1",
            "Math.min(code, values.length)",
            r"Pyodide, model in ONNX Runtime Web \(fp32\), wait_min",
        ),
    ],
)
def test_lookup_or_route_changed_in_javascript_alone_is_refused(
    tmp_path: Path, checkout: Path, graphs: Made, start: Start, harbour_pyodide: Path, history: Path, file: str, old: str, new: str,
    message: str,
) -> None:  # fmt: skip
    web = web_with(tmp_path, file, old, new)
    with pytest.raises(VerificationError, match=message):
        verify(checkout, NAME, graphs, start(web, harbour_pyodide), history)


def test_view_whose_tables_are_not_released_is_refused(checkout: Path, graphs: Made, start: Start, harbour_pyodide: Path) -> None:
    with pytest.raises(VerificationError, match=r"expected a models/harbour/history.py that writes them"):
        verify(checkout, NAME, graphs, start(ROOT / "web", harbour_pyodide))
