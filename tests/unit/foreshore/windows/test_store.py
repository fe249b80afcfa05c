"""Streaming and historical features under one view: what training sees is what a device computes and looks up."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import ArtefactError, ContractError
from foreshore.store import Table
from foreshore.windows import Derived, FeatureView, Key, Window, WindowSet, history, materialise, materialise_many, training_columns
from tests.unit.foreshore import harbour
from tests.unit.foreshore.windows.executions import columns_of
from tests.unit.foreshore.windows.logs import QUAYS, SHIPS

QUAY = (Key("quay", "quay"),)
VIEW = FeatureView(
    "harbour",
    WindowSet((SHIPS,), (Window("recent", "ships", "mean", 5, QUAY, "delay_min"), Window("busy", "ships", "count", 9))),
    (
        Window("usual", "ships", "mean", 500, QUAY, "delay_min"),
        Window("deepest", "ships", "max", 500, QUAY, "draught_m", empty=-1.0),
        Window("ever", "ships", "count", 500),
        Window("by_pilot", "ships", "last", 500, (Key("quay", "quay"), Key("pilot", "pilot")), "delay_min"),
    ),
    refresh_min=20,
    refresh_offset_min=3,
)


def ship(number: int, known: int, **changes: Any) -> dict[str, Any]:
    base = {
        "id": str(number),
        "known_time_min": known,
        "event_time_min": known,
        "quay": "north",
        "pilot": 3,
        "delay_min": 5,
        "draught_m": 7.0,
    }
    return {**base, **changes}


SHIPS_DRAWN = st.builds(
    lambda known, age, quay, pilot, delay, draught: {
        "known_time_min": known,
        "event_time_min": known - age,
        "quay": quay,
        "pilot": pilot,
        "delay_min": delay,
        "draught_m": draught,
    },
    st.integers(30, 130),
    st.integers(0, 6),
    st.sampled_from(QUAYS),
    st.sampled_from([None, 3, 4]),
    st.integers(-50, 50),
    st.none() | st.sampled_from([0.5, 3.5, 29.5]),
)
QUERIES = st.lists(st.tuples(st.integers(30, 140), st.sampled_from([*QUAYS, "nowhere"]), st.sampled_from([None, 3, 4])), max_size=12)


EVERY_QUERY = [(quay, pilot) for quay in (*QUAYS, "nowhere") for pilot in (None, 3, 4, 9)]


@given(st.lists(SHIPS_DRAWN, max_size=25), st.lists(st.integers(0, 8).map(lambda count: 3 + 20 * count), max_size=5))
def test_tables_of_many_times_hold_what_history_answers_directly(drawn: list[dict[str, Any]], times: list[int]) -> None:
    columns = {"ships": columns_of(SHIPS, [{"id": str(number), **event} for number, event in enumerate(drawn)])}
    asked = {
        "quay": np.array([quay for quay, _ in EVERY_QUERY], "<U8"),
        "pilot": np.array([-(2**31) if pilot is None else pilot for _, pilot in EVERY_QUERY], np.int32),
    }

    made = materialise_many(VIEW, columns, times)

    assert [(table.name, table.as_of_min) for table in made] == [(name, time) for time in times for name in VIEW.tables]
    for table in made:
        direct = history(VIEW.tables[table.name], columns, asked, np.full(len(EVERY_QUERY), table.as_of_min)).columns
        for row, (quay, pilot) in enumerate(EVERY_QUERY):
            found = table.lookup({"quay": quay, "pilot": pilot})
            np.testing.assert_array_equal(list(found.values()), [np.float32(direct[name][row]) for name in found])


def tables(*events: dict[str, Any], as_of_min: int = 103) -> dict[str, Table]:
    return {table.name: table for table in materialise(VIEW, {"ships": columns_of(SHIPS, events)}, as_of_min)}


def test_one_table_holds_the_features_of_one_key() -> None:
    assert {name: tuple(table.columns) for name, table in tables(ship(1, 50)).items()} == {
        "quay": ("usual", "deepest"),
        "_all": ("ever",),
        "quay-pilot": ("by_pilot",),
    }


def test_what_became_known_after_the_refresh_is_left_out() -> None:
    made = tables(ship(1, 103, delay_min=10), ship(2, 104, delay_min=500))
    assert made["quay"].lookup({"quay": "north"}) == {"usual": 10, "deepest": 7}


def test_keys_that_tell_no_more_than_an_unknown_one_are_left_out() -> None:
    early, late = materialise_many(VIEW, {"ships": columns_of(SHIPS, [ship(1, 50), ship(2, 110, quay="south")])}, [63, 123])[::3]
    assert (early.keys, late.keys) == ((("north",),), (("north",), ("south",)))
    assert materialise_many(VIEW, {"ships": columns_of(SHIPS, [ship(1, 50)])}, [603])[0].keys == ()


def test_unknown_and_missing_keys_give_the_declared_defaults() -> None:
    table = tables(ship(1, 50))["quay"]
    for record in ({"quay": "nowhere"}, {"quay": None}, {}):
        found = table.lookup(record)
        assert math.isnan(found["usual"])
        assert found["deepest"] == -1


def test_same_table_gives_the_same_bytes_and_survives_them() -> None:
    table = tables(ship(1, 50), ship(2, 60, quay="south", pilot=None))["quay"]
    content = table.to_bytes()
    again = Table.from_bytes(content)
    assert again.to_bytes() == content
    assert again.lookup({"quay": "south"}) == table.lookup({"quay": "south"})
    assert (content.index(b"\n") + 1) % 8 == 0


@pytest.mark.parametrize("damage", ["cut", "flip", "head", "format", "nonsense"])
def test_damaged_table_is_refused(damage: str) -> None:
    content = tables(ship(1, 50))["quay"].to_bytes()
    spoiled = {
        "cut": content[:-1],
        "flip": content[:-1] + bytes([content[-1] ^ 1]),
        "head": content.replace(b'"as_of_min":103', b'"as_of_min":123'),
        "format": content.replace(b'"format":1', b'"format":2'),
        "nonsense": b"<!doctype html>",
    }[damage]
    assert spoiled != content
    with pytest.raises(ArtefactError):
        Table.from_bytes(spoiled)


def test_tables_are_made_at_times_of_refresh_only() -> None:
    with pytest.raises(ContractError, match="got as_of_min 104, expected a time of refresh, such as 103"):
        tables(ship(1, 50), as_of_min=104)


def test_training_derives_the_query_fields_that_it_is_not_given() -> None:
    view = harbour.VIEW
    events = {"ships": columns_of(harbour.BERTHINGS, [harbour.ship(50, hour="08", delay_min=10), harbour.ship(51, hour="09", id="b")])}
    queries = {"quay": np.array(["north"] * 3), "pilot": np.array([3] * 3), "berths": np.array(["08:59", "09:00", ""])}
    made = training_columns(view, events, queries, np.array([63] * 3))["at_this_hour"]
    np.testing.assert_array_equal(made, np.array([10, 5, np.nan], np.float32))


@pytest.mark.parametrize(("berths", "hour"), [("08:59", "08"), ("00:00", "00"), (None, None)])
def test_hour_is_derived_from_a_time(berths: str | None, hour: str | None) -> None:
    assert harbour.VIEW.query({"berths": berths}) == {"berths": berths, "berthing_hour": hour}
    assert VIEW.query({"quay": "north"}) == {"quay": "north"}


def test_derived_field_of_no_name_or_part_or_that_stands_twice_is_refused() -> None:
    with pytest.raises(ContractError, match="expected a snake_case name"):
        Derived("Hour", "berths", "hour")
    with pytest.raises(ContractError, match=r"got part 'minute', expected one of \('hour',\)"):
        Derived("minute", "berths", "minute")  # type: ignore[arg-type]
    with pytest.raises(ContractError, match="a derived field stands twice"):
        replace(harbour.VIEW, derived=harbour.VIEW.derived * 2)


def test_view_survives_json_and_its_signature_follows_the_declarations() -> None:
    for view in (VIEW, harbour.VIEW):
        again = FeatureView.from_json(json.loads(json.dumps(view.to_json())))
        assert (again, again.signature) == (view, view.signature)
    assert replace(harbour.VIEW, derived=()).signature != harbour.VIEW.signature
    assert replace(VIEW, until_min=5).signature != VIEW.signature
    with pytest.raises(ContractError, match="not a feature view"):
        FeatureView.from_json({"name": "harbour"})


def test_feature_named_twice_is_refused() -> None:
    with pytest.raises(ContractError, match="stands twice"):
        replace(VIEW, historical=(*VIEW.historical, VIEW.windows.windows[0]))


def test_refreshes_come_at_their_times_and_end_where_declared() -> None:
    times = np.array([22, 23, 42, 43, 103, 140])
    assert VIEW.as_of(times).tolist() == [3, 23, 23, 43, 103, 123]
    assert replace(VIEW, until_min=83).as_of(times).tolist() == [3, 23, 23, 43, 83, 83]
