"""A site whose files are damaged, missing or cut off on their way: the page says so, runs nothing wrong, and recovers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import NewPage, probe, watch_of
from tests.static_host import StaticHost, Trouble, static_host
from web.server.headers import security_headers
from web.server.testing import running_server

DAMAGED = "not the one that was published"
NOT_ARRIVED = "did not arrive"

MODEL = r"/eta-(fp32|int8)(\.graph)?-\w+\.onnx$"
PYTHON = r"/pyodide-\w+/pyodide\.asm\.wasm$"
WHEEL = r"/pyodide-\w+/foreshore_eta\S*\.whl$"
ORT = r"/ort-wasm-simd-threaded\S*\.wasm$"
MANIFEST = r"/release\.json$"
EVENTS = r"/events/\S*\.json$"


@pytest.fixture
def host(dist: Path) -> Iterator[StaticHost]:
    """The built site on a host that can be told to fail."""
    with static_host(dist, headers=security_headers()) as host:
        yield host


@pytest.fixture
def page(new_page: NewPage, host: StaticHost) -> Page:
    """A page on that host; the browser's own notes on failed requests are expected."""
    page = new_page(origin=host.url)
    watch_of(page).forgive("Failed to load resource|integrity")
    return page


def expect_failure(page: Page, text: str) -> None:
    """The page says what went wrong and shows no prediction."""
    expect(page.get_by_test_id("failure")).to_contain_text(text)
    expect(page.locator("body")).to_have_attribute("data-state", "error")
    expect(page.get_by_test_id("prediction")).to_have_count(0)


def expect_no_news(page: Page, text: str) -> None:
    """The page says why it has no news of the day, and predicts without."""
    expect(page.get_by_test_id("known").get_by_test_id("failure")).to_contain_text(text)
    expect(page.get_by_test_id("news")).to_have_text("without the day’s news")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
    expect(page.get_by_test_id("prediction")).to_be_visible()


def expect_news(page: Page) -> None:
    """Once all is well again, "Try again" leads to a prediction that knows the day."""
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("news")).to_have_text("with the day’s news")
    expect(page.get_by_test_id("failure")).to_have_count(0)


def expect_recovery(page: Page) -> None:
    """Once all is well again, "Try again" in every panel that failed leads to a prediction."""
    page.get_by_test_id("retry").evaluate_all("buttons => buttons.forEach((button) => button.click())")
    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.get_by_test_id("failure")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        (MODEL, "tamper"),
        (MODEL, "shorten"),
        (MODEL, "missing"),
        (ORT, "shorten"),
        (MANIFEST, "tamper"),
    ],
)
def test_a_damaged_file_is_not_run(page: Page, host: StaticHost, path: str, trouble: Trouble) -> None:
    host.troubles[path] = trouble

    page.goto("/arrivals/")

    expect_failure(page, DAMAGED)
    host.troubles.clear()
    expect_recovery(page)


@pytest.mark.parametrize(
    ("path", "trouble", "text"),
    [
        (PYTHON, "tamper", DAMAGED),
        (PYTHON, "drop", NOT_ARRIVED),
        (WHEEL, "tamper", DAMAGED),
        (EVENTS, "unavailable", NOT_ARRIVED),
    ],
)
def test_what_only_the_news_need_leaves_the_prediction_standing(
    page: Page, host: StaticHost, path: str, trouble: Trouble, text: str
) -> None:
    host.troubles[path] = trouble

    page.goto("/arrivals/")

    expect_no_news(page, text)
    host.troubles.clear()
    expect_news(page)


@pytest.mark.parametrize(("path", "trouble"), [(MODEL, "drop"), (MODEL, "unavailable"), (MANIFEST, "unavailable")])
def test_a_file_that_does_not_arrive_is_told_and_asked_for_again(page: Page, host: StaticHost, path: str, trouble: Trouble) -> None:
    host.troubles[path] = trouble

    page.goto("/arrivals/")

    expect_failure(page, NOT_ARRIVED)
    host.troubles.clear()
    expect_recovery(page)


@pytest.mark.parametrize("trouble", ["drop", "unavailable", "tamper"])
def test_a_passing_fault_goes_unnoticed(page: Page, host: StaticHost, trouble: Trouble) -> None:
    host.troubles[MODEL] = trouble
    host.troubled_times = 1

    page.goto("/arrivals/")

    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.get_by_test_id("failure")).to_have_count(0)


def test_a_server_that_goes_down_while_loading_is_told(page: Page, host: StaticHost) -> None:
    host.goes_down_after = ORT

    page.goto("/arrivals/")

    expect_failure(page, NOT_ARRIVED)
    host.goes_down_after, host.down = None, False
    expect_recovery(page)


def test_an_offline_visitor_is_told_and_can_try_again(page: Page) -> None:
    page.goto("/arrivals/")
    page.get_by_test_id("cancel").click()
    expect(page.get_by_test_id("retry").first).to_be_visible()
    page.context.set_offline(True)
    page.get_by_test_id("retry").first.click()
    expect_failure(page, NOT_ARRIVED)

    page.context.set_offline(False)

    expect_recovery(page)


def test_the_public_module_names_kind_file_and_advice(page: Page, host: StaticHost) -> None:
    faults: list[tuple[Trouble, str]] = [("tamper", "artefact"), ("missing", "artefact"), ("drop", "network")]
    for trouble, kind in faults:
        host.troubles[MODEL] = trouble

        error = probe(page, "tryToOpen", "eta", {"engine": "python"})["error"]

        assert (error["name"], error["kind"]) == ("ForeshoreError", kind)
        assert ".onnx" in error["message"]


def test_a_tampered_model_on_our_own_server_is_not_run(new_page: NewPage, dist: Path, tmp_path: Path) -> None:
    copy = tmp_path / "dist"
    shutil.copytree(dist, copy, copy_function=os.link)
    for model in copy.glob("assets/eta-*.onnx*"):
        content = model.read_bytes()
        model.unlink()  # the copy shares its files with the site that other tests use
        if model.suffix == ".onnx":
            model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    with running_server(copy) as url:
        page = new_page(origin=url)
        page.goto("/arrivals/")
        expect_failure(page, DAMAGED)
