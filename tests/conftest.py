"""What all tests share: the built site, the pipelines, the browsers of this machine."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from packing.browsers import Browsers, find_browsers
from tests.browser.fixtures import chromium, launch_chromium, new_page, page, plain_site, playwright, screenshots, site, visitors_chromium
from tests.javascript import COVERAGE, SENT
from tests.root import ROOT

# Machines are shared and noisy, so no example has a time limit; a CI run draws the same examples every time.
settings.register_profile("foreshore", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("foreshore")

__all__ = ["chromium", "launch_chromium", "new_page", "page", "plain_site", "playwright", "screenshots", "site", "visitors_chromium"]

MARKERS = {
    "as_visitors": "in a Chromium that compiles as visitors' do: answers are held to the host's, or timed",
    "browser": "drives a real headless browser",
    "contract": "holds every pipeline to its contract",
    "faults": "breaks things on purpose",
    "slow": "takes over ten seconds",
}


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    # Who ends a run this way wants its servers and browsers ended too: unwind as Ctrl+C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what one of several processes has to tell; pytest-xdist calls this at its end."""
    if lines := getattr(node, "workeroutput", {}).get(SENT):
        node.config.stash[COVERAGE] = lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show JavaScript's coverage beside Python's."""
    if lines := config.stash.get(COVERAGE, []):
        terminalreporter.section("JavaScript coverage")
        for line in lines:
            terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and run those that need no browser first: they fail sooner."""
    for item in items:
        for name in ("browser", "contract", "faults"):
            if ROOT / "tests" / name in item.path.parents:
                item.add_marker(name)
    items.sort(key=lambda item: [name for name in ("contract", "faults", "browser") if item.get_closest_marker(name)])


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built site."""
    folder = Path(os.environ.get("FORESHORE_DIST", ROOT / "dist"))
    if not (folder / "channels" / "stable.json").is_file():
        pytest.fail(f"{folder} holds no built site; run python3 build.py build, or python3 build.py test for everything")
    return folder


@pytest.fixture(scope="session")
def release(dist: Path) -> dict[str, Any]:
    """The manifest that the stable channel points to."""
    channel = json.loads((dist / "channels" / "stable.json").read_text(encoding="utf-8"))
    return dict(json.loads((dist / channel["manifest"]).read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def browsers() -> Browsers:
    """The browsers found here; `python3 build.py test` installs them first."""
    return find_browsers()
