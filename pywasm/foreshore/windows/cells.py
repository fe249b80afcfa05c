"""What a stream remembers of one key: integer totals by minute and by horizon, and the staircase of its extremes.

Everything here is an integer: minutes, and values in the lane's fixed point. Adding and taking away leave no rounding behind.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from foreshore.windows.declarations import Window
from foreshore.windows.lanes import Lane, decay_weights

NEVER = -(2**62)
"""A clock that has not been set."""


class Cell:
    """The events of one key in one lane, none older than the longest horizon.

    Attributes
    ----------
    buckets : dict
        Minute to [number of events, sum of values].
    counts, sums : list of int
        One of each a horizon of the lane.
    latest_min, latest : int
        Event time and value of the newest event.
    highs, lows : Staircase
        Used where a window of the lane asks for a maximum or a minimum.
    decays : list of Decayed
        As `decays` lists them.
    """

    __slots__ = ("buckets", "counts", "decays", "highs", "latest", "latest_min", "lows", "sums")

    def __init__(self, horizons: int) -> None:
        self.buckets: dict[int, list[int]] = {}
        self.counts = [0] * horizons
        self.sums = [0] * horizons
        self.latest_min = NEVER
        self.latest = 0
        self.highs = Staircase()
        self.lows = Staircase()
        self.decays: list[Decayed] = []


class Staircase:
    """Suffix maxima: the largest value among all events from some minute on, for every such minute.

    An event is kept while no later or simultaneous one is as large; hence minutes rise and values fall, strictly. One staircase serves
    every horizon. For minima, values enter negated.
    """

    __slots__ = ("minutes", "values")

    def __init__(self) -> None:
        self.minutes: list[int] = []
        self.values: list[int] = []

    def add(self, minute: int, value: int) -> None:
        """Take in an event, at any place in time."""
        minutes, values = self.minutes, self.values
        end = len(minutes) if not minutes or minute >= minutes[-1] else bisect_right(minutes, minute)
        if end < len(values) and values[end] >= value:
            return
        if end and minutes[end - 1] == minute and values[end - 1] >= value:
            return
        start = end
        while start and values[start - 1] <= value:
            start -= 1
        minutes[start:end] = [minute]
        values[start:end] = [value]

    def since(self, minute: int) -> int:
        """The largest value after this minute; there must be one."""
        return self.values[bisect_right(self.minutes, minute)]

    def forget(self, minute: int) -> None:
        """Leave out all up to and with this minute."""
        end = bisect_right(self.minutes, minute)
        if end:
            del self.minutes[:end], self.values[:end]


class Decayed:
    """Weighted sum of values and sum of weights, as exact integers relative to the half-life `base`.

    A weight is `weights[minute % half_life] << (minute // half_life - base)`; `base` moves up with the oldest event, so that numbers stay
    as small as the horizon is short.
    """

    __slots__ = ("base", "half_life", "total", "weight", "weights")

    def __init__(self, weights: tuple[int, ...]) -> None:
        self.weights = weights
        self.half_life = len(weights)
        self.base = 0
        self.total = 0
        self.weight = 0

    def add(self, minute: int, count: int, value: int) -> None:
        """Take in so many events of one minute, with this sum of values."""
        age, phase = divmod(minute, self.half_life)
        if not self.weight:
            self.base = age
        elif age < self.base:
            self._move(age)
        weight = self.weights[phase] << (age - self.base)
        self.total += value * weight
        self.weight += count * weight

    def remove(self, minute: int, count: int, value: int) -> None:
        """Take away what was added for this minute, the oldest there is."""
        age, phase = divmod(minute, self.half_life)
        weight = self.weights[phase] << (age - self.base)
        self.total -= value * weight
        self.weight -= count * weight
        after = (minute + 1) // self.half_life
        if after > self.base:
            self._move(after)

    def _move(self, base: int) -> None:
        """Count from another half-life; exact, since no remaining event is older than either."""
        shift = base - self.base
        self.total = self.total >> shift if shift > 0 else self.total << -shift
        self.weight = self.weight >> shift if shift > 0 else self.weight << -shift
        self.base = base


type Maker = Callable[[], Cell]
type Read = Callable[[Cell, int], float]


def cell_maker(lane: Lane) -> Maker:
    """A function that makes an empty cell for this lane."""
    horizons = len(lane.horizons)
    weights = [decay_weights(half_life) for _, half_life in decays(lane)]

    def make() -> Cell:
        cell = Cell(horizons)
        cell.decays = [Decayed(table) for table in weights]
        return cell

    return make


def decays(lane: Lane) -> tuple[tuple[int, int], ...]:
    """Horizon and half-life of every decayed mean of the lane once, the order of `Cell.decays`."""
    return tuple(sorted({(window.horizon_min, window.half_life_min) for window in lane.windows if window.half_life_min is not None}))


def has(lane: Lane, aggregate: str) -> bool:
    """Whether a window of the lane has this aggregate."""
    return any(window.aggregate == aggregate for window in lane.windows)


def window_reader(lane: Lane, position: int) -> Read:
    """A function from a cell and the clock to the value of the lane's window at `position`; its horizon must hold an event."""
    window = lane.windows[position]
    span = lane.horizons.index(window.horizon_min)
    return _READERS[window.aggregate](lane, window, span)


def _count(lane: Lane, window: Window, span: int) -> Read:
    return lambda cell, _: float(cell.counts[span])


def _rate(lane: Lane, window: Window, span: int) -> Read:
    horizon = window.horizon_min
    return lambda cell, _: cell.counts[span] * 60 / horizon


def _sum(lane: Lane, window: Window, span: int) -> Read:
    unit = 1 / lane.scale
    return lambda cell, _: cell.sums[span] * unit


def _mean(lane: Lane, window: Window, span: int) -> Read:
    unit = 1 / lane.scale
    return lambda cell, _: cell.sums[span] * unit / cell.counts[span]


def _last(lane: Lane, window: Window, span: int) -> Read:
    unit = 1 / lane.scale
    return lambda cell, _: cell.latest * unit


def _max(lane: Lane, window: Window, span: int) -> Read:
    unit, horizon = 1 / lane.scale, window.horizon_min
    return lambda cell, clock: cell.highs.since(clock - horizon) * unit


def _min(lane: Lane, window: Window, span: int) -> Read:
    unit, horizon = 1 / lane.scale, window.horizon_min
    return lambda cell, clock: -cell.lows.since(clock - horizon) * unit


def _decay(lane: Lane, window: Window, span: int) -> Read:
    unit = 1 / lane.scale
    assert window.half_life_min is not None
    index = decays(lane).index((window.horizon_min, window.half_life_min))

    def read(cell: Cell, clock: int) -> float:
        state = cell.decays[index]
        return state.total / state.weight * unit

    return read


_READERS: dict[str, Callable[[Lane, Window, int], Read]] = {
    "count": _count,
    "rate": _rate,
    "sum": _sum,
    "mean": _mean,
    "last": _last,
    "max": _max,
    "min": _min,
    "decay": _decay,
}
