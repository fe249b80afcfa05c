"""A real server, a real Chromium, and pages that are watched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Worker, expect, sync_playwright

from packing.browsers import Browsers
from tests.browser.driver import PATIENCE_S, until
from tests.browser.watch import Watch
from tests.root import ROOT
from web.server.testing import running_server

CHROMIUM_FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whoever asks for another host gets an error that the console shows.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
QUICK_TO_START = "--js-flags=--liftoff-only"
"""A third less work a page: WebAssembly compiled once, by the compiler that every function starts with, and not again while it runs."""
PROBES = Path(__file__).with_name("probes.js")
PROBES_PATH = "/__probes__.js"

type NewPage = Callable[..., Page]

expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="session")
def site(dist: Path) -> Iterator[str]:
    """Address of the built site on our own server, isolated, without a slash at its end."""
    with running_server(dist) as url:
        yield url


@pytest.fixture(scope="session")
def plain_site(dist: Path) -> Iterator[str]:
    """The same, without cross-origin isolation."""
    with running_server(dist, isolation=False) as url:
        yield url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def launch_chromium(playwright: Playwright, browsers: Browsers) -> Callable[..., Browser]:
    """Starts a Chromium with further flags; whoever asks closes it."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []

    def launch(*flags: str) -> Browser:
        return playwright.chromium.launch(executable_path=browsers.chromium, args=[*sandbox, *CHROMIUM_FLAGS, *flags])

    return launch


@pytest.fixture(scope="session")
def chromium(launch_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    """What most tests share; those marked `as_visitors` get `visitors_chromium` instead."""
    browser = launch_chromium(QUICK_TO_START)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def visitors_chromium(launch_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    """One that compiles as visitors' do."""
    browser = launch_chromium()
    yield browser
    browser.close()


@pytest.fixture
def new_page(request: pytest.FixtureRequest, site: str) -> Iterator[NewPage]:
    """Opens pages in contexts of their own; at the end, none may have complaints.

    `new_page(origin=site, browser=shared, **context_options)`; `page.context` holds its `Watch` as `watch_of(page)`.
    """
    shared: Browser = request.getfixturevalue("visitors_chromium" if request.node.get_closest_marker("as_visitors") else "chromium")
    with ExitStack() as stack:
        watches: list[Watch] = []

        def new_page(origin: str = site, browser: Browser = shared, **options: Any) -> Page:
            context = browser.new_context(**{"base_url": origin, "viewport": {"width": 1280, "height": 900}, **options})
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_S * 1000)
            watches.append(Watch(context, origin))
            WATCHES[context] = watches[-1]
            stack.callback(WATCHES.pop, context)
            return context.new_page()

        yield new_page
        complaints = [complaint for watch in watches for complaint in watch.complaints()]
        if complaints:
            pytest.fail("the pages complained:\n" + "\n".join(complaints), pytrace=False)


WATCHES: dict[BrowserContext, Watch] = {}


def watch_of(page: Page) -> Watch:
    """The watch over a page that `new_page` opened."""
    return WATCHES[page.context]


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One watched page at desktop width."""
    return new_page()


def living_workers(page: Page) -> list[Worker]:
    """The page's workers now; asking the page something lets Playwright hear of those that ended."""
    page.evaluate("0")
    return page.workers


def wait_for_workers_to_end(page: Page) -> None:
    """Wait until the page has no worker: one that was terminated is there a moment longer."""
    until(lambda: not living_workers(page), "the page's workers to end")


def probe(page: Page, name: str, *arguments: Any) -> Any:
    """Call a function of `probes.js` inside the page, where it imports the site's public module."""
    if not page.url.startswith("http"):
        page.goto("/")
    address = page.evaluate("path => new URL(path, location.href).href", "." + PROBES_PATH)
    page.context.route(address, lambda route: route.fulfill(path=PROBES, content_type="text/javascript"))
    call = "([address, name, words]) => import(address).then((module) => module[name](...words))"
    return page.evaluate(call, [address, name, list(arguments)])


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the pages go."""
    folder = Path(os.environ.get("FORESHORE_SCREENSHOTS", ROOT / "build" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
