"""Keys of many rows, and what tables hold under them: column by column what `foreshore.live` asks record by record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreshore.contract import EPOCH, MISSING_INT, Contract, Field
from foreshore.store import Table

if TYPE_CHECKING:
    from foreshore.windows.views import FeatureView

type Floats = NDArray[np.float32]
type Part = str | int | None
"""One part of a key; None where it is missing."""


class Keys:
    """The keys of N rows, each part made when a table first asks for it.

    Parameters
    ----------
    view : FeatureView
    contract : Contract
    columns, texts : mapping of str to columns
        As `foreshore.sieve.Sifted` holds them.
    """

    def __init__(
        self, view: FeatureView, contract: Contract, columns: Mapping[str, NDArray[Any]], texts: Mapping[str, Sequence[str | None]]
    ) -> None:
        self._fields = {field.name: field for field in contract.inputs}
        self._derived = {derived.name: derived for derived in view.derived}
        self._columns, self._texts = columns, texts
        self._parts: dict[str, list[Part]] = {}
        self._rows = len(next(iter(columns.values())))

    def look_up(self, tables: Sequence[Table], times_min: NDArray[np.int32]) -> dict[str, Floats]:
        """Each row's features from the newest of tables as of its time.

        Parameters
        ----------
        tables : sequence of Table
            Of one name, at least one, in the order of their times.
        times_min : (N,) int32
            When rows are asked; at `MISSING_INT` the newest table of all answers.

        Returns
        -------
        dict of (N,) float32
            By column of the tables; NaN where there is no table as of that time.
        """
        as_of = np.array([table.as_of_min for table in tables])
        newest = np.where(times_min == MISSING_INT, len(tables), np.searchsorted(as_of, times_min, side="right")) - 1
        made = {name: np.full(self._rows, np.nan, np.float32) for name in tables[0].columns}
        keys = list(zip(*(self._part(name) for name in tables[0].key_fields), strict=True)) or [()] * self._rows
        for place in np.unique(newest[newest >= 0]).tolist():
            asked = np.flatnonzero(newest == place)
            self._take(tables[place], keys, asked, made)
        return made

    def _take(self, table: Table, keys: Sequence[tuple[Part, ...]], asked: NDArray[np.int64], made: Mapping[str, Floats]) -> None:
        rows = table.rows([keys[row] for row in asked.tolist()])
        for name, column in table.columns.items():
            default = np.float32(table.defaults[name])
            made[name][asked] = np.where(rows < 0, default, column[rows]) if len(column) else default

    def _part(self, name: str) -> list[Part]:
        if name not in self._parts:
            self._parts[name] = self._made(name)
        return self._parts[name]

    def _made(self, name: str) -> list[Part]:
        derived = self._derived.get(name)
        if derived is not None:
            return [derived.of({derived.field: text}) for text in self._part(derived.field)]
        field = self._fields[name]
        if field.dtype == "text":
            return list(self._texts[name])
        distinct, places = np.unique(self._columns[name], return_inverse=True)
        written = _WRITTEN[field.dtype]
        parts = [None if value == MISSING_INT else written(field, value) for value in distinct.tolist()]
        return [parts[place] for place in places.tolist()]


_WRITTEN: Mapping[str, Callable[[Field, int], str | int]] = {
    "category": lambda field, code: field.categories[code].value,
    "time": lambda _, minutes: f"{minutes // 60:02}:{minutes % 60:02}",
    "date": lambda _, days: date.fromordinal(days + EPOCH).isoformat(),
    "int32": lambda _, number: number,
}
"""Column values as the keys of tables have them, by dtype: those of `foreshore.windows.views.QUERY_TYPES`, but text."""
