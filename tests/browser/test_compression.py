"""The Compression page: what was recorded, what this browser measures, and the way through it by keyboard."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.fixtures import NewPage, wait_for_workers_to_end, watch_of
from tests.browser.keyboard import press_until
from tests.browser.presentable import check_presentable
from tests.browser.test_webgpu import FLAGS

NAME = "eta"
FOCUSED = "document.activeElement.dataset"


@pytest.fixture(scope="module")
def facts(dist: Path, release: dict[str, Any]) -> dict[str, Any]:
    """What the release holds of the comparison."""
    return dict(json.loads((dist / release["pipelines"][NAME]["compression"] / "compression.json").read_text(encoding="utf-8")))


def open_compression(page: Page, query: str = "") -> None:
    page.goto(f"/compression/{query}")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")


def dots(page: Page, plot: str) -> Locator:
    return page.get_by_test_id(f"plot-{plot}").get_by_role("option")


def measured(page: Page) -> Locator:
    return page.get_by_test_id("plot-time").locator("[data-own]")


def saved(page: Page, ending: str) -> str:
    with page.expect_download() as download:
        page.get_by_test_id(f"save-{ending}").click()
    assert download.value.suggested_filename == f"foreshore-compression-{NAME}.{ending}"
    return download.value.path().read_text(encoding="utf-8")


def test_every_variant_is_a_dot_in_both_plots_and_a_row(page: Page, facts: dict[str, Any]) -> None:
    open_compression(page, f"?pipeline={NAME}")
    names = {facts["base"]["name"], *(variant["name"] for variant in facts["variants"])}

    for plot in ("size", "time"):
        found = dots(page, plot).evaluate_all("dots => dots.map(dot => dot.dataset.name)")
        assert len(found) == len(names)
        assert set(found) == names
    expect(page.get_by_test_id("figures").locator("tbody tr")).to_have_count(len(names))


def test_a_dot_that_is_pointed_at_tells_its_recipe_and_figures(page: Page, facts: dict[str, Any]) -> None:
    open_compression(page)
    refused = next(variant for variant in facts["variants"] if not variant["ships"])

    dots(page, "size").and_(page.locator(f"[data-name={refused['name']}]")).hover()

    detail = page.get_by_test_id("detail")
    expect(page.get_by_test_id("chosen")).to_have_text(refused["name"])
    expect(detail).to_contain_text("loses more than the budget allows")
    expect(detail).to_contain_text(f"{refused['size_bytes']:,} bytes")
    expect(detail).to_contain_text(refused["steps"][0]["technique"].replace("_", " "))


def test_switches_change_what_is_drawn(page: Page, facts: dict[str, Any]) -> None:
    open_compression(page)
    small = min(facts["variants"], key=lambda variant: variant["size_bytes"])
    row = page.get_by_test_id("figures").locator(f"tr[data-name={small['name']}]")
    before = row.inner_text()

    page.get_by_test_id("choose-size").get_by_label("as sent").check()
    expect(row).to_contain_text(f"{small['brotli_bytes']:,}")
    page.get_by_test_id("choose-batch").get_by_label("1", exact=True).check()
    expect(page.get_by_test_id("plot-time").locator("..")).to_contain_text("the time of a row")
    page.get_by_test_id("exam").select_option("after_departure")
    expect(page.get_by_test_id("detail")).to_contain_text("in after departure")

    assert row.inner_text() != before


def test_table_sorts_by_a_column_both_ways(page: Page, facts: dict[str, Any]) -> None:
    open_compression(page)
    sizes = sorted([facts["base"]["size_bytes"], *(variant["size_bytes"] for variant in facts["variants"])])
    cells = page.get_by_test_id("figures").locator("tbody tr td:nth-of-type(2)")
    head = page.locator("[data-sort=bytes]")

    assert cells.all_inner_texts() == [f"{size:,}" for size in sizes]
    head.click()

    expect(page.locator("th:has([data-sort=bytes])")).to_have_attribute("aria-sort", "descending")
    assert cells.all_inner_texts() == [f"{size:,}" for size in reversed(sizes)]


def test_nothing_is_downloaded_until_it_is_asked_for_and_then_a_variant_is_measured(page: Page, release: dict[str, Any]) -> None:
    open_compression(page)
    page.wait_for_load_state("networkidle")
    assert not [url for url in watch_of(page).requests if re.search(r"\.(onnx|wasm|bin)$", url)]
    page.get_by_test_id("choose-batch").get_by_label("32", exact=True).check()
    chosen = page.get_by_test_id("chosen").inner_text()

    page.get_by_test_id("measure-one").click()

    expect(page.get_by_test_id("measured")).to_contain_text("2 models measured here")
    assert set(measured(page).evaluate_all("dots => dots.map(dot => dot.dataset.own)")) == {"fp32", chosen}
    expect(page.get_by_test_id("detail")).to_contain_text("The same, here")
    expect(page.get_by_test_id("measure-one")).to_be_focused()
    wait_for_workers_to_end(page)
    check_exports(page, chosen, release)


def check_exports(page: Page, chosen: str, release: dict[str, Any]) -> None:
    rows = list(csv.DictReader(saved(page, "csv").splitlines()))
    (here,) = (row for row in rows if row["measured"] == "here" and row["variant"] == chosen)
    assert (here["batch"], here["provider"]) == ("32", "wasm")
    assert float(here["median_ms"]) > 0
    told = json.loads(saved(page, "json"))
    assert (told["release"], told["recorded"]["pipeline"]) == (release["id"], NAME)
    assert [model["name"] for model in told["here"][0]["models"]] == ["fp32", chosen]


def test_a_variant_whose_model_is_not_the_one_compared_is_told_at_its_place(page: Page, facts: dict[str, Any]) -> None:
    name = next(variant["name"] for variant in facts["variants"] if not variant["released"])
    watch_of(page).forgive("sha256")
    page.route(re.compile(rf"/models/{name}\.onnx$"), lambda route: route.fulfill(body=b"no model"))
    open_compression(page)
    dots(page, "size").and_(page.locator(f"[data-name={name}]")).hover()

    page.get_by_test_id("measure-one").click()

    expect(page.get_by_test_id("variant-failure")).to_contain_text("expected")
    expect(page.get_by_test_id("measured")).to_contain_text(f"{name} did not run")


def test_measuring_can_be_cancelled(page: Page) -> None:
    open_compression(page)
    page.get_by_test_id("measure-all").click()
    expect(page.get_by_test_id("measuring")).to_be_visible()

    page.get_by_test_id("cancel").click()

    expect(page.get_by_test_id("measure")).to_contain_text("Stopped. Nothing was added.")
    expect(page.get_by_test_id("measure-all")).to_be_focused()
    wait_for_workers_to_end(page)


def test_threads_that_a_page_lacks_are_refused_in_words(new_page: NewPage, plain_site: str) -> None:
    page = new_page(origin=plain_site)
    open_compression(page)

    page.get_by_test_id("choose-threads").get_by_label("2", exact=True).check()

    expect(page.get_by_test_id("obstacle")).to_contain_text("not isolated")
    expect(page.get_by_test_id("measure-all")).to_be_disabled()


def test_keyboard_alone_leads_from_dot_to_dot(page: Page) -> None:
    open_compression(page)
    names = dots(page, "size").evaluate_all("dots => dots.map(dot => dot.dataset.name)")
    press_until(page, "Tab", f"{FOCUSED}.plot === 'size'")

    page.keyboard.press("Home")
    expect(page.get_by_test_id("chosen")).to_have_text(names[0])
    page.keyboard.press("ArrowRight")

    expect(page.get_by_test_id("chosen")).to_have_text(names[1])
    assert page.evaluate(f"{FOCUSED}.name") == names[1]
    press_until(page, "Tab", f"{FOCUSED}.plot === 'time'", limit=1)


def test_unknown_pipeline_is_told(page: Page) -> None:
    page.goto("/compression/?pipeline=nothing")

    expect(page.get_by_test_id("failure")).to_contain_text("nothing of that name")


def test_release_without_the_folder_is_told_and_can_be_tried_again(page: Page) -> None:
    watch_of(page).forgive("404")
    page.route("**/compression.json", lambda route: route.fulfill(status=404))
    page.goto("/compression/")
    expect(page.get_by_test_id("failure")).to_be_visible()

    page.unroute("**/compression.json")
    page.get_by_test_id("retry").click()

    expect(page.locator("body")).to_have_attribute("data-state", "ready")


def test_a_gpu_can_be_measured_where_the_browser_has_one(
    new_page: NewPage, launch_chromium: Callable[..., Browser], facts: dict[str, Any]
) -> None:
    browser = launch_chromium(*FLAGS)
    page = new_page(browser=browser)
    open_compression(page)
    if page.get_by_test_id("choose-provider").count() == 0:
        pytest.skip(f"this Chromium gives no WebGPU adapter, even with {' '.join(FLAGS)}")
    recorded = [timing["provider"] for timing in facts["timings"]]

    page.get_by_test_id("choose-provider").get_by_label("GPU").check()
    if "webgpu" not in recorded:
        expect(page.get_by_test_id("time-empty")).to_contain_text("Nothing is recorded here")
    page.get_by_test_id("measure-one").click()

    expect(page.get_by_test_id("measured")).to_contain_text("measured here")
    own = measured(page).evaluate_all("dots => dots.map(dot => dot.dataset.own)")
    assert "fp32" in own
    if "webgpu" not in recorded:
        assert dots(page, "time").evaluate_all("dots => dots.map(dot => dot.dataset.name)") == own
    browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_figures_are_accessible_and_fit(page: Page, screenshots: Path, scheme: str) -> None:
    open_compression(page)
    page.get_by_test_id("measure-one").click()
    expect(page.get_by_test_id("measured")).to_be_visible()

    check_presentable(page, screenshots / "compression-measured", scheme)


def test_case_studies_stand_below_where_the_release_has_some(page: Page, dist: Path, release: dict[str, Any]) -> None:
    file = release.get("case_studies")
    titles = [study["title"] for study in json.loads((dist / file).read_text(encoding="utf-8"))["studies"]] if file else []
    open_compression(page)
    page.wait_for_load_state("networkidle")

    assert page.get_by_test_id("studies").locator("h3").all_inner_texts() == titles


def test_card_leads_here(page: Page) -> None:
    page.goto("/arrivals/")

    page.get_by_role("link", name="Compare all variants").click()

    expect(page).to_have_url(re.compile(rf"/compression/\?pipeline={NAME}$"))
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
