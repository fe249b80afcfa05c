"""The page's reading of CSV files held to the host's: the same rows, numbered alike, and the same rows refused, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from packing.lines import LineProcess
from tests.root import ROOT
from web.server.batch.csv_file import CsvFile
from web.server.batch.errors import Unreadable
from web.server.batch.source import Opened

NAMES = ("a", "b", "c")
PLAIN = st.text(st.sampled_from("x1é😀;'"), max_size=3)  # no blanks: what one after a closing quote means differs, as docs/batch.md says
QUOTED = st.text(st.sampled_from('x,\n\r"é'), max_size=4).map(lambda text: '"' + text.replace('"', '""') + '"')
ROUGH = st.sampled_from(['"', '""', 'x"', '"x"y', '"x', 'x"y', '"a""', '""x"'])
CELLS = PLAIN | QUOTED | ROUGH
LINES = st.lists(CELLS, min_size=1, max_size=4).map(",".join)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A header of names, and lines of any cells; one kind of line end throughout."""
    width, end = draw(st.integers(1, 3)), draw(ENDS)
    lines = draw(st.lists(LINES | st.just(""), max_size=6))
    return end.join([",".join(NAMES[:width]), *lines]) + draw(st.sampled_from(["", end]))


@pytest.fixture(scope="module")
def javascript() -> Iterator[LineProcess]:
    process = LineProcess(["node", str(ROOT / "tests" / "contract" / "csv.js")])
    yield process
    process.close()


def read_on_host(path: Path) -> dict[str, Any]:
    try:
        source = CsvFile(Opened(path, "t.csv"))
        names, rows = list(source.schema), []
        for chunk in source.chunks(0, 3):
            spoilt = {problem.row: f"got {problem.got}, expected {problem.expected}" for problem in chunk.spoilt}
            cells = zip(*(chunk.cells(name) for name in names), strict=True)
            rows += [spoilt.get(place, list(each)) for place, each in enumerate(cells)]
        return {"names": names, "rows": [[number, row] for number, row in enumerate(rows, start=1)]}
    except Unreadable as error:
        return {"refused": error.message}


@settings(max_examples=300)
@example(text='a\n""\nx\n\n""\ny\n')
@example(text='a,b\r1,"x\ny"\r2,3')
@example(text='a,b\n"1,2\n3,"x"\n4,5\n')
@example(text="a,b\n1\n")
@given(text=files())
def test_page_and_host_read_the_same_rows(javascript: LineProcess, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.encode())
    assert javascript.ask("read", text) == read_on_host(path)
