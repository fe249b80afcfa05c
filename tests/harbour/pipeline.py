"""How long a ship waits for its quay: contract, view and features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from array_api_compat import array_namespace

from foreshore import Category, Contract, Field, Output, Pipeline, Tensor
from foreshore.windows import Derived, EventField, EventType, FeatureView, Filter, Key, Window, WindowSet

DAY_MIN = 24 * 60
FIRST_MIN = 15706 * DAY_MIN
"""2013-01-01, UTC."""
LAST_MIN = FIRST_MIN + 368 * DAY_MIN

SHIPS = EventType(
    "ships",
    (
        EventField("id", "text"),
        EventField("event_time_min", "int32", FIRST_MIN, LAST_MIN),
        EventField("known_time_min", "int32", FIRST_MIN, LAST_MIN),
        EventField("quay", "text", categories=("north", "south", "west")),
        EventField("ship", "text", nullable=True),
        EventField("hour", "text"),
        EventField("wait_min", "int32", 0, 2000),
        EventField("draught_m", "float64", 0, 30, nullable=True),
    ),
    lateness_min=30,
)
TIDES = EventType(
    "tides",
    (
        EventField("number", "int32"),
        EventField("at_min", "int32", FIRST_MIN, LAST_MIN),
        EventField("seen_min", "int32", FIRST_MIN, LAST_MIN),
        EventField("gauge", "text", nullable=True),
        EventField("height_m", "float64", -20, 20),
    ),
    event_time_field="at_min",
    known_time_field="seen_min",
    id_field="number",
)
QUAY = (Key("quay", "quay"),)
VIEW = FeatureView(
    "harbour",
    WindowSet(
        (SHIPS, TIDES),
        (
            Window("ships_60", "ships", "count", 60, QUAY),
            Window("wait_60", "ships", "mean", 60, QUAY, "wait_min"),
            Window("wait_decay_180", "ships", "decay", 180, QUAY, "wait_min", half_life_min=30),
            Window("deepest_120", "ships", "max", 120, (), "draught_m", (Filter("wait_min", ">", 100),), empty=-1.0),
            Window("ship_last_720", "ships", "last", 720, (Key("ship", "ship"),), "wait_min"),
            Window("low_water_300", "tides", "min", 300, (Key("gauge", "quay"),), "height_m"),
        ),
    ),
    (
        Window("quay_wait_2880", "ships", "mean", 2880, QUAY, "wait_min"),
        Window("hour_ships_2880", "ships", "count", 2880, (Key("hour", "due_hour"),)),
    ),
    refresh_offset_min=480,
    derived=(Derived("due_hour", "due", "hour"),),
)
CONTEXT = tuple(Field(name, "float32", name.replace("_", " "), minimum=-20.0, maximum=5000.0, nullable=True) for name in VIEW.names)
CONTRACT = Contract(
    "harbour",
    1,
    "Waiting at the quay",
    "How long a ship waits for its quay, from what the harbour does just now and did of late.",
    fields=(
        Field("quay", "category", "Quay", categories=tuple(Category(code, code) for code in ("north", "south", "west")), example="north"),
        Field("due", "time", "Due", nullable=True),
        Field("ship", "text", "Ship", nullable=True),
        Field("asked_at", "datetime", "Asked at", minimum="2013-01-01T00:00Z", maximum="2013-12-31T00:00Z", nullable=True),
    ),
    features=(
        Tensor(
            "features",
            "float32",
            ("N", 1 + 2 * len(CONTEXT)),
            ("due", *(f"{name}{end}" for name in VIEW.names for end in ("", "_missing"))),
        ),
    ),
    predictions=(Tensor("wait", "float32", ("N", 1)),),
    outputs=(Output("wait_min", "wait", "Waiting time", "min"),),
    context=CONTEXT,
    clock="asked_at",
    segment="quay",
)


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The hour, and each feature of the view with a flag where it is missing; all about as large as 1."""
    xp = array_namespace(columns["due"])
    blocks = [xp.astype(xp.where(columns["due"] < 0, 0, columns["due"]), xp.float32) / DAY_MIN]
    for name in VIEW.names:
        missing = xp.isnan(columns[name])
        blocks += [xp.where(missing, xp.zeros_like(columns[name]), columns[name] / 100), xp.astype(missing, xp.float32)]
    return {"features": xp.stack(blocks, axis=1)}


PIPELINE = Pipeline(CONTRACT, features, VIEW)
