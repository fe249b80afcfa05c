"""Query fields that a record does not carry as such but that follow from one of its fields, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from foreshore.contract import NAME
from foreshore.windows.columns import Columns
from foreshore.windows.declarations import require

type Part = Literal["hour"]
PARTS: tuple[str, ...] = get_args(Part.__value__)
HOUR_CHARACTERS = 2


@dataclass(frozen=True, slots=True)
class Derived:
    """A query field made of a record's field: its key is compared with texts of events.

    Parameters
    ----------
    name : str
        snake_case, no field of the record.
    field : str
        A field of the record.
    part : {"hour"}
        hour: the first two characters of a time, "08" of "08:30"; missing where the time is.

    Raises
    ------
    ContractError
        If the name or the part is none.
    """

    name: str
    field: str
    part: Part

    def __post_init__(self) -> None:
        require(bool(NAME.fullmatch(self.name)), f"derived field {self.name!r}: expected a snake_case name of 1 to 64 characters")
        require(self.part in PARTS, f"derived field {self.name}: got part {self.part!r}, expected one of {PARTS}")

    def of(self, record: Mapping[str, Any]) -> str | None:
        """The field's value for a valid record."""
        value = record.get(self.field)
        return None if value is None else value[:HOUR_CHARACTERS]


def derived_record(derived: tuple[Derived, ...], record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record with its derived fields."""
    return {**record, **{each.name: each.of(record) for each in derived}} if derived else record


def derived_columns(derived: tuple[Derived, ...], columns: Columns) -> Columns:
    """Columns of queries with the derived ones, of those whose field is among them: fixed-width texts, "" where missing."""
    made = {each.name: np.asarray(columns[each.field]).astype(f"<U{HOUR_CHARACTERS}") for each in derived if each.field in columns}
    return {**made, **columns}
