"""Cold starts: how long a visitor with an empty browser waits for the first prediction."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playwright.sync_api import Error, Page, Playwright

from packing.errors import BuildError
from web.bench.chromium import fresh_chromium

type Json = Mapping[str, Any]

PAGES = {"eta": "/arrivals/"}
"""Pages that make a prediction by themselves, by pipeline."""
EMPTY_PAGE = "/LICENSE"
"""A page of the site that runs no script of its own."""
MARK = "foreshore:first-prediction"
"""The page's own `performance.mark`; its `startTime` counts from the start of the navigation."""
TARGETS_S = {"eta": 1.5}
"""Seconds to the first prediction, of those pipelines that have such a target."""
TARGET_ENGINE = "graph"
"""The one that has to meet it, and that the page runs by default; Python takes longer to load."""
LIMIT_MS = 120_000
POLL_MS = 50
READ_MARK = f"() => performance.getEntriesByName('{MARK}')[0]?.startTime ?? null"
READ_FAILURE = "() => document.querySelector('[data-testid=failure]')?.textContent ?? ''"
OPEN_AND_PREDICT = """async ([module, pipeline, engine]) => {
  const grey = { width: 640, height: 480, data: new Uint8Array(3 * 640 * 480).fill(127) };
  const start = performance.now();
  const { open } = await import(module);
  const predictor = await open(pipeline, { engine });
  const valueOf = ({ dtype, example }) => (dtype === "image" ? grey : example);
  await predictor.predict(Object.fromEntries(predictor.contract.fields.map((field) => [field.name, valueOf(field)])));
  const taken = performance.now() - start;
  await predictor.close();
  return taken;
}"""


def measure_cold_starts(
    playwright: Playwright, site: str, release: Json, pipeline: str, repetitions: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Seconds to the first prediction, with a new browser for each.

    Parameters
    ----------
    playwright : Playwright
    site : str
        URL of the site's root, without a slash at its end.
    release : mapping
        The site's manifest; tells which engines the pipeline has.
    pipeline : str
    repetitions : int
        Browsers each.
    tell : callable
        Told how far it is.

    Returns
    -------
    dict
        "page" and "target_s", or None; "target_engine"; "first_visit" and "next_visit" of the page, from the start of the navigation to the
        first prediction on it, or None; "engines": by name, from importing the public API on an empty page to its first prediction.
        Each with "median_s", "minimum_s", "maximum_s", "samples_s".

    Raises
    ------
    BuildError
        If there is no prediction.
    """
    engines, place = engines_of(release["pipelines"][pipeline]), PAGES.get(pipeline)
    first: list[float] = []
    after: list[float] = []
    alone: dict[str, list[float]] = {engine: [] for engine in engines}
    for repetition in range(repetitions):
        tell(f"Cold start of {pipeline}, {repetition + 1} of {repetitions}")
        if place is not None:
            with fresh_chromium(playwright) as browser:
                page = browser.new_page()
                first.append(_seconds_to_prediction(page, site, place))
                after.append(_seconds_to_prediction(page, site, place))
        for engine in engines:
            with fresh_chromium(playwright) as browser:
                alone[engine].append(_seconds_by_api(browser.new_page(), site, pipeline, engine))
    return {
        "page": place,
        "target_s": TARGETS_S.get(pipeline),
        "target_engine": TARGET_ENGINE,
        "first_visit": _described(first) if first else None,
        "next_visit": _described(after) if after else None,
        "engines": {engine: _described(samples) for engine, samples in alone.items()},
    }


def engines_of(pipeline: Json) -> tuple[str, ...]:
    """The engines that a release's pipeline can be opened with: "python", and "graph" where its features lower."""
    default = next(variant for variant in pipeline["variants"] if variant["name"] == pipeline["default_variant"])
    return ("graph", "python") if default.get("graph") else ("python",)


def _seconds_to_prediction(page: Page, site: str, place: str) -> float:
    page.goto(site + place)
    for _ in range(LIMIT_MS // POLL_MS):
        predicted_ms = page.evaluate(READ_MARK)
        if predicted_ms is not None:
            return float(predicted_ms) / 1000
        if failure := page.evaluate(READ_FAILURE):
            raise BuildError(f"{place} showed an error instead of a prediction: {' '.join(failure.split())}")
        page.wait_for_timeout(POLL_MS)
    raise BuildError(f"{place} gave no prediction within {LIMIT_MS / 1000:.0f} s; open it in a browser and look")


def _seconds_by_api(page: Page, site: str, pipeline: str, engine: str) -> float:
    page.goto(site + EMPTY_PAGE)
    try:
        return float(page.evaluate(OPEN_AND_PREDICT, [f"{site}/foreshore.js", pipeline, engine])) / 1000
    except Error as error:
        raise BuildError(f"the public API gave no prediction of {pipeline} with engine {engine!r}: {error.message}") from error


def _described(samples: Sequence[float]) -> dict[str, Any]:
    return {
        "median_s": statistics.median(samples),
        "minimum_s": min(samples),
        "maximum_s": max(samples),
        "samples_s": list(samples),
    }
