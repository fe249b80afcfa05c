"""Which events each query sees at one horizon, and aggregates over them without a loop over rows.

An event is seen when it was taken in before the query (its rank is lower) and has not expired (its event time is after `t - horizon`).
These are two orders. But an event that was not expired when it was taken in can only expire later, at a time when it had long been taken
in. So what is seen is what was taken in so far less what has expired so far: two positions in two sorted lists, whatever the disorder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from foreshore.windows.columns import Ints, Mask
from foreshore.windows.lanes import decay_weights

type Floats = NDArray[np.float64]

CHUNK = 2**20
"""How many events of overlapping windows are laid out at once; bounds memory to some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Track:
    """Events of one lane, sorted by key and, within a key, by rank.

    Attributes
    ----------
    code, rank, minute, clock, value : (N,) int64
        Key; order of arrival; event time; the clock's time once it was taken in; value in fixed point.
    """

    code: Ints
    rank: Ints
    minute: Ints
    clock: Ints
    value: Ints

    def only(self, kept: Mask) -> Track:
        """The events where `kept` holds."""
        return Track(self.code[kept], self.rank[kept], self.minute[kept], self.clock[kept], self.value[kept])


class Span:
    """The events that each query sees at one horizon.

    Parameters
    ----------
    track : Track
    horizon_min : int
    codes, ranks, times : (Q,) int64
        Key, rank and time of each query; code -1 for a key that is missing.

    Attributes
    ----------
    rows : (R,) int64
        The queries that see any event; all that follows is about these.
    counts : (R,) int64
        How many each sees.
    """

    def __init__(self, track: Track, horizon_min: int, codes: Ints, ranks: Ints, times: Ints) -> None:
        seen = track.clock - track.minute < horizon_min
        self.track = track if seen.all() else track.only(seen)
        self._by_minute = np.lexsort((self.track.minute, self.track.code))
        since = times - horizon_min
        end = _positions(self.track.code, self.track.rank, codes, ranks, "left")
        gone = _positions(self.track.code, self.track.minute[self._by_minute], codes, since, "right")
        self.rows = np.flatnonzero(end > gone)
        self.counts = (end - gone)[self.rows]
        self._end, self._gone = end[self.rows], gone[self.rows]
        self._codes, self._since = codes[self.rows], since[self.rows]

    def sums(self) -> Floats:
        """Sums of values, (R,). Integers modulo 2**64 on the way, exact in the end: a window's sum fits."""
        values = self.track.value
        taken, expired = _running(values), _running(values[self._by_minute])
        sums: Floats = (taken[self._end] - expired[self._gone]).astype(np.float64)
        return sums

    def newest(self) -> Ints:
        """Position in the track of each query's newest event, (R,); at equal event times the one taken in later."""
        place = np.empty(len(self._by_minute), np.int64)
        place[self._by_minute] = np.arange(len(place))
        newest: Ints = self._by_minute[np.maximum.accumulate(place)[self._end - 1]]
        return newest

    @cached_property
    def _ordered(self) -> bool:
        """Whether events came in the order in which they happened."""
        return bool((np.diff(self._by_minute) == 1).all())

    @cached_property
    def _start(self) -> Ints:
        """Where to look for each query's events: all of them lie in [start, end), and others may if not ordered."""
        if self._ordered:
            return self._gone
        return _positions(self.track.code, self.track.clock, self._codes, self._since, "right")

    def laid_out(self) -> Iterator[tuple[slice, Ints, NDArray[np.intp], Mask | None]]:
        """The queries' events one after another, some queries at a time.

        Yields
        ------
        slice
            Of the R queries.
        (E,) int64
            Positions in the track of all their events.
        (slice length,) intp
            Where each query's events begin among the E.
        (E,) bool or None
            Which of them the query sees; None for all.
        """
        lengths = (self._end - self._start).astype(np.intp)  # 32 bits wide in WebAssembly, where repeat and reduceat take no wider one
        ends = np.cumsum(lengths, dtype=np.int64)
        first = 0
        while first < len(lengths):
            before = int(ends[first] - lengths[first])
            last = max(first + 1, int(np.searchsorted(ends, before + CHUNK, "right")))
            part = slice(first, last)
            offsets = (ends[part] - lengths[part] - before).astype(np.intp)
            flat = np.arange(int(ends[last - 1]) - before) + np.repeat(self._start[part] - offsets, lengths[part])
            shown = None if self._ordered else self.track.minute[flat] > np.repeat(self._since[part], lengths[part])
            yield part, flat, offsets, shown
            first = last


def newest(span: Span) -> Floats:
    """The value of each query's newest event, (R,)."""
    return span.track.value[span.newest()].astype(np.float64)


def extreme(span: Span, largest: bool) -> Floats:
    """The largest (or smallest) value that each query sees, (R,)."""
    reduce, worst = (np.maximum, np.iinfo(np.int64).min) if largest else (np.minimum, np.iinfo(np.int64).max)
    values = np.empty(len(span.rows), np.int64)
    for part, flat, offsets, shown in span.laid_out():
        laid = span.track.value[flat]
        if shown is not None:
            laid[~shown] = worst
        values[part] = reduce.reduceat(laid, offsets)
    return values.astype(np.float64)


def decayed_mean(span: Span, half_life_min: int) -> Floats:
    """Means weighted by 2**(-age / half_life_min), (R,); weights relative to the newest event's half-life, so that none overflows."""
    age, phase = np.divmod(span.track.minute, half_life_min)
    weights = np.array(decay_weights(half_life_min), np.float64)[phase]
    base = age[span.newest()]
    means = np.empty(len(span.rows))
    for part, flat, offsets, shown in span.laid_out():
        lengths = np.diff(offsets, append=len(flat)).astype(np.intp)
        weight = np.ldexp(weights[flat], (age[flat] - np.repeat(base[part], lengths)).astype(np.int32))
        if shown is not None:
            weight[~shown] = 0
        means[part] = np.add.reduceat(span.track.value[flat] * weight, offsets) / np.add.reduceat(weight, offsets)
    return means


def _running(values: Ints) -> Ints:
    """Sums of the first 0, 1, … all values."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])


def _positions(codes: Ints, values: Ints, asked_codes: Ints, asked_values: Ints, side: Literal["left", "right"]) -> Ints:
    """Where pairs (code, value) belong in the pairs of the track, which are sorted; 0 for the code -1."""
    if not len(codes) or not len(asked_codes):
        return np.zeros(len(asked_codes), np.int64)
    low = min(values.min(), asked_values.min())
    width = max(values.max(), asked_values.max()) - low + 1
    positions: Ints = np.searchsorted(codes * width + (values - low), asked_codes * width + (asked_values - low), side).astype(np.int64)
    return positions
