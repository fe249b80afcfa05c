"""Declarations of events and windows: what is refused, and that nothing is lost on the way to JSON and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from foreshore import ContractError
from foreshore.windows import EventField, EventType, FeatureView, Filter, Key, Window, WindowSet
from foreshore.windows.lanes import lanes
from tests.unit.foreshore.windows.logs import SHIPS, TIDES, window_sets

QUAY = (Key("quay", "quay"),)


@given(window_sets())
def test_windows_survive_json(declared: WindowSet) -> None:
    copy = WindowSet.from_json(json.loads(json.dumps(declared.to_json())))
    assert copy == declared
    assert copy.signature == declared.signature


def test_signature_tells_declarations_apart() -> None:
    one, other = (WindowSet((SHIPS,), (Window("arrived", "ships", "count", horizon),)) for horizon in (60, 61))
    assert one.signature != other.signature


def test_json_of_something_else_is_refused() -> None:
    with pytest.raises(ContractError, match="these are not windows"):
        WindowSet.from_json({"events": []})
    with pytest.raises(ContractError, match="these are not windows"):
        WindowSet.from_json({"events": [], "windows": [{"name": "arrived"}], "invalid": "drop"})
    with pytest.raises(ContractError, match="this is not a feature view"):
        FeatureView.from_json({"name": "harbour"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EventField("Quay", "text"), "snake_case"),
        (lambda: EventField("quay", "bytes"), "got dtype 'bytes'"),  # type: ignore[arg-type]
        (lambda: EventField("quay", "text", minimum=1), "text takes no minimum"),
        (lambda: EventField("quay", "text", categories=("north", "")), "which means missing"),
        (lambda: EventField("pilot", "int32", categories=("a",)), "takes no categories"),
        (lambda: EventField("draught_m", "float64", minimum=0), "expected both ends"),
        (lambda: EventField("pilot", "int32", 5, 4), "minimum 5 is above maximum 4"),
        (lambda: EventType("ships", (*SHIPS.fields, EventField("id", "text"))), "stands twice"),
        (lambda: EventType("ships", SHIPS.fields, event_time_field="at"), "there is no field 'at'"),
        (lambda: EventType("ships", SHIPS.fields, known_time_field="draught_m"), "must be int32"),
        (lambda: EventType("ships", SHIPS.fields, event_time_field="pilot"), "not nullable"),
        (lambda: EventType("ships", SHIPS.fields, id_field="draught_m"), "id draught_m"),
        (lambda: EventType("ships", SHIPS.fields, lateness_min=-1), "got lateness_min -1"),
        (lambda: Filter("pilot", "~", 1), "got '~'"),  # type: ignore[arg-type]
        (lambda: Filter("quay", "<", "north"), "== or != only"),
        (lambda: Filter("draught_m", "==", float("nan")), "equals nothing"),
        (lambda: Key("quay", "Quay"), "query field 'Quay'"),
        (lambda: Window("w", "ships", "median", 5, value="delay_min"), "got aggregate 'median'"),  # type: ignore[arg-type]
        (lambda: Window("w", "ships", "count", 0), "got horizon_min 0"),
        (lambda: Window("w", "ships", "mean", 5), "got value None for mean"),
        (lambda: Window("w", "ships", "rate", 5, value="delay_min"), "only \\('count', 'rate'\\) take none"),
        (lambda: Window("w", "ships", "decay", 5, value="delay_min"), "half_life_min goes with decay"),
        (lambda: Window("w", "ships", "mean", 5, value="delay_min", half_life_min=2), "half_life_min goes with decay"),
        (lambda: Window("w", "ships", "decay", 129, value="delay_min", half_life_min=2), "expected 3 or more"),
        (lambda: Window("w", "ships", "count", 5, empty=float("nan")), "got empty nan"),
    ],
)
def test_contradictory_declaration_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        make()


@pytest.mark.parametrize(
    ("window", "message"),
    [
        (Window("w", "boats", "count", 5), "there is no event type 'boats'"),
        (Window("w", "ships", "mean", 5, value="quay"), "value quay is text"),
        (Window("w", "ships", "mean", 5, value="speed"), "there is no field 'speed'"),
        (Window("w", "ships", "count", 5, (Key("draught_m", "draught_m"),)), "key draught_m is float64"),
        (Window("w", "ships", "count", 5, where=(Filter("quay", "==", 3),)), "compared with 3"),
        (Window("w", "ships", "count", 5, (Key("pilot", "quay"),)), "with another type elsewhere"),
        (Window("first", "ships", "count", 5), "stands twice"),
    ],
)
def test_window_that_does_not_fit_its_source_is_refused(window: Window, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        WindowSet((SHIPS,), (Window("first", "ships", "count", 5, QUAY), window))


def test_empty_window_gives_zero_where_it_counts_and_nan_elsewhere() -> None:
    assert Window("w", "ships", "sum", 5, value="delay_min").empty_value == 0
    assert str(Window("w", "ships", "max", 5, value="delay_min").empty_value) == "nan"
    assert Window("w", "ships", "max", 5, value="delay_min", empty=-1).empty_value == -1


def test_windows_over_the_same_events_share_a_lane() -> None:
    same = (
        Window("arrived", "ships", "count", 60, QUAY),
        Window("delay", "ships", "mean", 60, QUAY, "delay_min"),
        Window("worst", "ships", "max", 180, QUAY, "delay_min"),
    )
    nullable = (Window("draught", "ships", "mean", 60, QUAY, "draught_m"), Window("tides", "tides", "count", 60))
    assert [[window.name for window in lane.windows] for lane in lanes(WindowSet((SHIPS, TIDES), (*same, *nullable)))] == [
        ["delay", "worst", "arrived"],
        ["draught"],
        ["tides"],
    ]
    alone = WindowSet((SHIPS,), (same[0], nullable[0]))
    assert len(lanes(alone)) == 2, "ships without a draught count as well"
