"""Records to columns: the one validator, driven by the contract's fields."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.contract import MISSING_INT, Contract, Field, days_since_epoch, minutes_since_epoch, minutes_since_midnight
from foreshore.errors import Problem, ValidationError
from foreshore.images import EXPECTED, described, image_columns, read_image

type Column = NDArray[Any]  # float32, int32 or, of images, uint8
type Reader = Callable[[Any], Any]

PROBLEMS_LISTED = 1000
"""How many problems one error lists; a million bad rows must not become a million sentences."""
SHOWN_CHARACTERS = 40
LARGE_INTEGER = 10**30
INT32_MAX = 2**31 - 1
FLOAT32_MAX = float(np.finfo(np.float32).max)
TEXT_CHARACTERS = 64
TEXT = re.compile(rf"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{{1,{TEXT_CHARACTERS}}}")
"""No control characters, and no halves of surrogate pairs, which UTF-8 cannot write."""


class Encoder:
    """The validator of one contract, put together once.

    Parameters
    ----------
    contract : Contract
    """

    def __init__(self, contract: Contract) -> None:
        self._fields = [(field, column_reader(field)) for field in contract.inputs]
        self._names = frozenset(field.name for field in contract.inputs)

    def encode(self, records: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
        """Validate all inputs of records, and turn them into columns.

        Parameters
        ----------
        records : sequence of mappings
            Field name to wire value; N of them. Fields that may be missing may be null or absent.

        Returns
        -------
        dict of (N, …) arrays
            By name, the contract's `column_tensors`: float32 with NaN, all other dtypes int32 with `MISSING_INT`, for what is missing;
            of an image its pixels, uint8, and how far they reach.

        Raises
        ------
        ValidationError
            With every problem of every record (the first 1,000).
        """
        problems: list[Problem] = []
        self._check_shapes(records, problems)
        values = [(field, _values(field, read, records, problems)) for field, read in self._fields]
        if problems:
            problems.sort(key=lambda problem: problem.row)
            raise ValidationError(problems[:PROBLEMS_LISTED])
        return {name: column for field, read in values for name, column in _columns(field, read).items()}

    def _check_shapes(self, records: object, problems: list[Problem]) -> None:
        if not isinstance(records, Sequence) or isinstance(records, str | bytes):
            raise ValidationError([Problem(0, "", brief(records), "a list of records")])
        for row, record in enumerate(records):
            if not isinstance(record, Mapping):
                raise ValidationError([Problem(row, "", brief(record), "a record: an object of field names and values")])
            for name in record:
                if name not in self._names:
                    problems.append(Problem(row, "", f"a field {brief(name)}", f"only {', '.join(sorted(self._names))}"))


def encode(contract: Contract, records: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """Columns of records of a contract that is met once; see `Encoder.encode`."""
    return Encoder(contract).encode(records)


def _values(field: Field, read: Reader, records: Sequence[Mapping[str, Any]], problems: list[Problem]) -> list[Any]:
    """What stands in the field's column, a value a record."""
    missing = missing_value(field)
    values: list[Any] = []
    for row, record in enumerate(records):
        value = record.get(field.name)
        found: Any = missing
        if value is not None:
            try:
                found = read(value)
            except ValueError:
                problems.append(Problem(row, field.name, shown(field, value), expectation(field)))
        elif not field.nullable:
            problems.append(Problem(row, field.name, shown(field, value), expectation(field)))
        values.append(found)
    return values


def missing_value(field: Field) -> float:
    """What stands in the field's column where it is missing."""
    return math.nan if field.dtype == "float32" else MISSING_INT


def _columns(field: Field, values: list[Any]) -> dict[str, Column]:
    """The field's columns by name; none of a text."""
    if field.dtype == "image":
        return image_columns(field.name, values)
    return {tensor.name: np.array(values, tensor.dtype) for tensor in field.column_tensors}


def shown(field: Field, value: object) -> str:
    """What a message says was got for a field."""
    return "nothing" if value is None else (described(value) if field.dtype == "image" else None) or brief(value)


def column_reader(field: Field) -> Reader:
    """What reads one wire value of a field into column form, and raises ValueError where it does not fit."""
    if field.dtype == "category":
        codes = {category.value: code for code, category in enumerate(field.categories)}
        return lambda value: _code(codes, value)
    if field.dtype == "image":
        return read_image
    read = _READERS[field.dtype]
    low, high = column_bounds(field)
    least, most = -math.inf if low is None else low, math.inf if high is None else high

    def bounded(value: Any) -> float:
        number: float = read(value)
        if not least <= number <= most:
            raise ValueError("out of range")
        return number

    return bounded


def column_bounds(field: Field) -> tuple[float | None, float | None]:
    """Inclusive bounds of a field's column: those declared, and where its dtype could leave int32, the end of that."""
    low, high = field.bounds
    if field.dtype == "datetime":
        return low, min(INT32_MAX, math.inf if high is None else high)
    if field.dtype == "float32":
        return _single(low, min), _single(high, max)
    return low, high


def _single(bound: float | None, outer: Callable[[float, float], float]) -> float | None:
    """A bound that a value of single precision at the bound does not leave by its rounding."""
    return None if bound is None else outer(bound, float(np.float32(bound)))


def _code(codes: Mapping[str, int], value: object) -> int:
    if isinstance(value, str) and value in codes:
        return codes[value]
    raise ValueError("not a category")


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > FLOAT32_MAX or math.isnan(value):
        raise ValueError("not a finite number")
    return float(value)


def _integer(value: object) -> int:
    number = _real(value)
    if not number.is_integer() or abs(number) > INT32_MAX:
        raise ValueError("not an integer")
    return int(number)


def _truth(value: object) -> int:
    if not isinstance(value, bool):
        raise ValueError("not a truth value")
    return int(value)


def _text(read: Callable[[str], int]) -> Reader:
    def checked(value: object) -> int:
        if not isinstance(value, str):
            raise ValueError("not a text")
        return read(value)

    return checked


def _printable(text: str) -> int:
    if not TEXT.fullmatch(text):
        raise ValueError("not a short text")
    return len(text)


_READERS: Mapping[str, Reader] = {
    "float32": _real,
    "int32": _integer,
    "bool": _truth,
    "date": _text(days_since_epoch),
    "time": _text(minutes_since_midnight),
    "datetime": _text(minutes_since_epoch),
    "text": _text(_printable),
}

_NOUNS = {
    "float32": "a number",
    "int32": "an integer",
    "bool": "true or false",
    "date": "a date as YYYY-MM-DD",
    "time": "a time as HH:MM",
    "datetime": "a UTC time as YYYY-MM-DDTHH:MMZ",
    "text": "a text of 1 to 64 printable characters",
    "image": EXPECTED,
}


def expectation(field: Field) -> str:
    """What a field wants, in words: `an integer from 0 to 23`."""
    if field.dtype == "category":
        values = [category.value for category in field.categories]
        shown = ", ".join(values[:8]) + (f", … ({len(values)} in all)" if len(values) > 8 else "")
        noun = f"one of {shown}"
    else:
        noun = _NOUNS[field.dtype] + _range(field)
    return noun + (" or null" if field.nullable else "")


def _range(field: Field) -> str:
    unit = f" {field.unit}" if field.unit else ""
    if field.minimum is not None and field.maximum is not None:
        return f" from {field.minimum} to {field.maximum}{unit}"
    if field.minimum is not None:
        return f" of at least {field.minimum}{unit}"
    return f" of at most {field.maximum}{unit}" if field.maximum is not None else ""


def brief(value: object) -> str:
    """A value as JSON in at most some 60 characters, so that a 10 MB string stays out of messages.

    Examples
    --------
    >>> brief("x" * 100)
    '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" (100 characters)'
    >>> brief([1, 2])
    'a list'
    """
    if isinstance(value, str):
        short = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
        return json.dumps(short, ensure_ascii=False) + (f" ({len(value)} characters)" if short != value else "")
    if isinstance(value, bool | float) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < LARGE_INTEGER else "an integer of over 30 digits"
    return "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, Sequence) else f"a {type(value).__name__}"
