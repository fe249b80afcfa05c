"""Parts of a batch on disk: whole or not at all, and of one job."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from web.server.batch.parts import JOB, Done, WorkFolder, clear, held

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

    def ended(path: Path, **options: bool) -> None:
        if next(calls) == removed:
            raise KeyboardInterrupt
        rmtree(path, **options)

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
