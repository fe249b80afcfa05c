"""JavaScript's encoder held to Python's, which decides: the same columns for good records, the same problems for bad ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore import Category, Contract, Field, ModelError, Output, Pipeline, Tensor, ValidationError
from foreshore.encoding import encoding_table
from foreshore.records import TEXT_CHARACTERS, encode
from models.verification.browser import BrowserExecutions
from tests.contract.images import LONG_SIDES, images, near_images
from tests.root import ROOT

CONTRACT = Contract(
    name="test",
    version=1,
    title="",
    description="",
    fields=(
        Field("day", "date", "Day", minimum="2013-01-01", maximum="2013-12-31", nullable=True),
        Field("moment", "date", "Moment"),
        Field("departs", "time", "Departs", minimum="05:00"),
        Field("origin", "category", "From", categories=(Category("EWR", "Newark"), Category("__proto__", "Odd"))),
        Field("delay", "int32", "Delay", unit="min", minimum=-60, maximum=1440, nullable=True),
        Field("count", "int32", "Count"),
        Field("wind", "float32", "Wind", unit="m/s", minimum=0, nullable=True),
        Field("night", "bool", "Night", nullable=True),
        Field("asked_at", "datetime", "Asked at", nullable=True),
        Field("sails_at", "datetime", "Sails at", minimum="2013-10-05T00:00Z", maximum="2013-10-05T12:00Z"),
        Field("hull", "text", "Hull", nullable=True),
        Field("captain", "text", "Captain"),
    ),
    features=(Tensor("x", "float32", ("N", 1)),),
    predictions=(Tensor("y", "float32", ("N", 1)),),
    outputs=(Output("height_m", "y", "Height"), Output("again_m", "y", "Again")),
    context=(Field("ships_60", "float32", "Ships within the hour", nullable=True),),
    clock="asked_at",
    segment="origin",
)
TABLE = encoding_table(CONTRACT)
PIPELINE = Pipeline(replace(CONTRACT, context=()), lambda columns: {})
"""For its decoding; what fills the context does not matter here."""

LABELS = ("gull", "buoy", "reef", "tide")
PHOTOS = Contract(
    name="photos",
    version=1,
    title="",
    description="",
    fields=(Field("photo", "image", "Photo"), Field("count", "int32", "Count")),
    features=(Tensor("x", "float32", ("N", 1)),),
    predictions=(Tensor("scores", "float32", ("N", len(LABELS))),),
    outputs=(Output("seen", "scores", "Seen", labels=LABELS, top=3),),
)
PHOTO_TABLE = encoding_table(PHOTOS)

NEAR_DATES = st.from_regex(r"(0000|0001|1970|2012|2013|9999|13)-(0[0-3]|1[0-3])-(00|01|28|29|3[0-2])", fullmatch=True)
NEAR_TIMES = st.from_regex(r"(0?[0-9]|1[0-9]|2[0-5]):([0-6][0-9])", fullmatch=True)
NUMBERS = st.integers(-(2**33), 2**33) | st.floats() | st.sampled_from([1e16, 1e21, 1e30, 3.5e38, 1e-7, 1e-5, 0.1, -0.0])
NEAR_DATETIMES = st.builds(
    "{}T{}{}".format, NEAR_DATES | st.sampled_from(["2013-10-05", "6053-01-23"]), NEAR_TIMES, st.sampled_from(["Z", "Z", "", "z", ":00Z"])
)
NEAR_TEXTS = st.text(max_size=3) | st.sampled_from(["", "a" * 64, "😀" * 64, "a" * 65, "\ud800", "a\n", "\x7f", "\x85", "\xa0", "\u2028"])
WORDS = st.text(max_size=3) | st.text(st.sampled_from('aé😀\\"\n\u007f'), min_size=38, max_size=42)
VALUES = st.none() | st.booleans() | NUMBERS | WORDS | st.just([1]) | st.just({"a": 1})
NEAR = {
    "date": NEAR_DATES,
    "time": NEAR_TIMES,
    "category": st.sampled_from(["EWR", "__proto__", "toString", "ewr", ""]),
    "int32": st.sampled_from([-61, -60, 1440, 1441, 2**31 - 1, 2**31, 0.5, -1e-5]),
    "float32": st.sampled_from([0, -0.0, -1e-45, 3.4028234663852886e38, 3.4028234663852889e38, 1e-30]),
    "bool": st.sampled_from([0, 1, "true"]),
    "datetime": NEAR_DATETIMES,
    "text": NEAR_TEXTS,
}
GOOD = {"moment": "2013-10-05", "departs": "08:30", "origin": "EWR", "count": 1, "sails_at": "2013-10-05T08:30Z", "captain": "Ahab"}
ANY = st.fixed_dictionaries({}, optional={**{field.name: NEAR[field.dtype] | VALUES for field in CONTRACT.inputs}, "colour": VALUES})
NEARLY_GOOD = st.sampled_from(CONTRACT.inputs).flatmap(
    lambda field: (NEAR[field.dtype] | VALUES).map(lambda value: {**GOOD, field.name: value})
)
RECORDS = st.lists(ANY, max_size=4) | st.lists(NEARLY_GOOD, max_size=4)


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserExecutions]:
    executions = BrowserExecutions(ROOT / "web" / "verification" / "executions.js", tmp_path_factory.mktemp("no-pyodide"))
    yield executions
    executions.close()


def from_javascript(javascript: BrowserExecutions, records: Any) -> dict[str, Any]:
    answer = javascript.encode_by_table(TABLE, records)
    return {"ok": listed(answer["ok"])} if "ok" in answer else answer


def listed(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ["NaN" if math.isnan(value) else value for value in column.tolist()] for name, column in columns.items()}


def from_python(records: Any) -> dict[str, Any]:
    try:
        columns = encode(CONTRACT, records)
    except ValidationError as error:
        return {"error": error.to_json()}
    return {"ok": listed(columns)}


def as_javascript_has_it(value: Any) -> Any:
    """A number as `JSON.stringify` writes it there: a double, in its shortest digits, without an exponent below 1e21."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return value
    double = float(value)
    return int(Decimal(repr(double))) if double.is_integer() and abs(double) < 1e21 else double


@settings(max_examples=400)
@given(RECORDS)
def test_javascript_encodes_and_refuses_as_python_does(javascript: BrowserExecutions, records: list[dict[str, Any]]) -> None:
    same = [{name: as_javascript_has_it(value) for name, value in record.items()} for record in records]
    finite = [{name: value for name, value in record.items() if not isinstance(value, float) or math.isfinite(value)} for record in same]
    assert from_javascript(javascript, finite) == from_python(finite)


@pytest.mark.parametrize("record", [7, None, "text", [1]])
def test_row_that_is_no_record_is_refused_alike(javascript: BrowserExecutions, record: Any) -> None:
    assert from_javascript(javascript, [GOOD, record]) == from_python([GOOD, record])


@pytest.mark.parametrize("character", ["a", "😀"])
def test_texts_end_at_the_same_length(javascript: BrowserExecutions, character: str) -> None:
    longest = {**GOOD, "captain": character * TEXT_CHARACTERS}
    assert "ok" in from_javascript(javascript, [longest])

    too_long = [{**longest, "captain": character * (TEXT_CHARACTERS + 1)}]
    assert from_javascript(javascript, too_long) == from_python(too_long)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_javascript_decodes_as_python_does(javascript: BrowserExecutions, numbers: list[float]) -> None:
    tensors = {"y": np.array(numbers, np.float32).reshape(-1, 1)}
    expected = PIPELINE.decode(tensors)
    answers = javascript.decode_by_table(TABLE, tensors, len(numbers))["ok"]
    assert [{name: float(value) for name, value in answer.items()} for answer in answers] == expected


@pytest.mark.parametrize("tensors", [{}, {"y": np.array([[math.nan]], np.float32)}])
def test_outputs_that_break_the_contract_are_model_errors_in_both(javascript: BrowserExecutions, tensors: dict[str, Any]) -> None:
    assert javascript.decode_by_table(TABLE, tensors, 1)["error"]["kind"] == "model"
    with pytest.raises(ModelError):
        PIPELINE.decode(tensors)


def test_outputs_for_other_rows_are_refused(javascript: BrowserExecutions) -> None:
    assert javascript.decode_by_table(TABLE, {"y": np.zeros((2, 1), np.float32)}, 1)["error"]["kind"] == "model"


def photos_from_javascript(javascript: BrowserExecutions, records: list[Any]) -> dict[str, Any]:
    answer = javascript.encode_by_table(PHOTO_TABLE, records)
    return {"ok": in_full(answer["ok"])} if "ok" in answer else answer


def photos_from_python(records: list[Any]) -> dict[str, Any]:
    try:
        return {"ok": in_full(encode(PHOTOS, records))}
    except ValidationError as error:
        return {"error": error.to_json()}


def in_full(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: (column.dtype.name, column.shape, column.tobytes()) for name, column in columns.items()}


@settings(max_examples=200)
@given(st.lists(st.fixed_dictionaries({"photo": images() | near_images() | VALUES, "count": st.just(1)}), max_size=3))
def test_javascript_reads_and_refuses_images_as_python_does(javascript: BrowserExecutions, records: list[dict[str, Any]]) -> None:
    same = [{"photo": as_javascript_has_image(record["photo"]), "count": 1} for record in records]
    assert photos_from_javascript(javascript, same) == photos_from_python(same)


def as_javascript_has_image(photo: Any) -> Any:
    if isinstance(photo, dict):
        return {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in photo.items()}
    return None if isinstance(photo, float) and not math.isfinite(photo) else as_javascript_has_it(photo)


@settings(max_examples=60)
@given(st.lists(images(LONG_SIDES), min_size=1, max_size=2))
def test_javascript_averages_large_images_as_python_does(javascript: BrowserExecutions, photos: list[dict[str, Any]]) -> None:
    records = [{"photo": photo, "count": 1} for photo in photos]
    answer = photos_from_javascript(javascript, records)
    assert "ok" in answer
    assert answer == photos_from_python(records)


def test_too_large_an_image_is_refused_in_the_same_words(javascript: BrowserExecutions) -> None:
    records = [{"photo": {"width": 12000, "height": 9000, "data": ""}, "count": 1}]
    answer = photos_from_javascript(javascript, records)
    assert (
        "got an image of 12000 x 9000 pixels and 0 characters of data, expected an image of at most 40 megapixels"
        in answer["error"]["message"]
    )
    assert answer == photos_from_python(records)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.5, -1.0]), min_size=4, max_size=4), min_size=1, max_size=4))
def test_javascript_ranks_as_python_does_equals_included(javascript: BrowserExecutions, scores: list[list[float]]) -> None:
    tensors = {"scores": np.array(scores, np.float32)}
    expected = Pipeline(PHOTOS, lambda columns: {}).decode(tensors)
    assert [[each["label"] for each in answer["seen"]] for answer in expected] == [ranked(row) for row in scores]
    assert javascript.decode_by_table(PHOTO_TABLE, tensors, len(scores))["ok"] == expected


def ranked(scores: list[float]) -> list[str]:
    return [LABELS[place] for place in sorted(range(len(LABELS)), key=lambda place: -scores[place])[:3]]


@pytest.mark.parametrize("wrong", [np.zeros((1, 3), np.float32), np.array([[0, 0, 0, math.nan]], np.float32)])
def test_scores_that_fit_no_labels_are_model_errors_in_both(javascript: BrowserExecutions, wrong: Any) -> None:
    assert javascript.decode_by_table(PHOTO_TABLE, {"scores": wrong}, 1)["error"]["kind"] == "model"
    with pytest.raises(ModelError):
        Pipeline(PHOTOS, lambda columns: {}).decode({"scores": wrong})
