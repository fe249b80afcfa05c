"""What a batch is asked, tells on its way, and comes to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.server.batch.errors import Unwritable
from web.server.prediction.catalogue import ReleasedPipeline

FORMATS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class BatchJob:
    """One file to be predicted.

    Attributes
    ----------
    source : Path
        A CSV file with a header, or a Parquet file.
    output : Path
        Where the results go; its ending, .csv or .parquet, says how they are written. Bad rows go to `bad_rows` beside it, and what is done
        to `work_folder` until all is.
    pipeline : ReleasedPipeline
    variant : str or None
        None: the one that visitors get.
    mapping : mapping of str to str, or None
        Field to column, where columns are not called as their fields are; "" says that a field has no column.
    is_fresh : bool
        Whether to forget what an earlier run has done.
    name : str
        What messages call the file; "" for its own name.
    threads : int
        Of the processor, for the model; 0 for all.
    """

    source: Path
    output: Path
    pipeline: ReleasedPipeline
    variant: str | None = None
    mapping: Mapping[str, str] | None = None
    is_fresh: bool = False
    name: str = ""
    threads: int = 0

    @property
    def title(self) -> str:
        """What messages call the source."""
        return self.name or self.source.name

    @property
    def bad_rows(self) -> Path:
        """Where bad rows go."""
        return self.output.with_name(f"{self.output.stem}.bad.csv")

    @property
    def work_folder(self) -> Path:
        """Where what is done is kept until all is."""
        return self.output.with_name(f"{self.output.name}.partial")

    @property
    def processor_threads(self) -> int:
        """Threads of the model's runs."""
        return self.threads or os.cpu_count() or 1

    def check_output(self) -> None:
        """Raise Unwritable where results can't go there."""
        if self.output.suffix.lower() not in FORMATS:
            raise Unwritable(f"output: got {self.output.name}, expected a name that ends in {' or '.join(FORMATS)}")
        if not self.output.parent.is_dir():
            raise Unwritable(f"output: there is no folder {self.output.parent}; make it first")
        if self.output.is_dir():
            raise Unwritable(f"output: {self.output} is a folder; name another file")
        for path in (self.output, self.bad_rows):
            if path.resolve() == self.source.resolve():
                raise Unwritable(f"output: {path} is the file to be read, and would be written over; name another output")


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of answers before they count as done; of those that a run did not keep, the next one tells again.

    Attributes
    ----------
    fields : tuple of str
        Fields whose values are told with them.
    tell : callable
        From the good rows of a chunk: wire values by field, and answers by output, a value a row each.
    """

    fields: tuple[str, ...]
    tell: Callable[[Mapping[str, Sequence[Any]], Mapping[str, Sequence[Any]]], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is.

    Attributes
    ----------
    rows, good, bad : int
        Rows done, those of earlier runs included.
    share : float
        Of the file, 0 to 1.
    resumed : int
        Rows that an earlier run has done.
    seconds : float
        Since this run began.
    """

    rows: int
    good: int
    bad: int
    share: float
    resumed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch came to.

    Attributes
    ----------
    rows, good, bad : int
        Of the whole file.
    seconds : float
        That this run took.
    release, variant : str
        What answered.
    resumed : int
        Rows that an earlier run had done.
    """

    rows: int
    good: int
    bad: int
    seconds: float
    release: str
    variant: str
    resumed: int = 0
