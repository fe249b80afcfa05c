"""Random records of any contract, for hypothesis."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from foreshore import Contract, Field
from foreshore.contract import DAY_MIN, utc_text
from foreshore.records import TEXT
from tests.contract.images import images, near_images

type Record = dict[str, Any]

ANY_DATE = "0001-01-01", "9999-12-31"
LATEST_MIN = 2**31 - 1
ANY_NUMBER = -(2.0**31), 2.0**31 - 1
MOST = 20
MOST_IMAGES = 3
"""Records of a list, and of one in which each may weigh as much as a thousand others."""


def valid_records(contract: Contract) -> st.SearchStrategy[list[Record]]:
    """Lists of 1 to 20 records that the contract allows; of images 3 at most."""
    most = MOST_IMAGES if contract.image_fields else MOST
    return st.lists(st.fixed_dictionaries({field.name: valid_values(field) for field in contract.inputs}), min_size=1, max_size=most)


def valid_values(field: Field) -> st.SearchStrategy[Any]:
    """Wire values that the field allows, its bounds included."""
    values = _values(field)
    return st.none() | values if field.nullable else values


def any_records(contract: Contract) -> st.SearchStrategy[list[Any]]:
    """Lists of records in which anything may be wrong: values, types, missing and unknown fields, no record at all."""
    valid = {field.name: valid_values(field) for field in contract.inputs}
    broken = {name: values | junk() for name, values in valid.items()}
    records = st.fixed_dictionaries({}, optional=broken) | st.fixed_dictionaries({**broken, "unknown_field": junk()})
    return st.lists(records | junk(), min_size=1, max_size=5)


def junk() -> st.SearchStrategy[Any]:
    """Any JSON value, and the NaN and Infinity that Python's reader lets through."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | _near_misses() | near_images()
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=5
    )


def _near_misses() -> st.SearchStrategy[str]:
    """Texts that almost are dates, times or codes."""
    return st.sampled_from(
        ["2013-10-05T24:00Z", "2013-02-30", "2013-1-5", "24:00", "8:30", "08:60", "jfk", "JFK ", "", "٠٨:٣٠", "2013-10-05T00:00"]
    )


def _values(field: Field) -> st.SearchStrategy[Any]:
    if field.dtype == "image":
        return images()
    if field.dtype == "category":
        return st.sampled_from([category.value for category in field.categories])
    if field.dtype == "bool":
        return st.booleans()
    if field.dtype == "time":
        return _minutes(field, DAY_MIN - 1).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
    if field.dtype == "datetime":
        return _minutes(field, LATEST_MIN).map(utc_text)
    if field.dtype == "text":
        return st.from_regex(TEXT, fullmatch=True)
    if field.dtype == "date":
        low, high = (date.fromisoformat(str(bound)) for bound in _wire_bounds(field, ANY_DATE))
        return st.integers(0, (high - low).days).map(lambda days: (low + timedelta(days)).isoformat())
    low_number, high_number = (float(bound) for bound in _wire_bounds(field, ANY_NUMBER))
    whole = st.integers(int(low_number), int(high_number))
    return whole if field.dtype == "int32" else whole | st.floats(low_number, high_number, allow_nan=False)


def _minutes(field: Field, latest: int) -> st.SearchStrategy[int]:
    low, high = field.bounds
    return st.integers(int(low or 0), int(latest if high is None else high))


def _wire_bounds(field: Field, widest: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = field.minimum, field.maximum
    return widest[0] if low is None else low, widest[1] if high is None else high
