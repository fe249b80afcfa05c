"""The See page with a camera: Chromium's false one, and none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driver import until
from tests.browser.fixtures import NewPage, watch_of
from tests.browser.keyboard import press_until
from tests.browser.photos import Upload, choose, encoded, expect_photo, open_see, scene
from tests.browser.presentable import check_presentable
from tests.static_host import static_host
from web.server.headers import security_headers

FALSE_CAMERA = "--use-fake-device-for-media-stream"
NO_QUESTION = "--use-fake-ui-for-media-stream"
COUNT_GRABS = """
const grab = CanvasRenderingContext2D.prototype.getImageData;
globalThis.grabs = 0;
CanvasRenderingContext2D.prototype.getImageData = function (...words) {
  if (document.querySelector("video")) globalThis.grabs += 1;
  return grab.apply(this, words);
};
const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
globalThis.tracks = [];
if (open) {
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    globalThis.wanted = wanted;
    const stream = await open(wanted);
    globalThis.tracks.push(...stream.getTracks());
    return stream;
  };
}
"""
HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
ASK = """
navigator.mediaDevices.getUserMedia({ video: true }).then(
  (stream) => { stream.getTracks()[0].stop(); return "given"; },
  ({ name }) => name,
)
"""
STATES = "tracks.map(track => track.readyState)"
UNPLUG = "tracks.forEach(track => { track.stop(); track.dispatchEvent(new Event('ended')); })"


@pytest.fixture(scope="module")
def with_camera(launch_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch_chromium(FALSE_CAMERA, NO_QUESTION)
    yield browser
    browser.close()


@pytest.fixture
def see(new_page: NewPage, with_camera: Browser) -> Page:
    """The page in a browser that has a camera and allows it."""
    page = new_page(browser=with_camera)
    page.add_init_script(COUNT_GRABS)
    open_see(page)
    return page


def start(page: Page) -> None:
    """Start the camera and wait for answers."""
    page.get_by_role("button", name="Start the camera").click()
    expect_frames(page)


def expect_frames(page: Page) -> None:
    """Wait until frames are answered."""
    expect(page.get_by_test_id("pace")).to_contain_text(re.compile(r"^\d+(\.\d)? frames a second, [\d.]+ m?s each"))
    expect(page.get_by_test_id("ranking").locator("li")).to_have_count(5)


def test_the_camera_is_asked_for_on_a_click_alone_and_without_a_microphone(see: Page) -> None:
    assert see.evaluate("tracks.length") == 0

    start(see)

    assert see.evaluate("wanted.audio") is False
    assert see.evaluate("tracks.map(track => track.kind)") == ["video"]


def test_frames_are_answered_one_after_the_other(see: Page) -> None:
    start(see)
    before = see.evaluate("grabs")

    until(lambda: see.evaluate("grabs") >= before + 3, "three more frames to be looked at")

    expect(see.get_by_test_id("badge")).to_contain_text("Took")
    expect(see.get_by_test_id("announcement")).to_have_text("The camera is on.")


def test_the_picture_is_a_mirror_and_the_model_sees_it_as_it_is(see: Page) -> None:
    start(see)

    assert see.locator("video").evaluate("video => getComputedStyle(video).transform").startswith("matrix(-1, 0")
    expect(see.locator("video")).to_have_attribute("aria-label", re.compile("camera, mirrored"))


def test_keyboard_alone_starts_and_stops_the_camera(see: Page) -> None:
    press_until(see, "Tab", "document.activeElement.dataset.testid === 'camera-button'")

    see.keyboard.press("Enter")
    expect_frames(see)
    see.keyboard.press("Space")

    expect(see.get_by_role("button", name="Start the camera")).to_be_focused()
    expect(see.get_by_test_id("announcement")).to_have_text("The camera is off.")
    assert see.evaluate(STATES) == ["ended"]


def test_a_photo_ends_the_camera(see: Page) -> None:
    start(see)

    choose(see, Upload("photo.png", encoded(scene(), "PNG")))

    expect_photo(see, "photo.png", 400, 300)
    assert see.evaluate(STATES) == ["ended"]
    expect(see.locator("video")).to_have_count(0)


def test_an_unplugged_camera_is_told_and_can_be_started_again(see: Page) -> None:
    start(see)

    see.evaluate(UNPLUG)

    expect(see.get_by_test_id("camera-refusal")).to_contain_text("The camera has stopped.")
    start(see)
    expect(see.get_by_test_id("camera-refusal")).to_have_count(0)


def test_a_hidden_page_looks_at_no_frame_until_it_is_shown_again(see: Page) -> None:
    start(see)
    see.evaluate(HIDE, True)
    settled = until(lambda: steady(see), "the frame in flight to be answered")

    assert see.evaluate("grabs") == settled
    see.evaluate(HIDE, False)
    until(lambda: see.evaluate("grabs") > settled, "frames to be looked at again")


def steady(page: Page) -> int:
    """How many frames were looked at, once ten shown ones were let pass; 0 before."""
    before = page.evaluate("grabs")
    page.evaluate(
        """async () => {
          const video = document.querySelector("video");
          for (let count = 0; count < 10; count += 1) await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        }"""
    )
    return before if page.evaluate("grabs") == before else 0


def test_leaving_the_page_lets_the_camera_go(see: Page) -> None:
    start(see)

    see.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")

    assert see.evaluate(STATES) == ["ended"]
    expect(see.get_by_role("button", name="Start the camera")).to_be_visible()


def test_another_engine_goes_on_with_the_camera(see: Page) -> None:
    start(see)

    see.get_by_test_id("engines").get_by_label("Python").check(force=True)

    expect(see.get_by_test_id("badge")).to_contain_text("Python, in this page")
    before = see.evaluate("grabs")
    until(lambda: see.evaluate("grabs") > before, "frames to be looked at")


def test_frames_stay_on_the_device(see: Page) -> None:
    see.wait_for_load_state("networkidle")
    before = len(watch_of(see).requests)

    start(see)

    assert watch_of(see).requests[before:] == []


def test_a_denied_camera_is_told_beside_its_button(new_page: NewPage) -> None:
    page = new_page()
    open_see(page)

    page.get_by_role("button", name="Start the camera").click()

    expect(page.get_by_test_id("camera-refusal")).to_contain_text(re.compile("The camera is not allowed|There is no camera"))
    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.get_by_role("button", name="Start the camera")).to_be_enabled()


def test_a_denial_of_a_camera_that_is_there_is_told(new_page: NewPage, launch_chromium: Callable[..., Browser]) -> None:
    browser = launch_chromium(FALSE_CAMERA, "--deny-permission-prompts")
    try:
        page = new_page(browser=browser)
        open_see(page)
        page.get_by_role("button", name="Start the camera").click()
        expect(page.get_by_test_id("camera-refusal")).to_contain_text("The camera is not allowed.")
        choose(page, Upload("photo.png", encoded(scene(), "PNG")))
        expect_photo(page, "photo.png", 400, 300)
    finally:
        browser.close()


def test_an_absent_camera_is_told(new_page: NewPage) -> None:
    page = new_page(permissions=["camera"])
    open_see(page)

    page.get_by_role("button", name="Start the camera").click()

    expect(page.get_by_test_id("camera-refusal")).to_contain_text("There is no camera.")


@pytest.mark.parametrize(("path", "allowed"), [("/see/", True), ("/arrivals/", False), ("/", False)])
def test_the_policy_lets_the_see_page_alone_ask(new_page: NewPage, with_camera: Browser, path: str, allowed: bool) -> None:
    page = new_page(browser=with_camera)
    watch_of(page).forgive("Permissions policy violation")
    page.goto(path)

    asked = page.evaluate(ASK)

    assert asked == ("given" if allowed else "NotAllowedError")


def test_on_a_host_that_forbids_the_camera_the_page_says_so(new_page: NewPage, with_camera: Browser, dist: Path) -> None:
    with static_host(dist, headers=security_headers()) as host:
        page = new_page(browser=with_camera, origin=host.url)
        watch_of(page).forgive("Permissions policy violation")
        open_see(page)

        page.get_by_role("button", name="Start the camera").click()

        expect(page.get_by_test_id("camera-refusal")).to_contain_text("The camera is not allowed.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_running_camera_is_presentable(see: Page, screenshots: Path, scheme: str) -> None:
    start(see)

    check_presentable(see, screenshots / "see-camera", scheme)
