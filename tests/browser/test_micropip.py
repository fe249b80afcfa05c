"""A page adds a pure-Python wheel of its own origin at run time."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.fixtures import probe, watch_of
from tests.wheels import write_wheel


def test_a_page_can_add_a_wheel_of_its_own_origin(page: Page, site: str, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "visitor_extras", {"visitor_extras.py": "ANSWER = 42\n"})
    address = f"{site}/{wheel.name}"
    page.context.route(address, lambda route: route.fulfill(path=wheel, content_type="application/zip"))

    told = probe(page, "tryToOpen", "eta", {"wheels": [address]})

    assert told.get("error") is None
    assert address in watch_of(page).requests


def test_a_wheel_that_is_not_there_is_an_error(page: Page, site: str) -> None:
    watch_of(page).forgive("Failed to load resource")

    told = probe(page, "tryToOpen", "eta", {"wheels": [f"{site}/nothing-1.0-py3-none-any.whl"]})

    error = told["error"]
    assert (error["name"], error["kind"]) == ("ForeshoreError", "artefact")
    assert "nothing-1.0" in error["message"]
    assert "Traceback" not in error["message"]


def test_a_wheel_of_another_origin_is_refused(page: Page) -> None:
    told = probe(page, "tryToOpen", "eta", {"wheels": ["https://example.com/some-1.0-py3-none-any.whl"]})

    assert told["error"]["kind"] == "validation"
    assert watch_of(page).foreign_requests() == []
