"""The benchmark without a person: a headless browser runs the page, windows run on this machine, and all that is measured is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, sync_playwright
from rich.console import Console

from models.benchmarks.windows import Flights, check_answers, measure
from packing.errors import BuildError
from web.bench.chromium import fresh_chromium
from web.bench.coldstart import measure_cold_starts
from web.bench.table import print_report
from web.server.testing import running_server

PAGE = "/bench/"
LIMIT_S = 3600
POLL_MS = 500
FILE_WIDTH = 170
"""Columns where the tables go to a file or a log, which would be taken for 80."""
COLD_STARTS = {"quick": 3, "full": 7}
WINDOW_RUNS = {"quick": 3, "full": 7}
READ_STATE = "() => [document.body.dataset.state, document.querySelector('.progress')?.innerText ?? '']"
READ_FAILURE = "() => document.querySelector('[data-testid=failure]')?.textContent ?? ''"


def run(dist: Path, output: Path, browser: str = "chromium", quick: bool = False, pipelines: Sequence[str] = ()) -> None:
    """Measure a built site; print the tables and write the report as JSON.

    Parameters
    ----------
    dist : Path
        The built site.
    output : Path
        Where the JSON goes; its folder is made.
    browser : str
        "chromium", the only one so far.
    quick : bool
        Fewer repetitions.
    pipelines : sequence of str
        Those to measure; none for all that somebody has written by hand.

    Raises
    ------
    BuildError
        If there is no such browser or pipeline, the flights cannot be had, the page fails, a contender fails or gives other answers, or
        the windows answer otherwise in Pyodide.
    """
    if browser != "chromium":
        raise BuildError(f"browser: got {browser!r}, expected 'chromium'")
    console = Console() if sys.stdout.isatty() else Console(width=FILE_WIDTH)
    extent = "quick" if quick else "full"
    release = current_release(dist)
    names = chosen(release, pipelines)
    flights = Flights.read() if any(release["pipelines"][name].get("view") for name in names) else None
    with running_server(dist) as site, sync_playwright() as playwright, console.status("starting …") as status:
        cold_starts = {name: measure_cold_starts(playwright, site, release, name, COLD_STARTS[extent], status.update) for name in names}
        report = measure_page(playwright, site, extent, names, status.update)
    for each in report["pipelines"]:
        each["cold_start"] = cold_starts[each["pipeline"]]
    if flights is not None:
        with console.status("Windows …") as status:
            folder = dist / str(release["entry"]["pyodide_folder"])
            report["windows_on_host"] = measure(flights, WINDOW_RUNS[extent], folder, status.update)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print_report(report, console)
    console.print(f"written to {output}", highlight=False)
    check_all_measured(report)
    if flights is not None:
        check_answers(report["windows_on_host"])


def current_release(dist: Path) -> dict[str, Any]:
    """The manifest of a built site's release."""
    channel = json.loads((dist / "channels" / "stable.json").read_text(encoding="utf-8"))
    manifest: dict[str, Any] = json.loads((dist / channel["manifest"]).read_text(encoding="utf-8"))
    return manifest


def chosen(release: Mapping[str, Any], asked: Sequence[str]) -> list[str]:
    """The pipelines to measure, in the release's order: of those that somebody has written by hand the ones asked for, or all.

    Raises
    ------
    BuildError
        If one that is asked for is not among them.
    """
    known = [name for name, pipeline in release["pipelines"].items() if "benchmark_weights" in pipeline]
    if unknown := [name for name in asked if name not in known]:
        raise BuildError(f"pipeline: got {unknown[0]!r}, expected one of {', '.join(known)}, which web/bench/plain has in plain JavaScript")
    return [name for name in known if name in asked or not asked]


def measure_page(playwright: Playwright, site: str, extent: str, pipelines: Sequence[str], tell: Callable[[str], None]) -> dict[str, Any]:
    """The report that the benchmark page offers after a run of `extent` ("quick" or "full") over `pipelines`."""
    with fresh_chromium(playwright) as browser:
        page = browser.new_page()
        page.goto(site + PAGE)
        page.check(f"input[name=extent][value={extent}]")
        for box in page.locator("input[name=pipeline]").all():
            box.set_checked(box.get_attribute("value") in pipelines)
        page.click("[data-testid=run]")
        _wait_until_done(page, tell)
        with page.expect_download() as download:
            page.click("[data-testid=download]")
        report: dict[str, Any] = json.loads(download.value.path().read_text(encoding="utf-8"))
        return report


def _wait_until_done(page: Page, tell: Callable[[str], None]) -> None:
    for _ in range(LIMIT_S * 1000 // POLL_MS):
        state, progress = page.evaluate(READ_STATE)
        if state == "done":
            return
        if state != "running":
            detail = " ".join(page.evaluate(READ_FAILURE).split())
            raise BuildError(f"{PAGE} ended in state {state!r}: {detail or 'no error shown'}")
        tell(" ".join(progress.split()) or "running …")
        page.wait_for_timeout(POLL_MS)
    raise BuildError(f"{PAGE} was not done after {LIMIT_S} s; open it in a browser and look")


def check_all_measured(report: dict[str, Any]) -> None:
    """Fail where a contender could not be measured: a benchmark with a hole is no benchmark."""
    problems = [
        f"{pipeline['pipeline']}, {each['label']}: {each['message']}"
        for pipeline in report["pipelines"]
        for each in pipeline["contenders"]
        if each["status"] != "measured"
    ]
    if problems:
        raise BuildError("not measured: " + "; ".join(problems))
