"""The terminal shows what the report holds, holes included."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from packing.errors import BuildError
from web.bench.run import check_all_measured, chosen, current_release, run
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
    pipeline = {
        "pipeline": "eta",
        "title": "Flight arrivals",
        "noun": "flight",
        "plan": {"samples_per_turn": {"1": 20, "32": 10, "1024": 4}},
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
        "contenders": [contender("Alpha"), contender("Beta")],
    }
    return {
        "release": "0123456789abcdef",
        "environment": {"user_agent": "Browser/1", "cores": 2, "isolated": True, "webgpu": ""},
        "windows_on_host": {"history": {"queries": 336_776, "features": 19, "seconds": [7.25]}},
        "pipelines": [pipeline],
    }


def with_pipeline(report: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The report with another first pipeline."""
    return report | {"pipelines": [report["pipelines"][0] | changes]}


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
    text = printed(with_pipeline(report, windows=None) | {"windows_on_host": None})
    assert "events" not in text


def test_a_contender_that_was_not_measured_shows_why(report: dict[str, Any]) -> None:
    report["pipelines"][0]["contenders"][1] |= {
        "status": "failed",
        "message": "the worker died",
        "startup": None,
        "steady": [],
        "agreements": [],
    }
    assert "failed: the worker died" in printed(report)


def test_a_report_without_the_public_api_can_still_be_shown(report: dict[str, Any]) -> None:
    assert "by default" not in printed(with_pipeline(report, public_api=None))


def test_a_hole_in_the_report_is_an_error_that_names_it(report: dict[str, Any]) -> None:
    check_all_measured(copy.deepcopy(report))
    report["pipelines"][0]["contenders"][1] |= {"status": "disagrees", "message": "row 3: got 1, expected 2"}
    with pytest.raises(BuildError, match="eta, Beta: row 3: got 1, expected 2"):
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


def test_every_pipeline_has_tables_of_its_own_batches(report: dict[str, Any]) -> None:
    photos = report["pipelines"][0] | {
        "title": "Photos",
        "noun": "photo",
        "plan": {"samples_per_turn": {"1": 4}},
        "windows": None,
        "public_api": report["pipelines"][0]["public_api"] | {"target_ms": None},
    }
    photos["contenders"] = copy.deepcopy(photos["contenders"])
    photos["contenders"][0]["steady"][0]["records_per_s"] = 1.174
    text = printed(report | {"pipelines": [*report["pipelines"], photos]})
    assert "Flight arrivals" in text
    assert "1024 flights a call" in text
    assert text.count("1 photo a call") == 1
    assert "photos/s" in text
    assert "1.17 " in text
    assert "(800 calls; what a page gets by default)" in text


def test_a_pipeline_without_a_page_has_cold_starts_of_the_public_api_alone(report: dict[str, Any]) -> None:
    cold = report["pipelines"][0]["cold_start"] | {"page": None, "target_s": None, "first_visit": None, "next_visit": None}
    text = printed(with_pipeline(report, cold_start=cold))
    assert "engine graph: 2.50 s (2.25 to 3.00) (3 browsers)" in text
    assert "next visit" not in text


def test_the_release_measured_is_the_one_that_the_channel_points_to(tmp_path: Path) -> None:
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "stable.json").write_text(json.dumps({"manifest": "releases/new.json"}))
    (tmp_path / "releases").mkdir()
    for release in ("old", "new"):
        (tmp_path / "releases" / f"{release}.json").write_text(json.dumps({"id": release}))
    assert current_release(tmp_path) == {"id": "new"}


def test_pipelines_in_plain_javascript_are_measured_unless_others_are_asked_for() -> None:
    release = {"pipelines": {"eta": {"benchmark_weights": "a/"}, "mine": {}, "see": {"benchmark_weights": "b/"}}}
    assert chosen(release, []) == ["eta", "see"]
    assert chosen(release, ["see"]) == ["see"]
    with pytest.raises(BuildError, match="got 'mine', expected one of eta, see"):
        chosen(release, ["mine"])
