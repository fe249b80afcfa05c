"""Columns side by side: nothing is mixed up, whatever their number and form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from foreshore import MISSING_INT, Pipeline
from web.server.prediction.columns import Columns, Input, Layout, bounded
from web.server.prediction.errors import Malformed

INT, FLOAT, BYTE = (np.dtype(kind) for kind in (np.int32, np.float32, np.uint8))
LAYOUT = Layout(
    [
        Input("height", INT, (-1,), low=1, high=9),
        Input("photo", BYTE, (-1, 2, 3)),
        Input("wind", FLOAT, (-1,), nullable=True, low=-5.0, high=5.0),
        Input("month", INT, (-1,), nullable=True, low=1, high=12),
    ]
)


def arrays(rows: int, seed: int) -> dict[str, NDArray[Any]]:
    numbers = np.random.default_rng(seed)
    return {
        "height": numbers.integers(1, 10, rows).astype(np.int32),
        "photo": numbers.integers(0, 256, (rows, 2, 3)).astype(np.uint8),
        "wind": numbers.uniform(-5, 5, rows).astype(np.float32),
        "month": numbers.integers(1, 13, rows).astype(np.int32),
    }


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 1000))
def test_joined_rows_are_those_of_the_parts(sizes: list[int], seed: int) -> None:
    given = [arrays(rows, seed + place) for place, rows in enumerate(sizes)]
    joined = Columns.join([LAYOUT.checked(each, len(each["height"])) for each in given])
    assert joined.rows == sum(sizes)
    feeds = LAYOUT.feeds(joined)
    for name in LAYOUT.by_name:
        assert np.array_equal(feeds[name], np.concatenate([each[name] for each in given]))
        assert feeds[name].dtype == LAYOUT.by_name[name].dtype
    odd = np.arange(joined.rows) % 2 == 1
    assert np.array_equal(LAYOUT.feeds(joined.take(odd))["photo"], feeds["photo"][odd])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("height", 0, "height: got 0, expected an integer from 1 to 9 (row 1)"),
        ("height", MISSING_INT, f"height: got {MISSING_INT}, expected an integer from 1 to 9 (row 1)"),
        ("wind", np.inf, "wind: got inf, expected a finite number from -5 to 5, or NaN (in JSON: null) where it is missing (row 1)"),
        ("month", 13, f"month: got 13, expected an integer from 1 to 12, or {MISSING_INT} (in JSON: null) where it is missing (row 1)"),
        ("wind", np.nan, None),
        ("month", MISSING_INT, None),
    ],
)
def test_bounds_hold_for_every_row(name: str, value: float, message: str | None) -> None:
    given = arrays(3, 7)
    given[name][1] = value
    if message is None:
        assert LAYOUT.checked(given, 3).rows == 3
        return
    with pytest.raises(Malformed) as caught:
        LAYOUT.checked(given, 3)
    assert caught.value.message == message


def test_what_may_not_be_missing_is_asked_for() -> None:
    with pytest.raises(Malformed, match="inputs: got none of height, photo, expected every input that may not be missing"):
        LAYOUT.checked({"wind": np.zeros(1, np.float32)}, 1)


def test_forms_differ_where_inner_shapes_do() -> None:
    layout = Layout([Input("photo", BYTE, (-1, -1))])
    narrow, wide, other = (layout.checked({"photo": np.zeros((1, width), np.uint8)}, 1) for width in (2, 3, 3))
    assert narrow.form != wide.form == other.form
    assert narrow.rows == 1


def test_every_record_that_the_contract_takes_lies_within_the_bounds_of_its_columns(eta: Pipeline, flight: dict[str, Any]) -> None:
    layout = Layout([bounded(eta.contract, each.name, np.dtype(each.dtype), (-1,)) for each in eta.contract.column_tensors])
    edges = [dict(flight)]
    for field in eta.contract.inputs:
        bounds = [value for value in (field.minimum, field.maximum) if value is not None]
        values = [*(each.value for each in field.categories), *bounds]
        edges += [{**flight, field.name: value} for value in (*values, *([None] if field.nullable else []))]
    columns = eta.encode(edges)
    assert layout.checked(columns, len(edges)).rows == len(edges) > 100
    for name, column in columns.items():
        assert np.array_equal(layout.feeds(layout.columns(columns))[name], column, equal_nan=column.dtype == FLOAT)
