"""The command line: real processes, ended in the middle by force, and what they leave to the next."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tests.root import ROOT
from tests.unit.server.batch.conftest import Job
from tests.unit.server.batch.tables import Row, csv_rows, csv_text, flights
from web.server.batch.run import PART_ROWS
from web.server.prediction.catalogue import ReleasedPipeline

ENOUGH_S = 240
BLOCK_BYTES = 512
"""Of POSIX's `ulimit -f`."""


@pytest.fixture(scope="module")
def many(released: ReleasedPipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of three parts and a half, some of its rows bad."""
    rows = flights(released.pipeline.contract, 4096)
    rows[7] |= {"carrier": "XX"}
    whole = csv_text(rows)
    header, _, lines = whole.partition("\n")
    path = tmp_path_factory.mktemp("many") / "flights.csv"
    path.write_text(f"{header}\n" + lines * (7 * PART_ROWS // 2 // len(rows)))
    return path


def start(dist: Path, *words: str | Path, limit_bytes: int | None = None) -> subprocess.Popen[str]:
    """A run of the command; with a limit, none of its files may grow beyond that."""
    command = [sys.executable, "-m", "web.server.batch", *map(str, words), "--dist", str(dist)]
    if limit_bytes is not None:  # set by a shell: this process has threads, so that nothing may run between its fork and the start
        command = ["/bin/sh", "-c", 'ulimit -f "$0" && exec "$@"', str(limit_bytes // BLOCK_BYTES), *command]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'pywasm'}", "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, told = process.communicate(timeout=ENOUGH_S)
    return process.returncode, told


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + ENOUGH_S
    while not path.exists():
        assert process.poll() is None, end(process)
        assert time.monotonic() < deadline, f"{path} did not come"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def uninterrupted(dist: Path, many: Path) -> Path:
    """The results of a run to which nothing happened."""
    output = many.with_name("whole.parquet")
    code, told = end(start(dist, "eta", many, output))
    assert code == 0, told
    rows = 7 * PART_ROWS // 2
    bad = rows // 4096
    assert f"whole.parquet: {rows - bad:,} of {rows:,} rows in " in told
    assert f"{bad:,} bad rows, told in {many.with_name('whole.bad.csv')}" in told
    return output


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_run_that_is_ended_by_force_is_gone_on_with(dist: Path, many: Path, uninterrupted: Path, tmp_path: Path, ending: int) -> None:
    output = tmp_path / "out.parquet"
    for part in (0, 2):
        process = start(dist, "eta", many, output)
        wait_for(tmp_path / "out.parquet.partial" / f"part-{part:06}", process)
        process.send_signal(ending)
        code, told = end(process)
        assert code == (-signal.SIGKILL if ending == signal.SIGKILL else 130)
        assert "Traceback" not in told
        assert not output.exists()
    code, told = end(start(dist, "eta", many, output))
    assert code == 0, told
    assert "were done before)" in told
    assert pl.read_parquet(output).equals(pl.read_parquet(uninterrupted))
    assert (tmp_path / "out.bad.csv").read_bytes() == uninterrupted.with_name("whole.bad.csv").read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["out.bad.csv", "out.parquet"]


@pytest.mark.parametrize(("output", "limit_bytes", "parts"), [("out.csv", 60_000, 0), ("out.csv", 200_000, 4), ("out.parquet", 200_000, 4)])
def test_files_that_may_not_grow_are_told_and_a_later_run_goes_on(
    dist: Path, many: Path, uninterrupted: Path, tmp_path: Path, output: str, limit_bytes: int, parts: int
) -> None:
    path = tmp_path / output
    code, told = end(start(dist, "eta", many, path, limit_bytes=limit_bytes))
    assert (code, path.exists()) == (1, False)
    assert "batch: there is no space left to write " in told
    assert len(list((tmp_path / f"{output}.partial").glob("part-*"))) == parts
    assert end(start(dist, "eta", many, path))[0] == 0
    expected = pl.read_parquet(uninterrupted)
    if output == "out.parquet":
        assert pl.read_parquet(path).equals(expected)
    else:
        assert pl.read_csv(path).equals(expected)


def test_good_and_bad_rows_are_told(dist: Path, job: Job, thousand: list[Row], tmp_path: Path) -> None:
    renamed = [{("dest" if name == "destination" else name): value for name, value in row.items()} for row in thousand]
    given = job(csv_text([*renamed, {**renamed[0], "carrier": "XX"}]))
    code, told = end(start(dist, "eta", given.source, tmp_path / "out.csv", "--map", "destination=dest", "--variant", "int8"))
    assert code == 0, told
    assert "out.csv: 1,000 of 1,001 rows in " in told
    assert "variant int8" in told
    assert f"1 bad rows, told in {tmp_path / 'out.bad.csv'}" in told
    assert len(csv_rows(tmp_path / "out.csv")) == 1000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["eta", "missing.csv", "out.csv"], "batch: missing.csv: it can't be read (No such file or directory)"),
        (["etd", "missing.csv", "out.csv"], "batch: there is no such pipeline, expected one of eta, see"),
        (["eta", "missing.csv", "out.xlsx"], "batch: output: got out.xlsx, expected a name that ends in .csv or .parquet"),
        (["eta", "a.csv", "b.csv", "--map", "destination"], "argument --map: got 'destination', expected field=column"),
    ],
)
def test_errors_are_told_in_a_line(dist: Path, words: list[str], message: str) -> None:
    code, told = end(start(dist, *words))
    assert code != 0
    assert message in told
    assert "Traceback" not in told


def test_missing_site_is_told(tmp_path: Path) -> None:
    code, told = end(start(tmp_path / "none", "eta", "a.csv", "b.csv"))
    assert (code, "python3 build.py build" in told) == (1, True)
