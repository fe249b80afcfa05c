"""The Arrivals page, used as a visitor would."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.arrivals import PIPELINE, SELECTED, Flights, wait_for
from tests.browser.driver import until
from tests.browser.fixtures import NewPage
from tests.browser.keyboard import press_until

RECORD_PROGRESS = """
globalThis.fractions = [];
new MutationObserver(() => {
  const fraction = document.querySelector("[data-testid=progress]")?.dataset.fraction;
  if (fraction !== undefined) globalThis.fractions.push(Number(fraction));
}).observe(document, { subtree: true, childList: true, attributes: true });
"""

WRONG_TEXTS = [
    ("departure_delay_min", "5000", "1440"),
    ("departure_delay_min", "soon", "integer"),
    ("departure_delay_min", "1.5", "integer"),
    ("departure_delay_min", "NaN", "integer"),
    ("departure_delay_min", "x" * 1_000_000, "integer"),
    ("departure_delay_min", "9" * 1_000_000, "integer"),
    ("date", "2031-05-05", "2013-12-31"),
    ("date", "", "missing"),
    ("scheduled_departure", "", "missing"),
]
"""A field, what is typed there, and part of the explanation that it must get."""


@pytest.fixture
def flights(dist: Path, release: dict[str, Any]) -> Flights:
    return Flights(dist, release)


def open_arrivals(page: Page) -> None:
    """Open the page, wait for its first prediction and for the day's news."""
    page.goto("/arrivals/")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.get_by_test_id("news")).to_have_text("with the day’s news")


def chosen(page: Page, flights: Flights) -> dict[str, Any]:
    """The record of the selected flight before its departure, as the form shows it: without the aircraft, a key to the day's news."""
    return {**flights.record(page.evaluate(SELECTED)), "tail": None}


def test_a_real_flight_gets_the_hosts_prediction(page: Page, flights: Flights, release: dict[str, Any]) -> None:
    open_arrivals(page)

    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))
    badge = page.get_by_test_id("badge")
    expect(badge).to_contain_text("One graph")
    expect(badge).to_contain_text(release["pipelines"]["eta"]["default_variant"])
    expect(page.get_by_test_id("outcome")).not_to_be_empty()


def test_every_flight_of_the_board_gets_its_own_prediction(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    shown = page.get_by_test_id("flights").locator("input[name=flight]")
    expect(page.locator(".flight-predicted:empty")).to_have_count(0)

    for position in (1, 40):
        shown.nth(position).check()
        wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))


def test_after_departure_the_news_until_then_and_the_delay_are_known(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    page.get_by_test_id("flights").locator("input[name=flight]").nth(50).check()
    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))

    page.get_by_label("After departure").check()

    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED), "after"))


def test_what_was_known_is_told_in_words(page: Page) -> None:
    open_arrivals(page)
    page.get_by_label("To", exact=True).select_option("HNL")

    known = page.get_by_test_id("known")
    expect(known).to_contain_text(re.compile(r"Departures from \w{3} ran [\w ]+ in the last hour \([\d,]+ flights?\)"))
    expect(known.locator("dd")).to_have_count(len(PIPELINE.contract.context))

    page.get_by_label("Your own").check()
    expect(known).to_contain_text("without the day’s news")
    expect(known.locator("dd")).to_have_count(0)


def test_until_the_news_are_read_a_prediction_stands_without_them(page: Page, flights: Flights) -> None:
    held: list[Route] = []
    page.route("**/events/*.json", lambda route: held.append(route))
    page.goto("/arrivals/")
    known = page.get_by_test_id("known")
    expect(known).to_contain_text("Not yet")

    wait_for(page, flights, flights.without_news(flights.record(page.evaluate(SELECTED))))
    assert len(held) == 2
    for route in held:
        route.continue_()

    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))
    expect(known).to_contain_text("Departures from")


def test_a_known_departure_delay_changes_the_prediction(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    record = chosen(page, flights)

    page.get_by_label("Your own").check()
    wait_for(page, flights, flights.without_news(record))
    page.get_by_label(re.compile("Departure delay")).fill("120")
    page.get_by_test_id("submit").click()

    wait_for(page, flights, flights.without_news({**record, "departure_delay_min": 120}))


def test_another_day_shows_its_own_flights(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    days = page.get_by_test_id("day").locator("option")

    page.get_by_test_id("day").select_option(days.nth(40).get_attribute("value"))

    day = str(days.nth(40).get_attribute("value"))
    until(lambda: page.evaluate(SELECTED).startswith(day), f"a flight of {day} to be selected")
    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))


def test_days_passed_over_in_haste_leave_nothing_behind(page: Page, flights: Flights) -> None:
    open_arrivals(page)

    for _ in range(4):
        page.get_by_label("Next day").click()

    until(lambda: page.evaluate(SELECTED).startswith("2013-10-05"), "a flight of the fifth day to be selected")
    expect(page.get_by_test_id("news")).to_have_text("with the day’s news")
    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))


def test_wrong_values_are_explained_at_their_fields(page: Page) -> None:
    open_arrivals(page)
    page.get_by_label("Your own").check()

    for field, text, expected in WRONG_TEXTS:
        control = page.locator(f"#field-{field}")
        right = control.input_value()
        control.fill(text)
        page.get_by_test_id("submit").click()
        expect(control).to_have_attribute("aria-invalid", "true")
        expect(control).to_have_accessible_description(re.compile(expected))
        expect(page.locator(f"[data-field={field}] .problem")).to_be_visible()
        expect(page.locator("[aria-invalid=true]")).to_have_count(1)
        expect(page.get_by_test_id("prediction")).to_have_count(0)
        control.fill(right)


def test_a_mended_value_is_predicted(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    record = chosen(page, flights)
    page.get_by_label("Your own").check()
    delay = page.locator("#field-departure_delay_min")
    delay.fill("soon")
    page.get_by_test_id("submit").click()
    expect(delay).to_have_attribute("aria-invalid", "true")

    delay.fill("-7")
    page.get_by_test_id("submit").click()

    wait_for(page, flights, flights.without_news({**record, "departure_delay_min": -7}))
    expect(delay).not_to_have_attribute("aria-invalid", "true")


def test_progress_never_falls(page: Page) -> None:
    page.add_init_script(RECORD_PROGRESS)

    open_arrivals(page)

    fractions = page.evaluate("fractions")
    assert len(set(fractions)) > 3
    assert fractions == sorted(fractions)
    expect(page.get_by_test_id("progress")).to_have_count(0)


def test_loading_can_be_cancelled_and_started_again(page: Page) -> None:
    page.goto("/arrivals/")
    page.get_by_test_id("cancel").click()
    expect(page.get_by_test_id("failure")).to_be_visible()
    expect(page.get_by_test_id("prediction")).to_have_count(0)

    page.get_by_test_id("retry").click()

    expect(page.get_by_test_id("prediction")).to_be_visible()


def test_another_variant_can_be_chosen(page: Page, release: dict[str, Any]) -> None:
    entry = release["pipelines"]["eta"]
    other = next(variant["name"] for variant in entry["variants"] if variant["name"] != entry["default_variant"])
    open_arrivals(page)

    page.get_by_test_id("variants").locator(f"input[value={other}]").check()

    expect(page.get_by_test_id("badge")).to_contain_text(other)


def test_another_engine_can_be_chosen_and_answers_alike(page: Page) -> None:
    open_arrivals(page)
    before = page.get_by_test_id("prediction").inner_text()

    page.get_by_test_id("engines").locator("input[value=python]").check()

    expect(page.get_by_test_id("badge")).to_contain_text("Python, in this page")
    expect(page.get_by_test_id("news")).to_have_text("with the day’s news")
    assert page.get_by_test_id("prediction").inner_text() == before


def test_keyboard_alone_leads_to_a_prediction(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    first = page.evaluate(SELECTED)

    press_until(page, "Tab", "document.activeElement.name === 'flight'")
    page.keyboard.press("ArrowDown")

    until(lambda: page.evaluate(SELECTED) != first, "another flight to be selected")
    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))


def test_keyboard_alone_fills_in_the_form(page: Page, flights: Flights) -> None:
    open_arrivals(page)
    record = chosen(page, flights)
    press_until(page, "Tab", "document.activeElement.name === 'mode'")
    page.keyboard.press("ArrowRight")
    press_until(page, "Tab", "document.activeElement.id === 'field-departure_delay_min'")

    page.keyboard.type("45")
    page.keyboard.press("Enter")

    wait_for(page, flights, flights.without_news({**record, "departure_delay_min": 45}))


def test_a_skip_link_comes_first(page: Page) -> None:
    open_arrivals(page)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("#main$"))


def test_without_isolation_the_page_says_so_and_predicts(new_page: NewPage, plain_site: str, flights: Flights) -> None:
    page = new_page(origin=plain_site)

    open_arrivals(page)

    expect(page.get_by_test_id("threads-note")).to_contain_text("isolation")
    wait_for(page, flights, flights.with_news(page.evaluate(SELECTED)))
    expect(page.get_by_test_id("badge")).to_contain_text(re.compile(r"Threads\s*1\D"))


def test_without_webassembly_the_page_says_so(new_page: NewPage, launch_chromium: Callable[..., Browser]) -> None:
    browser = launch_chromium("--js-flags=--jitless")
    try:
        page = new_page(browser=browser)
        page.goto("/arrivals/")
        assert page.evaluate("typeof WebAssembly") == "undefined"
        expect(page.get_by_role("main")).to_contain_text("WebAssembly")
        expect(page.locator("body")).to_have_attribute("data-state", "error")
    finally:
        browser.close()


def test_without_javascript_the_page_says_so(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)

    page.goto("/arrivals/")

    # As rendered: Playwright's own reading of the text skips <noscript>.
    expect(page.get_by_role("main")).to_contain_text("JavaScript is switched off", use_inner_text=True)
