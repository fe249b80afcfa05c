"""Cells of tables to wire values: what a text in a CSV file, or a typed value in a Parquet file, means to a field.

What a rule does not cover stays as it is, so that the validator refuses it by what stood in the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from foreshore.contract import Field

type Cell = Callable[[Any], Any]
"""From what stands in a cell to the wire value of a field."""

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""What tables write where nothing is known."""
CELL_PATTERNS: Mapping[str, str] = {
    "number": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?",
    "time": r"([0-9]{1,2}):([0-9]{2})(:00(\.0+)?)?",
    "date": r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ]00:00(:00(\.0+)?)?)?",
    "datetime": r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:00(\.0+)?)?(Z|\+00:00|\+0000| UTC)",
}
"""What a text is read as, whole; written so that JavaScript reads the same."""
BLANKS = " \t"
LONGEST_WHOLE = 1e21
"""Below it JavaScript writes whole numbers without an exponent."""
EXACT_WHOLE = 2**53

_NUMBER, _TIME, _DATE, _DATETIME = (re.compile(CELL_PATTERNS[name]) for name in ("number", "time", "date", "datetime"))


def text_reader(field: Field) -> Cell:
    """What reads a text cell as the wire value of a field.

    Examples
    --------
    >>> read = text_reader(Field("departs", "time", "Departs", nullable=True))
    >>> read("8:30"), read("08:30:00"), read(" NA "), read("half past eight")
    ('08:30', '08:30', None, 'half past eight')
    """
    if field.dtype in ("text", "image"):
        return lambda text: text or None
    if field.dtype == "category":
        values = frozenset(category.value for category in field.categories)
        return lambda text: _category(values, text)
    read = _READERS[field.dtype]
    return lambda text: _read(read, text)


def value_reader(field: Field) -> Cell:
    """What reads a typed cell (None, text, number, truth value, date, time, list, …) as the wire value of a field.

    Examples
    --------
    >>> read = value_reader(Field("at", "datetime", "At"))
    >>> read(datetime(2013, 10, 5, 12, 30)), read(math.nan), read("2013-10-05 12:30 UTC")
    ('2013-10-05T12:30', None, '2013-10-05T12:30Z')
    """
    read_text = text_reader(field)
    is_bool = field.dtype == "bool"

    def read(value: Any) -> Any:
        if isinstance(value, str):
            return read_text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float | Decimal):
            number = _plain(value)
            return bool(number) if is_bool and number in (0, 1) else number
        return read_text(written(value)) if isinstance(value, date | time) else value

    return read


def written(value: date | datetime | time) -> str:
    """A date or time as text: no seconds where they are zero, `Z` at the end of a moment whose zone is known.

    Examples
    --------
    >>> written(date(2013, 10, 5)), written(time(8, 30)), written(datetime(2013, 10, 5, 12, 30, 1, 500_000))
    ('2013-10-05', '08:30', '2013-10-05T12:30:01.5')
    """
    if not isinstance(value, datetime | time):
        return value.isoformat()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return _clock(value.astimezone(UTC).replace(tzinfo=None)) + "Z"
    return _clock(value.replace(tzinfo=None))


def _clock(value: datetime | time) -> str:
    if not value.second and not value.microsecond:
        return value.isoformat(timespec="minutes")
    return value.isoformat().rstrip("0") if value.microsecond else value.isoformat()


def _read(read: Callable[[str], Any], text: str) -> Any:
    trimmed = text.strip(BLANKS)
    if trimmed in MISSING_WORDS:
        return None
    found = read(trimmed)
    return text if found is None else found


def _category(values: frozenset[str], text: str) -> str | None:
    return None if text not in values and text.strip(BLANKS) in MISSING_WORDS else text or None


def _number(text: str) -> int | float | None:
    return _plain(float(text)) if _NUMBER.fullmatch(text) else None


def _plain(number: float | Decimal) -> int | float | None:
    """A number as JSON carries it between both languages: a double, whole ones without a point; None for NaN."""
    if isinstance(number, int) and -EXACT_WHOLE <= number <= EXACT_WHOLE:
        return number
    double = _double(number)
    if math.isnan(double):
        return None
    return int(Decimal(repr(double))) if double.is_integer() and abs(double) < LONGEST_WHOLE else double


def _double(number: float | Decimal) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _truth(text: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())


def _time(text: str) -> str | None:
    match = _TIME.fullmatch(text)
    return f"{match[1]:0>2}:{match[2]}" if match else None


def _date(text: str) -> str | None:
    match = _DATE.fullmatch(text)
    return match[1] if match else None


def _datetime(text: str) -> str | None:
    match = _DATETIME.fullmatch(text)
    return f"{match[1]}T{match[2]}Z" if match else None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "float32": _number,
    "int32": _number,
    "bool": _truth,
    "time": _time,
    "date": _date,
    "datetime": _datetime,
}
