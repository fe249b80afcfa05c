"""The vectorised execution: windows over a whole log of events, for all queries at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.errors import ContractError
from foreshore.windows.columns import Columns, Ints, check_column, joint_codes, missing, shared_codes
from foreshore.windows.declarations import COUNT_LIMIT, Filter, Window, WindowSet
from foreshore.windows.intake import Arrivals, Log, Taken, take_in
from foreshore.windows.lanes import Lane, lanes
from foreshore.windows.reading import OPERATORS
from foreshore.windows.spans import Floats, Span, Track, decayed_mean, extreme, newest

type Answer = Callable[[Span, Window, float], Floats]


@dataclass(frozen=True, slots=True)
class History:
    """Every window's value for every query.

    Attributes
    ----------
    columns : dict of str to (Q,) float64
        In the order of the declaration.
    accepted : dict of str to int
        Events taken in, by type.
    dropped : dict of str to dict of str to int
        Events dropped, by type and reason.
    """

    columns: dict[str, Floats]
    accepted: dict[str, int]
    dropped: dict[str, dict[str, int]]


def history(
    windows: WindowSet,
    events: Mapping[str, Columns],
    queries: Columns,
    times_min: NDArray[Any],
    arrivals: Arrivals | None = None,
) -> History:
    """Answer what a stream would have answered, had it been there.

    Parameters
    ----------
    windows : WindowSet
    events : mapping of str to columns
        For every event type its declared fields as (N,) arrays (see `EventField`), rows in any order.
    queries : columns
        The windows' query fields as (Q,) arrays.
    times_min : (Q,) integers
        When each query is asked, minutes since 1970-01-01 UTC; any order.
    arrivals : Arrivals or None
        In which order all this came. None: every event came at its known time, before the queries of that minute, so nothing is late.

    Returns
    -------
    History

    Raises
    ------
    ContractError
        If columns are missing or of another type than declared, or a window holds more than 2**22 events.
    ValidationError
        If `arrivals` make the clock go backwards, or events do not fit and the windows refuse such.
    """
    times = check_column("times_min", "int32", {"times_min": np.asarray(times_min)}).astype(np.int64)
    asked = {name: check_column(name, dtype, queries, len(times)) for name, dtype in windows.query_fields().items()}
    log = take_in(windows, events, times, arrivals)
    columns = {window.name: np.full(len(times), window.empty_value) for window in windows.windows}
    for lane in lanes(windows):
        _answer_lane(lane, log, asked, times, columns)
    return History(columns, {name: len(taken.rank) for name, taken in log.taken.items()}, log.dropped)


def _answer_lane(lane: Lane, log: Log, asked: Columns, times: Ints, columns: dict[str, Floats]) -> None:
    for query_key in sorted({window.query_key for window in lane.windows}):
        track, codes = _track(lane, log.taken[lane.event.name], query_key, asked, len(times))
        for horizon in lane.horizons:
            windows = [window for window in lane.windows if (window.query_key, window.horizon_min) == (query_key, horizon)]
            if windows:
                span = Span(track, horizon, codes, log.query_rank, times)
                for window in windows:
                    _answer(span, window, lane.scale, columns[window.name])


def _answer(span: Span, window: Window, scale: float, column: Floats) -> None:
    if span.counts.max(initial=0) > COUNT_LIMIT:
        raise ContractError(f"window {window.name}: holds {span.counts.max()} events, expected at most {COUNT_LIMIT}; shorten its horizon")
    column[span.rows] = _ANSWERS[window.aggregate](span, window, 1 / scale)


def _track(lane: Lane, taken: Taken, query_key: tuple[str, ...], asked: Columns, queries: int) -> tuple[Track, Ints]:
    """The lane's events by key and order of arrival, and the queries' codes of the same keys."""
    kept = np.ones(len(taken.rank), np.bool_)
    for condition in lane.where:
        kept &= _passes(condition, taken.columns)
    if lane.value is not None:
        kept &= ~missing(taken.columns[lane.value])
    pairs = zip(lane.key, query_key, strict=True)
    parts = [np.concatenate(shared_codes([taken.columns[event], asked[query]])) for event, query in pairs]
    codes = joint_codes(parts) if parts else np.zeros(len(kept) + queries, np.int64)
    kept &= codes[: len(kept)] >= 0
    rows = np.flatnonzero(kept)
    order = rows[np.argsort(codes[rows], kind="stable")]
    track = Track(codes[order], taken.rank[order], taken.minute[order], taken.clock[order], _values(lane, taken)[order])
    return track, codes[len(kept) :]


def _passes(condition: Filter, columns: Columns) -> NDArray[np.bool_]:
    column = columns[condition.field]
    holds: NDArray[np.bool_] = OPERATORS[condition.comparison](column, condition.constant) & ~missing(column)
    return holds


def _values(lane: Lane, taken: Taken) -> Ints:
    """Values in fixed point; 0 where there are none to read."""
    if lane.value is None:
        return np.zeros(len(taken.rank), np.int64)
    column = taken.columns[lane.value]
    values: Ints = (column if lane.whole else np.rint(np.nan_to_num(column) * lane.scale)).astype(np.int64)
    return values


_ANSWERS: Mapping[str, Answer] = {
    "count": lambda span, window, unit: span.counts.astype(np.float64),
    "rate": lambda span, window, unit: span.counts * 60 / window.horizon_min,
    "sum": lambda span, window, unit: span.sums() * unit,
    "mean": lambda span, window, unit: span.sums() * unit / span.counts,
    "last": lambda span, window, unit: newest(span) * unit,
    "max": lambda span, window, unit: extreme(span, largest=True) * unit,
    "min": lambda span, window, unit: extreme(span, largest=False) * unit,
    "decay": lambda span, window, unit: decayed_mean(span, window.half_life_min or 1) * unit,
}
