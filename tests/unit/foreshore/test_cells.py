"""Cells: what texts and typed values of a table mean to each dtype, and what stays to be refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from foreshore import Category, Field
from foreshore.cells import text_reader, value_reader

FIELDS = {
    "float32": Field("wind", "float32", "Wind"),
    "int32": Field("delay", "int32", "Delay"),
    "bool": Field("night", "bool", "Night"),
    "category": Field("region", "category", "Region", categories=(Category("NA", "North America"), Category("EU", "Europe"))),
    "date": Field("day", "date", "Day"),
    "time": Field("departs", "time", "Departs"),
    "datetime": Field("at", "datetime", "At"),
    "text": Field("tail", "text", "Tail"),
}
EST = timezone(-timedelta(hours=5))


@pytest.mark.parametrize(
    ("dtype", "text", "value"),
    [
        ("float32", " 3.50\t", 3.5),
        ("float32", "-.5e1", -5),
        ("float32", "3.", 3),
        ("float32", "1,5", "1,5"),
        ("float32", " 1_000", " 1_000"),
        ("float32", "Infinity", "Infinity"),
        ("float32", "٣", "٣"),
        ("float32", "1e400", float("inf")),
        ("int32", "12", 12),
        ("int32", "12.0", 12),
        ("int32", "12.5", 12.5),
        ("int32", "123456789012345678901", 123456789012345680000),
        ("bool", "TRUE", True),
        ("bool", " 0 ", False),
        ("bool", "yes", "yes"),
        ("time", "8:30", "08:30"),
        ("time", "08:30:00.000", "08:30"),
        ("time", "08:30:01", "08:30:01"),
        ("time", "08:30:00.001", "08:30:00.001"),
        ("date", "2013-10-05", "2013-10-05"),
        ("date", "2013-10-05 00:00:00", "2013-10-05"),
        ("date", "2013-10-05T00:01", "2013-10-05T00:01"),
        ("date", "05.10.2013", "05.10.2013"),
        ("datetime", "2013-10-05 12:30:00+00:00", "2013-10-05T12:30Z"),
        ("datetime", "2013-10-05T12:30 UTC", "2013-10-05T12:30Z"),
        ("datetime", "2013-10-05T12:30+0000", "2013-10-05T12:30Z"),
        ("datetime", "2013-10-05T12:30", "2013-10-05T12:30"),
        ("datetime", "2013-10-05T12:30+02:00", "2013-10-05T12:30+02:00"),
        ("category", "EU", "EU"),
        ("category", " EU", " EU"),
        ("text", " N505MQ ", " N505MQ "),
    ],
)
def test_texts_are_read_by_dtype(dtype: str, text: str, value: Any) -> None:
    read = text_reader(FIELDS[dtype])(text)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("dtype", [dtype for dtype in FIELDS if dtype not in ("text", "category")])
@pytest.mark.parametrize("word", ["", "  ", "NA", "N/A", " NaN\t", "nan", "null", "NULL", "None"])
def test_words_for_nothing_are_missing(dtype: str, word: str) -> None:
    assert text_reader(FIELDS[dtype])(word) is None


def test_word_for_nothing_is_a_category_where_it_is_one() -> None:
    read = text_reader(FIELDS["category"])
    assert [read(word) for word in ("NA", " NA", "null", "")] == ["NA", None, None, None]


def test_text_is_missing_only_where_it_is_empty() -> None:
    read = text_reader(FIELDS["text"])
    assert [read(word) for word in ("NA", " ", "")] == ["NA", " ", None]


@pytest.mark.parametrize(
    ("dtype", "cell", "value"),
    [
        ("float32", None, None),
        ("float32", float("nan"), None),
        ("float32", 27.0, 27),
        ("float32", "27.50", 27.5),
        ("float32", Decimal("27.5"), 27.5),
        ("float32", 10**400, float("inf")),
        ("int32", 2**63 + 1, 9223372036854775808 + 192),
        ("int32", True, True),
        ("bool", 1, True),
        ("bool", 0, False),
        ("bool", 2, 2),
        ("date", date(2013, 10, 5), "2013-10-05"),
        ("date", datetime(2013, 10, 5), "2013-10-05"),
        ("date", datetime(2013, 10, 5, tzinfo=UTC), "2013-10-05T00:00Z"),
        ("time", time(8, 30), "08:30"),
        ("time", time(8, 30, 15, 250_000), "08:30:15.25"),
        ("datetime", datetime(2013, 10, 5, 12, 30, tzinfo=UTC), "2013-10-05T12:30Z"),
        ("datetime", datetime(2013, 10, 5, 7, 30, tzinfo=EST), "2013-10-05T12:30Z"),
        ("datetime", datetime(2013, 10, 5, 12, 30, 20, tzinfo=UTC), "2013-10-05T12:30:20Z"),
        ("datetime", datetime(2013, 10, 5, 12, 30), "2013-10-05T12:30"),
        ("datetime", date(2013, 10, 5), "2013-10-05"),
        ("text", "NA", "NA"),
        ("text", [1], [1]),
        ("category", {"a": 1}, {"a": 1}),
    ],
)
def test_typed_cells_are_read_by_dtype(dtype: str, cell: Any, value: Any) -> None:
    read = value_reader(FIELDS[dtype])(cell)
    assert (type(read), read) == (type(value), value)
