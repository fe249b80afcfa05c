"""The provider "webgpu", on a software adapter where the machine has no GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from foreshore import load_pipeline
from tests.browser.fixtures import NewPage, probe, watch_of
from tests.golden import deviation, golden_cases

FLAGS = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan", "--use-vulkan=swiftshader")
HAS_ADAPTER = "async () => Boolean(await navigator.gpu?.requestAdapter())"
OUTPUT = load_pipeline("eta").contract.outputs[0].name
CASES = 50

TOLERANCE = 1e-3
"""WebGPU lets a GPU round sums and exponentials more coarsely than the host's processor does."""


@pytest.fixture(scope="module")
def gpu_chromium(launch_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch_chromium(*FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def gpu_page(new_page: NewPage, gpu_chromium: Browser) -> Page:
    """A page whose browser has a WebGPU adapter."""
    page = new_page(browser=gpu_chromium)
    page.goto("/")
    if not page.evaluate(HAS_ADAPTER):
        pytest.skip(f"this Chromium gives no WebGPU adapter, even with {' '.join(FLAGS)}")
    return page


@pytest.mark.parametrize("engine", ["graph", "python"])
def test_webgpu_gives_the_hosts_answers_and_a_quiet_console(gpu_page: Page, engine: str) -> None:
    golden = golden_cases("eta")
    options = {"engine": engine, "variant": "fp32", "provider": "webgpu"}

    told = probe(gpu_page, "predictEach", "eta", options, golden["records"][:CASES])

    assert {(answer["engine"], answer["provider"]) for answer in told["answers"]} == {(engine, "webgpu")}
    expected = [answer[OUTPUT] for answer in golden["outputs"][:CASES]]
    assert deviation([answer[OUTPUT] for answer in told["answers"]], expected) <= TOLERANCE
    assert watch_of(gpu_page).complaints() == []
