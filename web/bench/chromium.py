"""A headless Chromium to measure with: its own profile, thrown away at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, Playwright

from packing.browsers import find_browsers
from packing.errors import BuildError

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
"""Nothing of the browser's own business while it is being measured."""


@contextmanager
def fresh_chromium(playwright: Playwright, *arguments: str) -> Iterator[Browser]:
    """A new browser process with an empty profile: no cache, no compiled code.

    Parameters
    ----------
    playwright : Playwright
    *arguments : str
        More for its command line.

    Raises
    ------
    BuildError
        If there is none, or it does not start.
    """
    program = find_browsers().chromium
    try:
        # Chromium's sandbox refuses to start as root; elsewhere it stays on.
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *as_root, *arguments])
    except Error as error:
        where = program or "none on PATH or in the usual places, none of Playwright's own"
        raise BuildError(f"no Chromium to measure with ({where}): {error.message}; install Chromium and run this again") from error
    try:
        yield browser
    finally:
        browser.close()
