"""Random declarations and random logs."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from foreshore.windows import EventField, EventType, Filter, Key, Window, WindowSet
from foreshore.windows.declarations import Aggregate
from tests.unit.foreshore.windows.executions import Entry

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
ALL: list[Aggregate] = ["count", "sum", "mean", "min", "max", "last", "decay", "rate"]
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
    aggregate = draw(st.sampled_from(ALL))
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
