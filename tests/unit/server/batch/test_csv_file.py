"""CSV files: what is a row, what is none, and what is no table at all."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.server.batch.csv_file import BLOCK_BYTES, CsvFile
from web.server.batch.errors import Stopped, Unreadable
from web.server.batch.quoting import delimiter_of, pass_over
from web.server.batch.source import Opened, open_source

LIMIT = csv.field_size_limit()
MISPLACED = "got a quote inside a quoted cell, expected it doubled"
UNCLOSED = "got a quote that is never closed, expected one around each quoted cell"


def opened(folder: Path, content: bytes | str) -> CsvFile:
    path = folder / "flights.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = open_source(path, "flights.csv")
    assert isinstance(source, CsvFile)
    return source


def rows(source: CsvFile, skipped: int = 0, size: int = 3) -> list[Any]:
    """Each row as its cells, or as what is wrong with it."""
    found: list[Any] = []
    for chunk in source.chunks(skipped, size):
        spoilt = {problem.row: f"got {problem.got}, expected {problem.expected}" for problem in chunk.spoilt}
        columns = [chunk.cells(name) for name in source.schema]
        found += [spoilt.get(row) or [column[row] for column in columns] for row in range(chunk.rows)]
    return found


def refusal(folder: Path, content: bytes | str) -> str:
    with pytest.raises(Unreadable) as error:
        opened(folder, content)
    return error.value.message


def test_records_are_rows_blank_lines_are_not(tmp_path: Path) -> None:
    source = opened(tmp_path, 'a,b\n\n1,2\n\r\n"3,\n""x""",4\r\n5,"6"')
    assert list(source.schema) == ["a", "b"]
    assert rows(source) == [["1", "2"], ['3,\n"x"', "4"], ["5", "6"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_of_the_header(tmp_path: Path, delimiter: str) -> None:
    text = f'a{delimiter}"x,;|,;|,;|"{delimiter}c\n"1,5"{delimiter}"2;2"{delimiter}"3|3"\n'
    source = opened(tmp_path, text)
    assert list(source.schema) == ["a", "x,;|,;|,;|", "c"]
    assert rows(source) == [["1,5", "2;2", "3|3"]]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_unicode_is_read_with_or_without_a_mark(tmp_path: Path, encoding: str, mark: bytes) -> None:
    source = opened(tmp_path, mark + "città,née\nZürich,😀\n".encode(encoding))
    assert (list(source.schema), rows(source)) == (["città", "née"], [["Zürich", "😀"]])


@pytest.mark.parametrize("before", [0, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 5])
def test_other_encodings_are_refused_with_the_place(tmp_path: Path, before: int) -> None:
    start = "stop\n" + "x\n" * (before // 2) + "y" * (before % 2)
    message = refusal(tmp_path, start.encode() + "é\n".encode("latin-1"))
    assert message == f"flights.csv: byte 0xE9 at position {len(start)} is not UTF-8; save the file as UTF-8"


def test_character_cut_at_the_end_is_refused_with_the_place(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"a\n\xe2\x82").startswith("flights.csv: byte 0xE2 at position 2 is not UTF-8")
    assert refusal(tmp_path, codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"\0").startswith(
        "flights.csv: byte 0x00 at position 8 is not"
    )


def test_utf16_without_a_mark_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a,b\n".encode("utf-16-le")) == "flights.csv: byte 0x00 at position 1 is not UTF-8; save the file as UTF-8"


@pytest.mark.parametrize("content", ["", "\n\r\n\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_empty_file_is_refused(tmp_path: Path, content: bytes | str) -> None:
    assert refusal(tmp_path, content) == "flights.csv: it is empty, expected a header line and rows"


def test_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, "a,b\n")) == []


def test_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a,b,a\n1,2,3\n") == "flights.csv: the column 'a' stands twice in the header; name each column once"


def test_header_with_an_open_quote_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'a,"b\n1,2\n') == f"flights.csv: header: {UNCLOSED}"


def test_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.server.batch.csv_file.LONGEST_RECORD", 2 << 20)
    assert "it has a line of over 2097152 characters; is this a CSV file?" in refusal(tmp_path, "a" * (3 << 20))


def test_ragged_rows_are_bad_and_the_others_stay(tmp_path: Path) -> None:
    source = opened(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert rows(source) == [["1", "2"], "got 1 cell, expected 2", "got 3 cells, expected 2", ["7", "8"]]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_open_quote_takes_in_the_rest_and_is_one_bad_row(tmp_path: Path, size: int, ending: str) -> None:
    source = opened(tmp_path, f'a,b\n1,2\n3,"4\n5,6\n7,8{ending}')
    assert rows(source, size=size) == [["1", "2"], UNCLOSED]


def test_quote_in_the_middle_of_a_cell_is_text(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, 'a,b\n5" pipe,x"\n1,2\n')) == [['5" pipe', 'x"'], ["1", "2"]]


def test_open_quote_before_more_than_can_be_held_is_one_bad_row(tmp_path: Path) -> None:
    source = opened(tmp_path, 'a,b\n1,2\n3,"4\n' + "5,6\n" * LIMIT)
    assert rows(source) == [["1", "2"], UNCLOSED]


def test_cell_longer_than_can_be_held_is_a_bad_row_and_the_next_one_is_read(tmp_path: Path) -> None:
    long = "x\n" * LIMIT
    source = opened(tmp_path, f'a,b\n1,2\n"{long}",3\n4,5\n{"y" * (LIMIT + 1)},6\n7,8\n')
    expected = f"got a cell of over {LIMIT} characters, expected at most that many"
    assert rows(source) == [["1", "2"], expected, ["4", "5"], expected, ["7", "8"]]


@pytest.mark.parametrize("size", [1, 2, 9])
def test_record_longer_than_can_be_held_is_a_bad_row_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("web.server.batch.csv_file.LONGEST_RECORD", 100)
    monkeypatch.setattr("web.server.batch.csv_file.ASKED_CHARACTERS", 60)
    fits, long = "x\n" * 47, "x\n" * 49
    source = opened(tmp_path, f'a,b\n1,2\n"{fits}",3\n"{long}",4\n5,"{long}"\n6,7\n8,"9{long}')
    reason = f"got a record of over {1 << 24} characters, expected at most that many"
    assert rows(source, size=size) == [["1", "2"], [fits, "3"], reason, reason, ["6", "7"], UNCLOSED]


def test_rows_that_are_too_long_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = opened(tmp_path, "a,b\n" + f"{'y' * (LIMIT + 1)},1\n2,3\n" * 5)

    class OneWay(io.FileIO):
        def seekable(self) -> bool:
            return False

    monkeypatch.setattr(source, "_open", lambda: io.TextIOWrapper(io.BufferedReader(OneWay(tmp_path / "flights.csv")), newline=""))
    assert [row for row in rows(source) if type(row) is list] == [["2", "3"]] * 5


def test_chunks_of_long_rows_are_of_fewer_rows_whatever_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.server.batch.csv_file.LONGEST_CHUNK", 1000)
    source = opened(tmp_path, "a,b\n" + f"{'y' * 300},1\n" * 9 + "1,2\n" * 9)
    assert [chunk.rows for chunk in source.chunks(0, 8)] == [4, 4, 8, 2]
    assert [chunk.rows for chunk in source.chunks(8, 8)] == [8, 2]


def test_header_without_an_end_is_not_collected_to_find_its_delimiter() -> None:
    lines = iter(['a;b;"c,\n'] + ["x" * 2**16] * 100)
    assert delimiter_of(lines) == ";"
    assert len(list(lines)) > 80


def test_more_columns_than_a_table_has_are_refused(tmp_path: Path) -> None:
    message = "flights.csv: got 10001 columns, expected at most 10000; leave out those that nobody needs"
    assert refusal(tmp_path, ",".join(map(str, range(10_001)))) == message
    written = io.BytesIO()
    pl.DataFrame({str(number): [1] for number in range(10_001)}).write_parquet(written)
    assert refusal(tmp_path, written.getvalue()) == message
    assert len(opened(tmp_path, ",".join(map(str, range(10_000)))).schema) == 10_000


def test_reading_ends_where_it_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text("a,b\n" + "1,2\n" * 1_000_000)
    asked = count()
    with pytest.raises(Stopped, match=r"^stopped while flights\.csv was read; the same again goes on"):
        open_source(path, "flights.csv", lambda: next(asked) == 1)
    source = open_source(path, "flights.csv", lambda: next(asked) == 6)
    assert next(asked) == 5
    with pytest.raises(Stopped):
        next(source.chunks(999_999, 10))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"x"y,2\n3,4\n', [MISPLACED, ["3", "4"]]),
        ('"1,2\n3,"x"\n4,5\n', [MISPLACED, ["3", "x"], ["4", "5"]]),
        ('1,2\n"a\nb"c,d\n"3\n",4\n', [["1", "2"], MISPLACED, ['b"c', "d"], ["3\n", "4"]]),
    ],
)
def test_quote_inside_a_quoted_cell_spoils_the_line_that_it_began_in(tmp_path: Path, text: str, expected: list[Any]) -> None:
    assert rows(opened(tmp_path, f"a,b\n{text}")) == expected


@pytest.mark.parametrize("skipped", range(6))
def test_reading_goes_on_after_rows_that_are_done(tmp_path: Path, skipped: int) -> None:
    source = opened(tmp_path, 'a,b\n1,2\n\n3\n"4\n",5\n6,"7')
    assert rows(source, skipped) == [["1", "2"], "got 1 cell, expected 2", ["4\n", "5"], UNCLOSED][skipped:]


def test_carried_columns_are_as_they_were_and_empty_cells_missing(tmp_path: Path) -> None:
    (chunk,) = opened(tmp_path, "a,b,c\n 1,,x\n2,NA,y\n3,z,\n").chunks(0, 10)
    assert chunk.frame(["a", "b"], np.array([0, 1])).rows() == [(" 1", None), ("2", "NA")]
    assert chunk.frame(["c", "a"], np.arange(3)).rows() == [("x", " 1"), ("y", "2"), (None, "3")]


def test_share_rises_to_one(tmp_path: Path) -> None:
    source = opened(tmp_path, "a,b\n" + "1,2\n" * 20_000)
    shares = [source.share(0) for _ in source.chunks(0, 5000)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1 == shares[-1]


@given(st.text(st.sampled_from('a,"\n'), max_size=12), st.booleans())
def test_passing_over_a_record_ends_where_the_reader_ends_it(text: str, is_open: bool) -> None:
    lines = [f"{line}\n" for line in (('"' if is_open else "") + text + "\nlast,one\n").split("\n")[:-1]]
    reader = csv.reader(iter([*lines, "end\n"]))
    record = next(reader)
    count, is_closed = pass_over(iter([*lines, "end\n"]), ",")
    assert count == min(reader.line_num, len(lines) + 1)
    assert is_closed or record[-1].endswith("end\n")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"flights\.csv: it can't be read \(No such file or directory\)"):
        open_source(tmp_path / "x.csv", "flights.csv")


def test_title_is_what_messages_call_it(tmp_path: Path) -> None:
    path = tmp_path / "upload-1234"
    path.write_bytes(b"")
    with pytest.raises(Unreadable, match=r"^mine\.csv: "):
        CsvFile(Opened(path, "mine.csv"))
