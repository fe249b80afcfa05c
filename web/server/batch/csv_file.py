"""CSV files: a header, then a record a row, read by the standard library's reader.

Whether all of a file is text is looked at before anything else, so that no hour of work ends at a byte that is none.

References
----------
RFC 4180, Common Format and MIME Type for Comma-Separated Values (CSV) Files.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, TextIO

import polars as pl
from numpy.typing import NDArray

from foreshore import Field, Problem
from foreshore.cells import Cell, text_reader
from web.server.batch.errors import Unreadable
from web.server.batch.quoting import delimiter_of, line_of_quote, pass_over
from web.server.batch.source import Chunk, Opened, Source

BLOCK_BYTES = 1 << 20
LONGEST_RECORD = 1 << 24
"""Characters of all of its lines."""
LONGEST_CHUNK = 1 << 23
"""Characters after which a chunk of long records ends."""
ASKED_CHARACTERS = 1 << 20
"""After which it is asked whether the file is still to be read."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
END = "\n"
"""A blank line after the last: no record, unless a quote is still open, which then takes it in."""
type Record = list[str] | Problem
"""A record's cells; or why it can't be told apart."""
TOO_LONG = (f"a cell of over {csv.field_size_limit()} characters", "at most that many")
RECORD_TOO_LONG = (f"a record of over {LONGEST_RECORD} characters", "at most that many")
UNCLOSED = ("a quote that is never closed", "one around each quoted cell")
MISPLACED = ("a quote inside a quoted cell", "it doubled")
AFTER_QUOTE = "expected after"
"""Of the reader's words for what stands between a closing quote and the next delimiter; for a cell that is too long it has others."""


class CsvFile(Source):
    """A CSV file.

    Parameters
    ----------
    opened : Opened

    Raises
    ------
    Unreadable
        If it is empty, is no text, or has no header that says what its columns are.
    Stopped
        If it is cancelled.
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
            lines = _Lines(file, self._opened)
            records = self._records(lines)
            for _ in islice(records, 1 + skipped):
                pass
            while rows := list(_some(records, lines, size)):
                self._read_bytes = file.buffer.tell()
                yield _CsvChunk(names, rows)

    def share(self, rows: int) -> float:
        """See `Source`."""
        return min(1.0, self._read_bytes / self._size_bytes)

    def _open(self) -> TextIO:
        return self._opened.path.open(encoding=self._encoding, newline="")

    def _header(self, file: TextIO) -> list[str]:
        first = next(self._records(_Lines(file, self._opened)), None)
        if first is None:
            raise self._opened.unreadable("it is empty, expected a header line and rows")
        if isinstance(first, Problem):
            raise self._opened.unreadable(f"header: got {first.got}, expected {first.expected}")
        self._opened.check_width(len(first))
        twice = [name for name, count in Counter(first).items() if count > 1]
        if twice:
            raise self._opened.unreadable(f"the column {twice[0]!r} stands twice in the header; name each column once")
        return first

    def _records(self, lines: _Lines) -> Iterator[Record]:
        """All records, the header first."""
        while True:
            try:
                for record in csv.reader(lines, delimiter=self._delimiter, strict=True):
                    if record:
                        yield record
                    lines.begin_record()
                return
            except csv.Error as error:
                if lines.have_ended:
                    yield Problem(0, "", *UNCLOSED)
                    return
                if AFTER_QUOTE in str(error):
                    yield Problem(0, "", *MISPLACED)
                    lines.begin_record_after(line_of_quote(lines.record, self._delimiter))
                    continue
                reason = TOO_LONG
            except _RecordTooLongError:
                reason = RECORD_TOO_LONG
            _, is_closed = pass_over(lines.again(), self._delimiter)
            yield Problem(0, "", *(reason if is_closed else UNCLOSED))
            lines.begin_record()


class _RecordTooLongError(Exception):
    """What ends the reading of a record that is longer than can be held."""


class _Lines:
    """Lines of a file, and a blank one after them; those of the record at hand are kept."""

    def __init__(self, file: TextIO, opened: Opened) -> None:
        self._file, self._opened = file, opened
        self._waiting: deque[str] = deque()
        self.record: list[str] = []
        self._begun, self._watched = 0, ASKED_CHARACTERS
        self.characters = 0
        self.have_ended = False

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            self.record.append(line)
            self.characters += len(line)
            if self.characters > self._watched:
                self._watch()
            yield line
        yield END
        self.have_ended = True

    def begin_record(self) -> None:
        """Forget the record at hand: another begins."""
        self.record.clear()
        self._begun = self.characters

    def begin_record_after(self, number: int) -> None:
        """Another record begins in the middle of the one at hand, after this line of it."""
        again = self.record[number + 1 :]
        self._waiting.extendleft(reversed(again))
        self.characters -= sum(map(len, again))
        self.begin_record()

    def again(self) -> Iterator[str]:
        """The lines of the record at hand once more, then those after it, which are not kept."""
        yield from self.record
        while line := self._next():
            self.characters += len(line)
            if self.characters > self._watched:
                self._ask()
            yield line

    def _next(self) -> str:
        """The next line; empty after the last."""
        return self._waiting.popleft() if self._waiting else next(self._file, "")

    def _watch(self) -> None:
        longest = self._begun + LONGEST_RECORD
        if self.characters > longest:
            raise _RecordTooLongError
        self._ask()
        self._watched = min(self._watched, longest)

    def _ask(self) -> None:
        self._opened.go_on()
        self._watched = self.characters + ASKED_CHARACTERS


def _some(records: Iterator[Record], lines: _Lines, most: int) -> Iterator[Record]:
    """The next records: so many at most, fewer where they are long."""
    end = lines.characters + LONGEST_CHUNK
    for record in islice(records, most):
        yield record
        if lines.characters > end:
            return


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
    return Problem(place, "", f"{len(record)} {'cell' if len(record) == 1 else 'cells'}", str(expected))


def _encoding_of(opened: Opened) -> str:
    """The encoding of a file that is text from its first byte to its last; raises Unreadable of any other."""
    with opened.path.open("rb") as file:
        encoding = "utf-16" if file.read(2) in UTF16 else "utf-8"
        file.seek(0)
        decoder, place, line = codecs.getincrementaldecoder(encoding)(), 0, 0
        for block in _blocks(opened, file):
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise _no_text(opened, error.object[error.start], place - pending + error.start, encoding) from error
            if encoding == "utf-8" and b"\0" in block:
                raise _no_text(opened, 0, place + block.index(b"\0"), encoding)
            line = _since_newline(text, line)
            if line > LONGEST_RECORD:
                raise opened.unreadable(f"it has a line of over {LONGEST_RECORD} characters; is this a CSV file?")
            place += len(block)
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _blocks(opened: Opened, file: BinaryIO) -> Iterator[bytes]:
    """All of a file, and an empty block after it."""
    while block := file.read(BLOCK_BYTES):
        yield block
        if len(block) == BLOCK_BYTES:
            opened.go_on()
    yield b""


def _since_newline(text: str, before: int) -> int:
    newline = max(text.rfind("\n"), text.rfind("\r"))
    return before + len(text) if newline < 0 else len(text) - newline


def _no_text(opened: Opened, byte: int, place: int, encoding: str) -> Unreadable:
    return opened.unreadable(f"byte 0x{byte:02X} at position {place} is not {encoding.upper()}; save the file as UTF-8")
