"""Cold starts: from opening the Arrivals page with an empty browser to the first prediction on it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Page, Playwright

from packing.errors import BuildError
from web.bench.chromium import fresh_chromium

PAGE = "/arrivals/"
MARK = "foreshore:first-prediction"
"""The page's own `performance.mark`; its `startTime` counts from the start of the navigation."""
TARGET_S = 4.0
LIMIT_MS = 120_000
READ_MARK = f"() => performance.getEntriesByName('{MARK}')[0]?.startTime ?? null"
READ_FAILURE = "() => document.querySelector('[data-testid=failure]')?.textContent ?? ''"


def measure_cold_starts(playwright: Playwright, site: str, repetitions: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Seconds to the first prediction: first visits with a new browser each, and the visit after each of them.

    Parameters
    ----------
    playwright : Playwright
    site : str
        URL of the site's root, without a slash at its end.
    repetitions : int
        First visits.
    tell : callable
        Told how far it is.

    Returns
    -------
    dict
        "page", "target_s", and "first_visit" and "next_visit", each with "median_s", "minimum_s", "maximum_s" and "samples_s".

    Raises
    ------
    BuildError
        If the page does not predict.
    """
    first, after = [], []
    for repetition in range(repetitions):
        tell(f"Cold start {repetition + 1} of {repetitions}")
        with fresh_chromium(playwright) as browser:
            page = browser.new_page()
            first.append(_seconds_to_prediction(page, site))
            after.append(_seconds_to_prediction(page, site))
    return {"page": PAGE, "target_s": TARGET_S, "first_visit": _described(first), "next_visit": _described(after)}


def _seconds_to_prediction(page: Page, site: str) -> float:
    page.goto(site + PAGE)
    for _ in range(LIMIT_MS // 50):
        started_ms = page.evaluate(READ_MARK)
        if started_ms is not None:
            return float(started_ms) / 1000
        if failure := page.evaluate(READ_FAILURE):
            raise BuildError(f"{PAGE} showed an error instead of a prediction: {' '.join(failure.split())}")
        page.wait_for_timeout(50)
    raise BuildError(f"{PAGE} gave no prediction within {LIMIT_MS / 1000:.0f} s; open it in a browser and look")


def _described(samples: Sequence[float]) -> dict[str, Any]:
    return {
        "median_s": statistics.median(samples),
        "minimum_s": min(samples),
        "maximum_s": max(samples),
        "samples_s": list(samples),
    }
