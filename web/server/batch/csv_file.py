"""CSV files: a header, then a record a row, read by the standard library's reader.

Whether all of a file is text is looked at before anything else, so that no hour of work ends at a byte that is none.

References
----------
RFC 4180, Common Format and MIME Type for Comma-Separated Values (CSV) Files.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, TextIO

import polars as pl
from numpy.typing import NDArray

from foreshore import Field, Problem
from foreshore.cells import Cell, text_reader
from web.server.batch.errors import Unreadable
from web.server.batch.quoting import delimiter_of, pass_over
from web.server.batch.source import Chunk, Opened, Source

BLOCK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 1 << 26
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
END = "\n"
"""A blank line after the last: no record, unless a quote is still open, which then takes it in."""
type Record = list[str] | Problem
"""A record's cells; or why it can't be told apart."""
TOO_LONG = (f"a cell of over {csv.field_size_limit()} characters", "at most that many")
UNCLOSED = ("a quote that is never closed", "one around each quoted cell")


class CsvFile(Source):
    """A CSV file.

    Parameters
    ----------
    opened : Opened

    Raises
    ------
    Unreadable
        If it is empty, is no text, or has no header that says what its columns are.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._encoding = _encoding_of(opened)
        self._size_bytes = max(1, opened.path.stat().st_size)
        self._read_bytes = 0
        with self._open() as file:
            self._delimiter = delimiter_of(file)
        with self._open() as file:
            self.schema = dict.fromkeys(self._header(file), pl.String())

    def reader(self, field: Field) -> Cell:
        """See `foreshore.cells.text_reader`."""
        return text_reader(field)

    def chunks(self, skipped: int, size: int) -> Iterator[Chunk]:
        """See `Source`."""
        names = list(self.schema)
        with self._open() as file:
            records = islice(self._records(file), 1 + skipped, None)
            while rows := list(islice(records, size)):
                self._read_bytes = file.buffer.tell()
                yield _CsvChunk(names, rows)

    def share(self, rows: int) -> float:
        """See `Source`."""
        return min(1.0, self._read_bytes / self._size_bytes)

    def _open(self) -> TextIO:
        return self._opened.path.open(encoding=self._encoding, newline="")

    def _header(self, file: TextIO) -> list[str]:
        first = next(self._records(file), None)
        if first is None:
            raise self._opened.unreadable("it is empty, expected a header line and rows")
        if isinstance(first, Problem):
            raise self._opened.unreadable(f"header: got {first.got}, expected {first.expected}")
        twice = [name for place, name in enumerate(first) if name in first[:place]]
        if twice:
            raise self._opened.unreadable(f"the column {twice[0]!r} stands twice in the header; name each column once")
        return first

    def _records(self, file: TextIO) -> Iterator[Record]:
        """All records, the header first."""
        whole = 0
        while True:
            lines = _Lines(file)
            reader = csv.reader(lines, delimiter=self._delimiter)
            first, read = whole, 0
            try:
                for record in reader:
                    if record:
                        yield Problem(0, "", *UNCLOSED) if lines.have_ended else record
                    read = reader.line_num
                return
            except csv.Error:  # a cell is longer than the reader takes
                whole = first + read
            file.seek(0)
            for _ in islice(file, whole):
                pass
            passed, is_closed = pass_over(file, self._delimiter)
            yield Problem(0, "", *(TOO_LONG if is_closed else UNCLOSED))
            whole += passed


class _Lines:
    """Lines of a file, and a blank one after them."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.have_ended = False

    def __iter__(self) -> Iterator[str]:
        return chain(self._file, self._end())

    def _end(self) -> Iterator[str]:
        yield END
        self.have_ended = True


class _CsvChunk(Chunk):
    def __init__(self, names: Sequence[str], records: Sequence[Record]) -> None:
        self.rows = len(records)
        self.spoilt = []
        nothing = [""] * len(names)
        rows = []
        for place, record in enumerate(records):
            if type(record) is not list or len(record) != len(names):
                self.spoilt.append(_problem(record, place, len(names)))
                record = nothing
            rows.append(record)
        self._columns: dict[str, tuple[str, ...]] = dict(zip(names, zip(*rows, strict=True), strict=True))

    def cells(self, column: str) -> Sequence[Any]:
        return self._columns[column]

    def frame(self, columns: Sequence[str], rows: NDArray[Any]) -> pl.DataFrame:
        chosen = rows.tolist()
        every = len(chosen) == self.rows
        kept = {name: self._columns[name] if every else [self._columns[name][row] for row in chosen] for name in columns}
        return pl.DataFrame(kept, schema=dict.fromkeys(columns, pl.String())).with_columns(pl.all().replace("", None))


def _problem(record: Record, place: int, expected: int) -> Problem:
    if isinstance(record, Problem):
        return Problem(place, "", record.got, record.expected)
    return Problem(place, "", f"{len(record)} cells", str(expected))


def _encoding_of(opened: Opened) -> str:
    """The encoding of a file that is text from its first byte to its last; raises Unreadable of any other."""
    with opened.path.open("rb") as file:
        encoding = "utf-16" if file.read(2) in UTF16 else "utf-8"
        file.seek(0)
        decoder, place, line_bytes = codecs.getincrementaldecoder(encoding)(), 0, 0
        while True:
            block = file.read(BLOCK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise _no_text(opened, error.object[error.start], place - pending + error.start, encoding) from error
            if encoding == "utf-8" and b"\0" in block:
                raise _no_text(opened, 0, place + block.index(b"\0"), encoding)
            line_bytes = _since_newline(block, line_bytes)
            if line_bytes > LONGEST_LINE_BYTES:
                raise opened.unreadable(f"it has a line of over {LONGEST_LINE_BYTES >> 20} MiB; is this a CSV file?")
            if not block:
                return "utf-8-sig" if encoding == "utf-8" else encoding
            place += len(block)


def _since_newline(block: bytes, before: int) -> int:
    newline = max(block.rfind(b"\n"), block.rfind(b"\r"))
    return before + len(block) if newline < 0 else len(block) - newline


def _no_text(opened: Opened, byte: int, place: int, encoding: str) -> Unreadable:
    return opened.unreadable(f"byte 0x{byte:02X} at position {place} is not {encoding.upper()}; save the file as UTF-8")
