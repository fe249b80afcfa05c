"""JavaScript's reading of cells held to Python's: the same wire values for whatever stands in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore import Category, Field
from foreshore.cells import CELL_PATTERNS, MISSING_WORDS, text_reader, value_reader, written
from foreshore.contract import FIELD_TYPES
from packing.lines import LineProcess
from tests.root import ROOT

CATEGORIES = ("NA", "EU", "__proto__", " EU")
FIELDS = [
    Field("cell", dtype, "Cell", categories=tuple(Category(value, value) for value in CATEGORIES) if dtype == "category" else ())  # type: ignore[arg-type]
    for dtype in FIELD_TYPES
]
NEAR = st.one_of(*(st.from_regex(pattern, fullmatch=True) for pattern in CELL_PATTERNS.values()))
WORDS = st.sampled_from([*MISSING_WORDS, *CATEGORIES, "true", "TRUE", "False", "0", "1", "-0", "1e400", "-1e-400", "K", "ſ", "toString"])
PADS = st.text(st.sampled_from(" \t\n\xa0\ufeff"), max_size=2)
TEXTS = st.builds("{}{}{}".format, PADS, NEAR | WORDS | st.text(max_size=20) | st.floats().map(repr) | st.integers().map(str), PADS)
MOMENTS = st.datetimes() | st.datetimes().map(lambda moment: moment.replace(second=0, microsecond=0))
EPOCH = datetime(1970, 1, 1)


@pytest.fixture(scope="module")
def javascript() -> Iterator[LineProcess]:
    process = LineProcess(["node", str(ROOT / "tests" / "contract" / "cells.js")])
    yield process
    process.close()


def encoded(field: Field) -> dict[str, Any]:
    return {"dtype": field.dtype, "codes": {category.value: code for code, category in enumerate(field.categories)} or None}


def told(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}[value]
    return value


def same(one: Any, other: Any) -> bool:
    return bool(type(one) is type(other) and one == other)


@pytest.mark.parametrize("field", FIELDS, ids=FIELD_TYPES)
@settings(max_examples=150)
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_javascript_reads_texts_as_python_does(javascript: LineProcess, field: Field, texts: list[str]) -> None:
    expected = [told(text_reader(field)(text)) for text in texts]
    got = javascript.ask("texts", encoded(field), texts)
    assert [(text, one, other) for text, one, other in zip(texts, got, expected, strict=True) if not same(one, other)] == []


@pytest.mark.parametrize("field", FIELDS, ids=FIELD_TYPES)
@given(numbers=st.lists(st.floats() | st.sampled_from([0.0, 1.0, -0.0, 1e21, 1e16]), min_size=1))
def test_javascript_reads_numbers_as_python_does(javascript: LineProcess, field: Field, numbers: list[float]) -> None:
    words = [repr(number).replace("inf", "Infinity") for number in numbers]
    expected = [told(value_reader(field)(number)) for number in numbers]
    assert javascript.ask("numbers", encoded(field), words) == expected


@pytest.mark.parametrize("field", FIELDS, ids=FIELD_TYPES)
@given(integers=st.lists(st.integers() | st.integers(-(2**64), 2**64), min_size=1))
def test_javascript_reads_integers_as_python_does(javascript: LineProcess, field: Field, integers: list[int]) -> None:
    expected = [told(value_reader(field)(integer)) for integer in integers]
    assert javascript.ask("integers", encoded(field), [str(integer) for integer in integers]) == expected


@given(st.lists(st.dates(), min_size=1))
def test_javascript_writes_dates_as_python_does(javascript: LineProcess, days: list[date]) -> None:
    assert javascript.ask("dates", [(day - EPOCH.date()).days for day in days]) == [written(day) for day in days]


@given(st.lists(st.times(), min_size=1))
def test_javascript_writes_times_as_python_does(javascript: LineProcess, times: list[time]) -> None:
    since = [(datetime.combine(EPOCH, each) - EPOCH) // timedelta(microseconds=1) for each in times]
    assert javascript.ask("times", [str(each) for each in since]) == [written(each) for each in times]


@given(st.lists(MOMENTS, min_size=1), st.booleans())
def test_javascript_writes_moments_as_python_does(javascript: LineProcess, moments: list[datetime], is_utc: bool) -> None:
    since = [str((moment - EPOCH) // timedelta(microseconds=1)) for moment in moments]
    expected = [written(moment.replace(tzinfo=UTC) if is_utc else moment) for moment in moments]
    assert javascript.ask("moments", since, is_utc) == expected
