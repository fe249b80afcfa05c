"""Who answers: the device first, the site's server only where the device can't and the visitor agreed; and the page says which it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from foreshore import load_pipeline
from tests.browser.driver import until
from tests.browser.fixtures import NewPage, probe, watch_of
from tests.browser.presentable import check_presentable
from tests.static_host import static_host
from tests.unit.server.prediction.asking import close
from web.server.headers import security_headers
from web.server.testing import RunningServer, server_process

CONTRACT = load_pipeline("eta").contract
GOOD = {field.name: field.example for field in CONTRACT.fields}
RECORDS = [GOOD, {**GOOD, "origin": "EWR", "destination": "ORD", "carrier": "UA"}]
WASM = "**/ort-wasm-*.wasm"
TABLES = "**/eta-history-*/*.bin"
AGREED = {"consent": True}
OPEN = 'options => import("/foreshore.js").then(async ({ open }) => { window.predictor = await open("eta", options); })'
PREDICT = "record => window.predictor.predict(record).then((answer) => ({ answer }), ({ kind, message }) => ({ kind, message }))"
OBSERVE = "departure => window.predictor.observe([['departures', departure]])"
DEPARTURE = {
    "id": "2013-10-05DL2003JFK",
    "carrier": "DL",
    "origin": "JFK",
    "destination": "ATL",
    "departure_hour": "08",
    "event_time_min": 23016250,
    "known_time_min": 23016250,
    "delay_min": 95,
}
"""A departure that was late, before the example's question."""
CRASH = "() => { setTimeout(() => { throw new Error('struck by lightning'); }); }"
TIMEOUT_S = 5.0
"""After which a silent server is given up (`LIMIT_MS` of web/app/runtime/cloud.js)."""


@pytest.fixture
def own_server(dist: Path) -> Iterator[RunningServer]:
    """A server that a test may stop."""
    with server_process(dist) as server:
        yield server


def break_device(page: Page) -> None:
    """From now on ONNX Runtime can't be had."""
    watch_of(page).forgive("Failed to load resource")
    page.context.route(WASM, lambda route: route.fulfill(status=404))


def asked_server(page: Page) -> list[str]:
    return [url for url in watch_of(page).requests if "/api/" in url]


@pytest.mark.parametrize("engine", ["auto", "graph", "python", "cloud"])
def test_where_the_device_cannot_the_server_gives_the_same_answers(new_page: NewPage, engine: str) -> None:
    able, unable = new_page(), new_page()
    break_device(unable)

    own = probe(able, "predictEach", "eta", {"engine": "graph"}, RECORDS)["answers"]
    told = probe(unable, "predictEach", "eta", {**AGREED, "engine": engine}, RECORDS)["answers"]

    for cloud, device in zip(told, own, strict=True):
        assert close(cloud["arrival_delay_min"], device["arrival_delay_min"], CONTRACT.tolerance)
        assert (cloud["engine"], cloud["provider"], cloud["release"]) == ("cloud", "cpu", device["release"])
        assert ("device_error" in cloud) == (engine != "cloud")
    assert asked_server(able) == []


def test_without_consent_the_device_that_cannot_is_an_error(page: Page) -> None:
    break_device(page)
    error = probe(page, "tryToOpen", "eta", {})["error"]
    assert error["kind"] == "artefact"
    assert asked_server(page) == []


def test_with_consent_the_device_that_can_is_the_only_one_asked(page: Page) -> None:
    (told,) = probe(page, "predictEach", "eta", AGREED, [GOOD])["answers"]
    assert told["engine"] == "graph"
    assert asked_server(page) == []


@pytest.mark.parametrize(("engine", "worker"), [("graph", "ort-worker"), ("python", "python-worker")])
def test_a_device_that_breaks_down_later_is_replaced_by_the_server(page: Page, engine: str, worker: str) -> None:
    watch_of(page).forgive("struck by lightning")
    page.goto("/")
    page.evaluate(OPEN, {**AGREED, "engine": engine})
    before = page.evaluate(PREDICT, GOOD)["answer"]

    crash(page, worker)

    after = answered_by(page, "cloud")
    assert before["engine"] == engine
    assert close(after["arrival_delay_min"], before["arrival_delay_min"], CONTRACT.tolerance)
    assert after["device_error"]["kind"] == "internal"


def crash(page: Page, worker: str) -> None:
    next(each for each in page.workers if worker in each.url).evaluate(CRASH)


def test_what_the_windows_know_outlives_the_model_and_goes_along_to_the_server(page: Page) -> None:
    watch_of(page).forgive("struck by lightning")
    page.goto("/")
    page.evaluate(OPEN, {**AGREED, "engine": "graph"})
    assert page.evaluate(OBSERVE, DEPARTURE)["accepted"]["departures"] == 1
    told = page.evaluate(PREDICT, GOOD)["answer"]

    crash(page, "ort-worker")

    after = answered_by(page, "cloud")
    assert close(after["arrival_delay_min"], told["arrival_delay_min"], CONTRACT.tolerance)
    (untold,) = probe(page, "predictEach", "eta", {"engine": "graph"}, [GOOD])["answers"]
    assert not close(untold["arrival_delay_min"], told["arrival_delay_min"], CONTRACT.tolerance)


def test_windows_that_are_lost_are_not_made_up_for_by_the_server(page: Page) -> None:
    watch_of(page).forgive("struck by lightning")
    page.goto("/")
    page.evaluate(OPEN, {**AGREED, "engine": "python"})
    assert page.evaluate(OBSERVE, DEPARTURE)["accepted"]["departures"] == 1

    crash(page, "python-worker")

    until(lambda: page.evaluate(PREDICT, GOOD).get("kind") == "internal", "the loss to be told")
    assert asked_server(page) == []


def answered_by(page: Page, engine: str) -> dict[str, Any]:
    """The first answer that this engine gave; others come first while a crash is on its way."""
    for _ in range(100):
        told = page.evaluate(PREDICT, GOOD)
        if told.get("answer", {}).get("engine") == engine:
            return dict(told["answer"])
    pytest.fail(f"no answer by {engine}; the last was {told}")


def test_tables_that_do_not_come_are_those_of_the_server(new_page: NewPage) -> None:
    able, unable = new_page(), new_page()
    watch_of(unable).forgive("Failed to load resource")
    unable.context.route(TABLES, lambda route: route.fulfill(status=404))

    own = probe(able, "predictEach", "eta", {}, [GOOD])["answers"][0]
    told = probe(unable, "predictEach", "eta", AGREED, [GOOD])["answers"][0]

    assert close(told["arrival_delay_min"], own["arrival_delay_min"], CONTRACT.tolerance)
    assert (own["engine"], told["engine"], told["device_error"]["kind"]) == ("graph", "cloud", "artefact")


def test_a_server_that_goes_in_the_middle_costs_one_timeout_at_most(new_page: NewPage, own_server: RunningServer) -> None:
    page = new_page(origin=own_server.url)
    watch_of(page).forgive("ERR_|Failed to load resource")
    page.goto("/")
    page.evaluate(OPEN, {"engine": "cloud", "consent": True})
    assert page.evaluate(PREDICT, GOOD)["answer"]["engine"] == "cloud"

    own_server.stop()

    for place in range(3):
        answer = page.evaluate(PREDICT, GOOD)["answer"]
        assert answer["engine"] == "graph"
        assert answer["latency_ms"] < 1000 * TIMEOUT_S + (2000 if place == 0 else -TIMEOUT_S * 500)


# ---- the page


def open_try(page: Page) -> None:
    page.goto("/try/?pipeline=eta")
    expect(page.locator("body")).not_to_have_attribute("data-state", "loading")


def test_the_switch_is_off_and_lets_the_server_answer_until_it_is_off_again(page: Page, screenshots: Path) -> None:
    break_device(page)
    open_try(page)
    switch = page.get_by_test_id("consent")
    expect(page.get_by_test_id("failure")).to_be_visible()
    expect(switch).not_to_be_checked()
    assert asked_server(page) == []

    switch.check()
    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.get_by_test_id("badge")).to_contain_text("This site’s server")
    expect(page.get_by_test_id("privacy")).to_contain_text("went to this site’s server")
    expect(page.get_by_test_id("device-error")).to_contain_text("This device could not answer")
    check_presentable(page, screenshots / "in-place", "light")

    switch.uncheck()
    expect(page.get_by_test_id("prediction")).to_have_count(0)
    expect(page.get_by_test_id("failure")).to_be_visible()
    before = len(asked_server(page))
    page.reload()
    expect(page.get_by_test_id("failure")).to_be_visible()
    expect(switch).not_to_be_checked()
    assert len(asked_server(page)) == before


def test_the_server_gone_as_well_is_told_on_the_page(page: Page) -> None:
    watch_of(page).forgive("ERR_FAILED")
    break_device(page)
    open_try(page)
    page.get_by_test_id("consent").check()
    expect(page.get_by_test_id("prediction")).to_be_visible()

    page.context.route("**/api/**", lambda route: route.abort())
    page.get_by_test_id("submit").click()

    expect(page.get_by_test_id("failure").first).to_be_visible()
    expect(page.get_by_test_id("prediction")).to_have_count(0)


@pytest.mark.parametrize("path", ["/arrivals/", "/see/"])
def test_pages_of_their_own_let_the_server_answer_too(page: Page, path: str) -> None:
    break_device(page)
    page.goto(path)
    expect(page.get_by_test_id("failure").first).to_be_visible()
    page.get_by_test_id("consent").check()
    expect(page.get_by_test_id("badge")).to_contain_text("This site’s server")


def test_a_site_without_a_server_shows_no_switch_and_asks_for_none(new_page: NewPage, dist: Path) -> None:
    with static_host(dist, headers=security_headers()) as host:
        page = new_page(origin=host.url)
        open_try(page)
        expect(page.get_by_test_id("prediction")).to_be_visible()
        expect(page.get_by_test_id("consent")).to_have_count(0)
        assert asked_server(page) == []
