"""A lane at work: takes events in, lets them go at each horizon, and reads the windows of a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from foreshore.windows.cells import Cell, Read, cell_maker, decays, has, window_reader
from foreshore.windows.lanes import Lane
from foreshore.windows.reading import Values, filter_reader, key_reader

type Extra = Callable[[Cell, int, int, int], None]
type Readers = list[tuple[str, int, Read]]


def passed(minutes: Mapping[int, object], after: int, until: int) -> list[int]:
    """The minutes of a mapping in (after, until], rising; quick for a small step and for a leap over years alike."""
    if until - after <= len(minutes):
        return [minute for minute in range(after + 1, until + 1) if minute in minutes]
    return sorted(minute for minute in minutes if after < minute <= until)


class LaneTotals:
    """The cells of one lane.

    Parameters
    ----------
    lane : Lane

    Attributes
    ----------
    cells : dict
        Key to `Cell`; a key without events has none.
    take : callable
        `take(values, minute, clock)` takes in one event that passed the stream's checks.
    """

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.cells: dict[Any, Cell] = {}
        self._keys_at: dict[int, list[Any]] = {}
        self._decays = decays(lane)
        self._spans = [
            (span, horizon, [index for index, (own, _) in enumerate(self._decays) if own == horizon])
            for span, horizon in reversed(tuple(enumerate(lane.horizons)))
        ]
        self._stairs = has(lane, "max") or has(lane, "min")
        self.make = cell_maker(lane)
        self.readers = _readers(lane)
        self.put = self._putter()
        self.take = self._taker()

    def _taker(self) -> Callable[[Values, int, int], None]:
        lane, put = self.lane, self.put
        key_of = key_reader(lane.event, lane.key)
        passes = filter_reader(lane.event, lane.where) if lane.where else None
        value_at = None if lane.value is None else lane.event.position(lane.value)
        scale = None if lane.whole else lane.scale
        several, oldest = len(lane.key) > 1, lane.horizons[0]

        def take(values: Values, minute: int, clock: int) -> None:
            key = key_of(values)
            value = 0 if value_at is None else values[value_at]
            if minute <= clock - oldest or value is None or key is None or (passes and not passes(values)):
                return
            if several and None in key:
                return
            put(key, minute, value if scale is None else round(value * scale), clock)

        return take

    def _putter(self) -> Callable[[Any, int, int, int], None]:
        cells, keys_at, make = self.cells, self._keys_at, self.make
        spans = tuple(enumerate(self.lane.horizons))
        extras = self._extras()

        def put(key: Any, minute: int, value: int, clock: int) -> None:
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = make()
            bucket = cell.buckets.get(minute)
            if bucket is None:
                cell.buckets[minute] = [1, value]
                keys_at.setdefault(minute, []).append(key)
            else:
                bucket[0] += 1
                bucket[1] += value
            counts, sums = cell.counts, cell.sums
            for span, horizon in spans:
                if minute > clock - horizon:
                    counts[span] += 1
                    sums[span] += value
            for extra in extras:
                extra(cell, minute, value, clock)

        return put

    def _extras(self) -> list[Extra]:
        extras: list[Extra] = []
        if has(self.lane, "last"):
            extras.append(_take_latest)
        if has(self.lane, "max"):
            extras.append(lambda cell, minute, value, _: cell.highs.add(minute, value))
        if has(self.lane, "min"):
            extras.append(lambda cell, minute, value, _: cell.lows.add(minute, -value))
        extras.extend(_decay_taker(index, horizon) for index, (horizon, _) in enumerate(self._decays))
        return extras

    def expire(self, before: int, now: int) -> None:
        """Let events go that the clock's step from `before` to `now` takes out of each horizon, and keys without events."""
        keys_at = self._keys_at
        for span, horizon, decayed in self._spans:
            if now - before == 1:  # by far the most frequent step
                if now - horizon in keys_at:
                    self._expire_minute(span, now - horizon, decayed)
            else:
                for minute in passed(keys_at, before - horizon, now - horizon):
                    self._expire_minute(span, minute, decayed)

    def _expire_minute(self, span: int, minute: int, decayed: list[int]) -> None:
        keys = self._keys_at[minute] if span else self._keys_at.pop(minute)
        for key in keys:
            cell = self.cells[key]
            count, value = cell.buckets[minute]
            cell.counts[span] -= count
            cell.sums[span] -= value
            for index in decayed:
                cell.decays[index].remove(minute, count, value)
            if not span:
                self._forget(key, cell, minute)

    def _forget(self, key: Any, cell: Cell, minute: int) -> None:
        del cell.buckets[minute]
        if not cell.buckets:
            del self.cells[key]
            return
        if self._stairs:
            cell.highs.forget(minute)
            cell.lows.forget(minute)

    def restore(self, key: Any, cell: Cell, buckets: Iterable[tuple[int, int, int]], clock: int) -> None:
        """Put back a key whose staircases and latest event are already in the cell, from its minutes, counts and sums."""
        self.cells[key] = cell
        for minute, count, value in sorted(buckets):
            cell.buckets[minute] = [count, value]
            self._keys_at.setdefault(minute, []).append(key)
            for span, horizon in enumerate(self.lane.horizons):
                if minute > clock - horizon:
                    cell.counts[span] += count
                    cell.sums[span] += value
            for state, (horizon, _) in zip(cell.decays, self._decays, strict=True):
                if minute > clock - horizon:
                    state.add(minute, count, value)


def _readers(lane: Lane) -> dict[tuple[str, ...], Readers]:
    """Query fields to the name, the place of the horizon and the reader of each window that is asked for by them."""
    readers: dict[tuple[str, ...], Readers] = {}
    for position, window in enumerate(lane.windows):
        span = lane.horizons.index(window.horizon_min)
        readers.setdefault(window.query_key, []).append((window.name, span, window_reader(lane, position)))
    return readers


def _take_latest(cell: Cell, minute: int, value: int, clock: int) -> None:
    if minute >= cell.latest_min:
        cell.latest_min = minute
        cell.latest = value


def _decay_taker(index: int, horizon: int) -> Extra:
    def take(cell: Cell, minute: int, value: int, clock: int) -> None:
        if minute > clock - horizon:
            cell.decays[index].add(minute, 1, value)

    return take
