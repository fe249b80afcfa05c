"""Random declarations and logs, and the windows' meaning spelt out without regard to speed."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from foreshore.windows import Arrivals, EventField, EventType, Filter, History, Key, Stream, Window, WindowSet, history
from foreshore.windows.lanes import decay_weights

type Entry = tuple[str, dict[str, Any]]
"""("ships" or "tides", an event) or ("", a query with its "time_min")."""

QUAYS = ("north", "south", "west")
SHIPS = EventType(
    "ships",
    (
        EventField("id", "text"),
        EventField("event_time_min", "int32", 0, 1000),
        EventField("known_time_min", "int32", 0, 1000),
        EventField("quay", "text", categories=QUAYS),
        EventField("pilot", "int32", 0, 9, nullable=True),
        EventField("delay_min", "int32", -500, 500),
        EventField("draught_m", "float64", 0, 30, nullable=True),
    ),
    lateness_min=4,
)
TIDES = EventType(
    "tides",
    (
        EventField("number", "int32"),
        EventField("at_min", "int32", 0, 1000),
        EventField("seen_min", "int32", 0, 1000),
        EventField("gauge", "text", nullable=True),
        EventField("height_m", "float64", -20, 20),
    ),
    event_time_field="at_min",
    known_time_field="seen_min",
    id_field="number",
)
HORIZONS = st.sampled_from([1, 2, 5, 9, 30])
SHIP_KEYS: tuple[tuple[Key, ...], ...] = (
    (),
    (Key("quay", "quay"),),
    (Key("quay", "other_quay"),),
    (Key("pilot", "pilot"),),
    (Key("quay", "quay"), Key("pilot", "pilot")),
)
TIDE_KEYS: tuple[tuple[Key, ...], ...] = ((), (Key("gauge", "quay"),))
FILTERS = st.sampled_from(
    [
        (),
        (Filter("delay_min", ">", 0),),
        (Filter("draught_m", "!=", 3.5),),
        (Filter("draught_m", "<=", 7), Filter("quay", "!=", "west")),
        (Filter("pilot", "==", 3),),
        (Filter("quay", "==", "north"), Filter("delay_min", ">=", -5)),
        (Filter("draught_m", "<", 7),),
    ]
)


@st.composite
def windows(draw: st.DrawFn, name: str) -> Window:
    """Any window over ships or tides."""
    source = draw(st.sampled_from(["ships", "ships", "tides"]))
    aggregate = draw(st.sampled_from(["count", "sum", "mean", "min", "max", "last", "decay", "rate"]))
    values = ["delay_min", "draught_m"] if source == "ships" else ["height_m"]
    horizon = draw(HORIZONS)
    return Window(
        name,
        source,
        aggregate,
        horizon,
        key=draw(st.sampled_from(SHIP_KEYS if source == "ships" else TIDE_KEYS)),
        value=None if aggregate in ("count", "rate") else draw(st.sampled_from(values)),
        where=draw(FILTERS) if source == "ships" else (),
        empty=draw(st.sampled_from([None, -1.0])),
        half_life_min=draw(st.sampled_from([1, 3, 20])) if aggregate == "decay" else None,
    )


@st.composite
def window_sets(draw: st.DrawFn) -> WindowSet:
    """One to six windows over both types."""
    count = draw(st.integers(1, 6))
    return WindowSet((SHIPS, TIDES), tuple(draw(windows(f"window_{number}")) for number in range(count)))


PLAIN_FLOATS = st.sampled_from([0.0, 3.5, 7.0, 0.1, 1e-9, 29.999999])


@st.composite
def ships(draw: st.DrawFn, now: int) -> Entry:
    """A ship's arrival known about now; late, early, broken or known already now and then."""
    known = now + draw(st.sampled_from([0, 0, 0, 1, 2, -1, -4, -5, -9]))
    event = {
        "id": draw(st.sampled_from("abc")),
        "known_time_min": known,
        "event_time_min": known - draw(st.sampled_from([0, 0, 0, 1, 4, 5, 6, 30, -1])),
        "quay": draw(st.sampled_from([*QUAYS, "east"])),
        "pilot": draw(st.sampled_from([None, 3, 4, 10])),
        "delay_min": draw(st.sampled_from([None, 0, 0, 5, -7, 500, 501])),
        "draught_m": draw(st.one_of(st.none(), PLAIN_FLOATS, st.just(math.nan), st.just(31.0))),
    }
    return "ships", event


@st.composite
def tides(draw: st.DrawFn, now: int) -> Entry:
    """A gauge's reading, most often of this minute."""
    seen = now + draw(st.sampled_from([0, 0, 1, -1]))
    at = seen - draw(st.sampled_from([0, 0, 0, 2]))
    event = {
        "number": draw(st.integers(0, 3)),
        "at_min": at,
        "seen_min": seen,
        "gauge": draw(st.sampled_from([*QUAYS, None])),
        "height_m": draw(st.sampled_from([-3.25, 0.0, 0.1, 0.2, 19.0])),
    }
    return "tides", event


@st.composite
def logs(draw: st.DrawFn) -> list[Entry]:
    """Events and queries one after another; time moves by small steps, seldom by leaps."""
    now = draw(st.integers(20, 40))
    log: list[Entry] = []
    clock = 0
    for _ in range(draw(st.integers(0, 25))):
        now += draw(st.sampled_from([0, 0, 0, 1, 1, 2, 5, 29, 30, 31]))
        kind = draw(st.sampled_from(["query", "ships", "ships", "tides"]))
        if kind == "query":
            now = max(now, clock)
            query = {"quay": draw(st.sampled_from([*QUAYS, "nowhere", None])), "other_quay": draw(st.sampled_from(QUAYS))}
            log.append(("", {**query, "pilot": draw(st.sampled_from([3, 4, None])), "time_min": now}))
            clock = now
        else:
            source, event = draw(ships(now) if kind == "ships" else tides(now))
            log.append((source, event))
            clock = max(clock, event.get("known_time_min", 0), event.get("seen_min", 0))
    return log


def run_stream(stream: Stream, log: Sequence[Entry]) -> list[dict[str, float]]:
    """The stream's answers to the queries of a log."""
    answers = []
    for source, entry in log:
        if source:
            stream.push(source, entry)
        else:
            answers.append(stream.query(entry, entry["time_min"]))
    return answers


MISSING = {"int32": -(2**31), "float64": math.nan, "text": ""}
DTYPES = {"int32": np.int32, "float64": np.float64, "text": "<U8"}


def columns_of(event: EventType, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Records as columns, what is missing in column form."""
    return {
        field.name: np.array(
            [MISSING[field.dtype] if record[field.name] is None else record[field.name] for record in records], DTYPES[field.dtype]
        )
        for field in event.fields
    }


def run_history(declared: WindowSet, log: Sequence[Entry], in_log_order: bool = True) -> History:
    """The vectorised answers to the queries of a log."""
    places: dict[str, list[int]] = {"ships": [], "tides": [], "": []}
    for place, (source, _) in enumerate(log):
        places[source].append(place)
    events = {event.name: columns_of(event, [log[place][1] for place in places[event.name]]) for event in declared.events}
    asked = [log[place][1] for place in places[""]]
    queries = {
        "quay": np.array([query["quay"] or "" for query in asked], "<U8"),
        "other_quay": np.array([query["other_quay"] for query in asked], "<U8"),
        "pilot": np.array([-(2**31) if query["pilot"] is None else query["pilot"] for query in asked], np.int32),
    }
    times = np.array([query["time_min"] for query in asked], np.int64)
    arrivals = Arrivals({name: np.array(places[name], np.int64) for name in events}, np.array(places[""], np.int64))
    return history(declared, events, queries, times, arrivals if in_log_order else None)


HOLDS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def spelt_out(declared: WindowSet, log: Sequence[Entry]) -> list[dict[str, float]]:
    """The meaning of windows, event by event and in fractions: what both executions have to give."""
    clock = -math.inf
    taken: list[tuple[str, dict[str, Any]]] = []
    identities = set()
    answers = []
    for source, entry in log:
        if not source:
            clock = max(clock, entry["time_min"])
            answers.append({window.name: _window(declared, window, entry, taken) for window in declared.windows})
            continue
        event = declared.event(source)
        known = entry[event.known_time_field]
        identity = (source, entry[event.id_field], known)
        bad = not _fits(event, entry) or known < clock - event.lateness_min or identity in identities
        if not bad:
            identities.add(identity)
            taken.append((source, entry))
            clock = max(clock, known)
    return answers


def _absent(value: Any) -> bool:
    return value is None or value != value


def _fits(event: EventType, entry: Mapping[str, Any]) -> bool:
    for field in event.fields:
        value = entry[field.name]
        if _absent(value):
            if not field.nullable:
                return False
        elif field.dtype == "text":
            if field.categories and value not in field.categories:
                return False
        elif not field.bounds[0] <= value <= field.bounds[1]:
            return False
    return bool(entry[event.event_time_field] <= entry[event.known_time_field])


def _window(declared: WindowSet, window: Window, query: Mapping[str, Any], taken: Sequence[Entry]) -> float:
    event = declared.event(window.source)
    seen = []
    for entry in (entry for source, entry in taken if source == window.source):
        minute = entry[event.event_time_field]
        recent = query["time_min"] - window.horizon_min < minute <= query["time_min"]
        mine = all(entry[key.event_field] is not None and entry[key.event_field] == query[key.query_field] for key in window.key)
        if mine and recent and all(_meets(item, entry) for item in window.where):
            value = 0 if window.value is None else entry[window.value]
            if not _absent(value):
                seen.append((minute, Fraction(value)))
    return _aggregate(window, seen)


def _meets(condition: Filter, entry: Mapping[str, Any]) -> bool:
    value = entry[condition.field]
    return not _absent(value) and bool(HOLDS[condition.comparison](value, condition.constant))


def _aggregate(window: Window, seen: list[tuple[int, Any]]) -> float:
    if not seen:
        return window.empty_value
    values = [value for _, value in seen]
    if window.aggregate == "decay":
        half_life = window.half_life_min or 0
        table = decay_weights(half_life)
        weights = [Fraction(table[minute % half_life]) * Fraction(2) ** (minute // half_life) for minute, _ in seen]
        return float(sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights))
    newest = max(minute for minute, _ in seen)
    return float(
        {
            "count": len(seen),
            "rate": Fraction(len(seen) * 60, window.horizon_min),
            "sum": sum(values),
            "mean": sum(values) / Fraction(len(seen)),
            "min": min(values),
            "max": max(values),
            "last": [value for minute, value in seen if minute == newest][-1],
        }[window.aggregate]
    )
