"""Parquet files, read by Polars a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from foreshore import Field
from foreshore.cells import Cell, value_reader
from web.server.batch.errors import Unreadable
from web.server.batch.source import Chunk, Opened, Source


class ParquetFile(Source):
    """A Parquet file.

    Parameters
    ----------
    opened : Opened

    Raises
    ------
    Unreadable
        If it is damaged, or has no columns.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        try:
            self._scan = pl.scan_parquet(opened.path, glob=False)
            self.schema = dict(self._scan.collect_schema())
            self._rows = int(self._scan.select(pl.len()).collect().item())
        except (PolarsError, OSError) as error:
            raise self._damaged(error) from error
        if not self.schema:
            raise opened.unreadable("it has no columns")
        opened.check_width(len(self.schema))

    def reader(self, field: Field) -> Cell:
        """See `foreshore.cells.value_reader`."""
        return value_reader(field)

    def chunks(self, skipped: int, size: int) -> Iterator[Chunk]:
        """See `Source`."""
        if skipped >= self._rows:
            return
        batches = self._scan.slice(skipped).collect_batches(chunk_size=size, maintain_order=True, lazy=True)
        try:
            for frame in batches:
                yield from map(_ParquetChunk, frame.iter_slices(size))
        except (PolarsError, OSError) as error:
            raise self._damaged(error) from error

    def share(self, rows: int) -> float:
        """See `Source`."""
        return rows / self._rows if self._rows else 1.0

    def _damaged(self, error: Exception) -> Unreadable:
        reason = str(error).splitlines()[0].removeprefix("parquet: ")
        return self._opened.unreadable(f"it starts like a Parquet file, but is damaged or cut short ({reason}); write it again")


class _ParquetChunk(Chunk):
    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self.rows = frame.height
        self.spoilt = []

    def cells(self, column: str) -> Sequence[Any]:
        return self._frame[column].to_list()

    def frame(self, columns: Sequence[str], rows: NDArray[Any]) -> pl.DataFrame:
        return self._frame.select(columns)[rows]
