"""Stages: done once for the same inputs, again when any of them changes, and never half."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from packing.errors import BuildError
from packing.hashing import sha256_of_tree, write_whole
from packing.stage import KEPT, Stages


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.txt").write_text("a")
    return Stages(tmp_path, tmp_path / "cache", Console(file=io.StringIO()))


def counting(calls: list[Path]) -> Callable[[Path], dict[str, Any]]:
    def make(out: Path) -> dict[str, Any]:
        calls.append(out)
        (out / "made.txt").write_text(str(len(calls)))
        return {"count": len(calls)}

    return make


def run(stages: Stages, calls: list[Path], **parameters: Any) -> Any:
    return stages.run("copy", [stages.root / "source"], counting(calls), **parameters)


def test_unchanged_inputs_are_not_made_again(stages: Stages) -> None:
    calls: list[Path] = []
    first, second = run(stages, calls), run(stages, calls)
    assert len(calls) == 1
    assert first == second
    assert second.facts == {"count": 1}
    assert (second.folder / "made.txt").read_text() == "1"


@pytest.mark.parametrize("change", ["content", "name", "new file", "parameter"])
def test_any_change_makes_it_again(stages: Stages, change: str) -> None:
    calls: list[Path] = []
    run(stages, calls)
    file = stages.root / "source" / "a.txt"
    if change == "content":
        file.write_text("b")
    elif change == "name":
        file.rename(file.with_name("b.txt"))
    elif change == "new file":
        file.with_name("b.txt").touch()
    run(stages, calls, **({"version": 2} if change == "parameter" else {}))
    assert len(calls) == 2


@pytest.mark.parametrize("damage", ["truncated", "removed", "added"])
def test_result_damaged_in_the_cache_is_made_again(stages: Stages, damage: str) -> None:
    calls: list[Path] = []
    made = run(stages, calls).folder / "made.txt"
    if damage == "truncated":
        made.write_text("")
    elif damage == "removed":
        made.unlink()
    else:
        made.with_name("stray.txt").touch()
    assert (run(stages, calls).folder / "made.txt").read_text() == "2"
    assert not made.with_name("stray.txt").exists()


def test_failed_stage_leaves_nothing_and_says_which(stages: Stages) -> None:
    def fail(out: Path) -> None:
        (out / "half.txt").write_text("half")
        raise BuildError("the tide is out")

    with pytest.raises(BuildError, match="copy: the tide is out"):
        stages.run("copy", [], fail)
    assert [path for path in stages.cache.rglob("*") if path.is_file()] == []
    assert run(stages, []).facts == {"count": 1}


def test_full_disk_is_a_build_error(stages: Stages) -> None:
    def fill(out: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(BuildError, match="No space left on device; the previous build is untouched"):
        stages.run("copy", [], fill)


def test_missing_input_is_named(stages: Stages) -> None:
    with pytest.raises(BuildError, match="nowhere is missing"):
        stages.run("copy", [stages.root / "nowhere"], counting([]))


def test_only_the_newest_results_are_kept(stages: Stages) -> None:
    for version in range(KEPT + 3):
        run(stages, [], version=version)
    assert len(list((stages.cache / "copy").iterdir())) == KEPT


def test_bytecode_caches_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = sha256_of_tree([tmp_path], tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert sha256_of_tree([tmp_path], tmp_path) == before


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    write_whole(target, b"old")

    def fail(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="No space left"):
        write_whole(target, b"new")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
