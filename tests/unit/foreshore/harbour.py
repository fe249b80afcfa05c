"""A pipeline over the random windows of `tests.unit.foreshore.windows.logs`, for what feeds windows and asks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foreshore import Category, Contract, Field, Output, Pipeline, Tensor
from foreshore.contract import utc_text
from foreshore.windows import Derived, EventField, EventType, FeatureView, Key, Window, WindowSet
from tests.unit.foreshore.windows.logs import QUAYS, SHIPS

PLACES = tuple(Category(value, value) for value in (*QUAYS, "nowhere"))
BERTHINGS = EventType("ships", (*SHIPS.fields, EventField("hour", "text", nullable=True)), lateness_min=4)
QUAY = (Key("quay", "quay"),)
VIEW = FeatureView(
    "harbour",
    WindowSet(
        (BERTHINGS,),
        (
            Window("recent", "ships", "mean", 5, QUAY, "draught_m"),
            Window("busy", "ships", "count", 9),
            Window("by_pilot", "ships", "last", 30, (Key("pilot", "pilot"),), "delay_min"),
        ),
    ),
    (
        Window("usual", "ships", "mean", 500, QUAY, "delay_min"),
        Window("deepest", "ships", "max", 500, QUAY, "draught_m", empty=-1.0),
        Window("ever", "ships", "count", 500),
        Window("at_this_hour", "ships", "mean", 500, (*QUAY, Key("hour", "berthing_hour")), "delay_min"),
    ),
    refresh_min=20,
    refresh_offset_min=3,
    derived=(Derived("berthing_hour", "berths", "hour"),),
)


def contract(view: FeatureView | None, **changes: Any) -> Contract:
    """A contract that fits the view."""
    parts: dict[str, Any] = {
        "name": "harbour",
        "version": 1,
        "title": "",
        "description": "",
        "fields": (
            Field("asked_at", "datetime", "Asked at", nullable=True),
            Field("quay", "category", "Quay", categories=PLACES, nullable=True),
            Field("other_quay", "category", "Other quay", categories=PLACES, nullable=True),
            Field("berth", "category", "Berth", categories=PLACES, example="north"),
            Field("pilot", "int32", "Pilot", nullable=True),
            Field("berths", "time", "Berths", nullable=True),
            Field("ship", "text", "Ship", nullable=True),
        ),
        "features": (Tensor("x", "float32", ("N", 1)),),
        "predictions": (Tensor("y", "float32", ("N", 1)),),
        "outputs": (Output("delay_min", "y", "Delay"),),
        "context": tuple(Field(name, "float32", name, nullable=True) for name in (view.names if view else ())),
        "clock": "asked_at",
        "segment": "berth",
    }
    return Contract(**{**parts, **changes})


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"x": columns["berth"][:, None].astype(np.float32)}


def harbour(view: FeatureView = VIEW, **changes: Any) -> Pipeline:
    """A pipeline with that view."""
    return Pipeline(contract(view, **changes), features, view)


def record(time_min: int | None, **changes: Any) -> dict[str, Any]:
    """A valid record, asked at that time."""
    return {"asked_at": None if time_min is None else utc_text(time_min), "berth": "north", "quay": "north", **changes}


def ship(known: int, **changes: Any) -> dict[str, Any]:
    """A valid event, known when it happened."""
    times = {"event_time_min": known, "known_time_min": known}
    return {"id": "a", **times, "quay": "north", "pilot": 3, "delay_min": 5, "draught_m": 7.0, "hour": None, **changes}
