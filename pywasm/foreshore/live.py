"""A pipeline on a device: events stream in, tables are loaded, and records get the context that they lack."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from foreshore.contract import MISSING_INT, Field, utc_text
from foreshore.errors import ContractError, Problem, ValidationError
from foreshore.lookup import Keys
from foreshore.pipeline import Pipeline
from foreshore.records import FLOAT32_MAX, Column, brief
from foreshore.store import Table
from foreshore.windows.declarations import EventType
from foreshore.windows.reading import Reader, Unfit, field_reader
from foreshore.windows.stream import Stream

type Record = Mapping[str, Any]
type Event = tuple[str, Record]
"""Name of an event type, and what happened."""

AT_ONCE = -math.inf
"""When an event is due whose known time cannot be read: where it stands, so that the stream drops it there."""
KEY_TYPES = {"text": str, "int32": int}


class Live:
    """The windows and tables behind a pipeline's context.

    Parameters
    ----------
    pipeline : Pipeline
        One with a view.
    tables : iterable of Table
        Historical features, of any number of times; more can be added by `load`.
    stream : Stream or None
        A restored one; None: a new one.

    Attributes
    ----------
    stream : Stream

    Raises
    ------
    ContractError
        If the pipeline has no view.
    ArtefactError
        If a table is none of the view's.
    """

    def __init__(self, pipeline: Pipeline, tables: Iterable[Table] = (), stream: Stream | None = None) -> None:
        if pipeline.view is None or pipeline.contract.clock is None:
            raise ContractError(f"pipeline {pipeline.contract.name}: it has no view, so there are no windows to feed or to ask")
        self.pipeline = pipeline
        self.view = pipeline.view
        self.clock_field = pipeline.contract.clock
        self.stream = stream if stream is not None else Stream(self.view.windows)
        self._streaming = frozenset(window.name for window in self.view.windows.windows)
        self._bounds = {field.name: _float32_bounds(field) for field in pipeline.contract.context}
        self._known = {event.name: (event.known_time_field, _known_reader(event)) for event in self.view.windows.events}
        self._key_types = [(name, KEY_TYPES[dtype]) for name, dtype in self.view.query_fields().items()]
        self._tables: dict[str, list[Table]] = {}
        for table in tables:
            self.load(table)

    def load(self, table: Table) -> None:
        """Add a table; one of the same name and time is replaced. Raises ArtefactError if it is none of the view's."""
        self.view.check_table(table)
        others = [other for other in self._tables.get(table.name, ()) if other.as_of_min != table.as_of_min]
        self._tables[table.name] = sorted([*others, table], key=_as_of)

    def observe(self, events: Sequence[Event]) -> dict[str, Any]:
        """Take in events, in the order given.

        Parameters
        ----------
        events : sequence of (str, mapping)
            Event type and record of each.

        Returns
        -------
        dict
            About these events: `accepted` ({type: number}), `dropped` ({type: {reason: number}}, type "" for those that there are not),
            `outcomes` (for each event None, or why it was dropped: one of `foreshore.windows.REASONS`), and `clock_min`, the latest known
            time taken in or time asked for (None before either).

        Raises
        ------
        ValidationError
            If these are no events, or one does not fit and the windows refuse such; those before it have then been taken in.
        """
        _check_list(events)
        return self._intake(events, [self._push(row, event) for row, event in enumerate(events)])

    def fill(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """Records with all of their context.

        What a record carries, null included, stays. Streaming features that it lacks are asked at its clock field's time, which moves the
        clock there; they are None where it has no such time, or where the stream has seen nothing: a device that has seen nothing does
        not know that nothing happened. Historical ones come from the newest table as of that time (of all, where there is no time); None
        where none is loaded.

        Parameters
        ----------
        records : sequence of mappings
            N of them, in wire form.

        Returns
        -------
        list of dict
            The records; numbers rounded to float32, None for what is missing.

        Raises
        ------
        ValidationError
            If records do not fit the contract, or ask the stream of a time before its clock. Nothing has changed then.
        ContractError
            If a value lies outside the bounds that the contract gives it.
        """
        contexts = self._contexts(records, self.pipeline.encode(records))
        return [_filled(record, context) for record, context in zip(records, contexts, strict=True)]

    def columns(self, records: Sequence[Record]) -> dict[str, Column]:
        """Columns of records, their context filled in: as the encoded records of `fill`, and raising as that does."""
        columns = self.pipeline.encode(records)
        if self.stream.clock_min is not None or self._tables:
            for row, context in enumerate(self._contexts(records, columns)):
                for name, value in context.items():
                    columns[name][row] = value
        return columns

    def historical(self, columns: Mapping[str, Column], texts: Mapping[str, Sequence[str | None]]) -> dict[str, Column]:
        """Historical features of rows of a table, as `fill` gives them to records that lack them.

        Parameters
        ----------
        columns, texts : mapping of str to columns
            N rows, as `foreshore.sieve.Sifted` holds them.

        Returns
        -------
        dict of (N,) float32
            By name, the features of tables that are loaded; NaN where there is none as of the row's time.

        Raises
        ------
        ContractError
            If a value lies outside the bounds that the contract gives it.
        """
        keys = Keys(self.view, self.pipeline.contract, columns, texts)
        made = {
            name: column for tables in self._tables.values() for name, column in keys.look_up(tables, columns[self.clock_field]).items()
        }
        for name, column in made.items():
            known = column[~np.isnan(column)]
            if len(known):
                self._check_bounds({name: float(known.min())})
                self._check_bounds({name: float(known.max())})
        return made

    def follow(
        self, events: Sequence[Event], records: Sequence[Record], *, restart: bool = False
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Records with the context of their times, in the middle of events.

        Before a record is asked, the events that come next and were known by its time are taken in; one whose known time cannot be read
        is due where it stands. After the last record, all others are.

        Parameters
        ----------
        events : sequence of (str, mapping)
            In the order in which they come.
        records : sequence of mappings
            In the order of their clock field, which none may lack.
        restart : bool
            Whether to forget all events before these.

        Returns
        -------
        (list of dict, dict)
            The records as `fill` gives them, and what became of the events as `observe` tells it.

        Raises
        ------
        ValidationError, ContractError
            As `fill` and `observe` do. A wrong record is found before any event is taken in.
        """
        _check_list(events)
        times = self._times(self.pipeline.encode(records))
        stream = Stream(self.view.windows) if restart else self.stream
        self._check_order(records, list(enumerate(times)), stream.clock_min)
        self.stream = stream
        outcomes: list[str | None] = []
        filled = []
        for record, time in zip(records, times, strict=True):
            assert time is not None
            while len(outcomes) < len(events) and self._due(events[len(outcomes)]) <= time:
                outcomes.append(self._push(len(outcomes), events[len(outcomes)]))
            filled.append(_filled(record, self._context(record, time)))
        while len(outcomes) < len(events):
            outcomes.append(self._push(len(outcomes), events[len(outcomes)]))
        return filled, self._intake(events, outcomes)

    def restart(self) -> None:
        """Forget all events."""
        self.stream = Stream(self.view.windows)

    def save(self) -> bytes:
        """What the windows remember, for `restore`."""
        return self.stream.save()

    def restore(self, state: bytes) -> None:
        """Go on from what `save` wrote; raises ArtefactError, and changes nothing, if that is damaged or of other declarations."""
        self.stream = Stream.restore(self.view.windows, state)

    def _push(self, row: int, event: object) -> str | None:
        try:
            return self.stream.push(*_parts(event))
        except ValidationError as error:
            raise ValidationError([replace(problem, row=row) for problem in error.problems]) from error

    def _due(self, event: object) -> float:
        """When an event is known, in minutes."""
        source, record = _parts(event)
        if not isinstance(source, str) or source not in self._known or not isinstance(record, Mapping):
            return AT_ONCE
        name, read = self._known[source]
        try:
            known = read(record.get(name))
        except Unfit:
            return AT_ONCE
        assert isinstance(known, int)
        return known

    def _intake(self, events: Sequence[Event], outcomes: list[str | None]) -> dict[str, Any]:
        accepted = dict.fromkeys(self.stream.feeds, 0)
        dropped: dict[str, dict[str, int]] = {}
        for event, outcome in zip(events, outcomes, strict=True):
            source = "" if outcome == "unknown_type" else _parts(event)[0]
            if outcome is None:
                accepted[source] += 1
            else:
                reasons = dropped.setdefault(source, {})
                reasons[outcome] = reasons.get(outcome, 0) + 1
        return {"accepted": accepted, "dropped": dropped, "outcomes": outcomes, "clock_min": self.stream.clock_min}

    def _times(self, columns: Mapping[str, Column]) -> list[int | None]:
        """When each record is asked."""
        return [None if time == MISSING_INT else time for time in columns[self.clock_field].tolist()]

    def _check_order(self, records: Sequence[Record], asked: Iterable[tuple[int, int | None]], clock: int | None) -> None:
        """Refuse rows that are asked at no time, or before the clock or a row before them."""
        for row, time in asked:
            if time is None or (clock is not None and time < clock):
                least = "a UTC time" if clock is None else f"at least {utc_text(clock)}, the windows' clock"
                got = brief(records[row].get(self.clock_field))
                raise ValidationError([Problem(row, self.clock_field, got, f"{least}; ask in the order of time")])
            clock = time

    def _contexts(self, records: Sequence[Record], columns: Mapping[str, Column]) -> list[dict[str, float]]:
        """What each record lacks of its context."""
        times = self._times(columns)
        clock = self.stream.clock_min
        if clock is not None:
            asked = ((row, time) for row, time in enumerate(times) if time is not None and not self._streaming <= records[row].keys())
            self._check_order(records, asked, clock)
        return [self._context(record, time) for record, time in zip(records, times, strict=True)]

    def _context(self, record: Record, time: int | None) -> dict[str, float]:
        lacking = [name for name in self.view.names if name not in record]
        if not lacking:
            return {}
        query = self.view.query(record)
        question = {name: None if query.get(name) is None else exact(query[name]) for name, exact in self._key_types}
        known = self._looked_up(question, time)
        if time is not None and self.stream.clock_min is not None and not self._streaming.isdisjoint(lacking):
            known.update(self.stream.query(question, time))
        values = np.array([known.get(name, math.nan) for name in lacking], np.float32).tolist()
        context = dict(zip(lacking, values, strict=True))
        self._check_bounds(context)
        return context

    def _looked_up(self, question: Record, time: int | None) -> dict[str, float]:
        """Historical features from the newest tables as of that time."""
        known: dict[str, float] = {}
        for tables in self._tables.values():
            count = len(tables) if time is None else bisect_right(tables, time, key=_as_of)
            if count:
                known.update(tables[count - 1].lookup(question))
        return known

    def _check_bounds(self, context: Mapping[str, float]) -> None:
        for name, value in context.items():
            low, high = self._bounds[name]
            if value < low or value > high:
                raise ContractError(f"context {name}: got {value} from its window, expected {low} to {high}; widen the contract's bounds")


def _float32_bounds(field: Field) -> tuple[float, float]:
    low, high = field.bounds
    return -FLOAT32_MAX if low is None else low, FLOAT32_MAX if high is None else high


def _known_reader(event: EventType) -> Reader:
    return field_reader(event.field(event.known_time_field))


def _as_of(table: Table) -> int:
    return table.as_of_min


def _check_list(events: object) -> None:
    if not isinstance(events, Sequence) or isinstance(events, str | bytes):
        raise ValidationError([Problem(0, "", brief(events), "a list of events, [type, record] each")])


def _parts(event: object) -> tuple[Any, Any]:
    """Type and record of an event; what is no pair has no type."""
    return (event[0], event[1]) if isinstance(event, list | tuple) and len(event) == 2 else (None, event)


def _filled(record: Record, context: Mapping[str, float]) -> dict[str, Any]:
    return {**record, **{name: None if math.isnan(value) else value for name, value in context.items()}}
