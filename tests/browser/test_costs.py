"""The section on what batch costs against online: measured here, by arithmetic that anybody can repeat from what it shows."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.fixtures import watch_of


def number(text: str) -> float:
    found = re.search(r"[\d,.]+", text)
    assert found, text
    return float(found[0].replace(",", ""))


def test_costs_follow_from_what_is_measured_and_typed(page: Page) -> None:
    page.goto("/batch/?pipeline=eta")
    costs = page.get_by_test_id("costs")
    expect(costs).to_be_visible()
    before = len(watch_of(page).requests)

    page.get_by_test_id("costs-measure").click()
    measured = page.get_by_test_id("costs-measured")
    expect(measured).to_be_visible()
    rows_per_s, answers_per_s = (
        float(rate.replace(",", "")) for rate in re.findall(r"([\d,.]+) \([\d,.]+ to [\d,.]+\)", measured.inner_text())
    )
    page.get_by_label("Users", exact=True).fill("36,000,000")
    page.get_by_label("Active on a day, in percent").fill("50")
    page.get_by_label("Predictions each asks for").fill("2")

    shown = {name: number(page.locator(f"[data-testid=costs-{name}] dd").inner_text()) for name in ("batch", "online", "even")}
    # Each figure shows two digits, those of what was measured three.
    assert abs(shown["batch"] / (36e6 * 2 / rows_per_s / 3600) - 1) < 0.06
    assert abs(shown["online"] / (36e6 * 0.5 * 2 / answers_per_s / 3600) - 1) < 0.06
    assert abs(shown["even"] / (100 * answers_per_s / rows_per_s) - 1) < 0.06
    cheaper = "Batch for everyone" if shown["batch"] < shown["online"] else "Online for the active"
    expect(page.get_by_test_id("costs-verdict")).to_contain_text(f"{cheaper} takes less")
    expect(page.get_by_test_id("costs-chart")).to_have_attribute("aria-label", re.compile("Processor-hours a day by the share"))
    assert not any("/api/" in url for url in watch_of(page).requests[before:])

    page.get_by_label("Users", exact=True).fill("many")
    expect(page.get_by_text("Got “many”, expected a whole number from 1 to 10,000,000,000.")).to_be_visible()
    expect(page.get_by_test_id("costs-chart")).to_have_count(0)


def test_a_server_that_was_measured_stands_beside_the_device(page: Page) -> None:
    page.goto("/batch/?pipeline=eta")
    expect(page.get_by_test_id("costs-recorded")).to_contain_text("cores")
    expect(page.get_by_label("A server’s, as recorded")).to_be_checked()
    expect(page.get_by_test_id("costs-chart")).to_be_visible()
    page.get_by_text("The same in figures").click()
    expect(page.get_by_role("rowheader", name="100%")).to_be_visible()
    page.get_by_label("This device’s", exact=True).check()
    expect(page.get_by_test_id("costs-verdict")).to_contain_text("Nothing was measured on this device yet")
