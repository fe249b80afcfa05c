"""Tables to columns: the rows that fit a contract, and every problem of those that don't.

What `foreshore.records` says of a record holds here of a row, word for word. But a table comes column by column and repeats its values, so
each distinct value is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.cells import Cell
from foreshore.contract import Contract, Field
from foreshore.errors import ContractError, Problem
from foreshore.records import Column, column_reader, expectation, missing_value, shown

REMEMBERED = (str, int, bool, date, datetime, time)
"""Types of cells that are read once: two that are equal are the same, which 0.0 and -0.0 are not."""
MOST_REMEMBERED = 1 << 16
"""A column of ever new values is not kept."""
LONGEST_REMEMBERED = 256
"""Characters: longer texts hardly repeat, and many would take the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """What N rows of a table came to, G of which fit.

    Attributes
    ----------
    rows : (G,) int64
        Places of those that fit, in order.
    columns : dict of (G,) arrays
        As `foreshore.records.Encoder.encode` gives them for those.
    texts : dict of str to list
        By name, the text fields of those rows, which have no columns; None for what is missing.
    problems : list of Problem
        All of the others, in the order of rows and fields.
    """

    rows: NDArray[np.int64]
    columns: dict[str, Column]
    texts: dict[str, list[str | None]]
    problems: list[Problem]


class Sieve:
    """Sifts the rows of one table.

    Parameters
    ----------
    contract : Contract
        One without images.
    readers : mapping of str to callable
        By field, from what stands in a cell to the wire value (see `foreshore.cells`); where there is none, it is the wire value.

    Raises
    ------
    ContractError
        If the contract has images.
    """

    def __init__(self, contract: Contract, readers: Mapping[str, Cell] | None = None) -> None:
        if contract.image_fields:
            names = ", ".join(field.name for field in contract.image_fields)
            raise ContractError(f"pipeline {contract.name}: it takes images ({names}), which no table holds; ask it record by record")
        self._fields = {field.name: _Reading(field, (readers or {}).get(field.name)) for field in contract.inputs}

    def sift(self, cells: Mapping[str, Sequence[Any]], rows: int, spoilt: Iterable[int] = ()) -> Sifted:
        """Columns of the rows that fit, and the problems of the others.

        Parameters
        ----------
        cells : mapping of str to sequence
            By field, N `rows` cells; fields without a column are missing.
        spoilt : iterable of int
            Places of rows that are known to be bad: they are left out, and nothing more is said of them.

        Raises
        ------
        ContractError
            If there is a column of a field that the contract lacks, or of another length.
        """
        self._check(cells, rows)
        good = np.ones(rows, bool)
        good[list(spoilt)] = False
        read = {name: reading.read(cells.get(name), rows) for name, reading in self._fields.items()}
        problems = [problem for values in read.values() for problem in values.problems if good[problem.row]]
        problems.sort(key=attrgetter("row"))
        good[[problem.row for problem in problems]] = False
        chosen = np.flatnonzero(good)
        columns = {name: values.column[chosen] for name, values in read.items() if values.column is not None}
        texts = {name: [values.texts[row] for row in chosen.tolist()] for name, values in read.items() if values.texts is not None}
        return Sifted(chosen, columns, texts, problems)

    def _check(self, cells: Mapping[str, Sequence[Any]], rows: int) -> None:
        for name, column in cells.items():
            if name not in self._fields:
                raise ContractError(f"got a column for a field {name!r}, expected one of {', '.join(self._fields)}")
            if len(column) != rows:
                raise ContractError(f"column {name}: got {len(column)} cells for {rows} rows")


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """A field's values in N rows: its column, or of a text the texts; where there is a problem, anything."""

    column: Column | None
    texts: list[str | None] | None
    problems: list[Problem]


class _Reading:
    """How one field's cells are read, and what those seen so far came to."""

    def __init__(self, field: Field, cell: Cell | None) -> None:
        self._field, self._cell = field, cell
        self._read = column_reader(field)
        self._expected = expectation(field)
        self._missing = missing_value(field)
        self._dtype = next((tensor.dtype for tensor in field.column_tensors), None)
        self._memos: dict[type, _Memo] = {}

    def read(self, cells: Sequence[Any] | None, rows: int) -> _Values:
        if cells is None:
            return self._nothing(rows)
        memo = self._memo(cells)
        values = list(map(memo.__getitem__, cells)) if memo is not None else [self.value(cell) for cell in cells]
        problems: list[Problem] = []
        if memo is None or memo.has_refused:
            for row, value in enumerate(values):
                if type(value) is _Refused:
                    problems.append(Problem(row, self._field.name, value.got, self._expected))
                    values[row] = self._missing
        if self._dtype is None:
            return _Values(None, [None if cell is None else self._text(cell) for cell in cells], problems)
        return _Values(np.array(values, self._dtype), None, problems)

    def _nothing(self, rows: int) -> _Values:
        """What a field without a column comes to."""
        got = shown(self._field, None)
        problems = [] if self._field.nullable else [Problem(row, self._field.name, got, self._expected) for row in range(rows)]
        if self._dtype is None:
            return _Values(None, [None] * rows, problems)
        return _Values(np.full(rows, self._missing, self._dtype), None, problems)

    def _memo(self, cells: Sequence[Any]) -> _Memo | None:
        """What is remembered of cells of their type; None where they are of several, or of one whose equals may differ."""
        kinds = set(map(type, cells)) - {type(None)}
        kind = next(iter(kinds), str)
        if len(kinds) > 1 or kind not in REMEMBERED:
            return None
        memo = self._memos.get(kind)
        if memo is None or len(memo) > MOST_REMEMBERED:
            memo = self._memos[kind] = _Memo(self)
        return memo

    def _text(self, cell: Any) -> Any:
        return cell if self._cell is None else self._cell(cell)

    def value(self, cell: Any) -> Any:
        """What stands in the column for a cell, or why it is refused."""
        wire = cell if self._cell is None or cell is None else self._cell(cell)
        if wire is None:
            return self._missing if self._field.nullable else _Refused(shown(self._field, None))
        try:
            return self._read(wire)
        except ValueError:
            return _Refused(shown(self._field, wire))


class _Memo(dict[Any, Any]):
    """Values by cell."""

    def __init__(self, reading: _Reading) -> None:
        super().__init__()
        self._reading = reading
        self.has_refused = False

    def __missing__(self, cell: Any) -> Any:
        value = self._reading.value(cell)
        if type(cell) is not str or len(cell) <= LONGEST_REMEMBERED:
            self[cell] = value
        self.has_refused = self.has_refused or type(value) is _Refused
        return value


@dataclass(frozen=True, slots=True)
class _Refused:
    """A cell that does not fit."""

    got: str
