"""Records of events to tuples of values, by readers that are put together once from the declaration."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from foreshore.contract import MISSING_INT
from foreshore.errors import Problem, ValidationError
from foreshore.records import TEXT, TEXT_CHARACTERS, brief
from foreshore.windows.declarations import EventField, EventType, Filter

type Value = str | int | float | None
type Values = tuple[Any, ...]
type Reader = Callable[[object], Value]


class Unfit(Exception):  # noqa: N818 - an outcome that is dropped or refused by the stream, never seen outside it
    """An event does not fit its declaration.

    Parameters
    ----------
    reason : str
        One of `REASONS`.
    field, got, expected : str
        As in `Problem`.
    """

    def __init__(self, reason: str, field: str, got: str, expected: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.problem = Problem(0, field, got, expected)


def event_reader(event: EventType) -> Callable[[object], Values]:
    """A function from a record to its values, in the order of the type's fields; None where a value is missing.

    It raises `Unfit` for the first field that does not fit.
    """
    readers = [(field.name, field_reader(field)) for field in event.fields]

    def read(record: object) -> Values:
        if not isinstance(record, Mapping):
            raise Unfit("malformed", "", brief(record), "an event: an object of field names and values")
        get = record.get
        return tuple([reader(get(name)) for name, reader in readers])

    return read


def field_reader(field: EventField) -> Reader:
    """A function from a wire value to a value of this field; raises `Unfit`."""
    return _text_reader(field) if field.dtype == "text" else _number_reader(field)


def _number_reader(field: EventField) -> Reader:
    low, high = field.bounds
    whole = field.dtype == "int32"
    exact = int if whole else float

    def read(value: object) -> Value:
        if type(value) is not exact:
            if value is None or value != value:
                return _missing(field)
            value = _integer(value, field) if whole else _float(value, field)
        if low <= value <= high:
            return value
        if value == MISSING_INT if whole else value != value:
            return _missing(field)
        raise Unfit("out_of_range", field.name, brief(value), f"{low} to {high}")

    return read


def _text_reader(field: EventField) -> Reader:
    categories, fits = frozenset(field.categories), TEXT.fullmatch

    def read(value: object) -> Value:
        if not value and (value is None or value == ""):
            return _missing(field)
        if type(value) is not str:
            raise Unfit("malformed", field.name, brief(value), "a text")
        if not fits(value):
            raise Unfit("malformed", field.name, brief(value), f"1 to {TEXT_CHARACTERS} characters, none of them a control character")
        if categories and value not in categories:
            raise Unfit("out_of_range", field.name, brief(value), f"one of {len(categories)} categories")
        return value

    return read


def _missing(field: EventField) -> Value:
    if not field.nullable:
        raise Unfit("missing", field.name, "nothing", f"a value of type {field.dtype}")
    return None


def _integer(value: object, field: EventField) -> int:
    if isinstance(value, float) and value.is_integer():  # JavaScript knows no integers
        return int(value)
    raise Unfit("malformed", field.name, brief(value), "an integer")


def _float(value: object, field: EventField) -> float:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit("malformed", field.name, brief(value), "a number")
    try:
        return float(value)
    except OverflowError:
        raise Unfit("out_of_range", field.name, brief(value), "a float64") from None


def key_reader(event: EventType, names: tuple[str, ...]) -> Callable[[Values], Any]:
    """A function from an event's values to its key: one value, a tuple of several, or `()`."""
    if not names:
        return lambda _: ()
    return operator.itemgetter(*(event.position(name) for name in names))


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def filter_reader(event: EventType, where: tuple[Filter, ...]) -> Callable[[Values], bool]:
    """A function from an event's values to whether they meet all conditions; a missing value meets none."""
    tests = [(event.position(item.field), OPERATORS[item.comparison], item.constant) for item in where]

    def passes(values: Values) -> bool:
        for position, holds, constant in tests:
            value = values[position]
            if value is None or not holds(value, constant):
                return False
        return True

    return passes


def query_reader(fields: Mapping[str, str]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A function from a query's record to its key fields; None where one is missing.

    It raises a ValidationError where a value has another type than the events' field has: such a query would find nothing, silently.
    """
    readers = [(name, str if dtype == "text" else int) for name, dtype in fields.items()]

    def read(record: Mapping[str, Any]) -> dict[str, Any]:
        key: dict[str, Any] = {}
        for name, exact in readers:
            value = record.get(name)
            if value is not None and type(value) is not exact:
                raise ValidationError([Problem(0, name, brief(value), f"a value of type {exact.__name__}, as the events' keys, or null")])
            key[name] = value
        return key

    return read
