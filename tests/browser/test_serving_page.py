"""The page at /api/, where a person tries what programs ask."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import NewPage, watch_of
from tests.browser.presentable import check_presentable


def open_page(page: Page) -> None:
    page.goto("/api/")
    expect(page.locator("#form")).to_be_visible()


def predict(page: Page, records: str | None = None) -> None:
    if records is not None:
        page.get_by_label("A record, or a list of records").fill(records)
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#result")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible_and_fits_every_width(new_page: NewPage, screenshots: Path, scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    open_page(page)
    page.get_by_text("Fields", exact=True).click()
    predict(page)
    check_presentable(page, screenshots / "api", scheme)


def test_the_example_is_answered_and_the_command_shown_gets_the_same(page: Page) -> None:
    open_page(page)
    page.get_by_label("Pipeline").select_option("eta")
    page.get_by_label("Variant").select_option("int8")
    predict(page)
    expect(page.locator("#status")).to_have_text("Answer")
    shown = json.loads(page.locator("#answer").inner_text())
    command = page.locator("#curl").inner_text()
    said = json.loads(subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout)
    assert (said["answer"], said["variant"]) == (shown["answer"], "int8")
    assert watch_of(page).complaints() == []


def test_problems_are_listed_in_the_words_of_the_contract(page: Page) -> None:
    watch_of(page).forgive("422")
    open_page(page)
    predict(page, '{"carrier": "XX"}')
    expect(page.locator("#status")).to_contain_text("Refused (422)")
    problems = page.locator("#problems li").all_inner_texts()
    assert 'carrier: got "XX", expected one of 9E, AA, AS, B6, DL, EV, F9, FL, … (16 in all) (row 0)' in problems
    assert "date: got nothing, expected a date as YYYY-MM-DD from 2013-01-01 to 2013-12-31 (row 0)" in problems
