"""Parts of a batch on disk: whole or not at all, and of one job."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from web.server.batch.errors import Different
from web.server.batch.parts import GOOD, JOB, LOCK, Done, WorkFolder, clear, held

FACTS, OTHER = {"release": "1"}, {"release": "2"}


def work_folder(folder: Path) -> WorkFolder:
    """Two parts of two good rows and a bad one each."""
    with held(folder):
        work = WorkFolder(folder, FACTS)
        for number in range(2):
            first = 3 * number + 1
            work.add(pl.DataFrame({"row": [first, first + 1]}), [(first + 2, "carrier", "got nothing")], Done(3, 2, 1, is_last=number == 1))
    return work


@pytest.mark.parametrize("name", ["clear", "remove"])
@pytest.mark.parametrize("removed", [0, 1])
def test_parts_whose_removal_was_ended_are_not_taken_up_by_another_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, removed: int
) -> None:
    work = work_folder(tmp_path / "work")
    rmtree, calls = shutil.rmtree, iter(range(10))

    def ended(path: Path, *, ignore_errors: bool = False) -> None:
        if next(calls) == removed:
            raise KeyboardInterrupt
        rmtree(path, ignore_errors=ignore_errors)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", ended)
        with pytest.raises(KeyboardInterrupt):
            clear(tmp_path / "work") if name == "clear" else work.remove()
    assert list((tmp_path / "work").glob("part-*"))
    assert WorkFolder(tmp_path / "work", OTHER).parts == []
    assert not list((tmp_path / "work").glob("part-*"))


def test_parts_without_a_job_are_not_taken_up(tmp_path: Path) -> None:
    work_folder(tmp_path / "work")
    assert WorkFolder(tmp_path / "work", FACTS).done == Done(6, 4, 2, is_last=True)
    (tmp_path / "work" / JOB).unlink()
    assert WorkFolder(tmp_path / "work", FACTS).parts == []


def test_results_that_cannot_be_written_leave_bad_rows_as_they_were(tmp_path: Path) -> None:
    work = work_folder(tmp_path / "work")
    results, bad_rows = tmp_path / "out.parquet", tmp_path / "out.bad.csv"
    bad_rows.write_text("earlier")
    (tmp_path / "work" / "part-000001" / GOOD).write_bytes(b"PAR1")
    with pytest.raises(Different, match="is damaged"):
        work.publish(results, bad_rows)
    assert (results.exists(), bad_rows.read_text()) == (False, "earlier")


def test_results_take_their_place_last(tmp_path: Path) -> None:
    work = work_folder(tmp_path / "work")
    results, bad_rows = tmp_path / "out.csv", tmp_path / "out.bad.csv"
    results.mkdir()  # what can't be replaced
    with pytest.raises(OSError, match=r"out\.csv"):
        work.publish(results, bad_rows)
    assert bad_rows.read_text() == "row,field,reason\n3,carrier,got nothing\n6,carrier,got nothing\n"
    results.rmdir()
    work.publish(results, bad_rows)
    assert results.read_text() == "row\n1\n2\n4\n5\n"
    assert {path.name for path in (tmp_path / "work").iterdir()} == {JOB, LOCK, "part-000000", "part-000001"}
