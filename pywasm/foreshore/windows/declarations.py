"""Declarations of event streams and of the windows over them, as data.

An event has three times of interest, all in whole minutes since 1970-01-01 UTC: when it happened (its event time), when it could first be
known (its known time), and, while it is being taken in, the clock of whoever takes it in. A window asks at time `t` for the events that
happened in `(t - horizon_min, t]` and were taken in before the question was. `foreshore.windows.stream` answers one event and one question
at a time, `foreshore.windows.history` answers for a whole log at once; the two agree to the last bit (see `DECAY_BITS` for the one rider).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from foreshore.contract import MISSING_INT, NAME
from foreshore.errors import ContractError

type EventFieldType = Literal["int32", "float64", "text"]
type Aggregate = Literal["count", "sum", "mean", "min", "max", "last", "decay", "rate"]
type Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
type Scalar = str | int | float

EVENT_FIELD_TYPES: tuple[str, ...] = get_args(EventFieldType.__value__)
AGGREGATES: tuple[str, ...] = get_args(Aggregate.__value__)
COMPARISONS: tuple[str, ...] = get_args(Comparison.__value__)
COUNTING = ("count", "rate")
"""Aggregates that count events and read no value."""
ZERO_WHEN_EMPTY = ("count", "rate", "sum")

REASONS = ("unknown_type", "malformed", "missing", "out_of_range", "future", "late", "duplicate")
"""Why an event may be dropped, in the order in which this is asked.

unknown_type: no `EventType` of that name. malformed: no record, or a value of another type. missing: null in a field that is not
nullable. out_of_range: outside a field's range or categories. future: it happened after it was known. late: known longer ago than the
type's lateness. duplicate: its id and known time were taken in before.
"""
INT32_MAX = 2**31 - 1
VALUE_BITS = 40
"""A float64 value is held as a multiple of 2**-40 of its declared range, so that sums are sums of integers and never drift."""
COUNT_LIMIT = 2**22
"""Events that one window may hold: 40 bits of value and 22 of count stay within 64."""
DECAY_BITS = 24
"""Weights of a decayed mean have this many binary digits, as many as a float32 feature.

With integer values of up to 12 bits, a weight's 25, 8 half-lives and 256 events all sums stay below 2**53, and history and stream agree to
the last bit; beyond that, to some units in the last place of a float64.
"""
HALF_LIVES_MAX = 64
"""How many half-lives a horizon may span; beyond this an event weighs nothing next to a newer one."""


def require(condition: bool, message: str) -> None:
    """Raise a ContractError with this message unless the condition holds."""
    if not condition:
        raise ContractError(message)


@dataclass(frozen=True, slots=True)
class EventField:
    """One field of an event.

    Parameters
    ----------
    name : str
        snake_case, unique in the event type.
    dtype : {"int32", "float64", "text"}
        In a record int, float or str, null when missing; in a column an integer type, float64 or fixed-width text (`<U8`), where
        `MISSING_INT`, NaN and "" mean missing. In a record these three mean missing as well.
    minimum, maximum : number or None
        Sane range, inclusive; anything outside it is no event of this type. float64 needs both.
    categories : tuple of str
        For text: the only values there are, if they are known.
    nullable : bool
        Whether the value may be missing.

    Raises
    ------
    ContractError
        If the parts contradict each other.
    """

    name: str
    dtype: EventFieldType
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    nullable: bool = False

    def __post_init__(self) -> None:
        require(bool(NAME.fullmatch(self.name)), f"event field {self.name!r}: expected a snake_case name of 1 to 64 characters")
        known = self.dtype in EVENT_FIELD_TYPES
        require(known, f"event field {self.name}: got dtype {self.dtype!r}, expected one of {EVENT_FIELD_TYPES}")
        numeric = self.dtype != "text"
        require(numeric or self.minimum is self.maximum is None, f"event field {self.name}: text takes no minimum or maximum")
        require(not (numeric and self.categories), f"event field {self.name}: dtype {self.dtype} takes no categories")
        require("" not in self.categories, f'event field {self.name}: got the category "", which means missing')
        low, high = self.bounds
        finite = math.isfinite(low) and math.isfinite(high)
        require(not numeric or finite, f"event field {self.name}: got range {low} to {high}, expected both ends of a float64")
        require(low <= high, f"event field {self.name}: minimum {low} is above maximum {high}")

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value; those of int32 where none are declared."""
        least, most = (MISSING_INT + 1, INT32_MAX) if self.dtype == "int32" else (-math.inf, math.inf)
        return (
            least if self.minimum is None else max(least, self.minimum),
            most if self.maximum is None else min(most, self.maximum),
        )

    @property
    def scale(self) -> float:
        """What a value is multiplied by before it is rounded to an integer: 1 for int32, a power of two for float64."""
        if self.dtype == "int32":
            return 1.0
        low, high = self.bounds
        return math.ldexp(1.0, VALUE_BITS - max(math.frexp(max(abs(low), abs(high)))[1], -VALUE_BITS))


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event.

    Parameters
    ----------
    name : str
        What windows name as their source.
    fields : tuple of EventField
        Id and times included. A record may carry more; what is not declared is not read.
    event_time_field, known_time_field : str
        int32 fields, minutes since 1970-01-01 UTC: when it happened, and when it could first be known.
    id_field : str
        A text or int32 field. An event whose id and known time were seen before is a duplicate. The same id with another known time is
        another event.
    lateness_min : int
        How far behind the clock an event's known time may lie. Events later than that are dropped and counted. Ids are remembered for as
        long, so this bounds memory too. The clock is the latest known time taken in, or time asked about: a known time ahead of all
        others is believed, and makes those behind it late; its field's bounds keep nonsense out.
    """

    name: str
    fields: tuple[EventField, ...]
    event_time_field: str = "event_time_min"
    known_time_field: str = "known_time_min"
    id_field: str = "id"
    lateness_min: int = 0

    def __post_init__(self) -> None:
        require(bool(NAME.fullmatch(self.name)), f"event type {self.name!r}: expected a snake_case name of 1 to 64 characters")
        names = [field.name for field in self.fields]
        require(len(set(names)) == len(names), f"event type {self.name}: a field name stands twice in {names}")
        for name in (self.event_time_field, self.known_time_field):
            field = self.field(name)
            require(field.dtype == "int32" and not field.nullable, f"event type {self.name}: time {name} must be int32, not nullable")
        field = self.field(self.id_field)
        require(
            field.dtype != "float64" and not field.nullable, f"event type {self.name}: id {field.name} must be text or int32, not nullable"
        )
        require(self.lateness_min >= 0, f"event type {self.name}: got lateness_min {self.lateness_min}, expected 0 or more")

    def field(self, name: str) -> EventField:
        """The field of that name; ContractError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise ContractError(f"event type {self.name}: there is no field {name!r}, only {[field.name for field in self.fields]}")

    def position(self, name: str) -> int:
        """Where the field of that name stands among the fields."""
        return self.fields.index(self.field(name))


@dataclass(frozen=True, slots=True)
class Key:
    """An event's field, and the query's field that it has to equal: events at `destination`, asked for by a query's `origin`."""

    event_field: str
    query_field: str

    def __post_init__(self) -> None:
        require(
            bool(NAME.fullmatch(self.query_field)), f"query field {self.query_field!r}: expected a snake_case name of 1 to 64 characters"
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one field of an event; a missing value (NaN included) meets none, not even `!=`."""

    field: str
    comparison: Comparison
    constant: Scalar

    def __post_init__(self) -> None:
        require(self.comparison in COMPARISONS, f"filter on {self.field}: got {self.comparison!r}, expected one of {COMPARISONS}")
        number = not isinstance(self.constant, str)
        require(number or self.comparison in ("==", "!="), f"filter on {self.field}: a text is compared by == or != only")
        require(self.constant == self.constant, f"filter on {self.field}: got NaN, which equals nothing")


@dataclass(frozen=True, slots=True)
class Window:
    """One aggregate over the recent events that concern a query.

    Parameters
    ----------
    name : str
        The feature's name.
    source : str
        Name of the event type.
    aggregate : str
        count; sum, mean, min, max of the values; last: the value of the newest event (by event time; the one taken in later at a tie);
        decay: the mean weighted by 2**(-age / half_life_min); rate: events per hour of the horizon.
    horizon_min : int
        Events with event time in (t - horizon_min, t] count at time t.
    key : tuple of Key
        All have to match; none: every event concerns every query.
    value : str or None
        Numeric field; events that miss it don't count. None for count and rate.
    where : tuple of Filter
        All have to hold.
    empty : number or None
        What a window without events gives; None: 0 for count, rate and sum, NaN for the others.
    half_life_min : int or None
        For decay.
    """

    name: str
    source: str
    aggregate: Aggregate
    horizon_min: int
    key: tuple[Key, ...] = ()
    value: str | None = None
    where: tuple[Filter, ...] = ()
    empty: float | None = None
    half_life_min: int | None = None

    def __post_init__(self) -> None:
        require(bool(NAME.fullmatch(self.name)), f"window {self.name!r}: expected a snake_case name of 1 to 64 characters")
        require(self.aggregate in AGGREGATES, f"window {self.name}: got aggregate {self.aggregate!r}, expected one of {AGGREGATES}")
        require(self.horizon_min > 0, f"window {self.name}: got horizon_min {self.horizon_min}, expected 1 or more")
        counting = self.aggregate in COUNTING
        require(
            counting == (self.value is None),
            f"window {self.name}: got value {self.value!r} for {self.aggregate}; only {COUNTING} take none",
        )
        require((self.aggregate == "decay") == (self.half_life_min is not None), f"window {self.name}: half_life_min goes with decay alone")
        if self.half_life_min is not None:
            least = max(1, -(-self.horizon_min // HALF_LIVES_MAX))
            require(self.half_life_min >= least, f"window {self.name}: got half_life_min {self.half_life_min}, expected {least} or more")
        require(self.empty is None or math.isfinite(self.empty), f"window {self.name}: got empty {self.empty}, expected a number or None")

    @property
    def empty_value(self) -> float:
        """What a window without events gives, as a float."""
        if self.empty is not None:
            return float(self.empty)
        return 0.0 if self.aggregate in ZERO_WHEN_EMPTY else math.nan

    @property
    def event_key(self) -> tuple[str, ...]:
        """The event's key fields."""
        return tuple(key.event_field for key in self.key)

    @property
    def query_key(self) -> tuple[str, ...]:
        """The query's key fields, in the order of `event_key`."""
        return tuple(key.query_field for key in self.key)


@dataclass(frozen=True, slots=True)
class WindowSet:
    """The event types and windows of one pipeline.

    Parameters
    ----------
    events : tuple of EventType
    windows : tuple of Window
    invalid : {"drop", "refuse"}
        Whether an event that does not fit its declaration (the reasons up to "future") is dropped and counted, or refused with an error.
        Late and duplicate events are ordinary and always dropped and counted.

    Raises
    ------
    ContractError
        If names repeat, or a window names a source or a field that there is not, or that has the wrong type.
    """

    events: tuple[EventType, ...]
    windows: tuple[Window, ...]
    invalid: Literal["drop", "refuse"] = "drop"

    def __post_init__(self) -> None:
        for what, names in (("event type", [e.name for e in self.events]), ("window", [w.name for w in self.windows])):
            require(len(set(names)) == len(names), f"a name of an {what} stands twice in {names}")
        require(self.invalid in ("drop", "refuse"), f"got invalid {self.invalid!r}, expected 'drop' or 'refuse'")
        for window in self.windows:
            _check_fields(window, self.event(window.source))
        self.query_fields()

    def event(self, name: str) -> EventType:
        """The event type of that name; ContractError if there is none."""
        for event in self.events:
            if event.name == name:
                return event
        raise ContractError(f"there is no event type {name!r}, only {[event.name for event in self.events]}")

    def query_fields(self) -> dict[str, EventFieldType]:
        """The fields that a query has to carry, and whether they are text or int32.

        Raises
        ------
        ContractError
            If two windows match one query field with event fields of different types.
        """
        fields: dict[str, EventFieldType] = {}
        for window in self.windows:
            for key in window.key:
                dtype = self.event(window.source).field(key.event_field).dtype
                same = fields.setdefault(key.query_field, dtype) == dtype
                require(
                    same, f"window {window.name}: query field {key.query_field} is matched with {dtype} here, with another type elsewhere"
                )
        return fields

    @property
    def signature(self) -> str:
        """SHA-256 of the declarations: what a saved state belongs to."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The declarations as plain JSON data."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WindowSet:
        """The declarations that `to_json` wrote.

        Raises
        ------
        ContractError
            If a part is missing, unknown or wrong.
        """
        try:
            return cls(tuple(map(_event_type, data["events"])), tuple(map(window_from_json, data["windows"])), data["invalid"])
        except (KeyError, TypeError) as error:
            raise ContractError(f"these are not windows: {error}; write them with WindowSet.to_json") from error


def _event_type(data: Mapping[str, Any]) -> EventType:
    fields = tuple(EventField(**{**item, "categories": tuple(item["categories"])}) for item in data["fields"])
    return EventType(**{**data, "fields": fields})


def window_from_json(data: Mapping[str, Any]) -> Window:
    """One window of `to_json`'s data."""
    return Window(**{**data, "key": tuple(Key(**item) for item in data["key"]), "where": tuple(Filter(**item) for item in data["where"])})


def _check_fields(window: Window, event: EventType) -> None:
    if window.value is not None:
        require(event.field(window.value).dtype != "text", f"window {window.name}: value {window.value} is text, expected a number")
    for name in window.event_key:
        require(event.field(name).dtype != "float64", f"window {window.name}: key {name} is float64, expected text or int32")
    for condition in window.where:
        text = event.field(condition.field).dtype == "text"
        fits = text == isinstance(condition.constant, str)
        require(fits, f"window {window.name}: {condition.field} is compared with {condition.constant!r}, a value of another type")
