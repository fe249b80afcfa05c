"""Taking in a whole log at once: which events a stream would have accepted, and what its clock would have shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foreshore.errors import ContractError, Problem, ValidationError
from foreshore.windows.cells import NEVER
from foreshore.windows.columns import (
    DUPLICATE,
    FITS,
    LATE,
    Column,
    Columns,
    Ints,
    event_columns,
    joint_codes,
    shared_codes,
    unfit,
)
from foreshore.windows.declarations import REASONS, EventType, WindowSet


@dataclass(frozen=True, slots=True)
class Arrivals:
    """In which order the entries of a log came, where that is not the order of their known times.

    Parameters
    ----------
    events : mapping of str to (N,) integers
        For every event type: the place of each row in the log.
    queries : (Q,) integers
        The place of each query. No place is taken twice.
    """

    events: Mapping[str, Ints]
    queries: Ints


@dataclass(frozen=True, slots=True)
class Taken:
    """Events of one type that were taken in, in that order.

    Attributes
    ----------
    columns : dict
        As given, only rows taken in.
    minute, clock, rank : (N,) int64
        Event time; the clock's time once it was taken in; its place among all entries of the log.
    """

    columns: dict[str, Column]
    minute: Ints
    clock: Ints
    rank: Ints


@dataclass(frozen=True, slots=True)
class Log:
    """A log as a stream sees it.

    Attributes
    ----------
    taken : dict of str to Taken
    query_rank : (Q,) int64
        Place of each query; it sees the events of lower rank.
    codes : dict of str to (N,) int8
        By event type, why each row was dropped: its place in `REASONS`, or `FITS` where it was taken in.
    """

    taken: dict[str, Taken]
    query_rank: Ints
    codes: dict[str, NDArray[np.int8]]

    @property
    def dropped(self) -> dict[str, dict[str, int]]:
        """How many rows were dropped, by event type and reason."""
        return {name: _counted(code) for name, code in self.codes.items()}


def take_in(windows: WindowSet, events: Mapping[str, Columns], times_min: Ints, arrivals: Arrivals | None) -> Log:
    """Take in a log; see `foreshore.windows.history.history` for the parameters.

    Raises
    ------
    ContractError
        If columns or event types are not as declared.
    ValidationError
        If a query's time lies before the clock, or events do not fit and the windows refuse such.
    """
    _check_types(windows, events)
    columns = {event.name: event_columns(event, events[event.name]) for event in windows.events}
    codes = {event.name: unfit(event, columns[event.name]) for event in windows.events}
    if windows.invalid == "refuse":
        _refuse(codes)
    fitting = {name: np.flatnonzero(code == FITS) for name, code in codes.items()}
    known = [columns[event.name][event.known_time_field][fitting[event.name]] for event in windows.events]
    order = _order(known, times_min, fitting, arrivals)
    before, rank = _clock(np.concatenate([*known, times_min]).astype(np.int64), order)
    cuts = np.cumsum([len(part) for part in known], dtype=np.int64)
    taken = {
        event.name: _take(event, columns[event.name], codes[event.name], fitting[event.name], part_before, part_rank)
        for event, part_before, part_rank in zip(windows.events, np.split(before, cuts), np.split(rank, cuts), strict=False)
    }
    queries = slice(int(cuts[-1]) if len(cuts) else 0, None)
    _check_queries(times_min, before[queries])
    return Log(taken, rank[queries], codes)


def _check_types(windows: WindowSet, events: Mapping[str, Columns]) -> None:
    names = {event.name for event in windows.events}
    if set(events) != names:
        raise ContractError(f"got events {sorted(events)}, expected {sorted(names)}; give empty columns for a type without events")


def _refuse(codes: Mapping[str, Column]) -> None:
    for name, code in codes.items():
        for row in np.flatnonzero(code != FITS)[:1].tolist():
            count = int((code != FITS).sum())
            raise ValidationError(
                [Problem(row, name, f"an event that is {REASONS[code[row]]} ({count} in all do not fit)", "a declared event")]
            )


def _order(known: list[Column], times_min: Ints, fitting: Mapping[str, Column], arrivals: Arrivals | None) -> Ints:
    """Entries (events by type, then queries) in the order of the log: by known time, events before queries, unless told otherwise."""
    if arrivals is None:
        kind = np.repeat([0, 1], [sum(map(len, known)), len(times_min)])
        return np.argsort(np.concatenate([*known, times_min]).astype(np.int64) * 2 + kind, kind="stable")
    places = np.concatenate([*(np.asarray(arrivals.events[name])[rows] for name, rows in fitting.items()), arrivals.queries])
    order = np.argsort(places, kind="stable")
    if (np.diff(places[order]) == 0).any():
        raise ContractError("arrivals: two entries have the same place in the log; number them all, events and queries together")
    return order


def _clock(times: Ints, order: Ints) -> tuple[Ints, Ints]:
    """What the clock showed before each entry, and each entry's rank."""
    before = np.full(len(times), NEVER, np.int64)
    before[order[1:]] = np.maximum.accumulate(times[order])[:-1]
    rank = np.empty(len(times), np.int64)
    rank[order] = np.arange(len(times))
    return before, rank


def _take(event: EventType, columns: dict[str, Column], codes: Column, rows: Ints, before: Ints, rank: Ints) -> Taken:
    """Mark late and duplicate rows in `codes`, and give the others in their order."""
    known = columns[event.known_time_field][rows].astype(np.int64)
    codes[rows[known < before - event.lateness_min]] = LATE
    kept = np.flatnonzero(codes[rows] == FITS)
    kept = kept[np.argsort(rank[kept], kind="stable")]
    again = _repeated(columns[event.id_field][rows[kept]], known[kept])
    codes[rows[kept[again]]] = DUPLICATE
    kept = kept[~again]
    chosen = {name: column[rows[kept]] for name, column in columns.items()}
    minute = chosen[event.event_time_field].astype(np.int64)
    return Taken(chosen, minute, np.maximum(known, before)[kept], rank[kept])


def _repeated(ids: Column, known: Ints) -> Column:
    """Which rows have the id and known time of a row before them."""
    again = np.ones(len(ids), np.bool_)
    if len(ids):
        identity = joint_codes([shared_codes([ids])[0], known - known.min()])
        again[np.unique(identity, return_index=True)[1]] = False
    return again


def _check_queries(times_min: Ints, before: Ints) -> None:
    backwards = np.flatnonzero(times_min < before)
    if len(backwards):
        row = int(backwards[0])
        expected = f"at least {before[row]}, the clock's time; the clock does not go backwards, ask in the order of time"
        raise ValidationError([Problem(row, "time_min", str(times_min[row]), expected)])


def _counted(codes: Column) -> dict[str, int]:
    return {reason: int(count) for code, reason in enumerate(REASONS) if (count := (codes == code).sum())}
