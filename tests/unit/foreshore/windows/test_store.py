"""Streaming and historical features under one view: what training sees is what a device computes and looks up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import ArtefactError, ContractError, ValidationError
from foreshore.store import Table
from foreshore.windows import Features, FeatureView, Key, Window, WindowSet, history, materialise, materialise_many, training_columns
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


def answers_online(view: FeatureView, events: Sequence[Mapping[str, Any]], queries: Sequence[tuple[int, str, int | None]]) -> list[Any]:
    """What a device answers that hears of every event when it is known, and loads the newest tables before each question."""
    features = Features(view)
    waiting = sorted(events, key=lambda event: event["known_time_min"])
    columns = {"ships": columns_of(SHIPS, events)}
    answers = []
    for time, quay, pilot in queries:
        while waiting and waiting[0]["known_time_min"] <= time:
            features.stream.push("ships", waiting.pop(0))
        for table in materialise(view, columns, int(view.as_of(np.array([time]))[0])):
            features.load(Table.from_bytes(table.to_bytes()))
        answers.append(features.of({"quay": quay, "pilot": pilot}, time))
    return answers


@given(st.lists(SHIPS_DRAWN, max_size=25), QUERIES, st.sampled_from([None, 83]))
def test_training_sees_what_a_device_computes_and_looks_up(
    drawn: list[dict[str, Any]], asked: list[tuple[int, str, int | None]], until: int | None
) -> None:
    view = replace(VIEW, until_min=until)
    events = [{"id": str(number), **event} for number, event in enumerate(drawn)]
    queries = sorted(asked, key=lambda query: query[0])
    columns = {
        "quay": np.array([quay for _, quay, _ in queries], "<U8"),
        "pilot": np.array([-(2**31) if pilot is None else pilot for _, _, pilot in queries], np.int32),
    }
    times = np.array([time for time, _, _ in queries], np.int64)

    trained = training_columns(view, {"ships": columns_of(SHIPS, events)}, columns, times)

    for row, answer in enumerate(answers_online(view, events, queries)):
        for name in view.names:
            assert np.float32(answer[name]) == trained[name][row] or (math.isnan(answer[name]) and np.isnan(trained[name][row])), name


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
    assert VIEW.tables_of(["recent", "ever"]) == ("_all",)


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


def test_table_of_other_declarations_is_refused() -> None:
    other = replace(VIEW, refresh_min=40)
    with pytest.raises(ArtefactError, match="belongs to other declarations than view harbour"):
        Features(other, tables(ship(1, 50)).values())


def test_feature_whose_table_is_not_loaded_is_refused_and_others_answered() -> None:
    features = Features(VIEW, [tables(ship(1, 50))["_all"]])
    assert features.of({"quay": "north", "pilot": 3}, 110, ["ever"]) == {"ever": 1}
    with pytest.raises(ArtefactError, match="table quay of view harbour is not loaded"):
        features.of({"quay": "north", "pilot": 3}, 110, ["usual"])


def test_table_that_would_tell_of_the_future_is_refused() -> None:
    features = Features(VIEW, tables(ship(1, 50)).values())
    with pytest.raises(ValidationError, match="at least 103, the time as of which table quay was made"):
        features.of({"quay": "north", "pilot": 3}, 102)
    assert features.as_of_min == 103


def test_tables_are_made_at_times_of_refresh_only() -> None:
    with pytest.raises(ContractError, match="got as_of_min 104, expected a time of refresh, such as 103"):
        tables(ship(1, 50), as_of_min=104)


def test_many_records_are_answered_as_columns() -> None:
    features = Features(VIEW, tables(ship(1, 50, delay_min=10)).values())
    made = features.columns([{"quay": "north", "pilot": 3}, {"quay": "south", "pilot": None}], 110, ["by_pilot", "ever"])
    assert {name: column.dtype for name, column in made.items()} == {"by_pilot": np.float32, "ever": np.float32}
    assert made["by_pilot"][0] == 10
    assert np.isnan(made["by_pilot"][1])
    assert made["ever"].tolist() == [1, 1]


def test_view_survives_json_and_its_signature_follows_the_declarations() -> None:
    again = FeatureView.from_json(VIEW.to_json())
    assert (again, again.signature) == (VIEW, VIEW.signature)
    assert replace(VIEW, until_min=5).signature != VIEW.signature
    with pytest.raises(ContractError, match="not a feature view"):
        FeatureView.from_json({"name": "harbour"})


def test_feature_named_twice_or_unknown_is_refused() -> None:
    with pytest.raises(ContractError, match="stands twice"):
        replace(VIEW, historical=(*VIEW.historical, VIEW.windows.windows[0]))
    with pytest.raises(ContractError, match=r"there are no features \['tide'\]"):
        VIEW.tables_of(["tide"])


def test_refreshes_come_at_their_times_and_end_where_declared() -> None:
    times = np.array([22, 23, 42, 43, 103, 140])
    assert VIEW.as_of(times).tolist() == [3, 23, 23, 43, 103, 123]
    assert replace(VIEW, until_min=83).as_of(times).tolist() == [3, 23, 23, 43, 83, 83]
