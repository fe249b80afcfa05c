"""Features at the time of asking: events stream in, tables are loaded, and nobody has to know which feature comes from which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.errors import ArtefactError, Problem, ValidationError
from foreshore.store import Table
from foreshore.windows.reading import query_reader
from foreshore.windows.stream import Stream
from foreshore.windows.views import FeatureView


class Features:
    """A view's features on a device.

    Parameters
    ----------
    view : FeatureView
    tables : iterable of Table
        More can be added by `load`.
    stream : Stream or None
        A restored one; None: a new one.

    Attributes
    ----------
    stream : Stream
        Takes in events: `features.stream.push("departures", event)`.
    tables : dict of str to Table
        Those loaded.
    """

    def __init__(self, view: FeatureView, tables: Iterable[Table] = (), stream: Stream | None = None) -> None:
        self.view = view
        self.stream = stream if stream is not None else Stream(view.windows)
        self.tables: dict[str, Table] = {}
        self._read_query = {name: query_reader(windows.query_fields()) for name, windows in view.tables.items()}
        self._streaming = frozenset(window.name for window in view.windows.windows)
        for table in tables:
            self.load(table)

    def load(self, table: Table) -> None:
        """Add a table, or put a newer one in its place.

        Raises
        ------
        ArtefactError
            If it is none of this view's, or was made from other declarations.
        """
        if table.name not in self.view.tables or table.signature != self.view.signature:
            raise ArtefactError(f"feature table {table.name}: it belongs to other declarations than view {self.view.name}; build it again")
        self.tables[table.name] = table

    @property
    def as_of_min(self) -> int | None:
        """The age of the oldest loaded table: minutes since 1970-01-01 UTC; None if none is loaded."""
        return min((table.as_of_min for table in self.tables.values()), default=None)

    def of(self, record: Mapping[str, Any], time_min: int, names: Sequence[str] | None = None) -> dict[str, float]:
        """Features of one record at a time; moves the stream's clock there if any of them is a streaming one.

        Parameters
        ----------
        record : mapping
            Carries the windows' query fields.
        time_min : int
            Minutes since 1970-01-01 UTC.
        names : sequence of str or None
            Which features; None: all.

        Raises
        ------
        ArtefactError
            If a table that is needed has not been loaded.
        ValidationError
            If the time lies before the stream's clock, or before a table's (its values would tell of the future), or a key is of another
            type than the events'.
        """
        names = self.view.names if names is None else names
        values: dict[str, float] = {}
        for name in self.view.tables_of(names):
            values.update(self._table(name, time_min).lookup(self._read_query[name](record)))
        if not self._streaming.isdisjoint(names):
            values.update(self.stream.query(record, time_min))
        return {name: values[name] for name in names}

    def columns(
        self, records: Sequence[Mapping[str, Any]], time_min: int, names: Sequence[str] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Features of N records at one time, as columns of N float32; raises as `of` does."""
        names = self.view.names if names is None else names
        rows = [self.of(record, time_min, names) for record in records]
        return {name: np.array([row[name] for row in rows], np.float32) for name in names}

    def _table(self, name: str, time_min: int) -> Table:
        table = self.tables.get(name)
        if table is None:
            raise ArtefactError(f"feature table {name} of view {self.view.name} is not loaded; load it before asking for its features")
        if time_min < table.as_of_min:
            expected = f"at least {table.as_of_min}, the time as of which table {name} was made"
            raise ValidationError([Problem(0, "time_min", str(time_min), expected)])
        return table
