"""What holds for every page: no errors, nobody else asked, accessible, presentable on a desktop and on a phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.arrivals import SELECTED
from tests.browser.driver import until
from tests.browser.fixtures import NewPage, watch_of
from tests.browser.presentable import check_presentable
from tests.static_host import static_host
from web.server.headers import security_headers

PAGES = {
    "landing": "/",
    "arrivals": "/arrivals/",
    "live": "/live/",
    "see": "/see/",
    "batch": "/batch/",
    "compression": "/compression/",
    "try": "/try/",
    "benchmark": "/bench/",
    "embed": "/embed/",
}


def open_page(page: Page, path: str) -> None:
    """Open a page and wait until it is as a visitor will find it."""
    page.goto(path)
    expect(page.locator("body")).not_to_have_attribute("data-state", "loading")
    if path == PAGES["arrivals"]:
        expect(page.get_by_test_id("news")).to_have_text("with the day’s news")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits_every_width(new_page: NewPage, screenshots: Path, name: str, scheme: str) -> None:
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    open_page(page, PAGES[name])

    check_presentable(page, screenshots / name, scheme)


@pytest.mark.parametrize("name", PAGES)
def test_page_works_under_its_security_policy_and_asks_nobody_else(page: Page, name: str) -> None:
    open_page(page, PAGES[name])

    assert page.evaluate("crossOriginIsolated") is True
    assert len(watch_of(page).requests) > 2
    assert watch_of(page).foreign_requests() == []
    assert watch_of(page).complaints() == []


def test_every_link_of_every_page_leads_somewhere(page: Page, site: str) -> None:
    found: dict[str, str] = {}
    for path in PAGES.values():
        page.goto(path)
        expect(page.locator("body")).not_to_have_attribute("data-state", "loading")
        hrefs = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        found |= {href.partition("#")[0]: path for href in hrefs if href.startswith(f"{site}/")}

    broken = {href: path for href, path in found.items() if page.request.get(href).status != 200}

    assert len(found) > 4
    assert broken == {}


def test_site_works_under_a_sub_path_of_a_static_host(new_page: NewPage, dist: Path) -> None:
    with static_host(dist, "/some/where", security_headers()) as host:
        page = new_page(origin=f"http://127.0.0.1:{host.port}")
        page.goto(f"{host.url}/")
        page.get_by_role("link", name="Arrivals").first.click()
        expect(page.get_by_test_id("prediction")).to_be_visible()
        for path in PAGES.values():
            open_page(page, host.url + path)
        assert [path for path in host.requests if not path.startswith("/some/where/") and path != "/favicon.ico"] == []


def test_landing_page_lists_the_pipelines_of_the_release(page: Page) -> None:
    page.goto("/")

    expect(page.locator("#pipelines")).to_contain_text("Flight arrivals")
    page.get_by_role("link", name="Predict a real flight").click()
    expect(page.get_by_test_id("prediction")).to_be_visible()


def test_page_shows_that_every_execution_agrees(page: Page, dist: Path, release: dict[str, Any]) -> None:
    report = json.loads((dist / release["pipelines"]["eta"]["verification"]).read_text(encoding="utf-8"))
    page.goto("/arrivals/")

    proof = page.get_by_test_id("proof")

    for execution in {each["execution"] for each in report["comparisons"]}:
        expect(proof).to_contain_text(execution[1:])
    expect(proof).to_contain_text(f"{report['records']['golden']} recorded cases")


def test_privacy_line_is_true(page: Page) -> None:
    open_page(page, PAGES["arrivals"])
    before = len(watch_of(page).requests)

    page.get_by_test_id("flights").locator("input[name=flight]").nth(3).check()
    until(lambda: page.locator("input[name=flight]").nth(3).is_checked(), "the flight to be chosen")
    page.get_by_label("Your own").check()
    page.locator("#field-departure_delay_min").fill("33")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("prediction")).to_be_visible()

    expect(page.get_by_text("never leaves this device").first).to_be_visible()
    assert watch_of(page).requests[before:] == []


def test_another_day_asks_for_its_samples_and_nothing_else(page: Page, site: str, release: dict[str, Any]) -> None:
    open_page(page, PAGES["arrivals"])
    before = len(watch_of(page).requests)
    days = [str(page.get_by_test_id("day").locator("option").nth(row).get_attribute("value")) for row in (2, 3)]

    page.get_by_test_id("day").select_option(days[1])
    until(lambda: page.evaluate(SELECTED).startswith(days[1]), f"a flight of {days[1]} to be selected")
    expect(page.get_by_test_id("news")).to_have_text("with the day’s news")

    eta = release["pipelines"]["eta"]
    asked = {url for url in watch_of(page).requests[before:] if not url.startswith(f"{site}/{eta['history']}")}
    assert asked == {f"{site}/{eta['samples']}{name}.json" for name in (days[1], *(f"events/{day}" for day in days))}
