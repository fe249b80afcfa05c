"""The smaller set that Firefox and WebKitGTK pass as well."""

from __future__ import annotations

import base64
import functools
import json
import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright
from selenium.common.exceptions import WebDriverException

from packing.browsers import Browsers
from tests.browser.arrivals import Flights, predict_two_flights
from tests.browser.driver import Driver, until
from tests.browser.firefox import Firefox
from tests.browser.managed import Managed
from tests.browser.photos import PIPELINE as SEE
from tests.browser.photos import TITLES, cat, encoded, host_classes, hostile_files
from tests.browser.webkit import BrowserLostError, WebKit
from tests.golden import deviation, golden_cases

pytestmark = pytest.mark.slow

PREDICT = """
import(%s).then(async ({ open }) => {
  const predictor = await open("eta", { engine: %s, variant: "fp32" });
  const answers = [];
  for (const record of %s) answers.push((await predictor.predict(record)).arrival_delay_min);
  const { threads } = predictor;
  await predictor.close();
  return { answers, threads };
})
"""

DROP = """
(() => {
  const bytes = Uint8Array.from(atob("%s"), (each) => each.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "%s"));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
})()
"""
SEEN = """
document.querySelector("#result-title")?.textContent === "%s"
  ? [...document.querySelectorAll("[data-testid=ranking] li")].map(({ dataset }) => [Number(dataset.index), Number(dataset.score)])
  : []
"""
REFUSED = "document.querySelector('[data-testid=refusal]')?.textContent ?? ''"


def open_driver(engine: str, browsers: Browsers, playwright: Playwright) -> Driver:
    """A browser of that engine; a test is skipped where there is none."""
    name, _, variation = engine.partition(" ")
    if name == "firefox" and browsers.firefox:
        return Firefox(browsers.firefox)
    if name == "webkit" and browsers.has_webkitgtk:
        return WebKit(browsers, shared_memory=variation != "without shared memory")
    if name in browsers.managed and not variation:
        return Managed(getattr(playwright, name))
    return pytest.skip(f"no {engine} on this machine; python3 build.py test says why it could not be installed")


def again_if_the_browser_ends[**P](test: Callable[P, None]) -> Callable[P, None]:
    """Run the test once more, in a new browser, if MiniBrowser itself ended, which was seen once and not explained.

    A page that crashed leaves MiniBrowser running, and fails the test.
    """

    @functools.wraps(test)
    def run(*arguments: P.args, **named: P.kwargs) -> None:
        try:
            test(*arguments, **named)
        except BrowserLostError as lost:
            logging.getLogger(__name__).warning("%s", lost)
            driver = named["driver"]
            assert isinstance(driver, WebKit)
            driver.restart()
            test(*arguments, **named)

    return run


@pytest.fixture(params=["firefox", "webkit", "webkit without shared memory"])
def driver(request: pytest.FixtureRequest, browsers: Browsers, playwright: Playwright) -> Iterator[Driver]:
    driver = open_driver(request.param, browsers, playwright)
    yield driver
    driver.close()


@again_if_the_browser_ends
def test_arrivals_page_predicts_real_flights(driver: Driver, site: str, dist: Path, release: dict[str, Any], screenshots: Path) -> None:
    predict_two_flights(driver, site, Flights(dist, release))

    driver.screenshot(screenshots / f"arrivals-{type(driver).__name__.lower()}.png")
    assert driver.errors() == []


@again_if_the_browser_ends
def test_see_page_reads_a_photo_to_the_pixel_and_refuses_what_is_none(driver: Driver, site: str, release: dict[str, Any]) -> None:
    driver.goto(f"{site}/see/")
    until(lambda: driver.evaluate(SEEN % "A cat"), "the first sample to be answered")

    driver.evaluate(DROP % (base64.b64encode(encoded(cat(), "PNG")).decode(), "cat.png"))
    seen = until(lambda: driver.evaluate(SEEN % "cat.png"), "the photo to be answered")
    assert dict(seen) == pytest.approx(host_classes(release, cat()), abs=SEE.contract.tolerance)

    for kind, upload in hostile_files().items():
        driver.evaluate(DROP % (base64.b64encode(upload.content).decode(), upload.name))
        until(lambda title=TITLES[kind]: title in driver.evaluate(REFUSED), f"{kind} to be refused")  # type: ignore[misc]
    assert driver.errors() == []


@pytest.mark.parametrize("how", ["graph", "python"])
@again_if_the_browser_ends
def test_public_module_gives_the_hosts_answers(driver: Driver, site: str, how: str) -> None:
    golden = golden_cases("eta")
    driver.goto(f"{site}/")

    told = driver.evaluate(PREDICT % (json.dumps(f"{site}/foreshore.js"), json.dumps(how), json.dumps(golden["records"][:50])))

    expected = [output["arrival_delay_min"] for output in golden["outputs"][:50]]
    assert deviation(told["answers"], expected) <= 1e-5
    assert told["threads"] >= 1


@pytest.mark.parametrize("driver", ["webkit"], indirect=True)
@pytest.mark.parametrize(("program", "expected"), [("MiniBrowser", BrowserLostError), ("WebKitWebProcess", WebDriverException)])
def test_a_browser_that_ended_is_told_from_a_page_that_did(driver: Driver, site: str, program: str, expected: type[Exception]) -> None:
    assert isinstance(driver, WebKit)
    driver.goto(f"{site}/")
    for process in driver.processes(program):
        os.kill(process, signal.SIGKILL)
    with pytest.raises(expected):
        driver.evaluate("new Promise((resolve) => setTimeout(resolve, 60_000))")
    driver.restart()
    driver.goto(f"{site}/")
    assert driver.evaluate("document.title")
