"""The terminal shows what the report holds, holes included."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from packing.errors import BuildError
from web.bench.run import check_all_measured, pyodide_folder, run
from web.bench.table import duration, print_report


def summary(median: float) -> dict[str, Any]:
    return {
        "count": 200,
        "median": median,
        "p95": 2 * median,
        "p99": 2.5 * median,
        "lower_quartile": median / 2,
        "upper_quartile": 1.5 * median,
        "minimum": median / 4,
        "maximum": 3 * median,
    }


def contender(label: str) -> dict[str, Any]:
    phases = {name: summary(250.0) for name in ("download", "instantiate", "first_call", "warm_up")}
    state = {
        "total": summary(1.5),
        "calls_per_sample": 4,
        "phases": {"prepare": summary(0.012), "run": summary(1.1)},
        "messaging": summary(0.3),
        "ratio": summary(3.0),
        "records_per_s": 12345.6,
    }
    agreement = {
        "reference": "golden",
        "statistic": "largest",
        "tolerance": 1e-5,
        "compared": 787,
        "largest_difference": 4.3e-6,
        "typical_difference": 1e-7,
        "agrees": True,
    }
    return {
        "id": label.lower(),
        "label": label,
        "engine": "foreshore" if label == "Beta" else "javascript",
        "status": "measured",
        "message": "",
        "agreements": [agreement],
        "startup": {"files": 16, "transferred_bytes": 11_290_000, **phases},
        "steady": [{"batch": batch, **state} for batch in (1, 32, 1024)],
    }


@pytest.fixture
def report() -> dict[str, Any]:
    visit = {"median_s": 2.5, "minimum_s": 2.25, "maximum_s": 3.0, "samples_s": [2.25, 2.5, 3.0]}
    return {
        "release": "0123456789abcdef",
        "environment": {"user_agent": "Browser/1", "cores": 2, "isolated": True, "webgpu": ""},
        "public_api": {"id": "beta", "p50_ms": 1.25, "p95_ms": 2.5, "count": 800, "target_ms": 1},
        "cold_start": {
            "page": "/arrivals/",
            "target_s": 1.5,
            "target_engine": "graph",
            "first_visit": visit,
            "next_visit": visit,
            "engines": {"graph": visit, "python": visit},
        },
        "windows": {
            "events": 5401,
            "events_per_s": summary(14_000.0),
            "update": summary(0.25),
            "target_events_per_s": 8000,
            "target_update_ms": 1,
        },
        "windows_on_host": {"history": {"queries": 336_776, "features": 19, "seconds": [7.25]}},
        "contenders": [contender("Alpha"), contender("Beta")],
    }


def printed(report: dict[str, Any]) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        print_report(report, console)
    return capture.get()


def test_tables_hold_every_contender_and_figure(report: dict[str, Any]) -> None:
    text = printed(report)
    assert text.count("Alpha") == 5  # three batch sizes, start-up, agreement
    for figure in ("1.5 ms", "3 ms", "12 µs", "3.00x", "12,346", "11.29 MB", "250 ms", "4.3e-06", "787"):
        assert figure in text, figure


def test_targets_stand_beside_what_was_measured(report: dict[str, Any]) -> None:
    text = printed(report)
    assert "Beta: p50 1.5 ms, p95 3 ms (800 calls; what a page gets by default, target p50 under 1 ms)" in text
    assert "2.50 s (2.25 to 3.00) (3 browsers; target 1.5 s); next visit" in text
    assert "engine graph: 2.50 s (2.25 to 3.00) (3 browsers; target 1.5 s)" in text
    assert "engine python: 2.50 s (2.25 to 3.00) (3 browsers)" in text
    assert "5,401 events in one call: 14,000 events/s (3,500 to 42,000) (200 runs; target at least 8,000 events/s)" in text
    assert "one event a call: p50 250 µs, p99 625 µs (200 calls; target p99 under 1 ms)" in text
    assert "history: 19 features of 336,776 flights" in text


def test_a_report_without_windows_can_still_be_shown(report: dict[str, Any]) -> None:
    text = printed(report | {"windows": None, "windows_on_host": None})
    assert "events" not in text


def test_a_contender_that_was_not_measured_shows_why(report: dict[str, Any]) -> None:
    report["contenders"][1] |= {"status": "failed", "message": "the worker died", "startup": None, "steady": [], "agreements": []}
    assert "failed: the worker died" in printed(report)


def test_a_report_without_the_public_api_can_still_be_shown(report: dict[str, Any]) -> None:
    assert "by default" not in printed(report | {"public_api": None})


def test_a_hole_in_the_report_is_an_error_that_names_it(report: dict[str, Any]) -> None:
    check_all_measured(copy.deepcopy(report))
    report["contenders"][1] |= {"status": "disagrees", "message": "row 3: got 1, expected 2"}
    with pytest.raises(BuildError, match="Beta: row 3: got 1, expected 2"):
        check_all_measured(report)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0.0, "0 µs"), (0.0042, "4.2 µs"), (0.48, "480 µs"), (1.0, "1 ms"), (999.0, "999 ms"), (2345.0, "2.35 s"), (2_345_000.0, "2345 s")],
)
def test_durations_have_as_many_digits_as_matter(milliseconds: float, text: str) -> None:
    assert duration(milliseconds) == text


def test_another_browser_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="got 'netscape', expected 'chromium'"):
        run(tmp_path, tmp_path / "report.json", browser="netscape")


def test_windows_run_in_the_pyodide_of_the_current_release(tmp_path: Path) -> None:
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "stable.json").write_text(json.dumps({"manifest": "releases/new.json"}))
    (tmp_path / "releases").mkdir()
    for release in ("old", "new"):
        entry = {"pyodide_folder": f"assets/pyodide-{release}/"}
        (tmp_path / "releases" / f"{release}.json").write_text(json.dumps({"entry": entry}))
    assert pyodide_folder(tmp_path) == tmp_path / "assets" / "pyodide-new"
