"""Random declarations and random logs."""

from __future__ import annotations

import math
import random
from typing import Any

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
def families(draw: st.DrawFn, name: str) -> list[Window]:
    """One to four windows over the same events, of any aggregates and horizons: they share what the executions compute."""
    source = draw(st.sampled_from(["ships", "ships", "tides"]))
    value = draw(st.sampled_from(["delay_min", "draught_m"] if source == "ships" else ["height_m"]))
    key = draw(st.sampled_from(SHIP_KEYS if source == "ships" else TIDE_KEYS))
    where = draw(FILTERS) if source == "ships" else ()
    aggregates = draw(st.lists(st.sampled_from(ALL), min_size=1, max_size=4))
    return [
        Window(
            f"{name}_{number}",
            source,
            aggregate,
            draw(HORIZONS),
            key,
            None if aggregate in ("count", "rate") else value,
            where,
            empty=draw(st.sampled_from([None, -1.0])),
            half_life_min=draw(st.sampled_from([1, 3, 20])) if aggregate == "decay" else None,
        )
        for number, aggregate in enumerate(aggregates)
    ]


@st.composite
def window_sets(draw: st.DrawFn) -> WindowSet:
    """One or two families of windows."""
    count = draw(st.integers(1, 2))
    return WindowSet((SHIPS, TIDES), tuple(window for number in range(count) for window in draw(families(f"family_{number}"))))


BROKEN = st.sampled_from(
    [
        {"quay": "east"},
        {"pilot": 10},
        {"delay_min": None},
        {"delay_min": 501},
        {"draught_m": 31.0},
        {"event_time_min": 999},
        {"known_time_min": 0, "event_time_min": 0},
    ]
)


@st.composite
def ships(draw: st.DrawFn, now: int) -> Entry:
    """A ship's arrival known about now; late, repeated, delayed or broken now and then."""
    known = now + draw(st.sampled_from([0, 0, 0, 0, 1, -1, -4, -5]))
    event = {
        "id": draw(st.sampled_from("abcdefgh")),
        "known_time_min": known,
        "event_time_min": known - draw(st.sampled_from([0, 0, 0, 1, 4, 5, 6, 30])),
        "quay": draw(st.sampled_from(QUAYS)),
        "pilot": draw(st.sampled_from([None, 3, 3, 4])),
        "delay_min": draw(st.sampled_from([0, 0, 5, 9, -7, 500])),
        "draught_m": draw(st.sampled_from([0.0, 3.5, 7.0, 0.1, 1e-9, 29.999999, None, math.nan])),
    }
    broken = draw(st.one_of(*[st.just(None)] * 7, BROKEN))
    return "ships", {**event, **(broken or {})}


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
        now += draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2, 4, 5, 29, 30]))
        kind = draw(st.sampled_from(["query", "ships", "ships", "tides"]))
        if kind == "query":
            now = max(now, clock)
            query = {"quay": draw(st.sampled_from([*QUAYS, "nowhere", None])), "other_quay": draw(st.sampled_from(QUAYS))}
            log.append(("", {**query, "pilot": draw(st.sampled_from([3, 4, None])), "time_min": now}))
            clock = now
        else:
            source, event = draw(ships(now) if kind == "ships" else tides(now))
            log.append((source, event))
            clock = max(clock, now + 1)
    return log


def every_window(horizons: tuple[tuple[int, str], ...] = ((5, "delay_min"), (9, "delay_min"), (30, "draught_m"))) -> WindowSet:
    """Every aggregate over ships, by several keys and horizons."""
    keys = ((), (Key("quay", "quay"),), (Key("quay", "quay"), Key("pilot", "pilot")))
    return WindowSet(
        (SHIPS, TIDES),
        tuple(
            Window(
                f"{aggregate}_{len(key)}_{horizon}",
                "ships",
                aggregate,
                horizon,
                key,
                None if aggregate in ("count", "rate") else value,
                half_life_min=horizon if aggregate == "decay" else None,
            )
            for aggregate in ALL
            for key in keys
            for horizon, value in horizons
        ),
    )


def long_log(seed: int, entries: int) -> list[Entry]:
    """Events and queries, a third of the events late, repeated or delayed; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    log: list[Entry] = []
    now = 50
    for number in range(entries):
        now += chance.choice([0, 0, 0, 1, 2])
        if chance.random() < 0.3:
            query: dict[str, Any] = {"quay": chance.choice(QUAYS), "other_quay": "north", "pilot": chance.choice([1, 2, None])}
            log.append(("", {**query, "time_min": now}))
            continue
        known = now - chance.choice([0, 0, 0, 3, 9])
        event: dict[str, Any] = {"id": str(number // 2), "known_time_min": known, "event_time_min": known - chance.choice([0, 0, 2, 4, 5])}
        event |= {"quay": chance.choice(QUAYS), "pilot": chance.choice([1, 2, None])}
        log.append(("ships", event | {"delay_min": chance.randint(-50, 500), "draught_m": chance.choice([None, chance.uniform(0, 30)])}))
    return log
