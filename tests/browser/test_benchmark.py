"""The benchmark page, run once in its quick form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import wait_for_workers_to_end
from tests.browser.presentable import check_presentable
from tests.golden import golden_cases

pytestmark = pytest.mark.as_visitors

BATCHES = {"eta": (1, 32, 1024), "see": (1, 8)}
"""Records a call, by pipeline."""


@pytest.mark.slow
def test_quick_benchmark_shows_tables_charts_and_a_report(page: Page, release: dict[str, Any], screenshots: Path) -> None:
    page.goto("/bench/")
    page.get_by_label("Quick").check()
    page.get_by_test_id("run").click()

    expect(page.locator("body")).to_have_attribute("data-state", "done", timeout=900_000)
    for pipeline, batches in BATCHES.items():
        for table in (*(f"steady-{batch}" for batch in batches), "startup", "agreement"):
            assert page.get_by_test_id(f"{pipeline}-{table}").locator("tbody tr").count() >= 3, table
        expect(page.get_by_test_id(f"{pipeline}-p50")).to_have_text(re.compile(r"^\d[\d.]* (µs|ms|s)$"))
    expect(page.get_by_test_id("eta-windows").locator("tbody tr")).to_have_count(2)
    expect(page.locator("figure.chart").first).to_be_visible()
    check_report(downloaded_report(page), release)
    for scheme in ("light", "dark"):
        check_presentable(page, screenshots / "benchmark-results", scheme)


def downloaded_report(page: Page) -> dict[str, Any]:
    """What the page's download link gives."""
    with page.expect_download() as download:
        page.get_by_test_id("download").click()
    assert download.value.suggested_filename.endswith(".json")
    return dict(json.loads(download.value.path().read_text(encoding="utf-8")))


def check_report(report: dict[str, Any], release: dict[str, Any]) -> None:
    """The report holds what it claims: who was measured, on which release, and that all agreed first."""
    assert report["release"] == release["id"]
    assert report["environment"]["isolated"] is True
    pipelines = {each["pipeline"]: each for each in report["pipelines"]}
    assert list(pipelines) == list(BATCHES)
    for name, pipeline in pipelines.items():
        check_pipeline(name, pipeline)
    windows = pipelines["eta"]["windows"]
    assert windows["events_per_s"]["minimum"] > 0
    assert 0 < windows["update"]["median"] <= windows["update"]["p99"]


def check_pipeline(name: str, report: dict[str, Any]) -> None:
    """Each was answered alike by all, and measured in each batch size."""
    dropped = {each["id"]: f"{each['status']}: {each['message']}" for each in report["contenders"] if each["status"] != "measured"}
    assert not dropped
    assert len(report["contenders"]) >= 4
    for contender in report["contenders"]:
        assert {steady["batch"] for steady in contender["steady"]} == set(BATCHES[name])
        assert all(0 < steady["total"]["median"] <= steady["total"]["p95"] for steady in contender["steady"])
    assert report["public_api"]["p50_ms"] > 0
    plain = next(contender for contender in report["contenders"] if contender["id"] == "javascript")
    assert [agreement["compared"] for agreement in plain["agreements"]] == [len(golden_cases(name)["records"])]


def test_nothing_is_run_before_something_is_chosen(page: Page) -> None:
    page.goto("/bench/")
    boxes = page.locator("input[name=pipeline]")
    expect(boxes).to_have_count(len(BATCHES))
    for box in boxes.all():
        expect(box).to_be_checked()
        box.uncheck()
    expect(page.get_by_test_id("run")).to_be_disabled()
    boxes.first.check()
    expect(page.get_by_test_id("run")).to_be_enabled()


def test_benchmark_can_be_cancelled_and_run_again(page: Page) -> None:
    page.goto("/bench/")
    page.get_by_test_id("run").click()

    page.get_by_test_id("cancel").click()

    expect(page.locator("body")).to_have_attribute("data-state", "cancelled")
    expect(page.get_by_test_id("run")).to_be_enabled()
    wait_for_workers_to_end(page)
