"""The incremental execution: windows over events as they arrive, in bounded memory."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from foreshore.errors import Problem, ValidationError
from foreshore.records import brief
from foreshore.windows.cells import NEVER, Cell
from foreshore.windows.declarations import EventType, WindowSet
from foreshore.windows.lanes import lanes
from foreshore.windows.reading import Unfit, event_reader, query_reader
from foreshore.windows.state import load, save
from foreshore.windows.totals import LaneTotals, Readers, passed

type Asked = tuple[dict[Any, Cell], Callable[[Mapping[str, Any]], Any], Readers]


class Feed:
    """One event type's side of a stream: its reader, its lanes, and the ids it remembers.

    Attributes
    ----------
    ids : dict
        Known time to the set of ids taken in with it, as far back as the type's lateness.
    """

    def __init__(self, event: EventType, lanes_of_type: list[LaneTotals]) -> None:
        self.name = event.name
        self.read = event_reader(event)
        self.id_at = event.position(event.id_field)
        self.event_at = event.position(event.event_time_field)
        self.known_at = event.position(event.known_time_field)
        self.lateness = event.lateness_min
        self.ids: dict[int, set[str | int]] = {}
        self.takers = [lane.take for lane in lanes_of_type]


class Stream:
    """Windows over events and questions that come one by one.

    Memory holds, for every key that has events, a pair of numbers a minute of its longest horizon, and the ids of as many minutes as late
    events are allowed; events leave when they expire, keys when their last event does.

    Parameters
    ----------
    windows : WindowSet

    Attributes
    ----------
    windows : WindowSet
    accepted : dict of str to int
        Events taken in, by type.
    dropped : dict of str to dict of str to int
        Events dropped, by type and reason; "" stands for types that there are not.
    """

    def __init__(self, windows: WindowSet) -> None:
        self.windows = windows
        self.accepted = {event.name: 0 for event in windows.events}
        self.dropped: dict[str, dict[str, int]] = {event.name: {} for event in windows.events}
        self.lanes = [LaneTotals(lane) for lane in lanes(windows)]
        self.feeds = {event.name: Feed(event, [own for own in self.lanes if own.lane.event is event]) for event in windows.events}
        self.clock = NEVER
        self._read_query = query_reader(windows.query_fields())
        self._empty = {window.name: window.empty_value for window in windows.windows}
        self._asked = [_asked(lane, names, readers) for lane in self.lanes for names, readers in lane.readers.items()]

    @property
    def clock_min(self) -> int | None:
        """The latest known time taken in or time asked for; None before either."""
        return None if self.clock == NEVER else self.clock

    def push(self, source: str, record: Mapping[str, Any]) -> str | None:
        """Take in one event.

        Parameters
        ----------
        source : str
            Name of the event type.
        record : mapping
            Field name to value.

        Returns
        -------
        str or None
            Why it was dropped, one of `REASONS`; None if it was taken in.

        Raises
        ------
        ValidationError
            If it does not fit its declaration and the windows say that such events are refused.
        """
        feed = self.feeds.get(source) if type(source) is str else None
        if feed is None:
            return self._unfit("", Unfit("unknown_type", "", f"an event of type {brief(source)}", f"one of {list(self.feeds)}"))
        try:
            values = feed.read(record)
        except Unfit as problem:
            return self._unfit(source, problem)
        minute, known = values[feed.event_at], values[feed.known_at]
        if minute > known:
            return self._unfit(source, Unfit("future", "", f"event time {minute} after known time {known}", "an event that has happened"))
        return self._take(feed, values, minute, known)

    def _take(self, feed: Feed, values: tuple[Any, ...], minute: int, known: int) -> str | None:
        if known < self.clock - feed.lateness:
            return self._drop(feed.name, "late")
        identity = values[feed.id_at]
        ids = feed.ids.get(known)
        if ids is None:
            feed.ids[known] = {identity}
        elif identity in ids:
            return self._drop(feed.name, "duplicate")
        else:
            ids.add(identity)
        if known > self.clock:
            self._advance(known)
        clock = self.clock
        for take in feed.takers:
            take(values, minute, clock)
        self.accepted[feed.name] += 1
        return None

    def push_many(self, source: str, records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        """Take in several events of one type, in order; how many were dropped, by reason (see `push`)."""
        push = self.push
        reasons: dict[str, int] = {}
        for record in records:
            reason = push(source, record)
            if reason is not None:
                reasons[reason] = reasons.get(reason, 0) + 1
        return reasons

    def query(self, record: Mapping[str, Any], time_min: int) -> dict[str, float]:
        """Every window's value for one record at a time; moves the clock there.

        Parameters
        ----------
        record : mapping
            Carries the windows' query fields; a key that is null, absent or never seen finds empty windows.
        time_min : int
            Minutes since 1970-01-01 UTC, not before the clock.

        Returns
        -------
        dict of str to float
            In the order of the declaration.

        Raises
        ------
        ValidationError
            If the time lies before the clock, or a key is of another type than the events'.
        """
        key = self._read_query(record)
        self.advance(time_min)
        answer = self._empty.copy()
        for cells, key_of, readers in self._asked:
            cell = cells.get(key_of(key))
            if cell is not None:
                for name, span, read in readers:
                    if cell.counts[span]:
                        answer[name] = read(cell, time_min)
        return answer

    def advance(self, time_min: int) -> None:
        """Move the clock forward without an event.

        Raises
        ------
        ValidationError
            If that would be backwards.
        """
        if type(time_min) is not int:
            raise ValidationError([Problem(0, "time_min", brief(time_min), "an integer, minutes since 1970-01-01 UTC")])
        if time_min > self.clock:
            self._advance(time_min)
        elif time_min < self.clock:
            expected = f"at least {self.clock}, the clock's time; the clock does not go backwards, ask in the order of time"
            raise ValidationError([Problem(0, "time_min", brief(time_min), expected)])

    def save(self) -> bytes:
        """All that the stream remembers, for `restore`; JSON with a format number, the declarations' signature and a hash."""
        return save(self)

    @classmethod
    def restore(cls, windows: WindowSet, state: bytes) -> Stream:
        """The stream that `save` wrote.

        Raises
        ------
        ArtefactError
            If the state is damaged, of another format, or of other declarations.
        """
        stream = cls(windows)
        load(stream, state)
        return stream

    def _advance(self, now: int) -> None:
        before, self.clock = self.clock, now
        for feed in self.feeds.values():
            for minute in passed(feed.ids, before - feed.lateness - 1, now - feed.lateness - 1):
                del feed.ids[minute]
        for lane in self.lanes:
            lane.expire(before, now)

    def _unfit(self, source: str, problem: Unfit) -> str:
        if self.windows.invalid == "refuse":
            raise ValidationError([problem.problem]) from None
        return self._drop(source, problem.reason)

    def _drop(self, source: str, reason: str) -> str:
        counts = self.dropped.setdefault(source, {})
        counts[reason] = counts.get(reason, 0) + 1
        return reason


def _asked(lane: LaneTotals, names: tuple[str, ...], readers: Readers) -> Asked:
    if not names:
        return lane.cells, lambda _: (), readers
    return lane.cells, operator.itemgetter(*names), readers
