"""Files as tables: opened by what is in them, and read in chunks of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from numpy.typing import NDArray

from foreshore import Field, Problem
from foreshore.cells import Cell
from web.server.batch.errors import Stopped, Unreadable

PARQUET = b"PAR1"
MOST_COLUMNS = 10_000

type IsCancelled = Callable[[], bool]


def is_never_cancelled() -> bool:
    """What runs that nobody can cancel are told."""
    return False


class Chunk(ABC):
    """Some rows of a file.

    Attributes
    ----------
    rows : int
    spoilt : list of Problem
        Of rows that are none, by their places in the chunk.
    """

    rows: int
    spoilt: list[Problem]

    @abstractmethod
    def cells(self, column: str) -> Sequence[Any]:
        """What stands in a column, a cell a row."""

    @abstractmethod
    def frame(self, columns: Sequence[str], rows: NDArray[Any]) -> pl.DataFrame:
        """Columns as they are, of the rows at these places."""


class Source(ABC):
    """A file of rows.

    Attributes
    ----------
    schema : dict of str to polars dtype
        Its columns, in their order.
    """

    schema: dict[str, pl.DataType]

    @abstractmethod
    def reader(self, field: Field) -> Cell:
        """What reads one of its cells as a field's wire value."""

    @abstractmethod
    def chunks(self, skipped: int, size: int) -> Iterator[Chunk]:
        """Its rows but the first `skipped` ones, `size` at once, the last chunk fewer; raises Unreadable."""

    @abstractmethod
    def share(self, rows: int) -> float:
        """How much of the file has been read when so many rows have, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, what messages call it, and who says whether it is still to be read."""

    path: Path
    title: str
    is_cancelled: IsCancelled = is_never_cancelled

    def unreadable(self, message: str) -> Unreadable:
        """The error that tells why it is no table."""
        return Unreadable(f"{self.title}: {message}")

    def check_width(self, columns: int) -> None:
        """Raise Unreadable for more columns than a table has."""
        if columns > MOST_COLUMNS:
            raise self.unreadable(f"got {columns} columns, expected at most {MOST_COLUMNS}; leave out those that nobody needs")

    def go_on(self) -> None:
        """Raise Stopped if nobody wants it read any more."""
        if self.is_cancelled():
            raise Stopped(f"stopped while {self.title} was read; the same again goes on after the last part that was written")


def open_source(path: Path, title: str, is_cancelled: IsCancelled = is_never_cancelled) -> Source:
    """A file's rows; raises Unreadable where it is no table, and Stopped."""
    from web.server.batch.csv_file import CsvFile
    from web.server.batch.parquet_file import ParquetFile

    opened = Opened(path, title, is_cancelled)
    try:
        with path.open("rb") as file:
            head = file.read(len(PARQUET))
    except OSError as error:
        raise opened.unreadable(f"it can't be read ({error.strerror or error})") from error
    return ParquetFile(opened) if head == PARQUET else CsvFile(opened)
