"""The Live page, used as a visitor would: a day replayed, and held to what the host makes of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.arrivals import INT8_LIMIT_MIN
from tests.browser.driver import until
from tests.browser.fixtures import NewPage, watch_of
from tests.browser.keyboard import press_until
from tests.browser.presentable import OVERFLOW, check_presentable
from tests.browser.replay import Replay

DAY = "2013-10-08"
OPENS_MIN = int(datetime(2013, 10, 8, 8, tzinfo=UTC).timestamp()) // 60
"""04:00 in New York, in summer time."""
SHOWN_MIN = 0.05
"""Figures are compared unrounded; sums over hundreds of flights may differ by so much where kernels add in another order."""
MINUTE = "Number(document.querySelector('[data-testid=clock]')?.dataset.minute ?? 0)"
FORECASTERS = ("batch", "online", "schedule")

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def replay(dist: Path, release: dict[str, Any]) -> Replay:
    return Replay(dist, release)


@pytest.fixture
def live(new_page: NewPage) -> Page:
    """The page at the opening of the day, for a visitor who wants nothing to move by itself."""
    page = new_page(reduced_motion="reduce")
    open_day(page)
    return page


def open_day(page: Page, day: str = DAY) -> None:
    """Open the page, choose a day, and wait until the windows hold the news of the day before."""
    page.goto("/live/")
    page.get_by_test_id("day").select_option(day)
    until(lambda: page.evaluate(MINUTE) == OPENS_MIN, "the day to open")


def go_to(page: Page, time: str) -> int:
    """Jump to a time of the day by its field; the minute that the clock then shows."""
    hour, minute = map(int, time.split(":"))
    wanted = OPENS_MIN + (hour * 60 + minute - 240) % 1440
    page.get_by_label("Go to a time").fill(time)
    page.get_by_test_id("go").click()
    until(lambda: page.evaluate(MINUTE) == wanted, f"the clock to show {time}")
    return wanted


def scores(page: Page) -> dict[str, float]:
    """The running errors that the page shows, unrounded."""
    return {name: float(page.get_by_test_id(f"score-{name}").get_attribute("data-value") or "nan") for name in FORECASTERS}


def choose(page: Page, search: str) -> None:
    """Search for a flight and go to it."""
    page.get_by_test_id("find").fill(search)
    page.keyboard.press("Enter")


def test_running_errors_are_what_the_host_computes(live: Page, replay: Replay, release: dict[str, Any]) -> None:
    at_min = go_to(live, "11:30")

    expected, shown = replay.score(DAY, at_min), scores(live)

    assert expected.flights > 100
    expect(live.get_by_test_id("verdict")).to_contain_text(f"{expected.flights} landed flights")
    assert shown["schedule"] == pytest.approx(expected.schedule, abs=1e-9)
    assert shown["batch"] == pytest.approx(expected.batch, abs=1e-4)
    fp32 = release["pipelines"]["eta"]["default_variant"] == "fp32"
    assert shown["online"] == pytest.approx(expected.online, abs=SHOWN_MIN if fp32 else INT8_LIMIT_MIN)
    assert len({round(value, 3) for value in shown.values()}) == len(FORECASTERS)


def test_going_back_and_forth_leads_to_the_same_errors(live: Page) -> None:
    go_to(live, "10:30")
    first = scores(live)
    go_to(live, "13:00")
    assert scores(live) != first

    go_to(live, "10:30")

    assert scores(live) == first


def test_table_tells_what_the_chart_shows(live: Page) -> None:
    go_to(live, "10:30")
    live.get_by_text("The figures, hour by hour").click()

    last = live.get_by_test_id("errors-table").locator("tbody tr").last.locator("td")

    shown = scores(live)
    assert last.all_inner_texts()[1:] == [f"{shown[name]:.1f}" for name in FORECASTERS]


def test_playing_moves_the_clock_and_pausing_stops_it(live: Page) -> None:
    live.get_by_test_id("speeds").get_by_label("30").check()
    live.get_by_test_id("play").click()
    until(lambda: live.evaluate(MINUTE) > OPENS_MIN + 60, "an hour to pass")

    live.get_by_test_id("play").click()
    expect(live.get_by_test_id("play")).to_have_text("Play")
    live.wait_for_timeout(300)
    paused = live.evaluate(MINUTE)
    live.wait_for_timeout(900)

    assert live.evaluate(MINUTE) == paused
    expect(live.get_by_test_id("news")).to_be_visible()
    expect(live.get_by_test_id("badge")).to_contain_text(re.compile(r"p50 .* p95 .* over \d+ ticks?"))


def test_a_higher_speed_passes_more_of_the_day(live: Page) -> None:
    passed = {}
    for speed in ("1", "60"):
        live.get_by_test_id("speeds").get_by_label(speed, exact=True).check()
        before = live.evaluate(MINUTE)
        live.get_by_test_id("play").click()
        live.wait_for_timeout(2500)
        live.get_by_test_id("play").click()
        live.wait_for_timeout(300)
        passed[speed] = live.evaluate(MINUTE) - before

    assert 0 < passed["1"] < 10 < passed["60"]


def test_a_step_goes_to_the_next_news_and_says_it(live: Page, replay: Replay) -> None:
    for _ in range(3):
        before = live.evaluate(MINUTE)
        after = min(minute for minute in replay.known_minutes(DAY) if minute > before)
        live.get_by_test_id("step").click()
        until(lambda wanted=after: live.evaluate(MINUTE) == wanted, "the clock to show the next news")  # type: ignore[misc]
        expect(live.get_by_test_id("announcement")).to_have_text(re.compile(r"\d\d:\d\d: .+ (early|late|on time)"))


def test_every_event_reaches_the_windows(live: Page, replay: Replay) -> None:
    at_min = go_to(live, "12:00")

    known = [minute for minute in replay.known_minutes(DAY) if minute <= at_min]

    expect(live.get_by_test_id("intake")).to_have_attribute("data-accepted", str(len(known)))
    expect(live.get_by_test_id("intake")).to_contain_text("none dropped")


def test_events_that_the_windows_drop_are_counted_and_shown(new_page: NewPage, dist: Path, release: dict[str, Any]) -> None:
    page = new_page(reduced_motion="reduce")
    file = dist / release["pipelines"]["eta"]["samples"] / "events" / f"{DAY}.json"
    events = json.loads(file.read_text(encoding="utf-8"))
    for column in events["departures"].values():
        column.insert(1, column[0])
    events["departures"]["delay_min"][2] = "soon"
    page.route(f"**/events/{DAY}.json", lambda route: route.fulfill(json=events))
    open_day(page)

    go_to(page, "09:00")

    expect(page.get_by_test_id("intake")).to_contain_text("2 dropped: 1 duplicate, 1 malformed")


def test_a_flights_forecasts_and_their_age_are_shown(live: Page) -> None:
    choose(live, "UA")
    until(lambda: live.evaluate(MINUTE) > OPENS_MIN, "the flight's departure")
    go_to(live, "09:00")

    expect(live.get_by_test_id("forecast-online")).to_contain_text(re.compile("made at .*(just now|ago)"))
    expect(live.get_by_test_id("forecast-batch")).to_contain_text("made last night at 04:00, 5 h ago")
    expect(live.get_by_test_id("forecast-schedule")).to_contain_text("on time")
    expect(live.get_by_test_id("history").get_by_role("img")).to_have_accessible_name(re.compile("Online forecast from .* to .*"))
    expect(live.get_by_test_id("context")).to_contain_text("Departures from")
    live.get_by_text("Its turns, as a list").click()
    expect(live.get_by_test_id("turns")).to_contain_text("due to leave")
    expect(live.get_by_test_id("turns")).to_contain_text("predicted")


def test_a_landed_flight_is_held_to_the_truth(live: Page) -> None:
    go_to(live, "12:00")
    live.get_by_test_id("parts").get_by_label("Landed").check()
    live.get_by_test_id("live-flights").locator("[data-status=landed] input").first.check()

    row = live.locator(".flight:has(:checked) .figure.actual")
    truth = int(row.locator("[aria-hidden]").inner_text().replace("−", "-"))

    words = "on time" if truth == 0 else "early" if truth < 0 else "late"
    expect(live.get_by_test_id("standing")).to_contain_text(words)
    expect(live.get_by_test_id("forecast-online")).to_contain_text("predicted")


def test_keyboard_alone_plays_searches_and_moves_in_time(live: Page) -> None:
    live.keyboard.press("Space")
    expect(live.get_by_test_id("play")).to_have_text("Pause")
    live.keyboard.press("Space")
    expect(live.get_by_test_id("play")).to_have_text("Play")
    live.wait_for_timeout(300)

    live.get_by_test_id("slider").focus()
    before = live.evaluate(MINUTE)
    live.keyboard.press("ArrowRight")
    until(lambda: live.evaluate(MINUTE) == before + 1, "one minute to pass")

    choose(live, "DL")
    expect(live.get_by_test_id("announcement")).to_contain_text("is chosen")
    assert live.evaluate(MINUTE) > before + 1


def test_tab_leads_through_all_of_the_page_and_focus_shows(live: Page) -> None:
    go_to(live, "09:00")
    live.evaluate("document.activeElement.blur()")

    for part in (
        "name === 'speed'",
        "dataset.testid === 'slider'",
        "id === 'go-time'",
        "name === 'moment'",
        "id === 'find'",
        "name === 'part'",
        "name === 'flight'",
        "name === 'variant'",
    ):
        press_until(live, "Tab", f"document.activeElement.{part}")

    live.get_by_test_id("live-flights").locator("input").first.focus()
    live.keyboard.press("ArrowDown")
    expect(live.get_by_test_id("history")).to_be_visible()


def test_a_dot_of_the_day_leads_to_its_flight(live: Page) -> None:
    go_to(live, "09:00")
    expect(live.get_by_test_id("standing")).to_have_count(0)
    plot = live.get_by_test_id("day-plot").locator("svg.canvas")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    dots = plot.locator("path.dots.actual").get_attribute("d") or ""
    x, y = map(float, re.findall(r"M([\d.]+) ([\d.]+)h0", dots)[0])
    assert box is not None

    plot.click(position={"x": x / 1000 * box["width"], "y": y})

    expect(live.get_by_test_id("standing")).to_contain_text("Landed")


def test_a_days_missing_file_is_told_and_tried_again(new_page: NewPage) -> None:
    page = new_page(reduced_motion="reduce")
    watch_of(page).forgive("Failed to load resource")
    pattern = f"**/events/{DAY}.json"

    def refuse(route: Route) -> None:
        route.abort("internetdisconnected")

    page.route(pattern, refuse)
    page.goto("/live/")
    page.get_by_test_id("day").select_option(DAY)
    expect(page.get_by_test_id("failure")).to_contain_text("did not arrive")

    page.unroute(pattern, refuse)
    page.get_by_test_id("retry").click()

    until(lambda: page.evaluate(MINUTE) == OPENS_MIN, "the day to open")
    expect(page.get_by_test_id("failure")).to_have_count(0)


def test_without_last_nights_forecasts_the_others_go_on(new_page: NewPage, release: dict[str, Any]) -> None:
    page = new_page(reduced_motion="reduce")
    watch_of(page).forgive("Failed to load resource")
    pattern = f"**/{release['pipelines']['eta']['forecasts']}**"

    def refuse(route: Route) -> None:
        route.abort("internetdisconnected")

    page.route(pattern, refuse)
    open_day(page)
    go_to(page, "09:00")
    expect(page.locator(".errors").get_by_test_id("failure")).to_contain_text("did not arrive")
    expect(page.get_by_test_id("verdict")).to_contain_text("last night’s forecasts are not there")
    assert scores(page)["online"] > 0

    page.unroute(pattern, refuse)
    page.locator(".errors").get_by_test_id("retry").click()

    until(lambda: scores(page)["batch"] > 0, "last night's forecasts")
    expect(page.get_by_test_id("failure")).to_have_count(0)


def test_another_engine_goes_on_from_the_same_minute_with_the_same_errors(live: Page) -> None:
    go_to(live, "10:00")
    before = scores(live)

    live.get_by_test_id("engines").get_by_label("Python").check()

    expect(live.get_by_test_id("badge")).to_contain_text("Python, in this page")
    until(lambda: live.evaluate("document.body.dataset.state") == "ready", "the other engine")
    live.wait_for_load_state("networkidle")
    until(lambda: scores(live)["online"] == pytest.approx(before["online"], abs=INT8_LIMIT_MIN), "the same errors")
    assert scores(live)["batch"] == before["batch"]


def test_a_hidden_page_stands_still(live: Page) -> None:
    live.get_by_test_id("play").click()
    until(lambda: live.evaluate(MINUTE) > OPENS_MIN, "the clock to move")

    live.evaluate(HIDE, True)
    live.wait_for_timeout(300)
    hidden = live.evaluate(MINUTE)
    live.wait_for_timeout(900)
    assert live.evaluate(MINUTE) == hidden

    live.evaluate(HIDE, False)
    until(lambda: hidden < live.evaluate(MINUTE) < hidden + 20, "the clock to go on from there")


def test_only_those_who_like_motion_see_it_play_by_itself(new_page: NewPage) -> None:
    still, moving = new_page(reduced_motion="reduce"), new_page(reduced_motion="no-preference")
    for page in (still, moving):
        page.goto("/live/")
        until(lambda seen=page: seen.evaluate(MINUTE) > 0, "the first day to open")  # type: ignore[misc]

    expect(moving.get_by_test_id("play")).to_have_text("Pause")
    expect(still.get_by_test_id("play")).to_have_text("Play")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_day_under_way_is_accessible_and_fits_every_width(new_page: NewPage, screenshots: Path, scheme: str) -> None:
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    open_day(page)
    choose(page, "UA")
    go_to(page, "16:40")
    page.get_by_test_id("find").fill("")
    page.get_by_text("The figures, hour by hour").click()

    check_presentable(page, screenshots / "live-day", scheme)

    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate(OVERFLOW) <= 0
