"""Columns of a log: checked against the declaration, and keys turned into integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.contract import MISSING_INT
from foreshore.errors import ContractError
from foreshore.records import TEXT_CHARACTERS
from foreshore.windows.declarations import REASONS, EventField, EventFieldType, EventType

type Column = NDArray[Any]
type Columns = Mapping[str, Column]
type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]

KINDS: Mapping[str, tuple[str, str]] = {
    "int32": ("iu", "an integer type"),
    "float64": ("f", "float64"),
    "text": ("U", "fixed-width text, such as <U8"),
}
MALFORMED, MISSING, OUT_OF_RANGE, FUTURE, LATE, DUPLICATE = (
    REASONS.index(reason) for reason in ("malformed", "missing", "out_of_range", "future", "late", "duplicate")
)
FITS = -1
"""Among codes of reasons: none."""
PACKED_CHARACTERS = 8
"""ASCII characters that fit into one 64-bit integer."""


def check_column(name: str, dtype: EventFieldType, columns: Columns, rows: int | None = None) -> Column:
    """The column of that name; ContractError if there is none, or of another type or length than declared."""
    if name not in columns:
        raise ContractError(f"column {name}: there is none, only {sorted(columns)}")
    column = np.asarray(columns[name])
    kinds, expected = KINDS[dtype]
    if column.ndim != 1 or column.dtype.kind not in kinds or (dtype == "float64" and column.dtype.itemsize != 8):
        raise ContractError(f"column {name}: got {column.dtype} {column.shape}, expected {expected}, one-dimensional; convert it first")
    if rows is not None and len(column) != rows:
        raise ContractError(f"column {name}: got {len(column)} rows, expected {rows} as in the columns before it")
    return column


def event_columns(event: EventType, columns: Columns) -> dict[str, Column]:
    """The declared columns of an event type, checked to be of one length; raises ContractError."""
    checked: dict[str, Column] = {}
    rows = None
    for field in event.fields:
        checked[field.name] = check_column(field.name, field.dtype, columns, rows)
        rows = len(checked[field.name])
    return checked


def unfit(event: EventType, columns: Columns) -> NDArray[np.int8]:
    """Why each row does not fit the event type: a code of `REASONS`, of the first field that does not fit, or `FITS`."""
    codes = np.full(len(columns[event.id_field]), FITS, np.int8)
    for field in event.fields:
        column = columns[field.name]
        absent = missing(column)
        if not field.nullable:
            codes[(codes == FITS) & absent] = MISSING
        if field.dtype == "text":
            codes[(codes == FITS) & _unwritable(column)] = MALFORMED
        codes[(codes == FITS) & ~absent & ~_in_range(field, column)] = OUT_OF_RANGE
    future = columns[event.event_time_field] > columns[event.known_time_field]
    codes[(codes == FITS) & future] = FUTURE
    return codes


def missing(column: Column) -> Mask:
    """Which values of a column are missing: "", NaN or `MISSING_INT`."""
    absent: Mask = column == "" if column.dtype.kind == "U" else np.isnan(column) if column.dtype.kind == "f" else column == MISSING_INT
    return absent


def _unwritable(column: Column) -> Mask:
    """Which texts are longer than `TEXT_CHARACTERS`, or hold what `foreshore.records.TEXT` refuses.

    A NUL at a text's end is beyond what fixed-width text can hold: there it never was.
    """
    characters = _characters(column)
    inner_nul = (characters[:, :-1] == 0) & (characters[:, 1:] != 0)
    control = ((characters < 32) & (characters != 0)) | ((characters >= 127) & (characters < 160))
    refused = control | ((characters >= 0xD800) & (characters < 0xE000))
    found: Mask = refused.any(axis=1) | inner_nul.any(axis=1) | characters[:, TEXT_CHARACTERS:].any(axis=1)
    return found


def _characters(column: Column) -> NDArray[np.uint32]:
    """Code points of texts, a text a row, padded with 0."""
    return np.ascontiguousarray(column).view(np.uint32).reshape(len(column), column.dtype.itemsize // 4)


def _in_range(field: EventField, column: Column) -> Mask:
    if field.dtype != "text":
        low, high = field.bounds
        inside: Mask = (column >= low) & (column <= high)
        return inside
    if not field.categories:
        return np.ones(len(column), np.bool_)
    return np.isin(column, np.array(field.categories))


def shared_codes(columns: Sequence[Column]) -> list[Ints]:
    """Integers that are equal where values are equal, across all the columns; those of a missing value are -1.

    Parameters
    ----------
    columns : sequence of (N,) text or integers
        All of one kind; lengths may differ.
    """
    together = np.concatenate(columns)
    codes = _text_codes(together) if together.dtype.kind == "U" else np.unique(together, return_inverse=True)[1].astype(np.int64)
    codes[missing(together)] = -1
    return np.split(codes, np.cumsum([len(column) for column in columns])[:-1])


def _text_codes(text: Column) -> Ints:
    """Codes of texts: packed into integers eight characters at a time, since sorting integers is far quicker than sorting texts."""
    characters = _characters(text)
    width = characters.shape[1]
    if characters.size and characters.max() > 127:
        return np.unique(text, return_inverse=True)[1].astype(np.int64)
    codes = np.zeros(len(text), np.int64)
    for start in range(0, width, PACKED_CHARACTERS):
        packed = np.zeros(len(text), np.int64)
        for place in range(start, min(start + PACKED_CHARACTERS, width)):
            packed = (packed << 7) | characters[:, place]
        codes = joint_codes([codes, np.unique(packed, return_inverse=True)[1].astype(np.int64)])
    return codes


def joint_codes(parts: Sequence[Ints]) -> Ints:
    """Integers that are equal where all parts are equal; -1 where a part is -1.

    Without parts a ValueError: the caller knows how many rows there are.
    """
    codes = parts[0]
    for part in parts[1:]:
        absent = (codes < 0) | (part < 0)
        combined = codes * (part.max(initial=0) + 1) + part
        codes = np.unique(combined, return_inverse=True)[1].astype(np.int64)
        codes[absent] = -1
    return codes
