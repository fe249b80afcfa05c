"""Contracts: what goes into a pipeline and what comes out, as data.

One contract drives validation, forms, CSV columns, the API's schema and the JavaScript generated for the browser.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from foreshore.errors import ContractError

type FieldType = Literal["float32", "int32", "bool", "category", "date", "time", "datetime", "text", "image"]
FIELD_TYPES: tuple[str, ...] = get_args(FieldType.__value__)
TENSOR_TYPES = ("float32", "float16", "int64", "int32", "uint8", "bool")
MISSING_INT = -(2**31)
"""What a missing value is in an integer column; in a float32 column it is NaN."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME = re.compile(r"([0-9-]{10})T([0-9:]{5})Z")
EPOCH = date(1970, 1, 1).toordinal()
DAY_MIN = 24 * 60

type Wire = str | int | float | bool | Mapping[str, Any] | None
"""One value of a record as JSON carries it."""


def days_since_epoch(text: str) -> int:
    """Days from 1970-01-01 to an ISO 8601 date.

    Raises
    ------
    ValueError
        If `text` is not a real date written YYYY-MM-DD.

    Examples
    --------
    >>> days_since_epoch("2013-10-05")
    15983
    """
    if not DATE.fullmatch(text):
        raise ValueError(f"got {text[:20]!r}, expected a date as YYYY-MM-DD")
    return date.fromisoformat(text).toordinal() - EPOCH


def minutes_since_midnight(text: str) -> int:
    """Minutes from midnight to a 24-hour time.

    Raises
    ------
    ValueError
        If `text` is not a time written HH:MM.

    Examples
    --------
    >>> minutes_since_midnight("08:30")
    510
    """
    match = TIME.fullmatch(text)
    if not match:
        raise ValueError(f"got {text[:20]!r}, expected a time as HH:MM")
    return int(match[1]) * 60 + int(match[2])


def minutes_since_epoch(text: str) -> int:
    """Minutes from 1970-01-01T00:00Z to a time of day and year, UTC.

    Raises
    ------
    ValueError
        If `text` is not a real time written YYYY-MM-DDTHH:MMZ.

    Examples
    --------
    >>> minutes_since_epoch("2013-10-05T12:30Z")
    23016270
    """
    match = DATETIME.fullmatch(text)
    if not match:
        raise ValueError(f"got {text[:20]!r}, expected a UTC time as YYYY-MM-DDTHH:MMZ")
    return days_since_epoch(match[1]) * DAY_MIN + minutes_since_midnight(match[2])


def utc_text(minutes: int) -> str:
    """A time as `minutes_since_epoch` reads it.

    Examples
    --------
    >>> utc_text(23016270)
    '2013-10-05T12:30Z'
    """
    return (datetime(1970, 1, 1) + timedelta(minutes=minutes)).isoformat(timespec="minutes") + "Z"


@dataclass(frozen=True, slots=True)
class Category:
    """One allowed value of a category field, and how people call it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a record.

    Parameters
    ----------
    name : str
        snake_case, unique in the contract.
    dtype : {"float32", "int32", "bool", "category", "date", "time", "datetime", "text", "image"}
        On the wire: number, integer, true/false, one of `categories`, "2013-10-05", "08:30", "2013-10-05T12:30Z" (UTC), any text of 1
        to 64 printable characters, raw pixels (see `foreshore.images`). In a column: float32 as it is; all others int32 (0/1, index of
        the category, days since 1970-01-01, minutes since midnight, minutes since 1970-01-01 UTC). A text has no column: it only is a
        key that windows and tables look up. An image has three (see `Field.column_tensors`), and may not be missing.
    title : str
        What people call it.
    unit : str
        SI or customary symbol, "" if none.
    minimum, maximum : wire value or None
        Inclusive bounds, in wire form.
    categories : tuple of Category
        For dtype "category" only; its order fixes the codes.
    nullable : bool
        Whether the value may be null or absent.
    description, example : str, wire value
        A hint for people, and a value that validates.

    Raises
    ------
    ContractError
        If the parts contradict each other.
    """

    name: str
    dtype: FieldType
    title: str
    unit: str = ""
    minimum: Wire = None
    maximum: Wire = None
    categories: tuple[Category, ...] = ()
    nullable: bool = False
    description: str = ""
    example: Wire = None

    def __post_init__(self) -> None:
        _require(bool(NAME.fullmatch(self.name)), f"field {self.name!r}: expected a snake_case name of 1 to 64 characters")
        _require(self.dtype in FIELD_TYPES, f"field {self.name}: got dtype {self.dtype!r}, expected one of {FIELD_TYPES}")
        _require(
            bool(self.categories) == (self.dtype == "category"),
            f"field {self.name}: got {len(self.categories)} categories for dtype {self.dtype}, expected them for "
            "dtype category and for no other",
        )
        values = [category.value for category in self.categories]
        _require(len(set(values)) == len(values), f"field {self.name}: a category stands twice; list each value once")
        low, high = self.bounds
        _require(low is None or high is None or low <= high, f"field {self.name}: minimum {low} is above maximum {high}")
        _require(
            not (self.dtype == "image" and self.nullable), f"field {self.name}: got a nullable image, expected one that is always there"
        )

    @property
    def column_tensors(self) -> tuple[Tensor, ...]:
        """The columns that the field becomes, for N records.

        One (N,); none for a text; for an image its pixels, as high and wide as the largest, and how far each record's own reach.
        """
        if self.dtype == "image":
            pixels = Tensor(self.name, "uint8", ("N", f"{self.name}_H", f"{self.name}_W", 3))
            return pixels, *(Tensor(f"{self.name}_{side}", "int32", ("N",)) for side in ("height", "width"))
        return () if self.dtype == "text" else (Tensor(self.name, "float32" if self.dtype == "float32" else "int32", ("N",)),)

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Inclusive bounds in column form (days, minutes or plain numbers), as declared."""
        return self._bound(self.minimum), self._bound(self.maximum)

    def _bound(self, value: Wire) -> float | None:
        if value is None:
            return None
        read = _BOUND_READERS.get(self.dtype)
        _require(read is not None, f"field {self.name}: dtype {self.dtype} takes no minimum or maximum")
        assert read is not None
        try:
            return read(value)
        except (ValueError, TypeError) as error:
            raise ContractError(f"field {self.name}: bound {value!r} is not of dtype {self.dtype}: {error}") from error


_BOUND_READERS: Mapping[str, Callable[[Any], float]] = {
    "float32": float,
    "int32": int,
    "date": days_since_epoch,
    "time": minutes_since_midnight,
    "datetime": minutes_since_epoch,
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named tensor at the model's door; `"N"` in the shape is the batch axis.

    Parameters
    ----------
    name : str
        As in the ONNX graph.
    dtype : str
        One of `TENSOR_TYPES`.
    shape : tuple of int or str
        Such as `("N", 61)`.
    columns : tuple of str
        What stands in each place of a row, for messages and reports; empty where it has no names.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(self.dtype in TENSOR_TYPES, f"tensor {self.name}: got dtype {self.dtype!r}, expected one of {TENSOR_TYPES}")
        _require(
            not self.columns or math.prod(size for size in self.shape if isinstance(size, int)) == len(self.columns),
            f"tensor {self.name}: got {len(self.columns)} names of columns for shape {self.shape}, expected one a place of a row",
        )

    def admits(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        return len(shape) == len(self.shape) and all(
            isinstance(want, str) or want == got for want, got in zip(self.shape, shape, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Output:
    """One value of an answer: a number, read from column 0 of a prediction tensor; or, where it has labels, a ranking of all columns.

    Parameters
    ----------
    name, title, unit, description : str
        As in `Field`.
    tensor : str
        Name of the prediction tensor, shape (N, 1) or (N,); with labels (N, one a label).
    decimals : int or None
        How many decimals are worth showing; the value itself is not rounded.
    labels : tuple of str
        What people call the columns of a ranking, which holds `label`, `index` (the column) and `score` (its value) of the highest ones,
        the highest first.
    top : int
        How many a ranking lists.

    Raises
    ------
    ContractError
        If it is to list more than it has labels for, or none.
    """

    name: str
    tensor: str
    title: str
    unit: str = ""
    description: str = ""
    decimals: int | None = None
    labels: tuple[str, ...] = ()
    top: int = 0

    def __post_init__(self) -> None:
        fits = 1 <= self.top <= len(self.labels) if self.labels else self.top == 0
        _require(fits, f"output {self.name}: got top {self.top} for {len(self.labels)} labels, expected 1 to that many, 0 without labels")


@dataclass(frozen=True, slots=True)
class Contract:
    """All that anybody outside a pipeline may know of it.

    Parameters
    ----------
    name : str
        The pipeline's folder.
    version : int
        Rises when fields, features or outputs change.
    title, description : str
        For people.
    fields : tuple of Field
        The record, in the order of forms and CSV columns.
    features, predictions : tuple of Tensor
        The model's inputs and outputs.
    outputs : tuple of Output
        The answer.
    tolerance : float
        Two executions agree when `abs(a - b) <= tolerance * max(1, abs(b))`.
    context : tuple of Field
        What nobody types in: features of the pipeline's view, nullable float32. A record may carry them; those that it lacks are filled
        in from windows and tables.
    clock : str or None
        The nullable datetime field that says when a record is asked, and so what could be known.
    segment : str or None
        The category field, not nullable, by whose value models may differ; which model answers is data of the release.

    Raises
    ------
    ContractError
        If names repeat, an output reads a tensor that no model gives, or context, clock or segment are not as above.
    """

    name: str
    version: int
    title: str
    description: str
    fields: tuple[Field, ...]
    features: tuple[Tensor, ...]
    predictions: tuple[Tensor, ...]
    outputs: tuple[Output, ...]
    tolerance: float = 1e-5
    context: tuple[Field, ...] = ()
    clock: str | None = None
    segment: str | None = None

    def __post_init__(self) -> None:
        for what, names in (
            ("field", [field.name for field in self.inputs]),
            ("tensor", [tensor.name for tensor in (*self.features, *self.predictions)]),
            ("output", [output.name for output in self.outputs]),
        ):
            _require(len(set(names)) == len(names), f"contract {self.name}: a {what} name stands twice in {names}")
        known = {tensor.name: tensor for tensor in self.predictions}
        for output in self.outputs:
            _require(output.tensor in known, f"output {output.name}: got tensor {output.tensor!r}, expected one of {sorted(known)}")
            shape = known[output.tensor].shape
            fits = not output.labels or shape[1:] == (len(output.labels),)
            _require(fits, f"output {output.name}: got {len(output.labels)} labels for shape {shape}, expected one a column")
        for field in self.context:
            fits = field.dtype == "float32" and field.nullable
            _require(fits, f"context {field.name}: got dtype {field.dtype}, nullable {field.nullable}, expected a nullable float32")
        columns = [tensor.name for tensor in self.column_tensors]
        _require(len(set(columns)) == len(columns), f"contract {self.name}: a column's name stands twice in {columns}; rename a field")
        self._require_role("clock", self.clock, "datetime", nullable=True)
        self._require_role("segment", self.segment, "category", nullable=False)

    def _require_role(self, role: str, name: str | None, dtype: FieldType, *, nullable: bool) -> None:
        able = [field.name for field in self.fields if (field.dtype, field.nullable) == (dtype, nullable)]
        kind = f"{'nullable' if nullable else 'not nullable'} {dtype}"
        _require(name is None or name in able, f"contract {self.name}: got {role} {name!r}, expected a field that is {kind}: {able}")

    @property
    def inputs(self) -> tuple[Field, ...]:
        """All that a record may carry: the fields, then the context."""
        return self.fields + self.context

    @property
    def columns(self) -> tuple[Field, ...]:
        """The inputs that become columns: all but texts."""
        return tuple(field for field in self.inputs if field.dtype != "text")

    @property
    def column_tensors(self) -> tuple[Tensor, ...]:
        """The columns that N records become, in the order of the inputs."""
        return tuple(tensor for field in self.inputs for tensor in field.column_tensors)

    @property
    def image_fields(self) -> tuple[Field, ...]:
        """The fields that hold images."""
        return tuple(field for field in self.fields if field.dtype == "image")

    @property
    def segment_values(self) -> tuple[str, ...]:
        """Values of the segment field, in the order of their codes; none where there is no segment."""
        return tuple(category.value for field in self.fields if field.name == self.segment for category in field.categories)

    def to_json(self) -> dict[str, Any]:
        """The contract as plain JSON data."""
        plain = _plain(self)
        assert isinstance(plain, dict)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Contract:
        """The contract that `to_json` wrote.

        Raises
        ------
        ContractError
            If a part is missing, unknown or wrong.
        """
        try:
            parts = dict(data)
            for name in ("fields", "context"):
                parts[name] = tuple(_field(item) for item in data[name])
            for name in ("features", "predictions"):
                parts[name] = tuple(
                    Tensor(**{**item, "shape": tuple(item["shape"]), "columns": tuple(item["columns"])}) for item in data[name]
                )
            parts["outputs"] = tuple(Output(**{**item, "labels": tuple(item["labels"])}) for item in data["outputs"])
            return cls(**parts)
        except (KeyError, TypeError) as error:
            raise ContractError(f"this is not a contract: {error}; write it with Contract.to_json") from error


def _field(data: Mapping[str, Any]) -> Field:
    return Field(**{**data, "categories": tuple(Category(**item) for item in data["categories"])})


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]
    return value


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ContractError(message)
