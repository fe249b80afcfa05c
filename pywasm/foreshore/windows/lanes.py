"""Lanes: which windows can share one set of running totals. Both executions follow the same plan."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from foreshore.windows.declarations import DECAY_BITS, EventType, Filter, Window, WindowSet

type LaneKey = tuple[str, tuple[str, ...], tuple[Filter, ...], str | None]
"""Source, event key, filter and value."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Windows over the same events: one source, key, filter and value; they differ in aggregate, horizon and query fields.

    Attributes
    ----------
    event : EventType
    key : tuple of str
        The event's key fields.
    where : tuple of Filter
    value : str or None
        None where only events are counted.
    windows : tuple of Window
    """

    event: EventType
    key: tuple[str, ...]
    where: tuple[Filter, ...]
    value: str | None
    windows: tuple[Window, ...]

    @property
    def horizons(self) -> tuple[int, ...]:
        """Every horizon of the windows once, in minutes, the longest first."""
        return tuple(sorted({window.horizon_min for window in self.windows}, reverse=True))

    @property
    def whole(self) -> bool:
        """Whether values are integers as they come."""
        return self.value is None or self.event.field(self.value).dtype == "int32"

    @property
    def scale(self) -> float:
        """What values are multiplied by before they are rounded to integers."""
        return 1.0 if self.value is None else self.event.field(self.value).scale


def lanes(windows: WindowSet) -> tuple[Lane, ...]:
    """The lanes of a set of windows.

    A window that only counts joins a lane with the same events where every event has a value.
    """
    groups: dict[LaneKey, list[Window]] = {}
    for window in sorted(windows.windows, key=lambda window: window.value is None):
        value = window.value if window.value is not None else _counted_with(window, windows, groups)
        groups.setdefault((window.source, window.event_key, window.where, value), []).append(window)
    return tuple(Lane(windows.event(source), key, where, value, tuple(members)) for (source, key, where, value), members in groups.items())


def _counted_with(window: Window, windows: WindowSet, groups: Iterable[LaneKey]) -> str | None:
    event = windows.event(window.source)
    for source, key, where, value in groups:
        same = (source, key, where) == (window.source, window.event_key, window.where)
        if same and value is not None and not event.field(value).nullable:
            return value
    return None


def decay_weights(half_life_min: int) -> tuple[int, ...]:
    """Weights of events within one half-life, `half_life_min` integers from 2**24 up to 2**25, rising.

    An event of minute `m` weighs `weights[m % half_life_min] * 2**(m // half_life_min)`: only ratios of weights matter, so they need no
    reference to the present, and an event's weight never has to be touched again.

    References
    ----------
    Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009.

    Examples
    --------
    >>> decay_weights(2)
    (16777216, 23726566)
    """
    return tuple(round(math.ldexp(2.0 ** (minute / half_life_min), DECAY_BITS)) for minute in range(half_life_min))
