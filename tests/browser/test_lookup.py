"""Answers computed ahead, from a page: found by key with their age, given online where there are none, on the device where nobody is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from foreshore import load_pipeline
from tests.browser.fixtures import NewPage, probe, watch_of
from tests.unit.server.jobs.working import KEY, ended, record_of, schedule
from tests.unit.server.prediction.asking import close
from web.server.testing import RunningServer, server_process

CONTRACT = load_pipeline("eta").contract
EXAMPLE: dict[str, Any] = {field.name: field.example for field in CONTRACT.fields}
AHEAD = {name: "" if value is None else str(value) for name, value in EXAMPLE.items()}
OTHER = {**EXAMPLE, "destination": "ORD"}
AGREED = {"consent": True}
AN_HOUR = {"max_age_s": 3600}


@pytest.fixture(scope="module")
def working(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose schedule has had the answer to the contract's example computed, and no other."""
    settings = {f"FORESHORE_{name}": str(tmp_path_factory.mktemp(name.lower())) for name in ("DATA", "BATCH_INPUTS")}
    with server_process(dist, settings=settings) as server:
        job = schedule(settings, [AHEAD])
        assert ended(server.url, job)["state"] == "done"
        yield server


@pytest.fixture
def page(new_page: NewPage, working: RunningServer) -> Page:
    return new_page(origin=working.url)


def looked_up(page: Page, options: dict[str, Any], *calls: tuple[dict[str, Any], dict[str, Any]]) -> list[Any]:
    outcomes = probe(page, "calls", "eta", options, [["lookup", *call] for call in calls])
    return [outcome.get("ok") or outcome["error"] for outcome in outcomes]


def test_an_answer_is_found_by_its_key_and_says_how_old_it_is(page: Page) -> None:
    ahead, now = looked_up(page, AGREED, (EXAMPLE, AN_HOUR), (OTHER, AN_HOUR))
    (own,) = probe(page, "predictEach", "eta", {}, [EXAMPLE])["answers"]

    assert (ahead["precomputed"], now["precomputed"]) == (True, False)
    assert 0 < ahead["age_s"] < 3600
    assert ahead["as_of"].endswith("Z")
    assert (ahead["engine"], now["engine"], now["age_s"]) == ("cloud", "cloud", 0)
    assert close(ahead["arrival_delay_min"], own["arrival_delay_min"], CONTRACT.tolerance)


def test_what_is_too_old_is_answered_anew(page: Page) -> None:
    (anew,) = looked_up(page, AGREED, (EXAMPLE, {"max_age_s": 0}))
    assert (anew["precomputed"], anew["engine"]) == (False, "cloud")


def test_nothing_is_looked_up_without_consent(page: Page) -> None:
    (refused,) = looked_up(page, {}, (EXAMPLE, {}))
    assert (refused["kind"], refused["field"]) == ("validation", "consent")
    assert not any("/api/" in url for url in watch_of(page).requests)


def test_without_a_server_the_device_answers_and_says_so(page: Page) -> None:
    watch_of(page).forgive("ERR_FAILED")
    page.context.route("**/lookup*", lambda route: route.abort())
    (told,) = looked_up(page, AGREED, (EXAMPLE, {}))
    assert (told["precomputed"], told["engine"], told["age_s"]) == (False, "graph", 0)


def test_the_try_page_tells_what_was_computed_ahead(page: Page) -> None:
    page.goto("/try/?pipeline=eta")
    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.get_by_test_id("ahead")).to_have_count(0)
    assert not any("/api/" in url for url in watch_of(page).requests)

    page.get_by_text("computed ahead").click()
    expect(page.get_by_test_id("ahead")).to_have_text("Computed ahead, less than a minute ago")
    expect(page.get_by_test_id("privacy")).to_contain_text("went to this site’s server")
    page.get_by_label("To", exact=True).select_option("ORD")
    expect(page.get_by_test_id("ahead")).to_have_text("Answered now")

    page.get_by_test_id("consent").uncheck()
    expect(page.get_by_test_id("ahead")).to_have_count(0)
    expect(page.get_by_test_id("prediction")).to_be_visible()


def test_the_table_of_the_job_holds_the_record_that_is_asked() -> None:
    asked = record_of(AHEAD)
    assert {name: asked[name] for name in KEY} == {name: EXAMPLE[name] for name in KEY}
