"""The validator: what every kind of bad value is answered with, and how good ones are encoded."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import MISSING_INT, Category, Contract, Field, Output, Problem, Tensor, ValidationError
from foreshore.records import PROBLEMS_LISTED, encode

AIRPORTS = (Category("EWR", "Newark"), Category("JFK", "Kennedy"))
CONTRACT = Contract(
    name="test",
    version=1,
    title="",
    description="",
    fields=(
        Field("day", "date", "Day", minimum="2013-01-01", maximum="2013-12-31"),
        Field("departs", "time", "Departs"),
        Field("origin", "category", "From", categories=AIRPORTS),
        Field("delay", "int32", "Delay", unit="min", minimum=-60, maximum=1440, nullable=True),
        Field("wind", "float32", "Wind", unit="m/s", minimum=0, nullable=True),
        Field("night", "bool", "Night"),
        Field("asked_at", "datetime", "Asked at", maximum="2013-12-31T23:59Z", nullable=True),
        Field("tail", "text", "Tail", nullable=True),
    ),
    features=(Tensor("x", "float32", ("N", 1)),),
    predictions=(Tensor("y", "float32", ("N", 1)),),
    outputs=(Output("y", "y", "Y"),),
    context=(Field("delay_60", "float32", "Delay", minimum=-60, nullable=True),),
)
GOOD: dict[str, Any] = {"day": "2013-10-05", "departs": "08:30", "origin": "JFK", "delay": 12, "wind": 3.5, "night": False}
MORE: dict[str, Any] = {**GOOD, "asked_at": "2013-10-05T12:30Z", "tail": "N505MQ", "delay_60": 2.5}


def problems_of(records: Any) -> tuple[Problem, ...]:
    with pytest.raises(ValidationError) as caught:
        encode(CONTRACT, records)
    return caught.value.problems


def test_good_record_is_encoded_by_dtype() -> None:
    columns = encode(CONTRACT, [MORE])
    assert {name: column[0] for name, column in columns.items()} == {
        "day": 15983, "departs": 510, "origin": 1, "delay": 12, "wind": 3.5, "night": 0, "asked_at": 23016270, "delay_60": 2.5,
    }  # fmt: skip
    floats = {name: str(column.dtype) for name, column in columns.items() if column.dtype != np.int32}
    assert floats == {"wind": "float32", "delay_60": "float32"}


@pytest.mark.parametrize("tail", ["N", "x" * 64, "😀" * 64, "Zürich", "a b", None])
def test_text_is_checked_and_gives_no_column(tail: str | None) -> None:
    assert "tail" not in encode(CONTRACT, [{**GOOD, "tail": tail}])


@pytest.mark.parametrize("absent", [{"delay": None, "wind": None, "asked_at": None, "delay_60": None}, {}])
def test_missing_nullable_values_get_the_dtypes_marker(absent: dict[str, None]) -> None:
    record = {name: value for name, value in GOOD.items() if name not in {"delay", "wind"}} | absent
    columns = encode(CONTRACT, [record])
    assert columns["delay"][0] == MISSING_INT
    assert columns["asked_at"][0] == MISSING_INT
    assert math.isnan(columns["wind"][0])
    assert math.isnan(columns["delay_60"][0])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("day", "2014-01-01", 'day: got "2014-01-01", expected a date as YYYY-MM-DD from 2013-01-01 to 2013-12-31 (row 0)'),
        ("day", "2013-02-30", 'day: got "2013-02-30", expected a date'),
        ("day", "２０１３-10-05", "expected a date"),
        ("day", 15983, "day: got 15983, expected a date"),
        ("departs", "24:00", 'departs: got "24:00", expected a time as HH:MM (row 0)'),
        ("departs", "8:30", "expected a time"),
        ("departs", "08:30\n", "expected a time"),
        ("origin", "LHR", 'origin: got "LHR", expected one of EWR, JFK (row 0)'),
        ("origin", ["JFK"], "origin: got a list"),
        ("origin", None, "origin: got nothing, expected one of EWR, JFK (row 0)"),
        ("delay", "12", 'delay: got "12", expected an integer from -60 to 1440 min or null (row 0)'),
        ("delay", 12.5, "delay: got 12.5"),
        ("delay", True, "delay: got true"),
        ("delay", 1441, "delay: got 1441"),
        ("delay", 10**400, "delay: got an integer of over 30 digits"),
        ("wind", math.nan, "wind: got NaN, expected a number of at least 0 m/s or null (row 0)"),
        ("wind", math.inf, "wind: got Infinity"),
        ("wind", 1e39, "wind: got 1e+39"),
        ("wind", -0.1, "wind: got -0.1"),
        ("wind", {"a": 1}, "wind: got an object"),
        ("night", 0, "night: got 0, expected true or false (row 0)"),
        ("asked_at", "2013-10-05T12:30", "expected a UTC time as YYYY-MM-DDTHH:MMZ of at most 2013-12-31T23:59Z or null (row 0)"),
        ("asked_at", "2013-10-05T12:30:00Z", "expected a UTC time"),
        ("asked_at", "2013-10-05T24:00Z", "expected a UTC time"),
        ("asked_at", "2013-02-30T12:30Z", "expected a UTC time"),
        ("asked_at", "2014-01-01T00:00Z", "expected a UTC time"),
        ("asked_at", 23016270, "asked_at: got 23016270"),
        ("tail", "", 'tail: got "", expected a text of 1 to 64 printable characters or null (row 0)'),
        ("tail", "x" * 65, "expected a text of 1 to 64"),
        ("tail", "N505\n", "expected a text"),
        ("tail", "\x85", "expected a text"),
        ("tail", "\ud800", "expected a text"),
        ("tail", 505, "tail: got 505"),
        ("delay_60", -61, "delay_60: got -61, expected a number of at least -60 or null (row 0)"),
    ],
)
def test_bad_value_is_answered_with_field_value_and_expectation(field: str, value: object, message: str) -> None:
    (problem,) = problems_of([{**GOOD, field: value}])
    assert problem.field == field
    assert message in problem.message


def test_huge_string_is_shown_in_short() -> None:
    (problem,) = problems_of([{**GOOD, "origin": "x" * 10_000_000}])
    assert "(10000000 characters)" in problem.message
    assert len(problem.message) < 200


@pytest.mark.parametrize(("latest", "fits"), [("6053-01-23T02:07Z", True), ("6053-01-23T02:08Z", False), ("9999-12-31T23:59Z", False)])
@pytest.mark.parametrize("maximum", [None, "9999-12-31T23:59Z"])
def test_time_that_no_column_holds_is_refused(latest: str, fits: bool, maximum: str | None) -> None:
    times = replace(CONTRACT, fields=(Field("at", "datetime", "At", maximum=maximum),))
    try:
        encode(times, [{"at": latest}])
    except ValidationError:
        assert not fits
    else:
        assert fits


def test_unknown_field_is_refused() -> None:
    (problem,) = problems_of([{**GOOD, "colour": "blue"}])
    assert 'a field "colour"' in problem.message


@pytest.mark.parametrize("records", [{"day": "2013-10-05"}, "text", 5, None])
def test_anything_but_a_list_of_records_is_refused(records: object) -> None:
    assert "a list of records" in problems_of(records)[0].message


def test_row_that_is_no_record_is_named() -> None:
    (problem,) = problems_of([GOOD, 7])
    assert (problem.row, problem.got) == (1, "7")


def test_every_problem_of_every_row_is_reported_in_order() -> None:
    problems = problems_of([{**GOOD, "night": 1}, GOOD, {**GOOD, "day": "x", "delay": "y"}])
    assert [(problem.row, problem.field) for problem in problems] == [(0, "night"), (2, "day"), (2, "delay")]


def test_flood_of_problems_is_cut() -> None:
    assert len(problems_of([{**GOOD, "night": 1}] * (PROBLEMS_LISTED + 5))) == PROBLEMS_LISTED


def test_no_records_give_empty_columns() -> None:
    assert all(column.shape == (0,) for column in encode(CONTRACT, []).values())


@given(
    st.dates(datetime.date(2013, 1, 1), datetime.date(2013, 12, 31)),
    st.times(),
    st.sampled_from(["EWR", "JFK"]),
    st.none() | st.integers(-60, 1440),
    st.none() | st.floats(0, 1e30),
    st.booleans(),
)
def test_every_valid_record_is_accepted(
    day: datetime.date, departs: datetime.time, origin: str, delay: int | None, wind: float | None, night: bool
) -> None:
    record = {
        "day": day.isoformat(), "departs": departs.strftime("%H:%M"), "origin": origin, "delay": delay, "wind": wind, "night": night,
    }  # fmt: skip
    columns = encode(CONTRACT, [record])
    assert columns["day"][0] == (day - datetime.date(1970, 1, 1)).days
    assert columns["departs"][0] == departs.hour * 60 + departs.minute
    assert columns["delay"][0] == (MISSING_INT if delay is None else delay)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.fixed_dictionaries({}, optional={field.name: JSON for field in CONTRACT.inputs}))
def test_any_json_is_encoded_or_answered_with_problems(record: dict[str, Any]) -> None:
    try:
        columns = encode(CONTRACT, [record])
    except ValidationError as error:
        fine = all(problem.expected for problem in error.problems)
    else:
        fine = all(column.shape == (1,) for column in columns.values())
    assert fine
