"""Logs drawn from a view's declarations: events in the order in which they come, and questions in the midst of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foreshore import Pipeline
from foreshore.contract import DAY_MIN, days_since_epoch, utc_text
from foreshore.windows import EventField, EventType, FeatureView, Window
from models.verification.records import draw_records

EVENTS = 3000
QUESTIONS = 400
TEMPLATES = 6
"""Records whose values events and questions share, so that windows fill."""
FIRST_MIN = days_since_epoch("2013-01-01") * DAY_MIN
"""Where a log begins whose times have no bounds."""
STEPS_MIN = (0, 0, 0, 1, 1, 2, 3)
LEAP_SHARE, AGAIN_SHARE, CORRECTED_SHARE, DEFECT_SHARE, MISSING_SHARE, BOUND_SHARE, STRANGER_SHARE = 0.004, 0.05, 0.02, 0.06, 0.1, 0.1, 0.1
WRONG: Mapping[str, Sequence[Any]] = {
    "int32": (1.5, "7", True, []),
    "float64": ("7", True, {}),
    "text": (7, True, ["x"], "a\0", "a\nb", "x" * 65),
}
"""Values that are none of a field's type."""
NO_RECORDS = (None, 7, "text", [1])
INT32_MAX = 2**31 - 1

type Event = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class DrawnLog:
    """What happened, and what was asked.

    Attributes
    ----------
    events : list of (str, record)
        In the order in which they come; most of them in the order of their known times.
    defects : list of str or None
        For each event, why it is dropped where no column could hold it: "malformed" or "unknown_type".
    records : list of dict
        The questions, without context, in the order of their clock field.
    times_min : list of int
        That field of each, in minutes since 1970-01-01 UTC.
    """

    events: list[Event]
    defects: list[str | None]
    records: list[dict[str, Any]]
    times_min: list[int]


def draw_log(pipeline: Pipeline, seed: int, events: int = EVENTS, questions: int = QUESTIONS) -> DrawnLog:
    """A log for a pipeline with a view; the same for the same seed. The first event fits, and no question is asked before it."""
    assert pipeline.view is not None
    chance = random.Random(seed)  # noqa: S311 - no secret
    templates = draw_records(pipeline.contract, TEMPLATES, seed)
    drawing = _Drawing(pipeline.view, chance, _keys(pipeline.view, templates), _first_min(pipeline))
    for _ in range(events):
        drawing.add()
    times = _times(pipeline, chance, drawing, questions)
    strangers = iter(draw_records(pipeline.contract, questions, seed + 1))
    records = [_question(pipeline, chance, templates, next(strangers), time) for time in times]
    return DrawnLog(drawing.events, drawing.defects, records, times)


def _keys(view: FeatureView, templates: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[Any]]:
    """Values of an event's key fields that some question asks for, by event type and field."""
    queries = [view.query(record) for record in templates]
    keys: dict[tuple[str, str], set[Any]] = {}
    for window in (*view.windows.windows, *view.historical):
        for key in window.key:
            allowed = view.windows.event(window.source).field(key.event_field).categories
            asked = {query[key.query_field] for query in queries} - {None}
            keys.setdefault((window.source, key.event_field), set()).update(asked & set(allowed) if allowed else asked)
    return {place: sorted(values) for place, values in keys.items() if values}


def _first_min(pipeline: Pipeline) -> int:
    """A first time from which on no declared bound is in the way."""
    assert pipeline.view is not None
    times = [event.field(name) for event in pipeline.view.windows.events for name in (event.event_time_field, event.known_time_field)]
    lows = [int(field.minimum) for field in times if field.minimum is not None]
    lows += [int(low) for low, _ in [_clock_bounds(pipeline)] if low is not None]
    return max(lows, default=FIRST_MIN) + max((window.horizon_min for window in pipeline.view.windows.windows), default=0) + 1


def _clock_bounds(pipeline: Pipeline) -> tuple[float | None, float | None]:
    return next(field.bounds for field in pipeline.contract.fields if field.name == pipeline.contract.clock)


class _Drawing:
    """Events drawn one after another.

    Attributes
    ----------
    now : int
        Minutes; moves by small steps, seldom by leaps over whole windows.
    fitting : list of (event type, record)
        Those without a defect.
    """

    def __init__(self, view: FeatureView, chance: random.Random, keys: Mapping[tuple[str, str], Sequence[Any]], first_min: int) -> None:
        self.view = view
        self.chance = chance
        self.keys = keys
        self.now = first_min
        self.events: list[Event] = []
        self.defects: list[str | None] = []
        self.fitting: list[tuple[EventType, dict[str, Any]]] = []
        self.spoil: Sequence[Callable[[EventType, dict[str, Any]], tuple[Event, str | None]]] = (
            self._missing,
            self._out_of_range,
            self._future,
            self._malformed,
            self._unknown,
        )

    def add(self) -> None:
        """Draw the next event: a new one, one sent again or corrected, or one that does not fit."""
        self._step()
        draw = self.chance.random()
        if self.events and draw < AGAIN_SHARE:
            place = self.chance.randrange(max(0, len(self.events) - 50), len(self.events))
            self._append(self.events[place], self.defects[place])
            return
        event, record = self._corrected() if self.events and draw < AGAIN_SHARE + CORRECTED_SHARE else self._fresh()
        if self.events and self.view.windows.invalid == "drop" and self.chance.random() < DEFECT_SHARE:
            self._append(*self.chance.choice(self.spoil)(event, record))
        else:
            self.fitting.append((event, record))
            self._append((event.name, record), None)

    def windows_of(self, event: EventType) -> list[Window]:
        """The streaming windows over an event type."""
        return [window for window in self.view.windows.windows if window.source == event.name]

    def _append(self, event: Event, defect: str | None) -> None:
        self.events.append(event)
        self.defects.append(defect)

    def _step(self) -> None:
        windows = self.view.windows.windows
        leap = bool(windows) and self.chance.random() < LEAP_SHARE
        self.now += self.chance.choice(windows).horizon_min + 1 if leap else self.chance.choice(STEPS_MIN)

    def _fresh(self) -> tuple[EventType, dict[str, Any]]:
        event = self.chance.choice(self.view.windows.events)
        record = {field.name: self._value(event, field) for field in event.fields}
        number = len(self.events)
        record[event.id_field] = str(number) if event.field(event.id_field).dtype == "text" else number
        return event, record | self._times(event)

    def _corrected(self) -> tuple[EventType, dict[str, Any]]:
        """An event told before, told anew with another known time."""
        event, record = self.chance.choice(self.fitting[-50:])
        return event, {**record, event.known_time_field: max(self.now, record[event.known_time_field])}

    def _times(self, event: EventType) -> dict[str, int]:
        """Mostly just now; else about as late as is allowed, and about as old as windows reach."""
        if not self.events:
            return {event.event_time_field: self.now, event.known_time_field: self.now}
        late = event.lateness_min
        known = self.now - self.chance.choice((*(0,) * 20, 1, late // 2, late, late + 1, late + 30))
        ages = [window.horizon_min + shift for window in self.windows_of(event) for shift in (-1, 0, 1)]
        return {
            event.event_time_field: known - self.chance.choice([*(0,) * (3 * len(ages) + 1), 1, 5, *ages]),
            event.known_time_field: known,
        }

    def _value(self, event: EventType, field: EventField) -> Any:
        if field.nullable and self.chance.random() < MISSING_SHARE:
            return None
        if keys := self.keys.get((event.name, field.name)):
            return self.chance.choice(keys)
        if field.dtype == "text":
            return self.chance.choice(field.categories or ("a", "b"))
        low, high = field.bounds
        at_bound = self.chance.random() < BOUND_SHARE
        if field.dtype == "int32":
            return int(self.chance.choice((low, high))) if at_bound else self.chance.randint(int(low), int(high))
        return float(self.chance.choice((low, high))) if at_bound else self.chance.uniform(low, high)

    def _missing(self, event: EventType, record: dict[str, Any]) -> tuple[Event, str | None]:
        field = self.chance.choice([field for field in event.fields if not field.nullable])
        kept = {name: value for name, value in record.items() if name != field.name}
        return (event.name, self.chance.choice(({**kept, field.name: None}, kept))), None

    def _out_of_range(self, event: EventType, record: dict[str, Any]) -> tuple[Event, str | None]:
        beyond: dict[str, Any] = {field.name: "?" for field in event.fields if field.categories}
        for field in event.fields:
            if field.dtype != "text" and field.bounds[1] < INT32_MAX:
                beyond[field.name] = type(record.get(field.name) or 0)(field.bounds[1] + 1)
        name = self.chance.choice(sorted(beyond) or [event.id_field])
        return (event.name, {**record, name: beyond.get(name)}), None

    def _future(self, event: EventType, record: dict[str, Any]) -> tuple[Event, str | None]:
        return (event.name, {**record, event.event_time_field: record[event.known_time_field] + 1}), None

    def _malformed(self, event: EventType, record: dict[str, Any]) -> tuple[Event, str | None]:
        """A value of another type, all others fit; or no record at all."""
        if self.chance.random() < BOUND_SHARE:
            return (event.name, self.chance.choice(NO_RECORDS)), "malformed"
        field = self.chance.choice(event.fields)
        sound = {**record, event.event_time_field: self.now, event.known_time_field: self.now}
        return (event.name, {**sound, field.name: self.chance.choice(WRONG[field.dtype])}), "malformed"

    def _unknown(self, event: EventType, record: dict[str, Any]) -> tuple[Event, str | None]:
        return (f"no_{event.name}", record), "unknown_type"


def _times(pipeline: Pipeline, chance: random.Random, drawing: _Drawing, questions: int) -> list[int]:
    """When questions are asked: with an event, when one is about to leave a window or has just left it, or at any time."""
    first = drawing.fitting[0][1][drawing.fitting[0][0].known_time_field]
    times = []
    for _ in range(questions):
        event, record = chance.choice(drawing.fitting)
        edges = [record[event.event_time_field] + window.horizon_min - shift for window in drawing.windows_of(event) for shift in (0, 1)]
        choices = (record[event.known_time_field], chance.choice(edges or [first]), chance.randint(first, drawing.now))
        times.append(max(first, chance.choice(choices)))
    high = _clock_bounds(pipeline)[1]
    return sorted(time if high is None else min(time, int(high)) for time in times)


def _question(
    pipeline: Pipeline, chance: random.Random, templates: Sequence[Mapping[str, Any]], stranger: Mapping[str, Any], time_min: int
) -> dict[str, Any]:  # fmt: skip
    sources = [stranger] if chance.random() < STRANGER_SHARE else templates
    record = {field.name: chance.choice(sources)[field.name] for field in pipeline.contract.fields}
    assert pipeline.contract.clock is not None
    return {**record, pipeline.contract.clock: utc_text(time_min)}
