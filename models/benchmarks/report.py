"""The windows' figures as a table, each beside its target."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

HISTORY_TARGET_S = 20.0
EVENTS_PER_S_TARGETS = {"cpython": 20_000, "pyodide": 8_000}
UPDATE_TARGET_US = 1_000
TITLES = {"cpython": "CPython", "pyodide": "Pyodide"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, measured several times.

    Attributes
    ----------
    title, unit : str
    samples : sequence of float
        One a run.
    target : float or None
        What the median is to stay under, or to reach.
    more_is_better : bool
    """

    title: str
    unit: str
    samples: Sequence[float]
    target: float | None = None
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """Whether the median meets the target; "" without one."""
        if self.target is None:
            return ""
        median = statistics.median(self.samples)
        return "met" if (median >= self.target if self.more_is_better else median < self.target) else "MISSED"

    def row(self) -> tuple[str, ...]:
        """Cells: title, median, range, target, verdict."""
        spread = f"{_number(min(self.samples))} to {_number(max(self.samples))}"
        bound = "at least" if self.more_is_better else "under"
        target = "" if self.target is None else f"{bound} {_number(self.target)} {self.unit}"
        return self.title, f"{_number(statistics.median(self.samples))} {self.unit}", spread, target, self.verdict


def windows_table(results: Mapping[str, Any]) -> Table:
    """What `models.benchmarks.windows.measure` gives, beside the targets."""
    table = Table(title=f"Windows, medians of {len(results['history']['seconds'])} runs", title_justify="left")
    table.add_column("what", no_wrap=True)
    for column in ("median", "range", "target", ""):
        table.add_column(column, justify="right")
    for figure in figures(results):
        table.add_row(*figure.row())
    return table


def figures(results: Mapping[str, Any]) -> Iterator[Figure]:
    """Every figure of the results, in the table's order."""
    past = results["history"]
    yield Figure(f"history: {past['features']} features of {past['queries']:,} flights", "s", past["seconds"], HISTORY_TARGET_S)
    for name in TITLES:
        if name in results:
            yield from _streamed(name, results[name])


def _streamed(name: str, run: Mapping[str, Any]) -> Iterator[Figure]:
    title, target = TITLES[name], EVENTS_PER_S_TARGETS[name]
    yield Figure(f"{title}: {run['events']:,} events", "events/s", run["events_per_s"], target, more_is_better=True)
    asked = f"{title}: with {run['queries']:,} questions between them"
    yield Figure(asked, "events/s", run["events_per_s_with_queries"], more_is_better=True)
    yield Figure(f"{title}: one update, median", "µs", run["push_us"]["p50"])
    yield Figure(f"{title}: one update, 99th percentile", "µs", run["push_us"]["p99"], UPDATE_TARGET_US)
    yield Figure(f"{title}: one question, 99th percentile", "µs", run["query_us"]["p99"])


def _number(value: float) -> str:
    """A number with as many digits as matter.

    Examples
    --------
    >>> _number(4.412), _number(29_431.6), _number(123.05)
    ('4.41', '29,432', '123')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
