"""Cold starts: how long a visitor with an empty browser waits for the first prediction."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, Playwright

from packing.errors import BuildError
from web.bench.chromium import fresh_chromium

PIPELINE = "eta"
PAGE = "/arrivals/"
EMPTY_PAGE = "/LICENSE"
"""A page of the site that runs no script of its own."""
MARK = "foreshore:first-prediction"
"""The page's own `performance.mark`; its `startTime` counts from the start of the navigation."""
TARGET_S = 1.5
TARGET_ENGINE = "graph"
"""The one that has to meet it, and that the page runs by default; Python takes longer to load."""
LIMIT_MS = 120_000
POLL_MS = 50
READ_MARK = f"() => performance.getEntriesByName('{MARK}')[0]?.startTime ?? null"
READ_FAILURE = "() => document.querySelector('[data-testid=failure]')?.textContent ?? ''"
OPEN_AND_PREDICT = """async ([module, pipeline, engine]) => {
  const start = performance.now();
  const { open } = await import(module);
  const predictor = await open(pipeline, { engine });
  await predictor.predict(Object.fromEntries(predictor.contract.fields.map(({ name, example }) => [name, example])));
  const taken = performance.now() - start;
  await predictor.close();
  return taken;
}"""


def measure_cold_starts(playwright: Playwright, site: str, dist: Path, repetitions: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Seconds to the first prediction, with a new browser for each.

    Parameters
    ----------
    playwright : Playwright
    site : str
        URL of the site's root, without a slash at its end.
    dist : Path
        The same site's folder; tells which engines the pipeline has.
    repetitions : int
        Browsers each.
    tell : callable
        Told how far it is.

    Returns
    -------
    dict
        "page", "target_s", "target_engine"; "first_visit" and "next_visit" of the page, from the start of the navigation to the first
        prediction on it; "engines": by name, from importing the public API on an empty page to its first prediction. Each with
        "median_s", "minimum_s", "maximum_s", "samples_s".

    Raises
    ------
    BuildError
        If there is no prediction.
    """
    engines = engines_of(dist)
    first: list[float] = []
    after: list[float] = []
    alone: dict[str, list[float]] = {engine: [] for engine in engines}
    for repetition in range(repetitions):
        tell(f"Cold start {repetition + 1} of {repetitions}")
        with fresh_chromium(playwright) as browser:
            page = browser.new_page()
            first.append(_seconds_to_prediction(page, site))
            after.append(_seconds_to_prediction(page, site))
        for engine in engines:
            with fresh_chromium(playwright) as browser:
                alone[engine].append(_seconds_by_api(browser.new_page(), site, engine))
    return {
        "page": PAGE,
        "target_s": TARGET_S,
        "target_engine": TARGET_ENGINE,
        "first_visit": _described(first),
        "next_visit": _described(after),
        "engines": {engine: _described(samples) for engine, samples in alone.items()},
    }


def engines_of(dist: Path) -> tuple[str, ...]:
    """The engines that a built site's pipeline can be opened with: "python", and "graph" where its features lower."""
    channel = json.loads((dist / "channels" / "stable.json").read_text(encoding="utf-8"))
    pipeline = json.loads((dist / channel["manifest"]).read_text(encoding="utf-8"))["pipelines"][PIPELINE]
    default = next(variant for variant in pipeline["variants"] if variant["name"] == pipeline["default_variant"])
    return ("graph", "python") if default.get("graph") else ("python",)


def _seconds_to_prediction(page: Page, site: str) -> float:
    page.goto(site + PAGE)
    for _ in range(LIMIT_MS // POLL_MS):
        predicted_ms = page.evaluate(READ_MARK)
        if predicted_ms is not None:
            return float(predicted_ms) / 1000
        if failure := page.evaluate(READ_FAILURE):
            raise BuildError(f"{PAGE} showed an error instead of a prediction: {' '.join(failure.split())}")
        page.wait_for_timeout(POLL_MS)
    raise BuildError(f"{PAGE} gave no prediction within {LIMIT_MS / 1000:.0f} s; open it in a browser and look")


def _seconds_by_api(page: Page, site: str, engine: str) -> float:
    page.goto(site + EMPTY_PAGE)
    try:
        return float(page.evaluate(OPEN_AND_PREDICT, [f"{site}/foreshore.js", PIPELINE, engine])) / 1000
    except Error as error:
        raise BuildError(f"the public API gave no prediction with engine {engine!r}: {error.message}") from error


def _described(samples: Sequence[float]) -> dict[str, Any]:
    return {
        "median_s": statistics.median(samples),
        "minimum_s": min(samples),
        "maximum_s": max(samples),
        "samples_s": list(samples),
    }
