"""Extras: folders written by a pipeline's own functions, once for what they depend on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.extras import extras_stages
from packing.stage import Stages
from tests.harbour.checkout import NAME, importable, write_checkout

WRITER = """
from pathlib import Path

def {function}(folder: Path) -> None:
    (folder / "index.json").write_text("{text}")
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "checkout"
    root.mkdir()
    write_checkout(root)
    for name in ("tables.py", "segments.py"):
        (root / "models" / name).touch()
    with importable(root):
        yield root


def write(checkout: Path, module: str, function: str, text: str = "first") -> None:
    (checkout / "models" / NAME / f"{module}.py").write_text(WRITER.format(function=function, text=text))
    sys.modules.pop(f"models.{NAME}.{module}", None)


def stages(checkout: Path) -> Stages:
    return Stages(checkout, checkout / "cache")


def test_pipeline_without_such_functions_ships_no_extras(checkout: Path) -> None:
    (checkout / "models" / NAME / "samples.py").write_text("")
    assert extras_stages(stages(checkout), NAME) == {}


def test_functions_are_found_by_their_module_and_name(checkout: Path) -> None:
    for module, function in (("samples", "write_samples"), ("history", "write_history"), ("forecasts", "write_forecasts")):
        write(checkout, module, function, text=module)
    made = extras_stages(stages(checkout), NAME)
    assert {key: (each.folder / "index.json").read_text() for key, each in made.items()} == {
        "samples": "samples",
        "history": "history",
        "forecasts": "forecasts",
    }


def test_changed_source_is_run_again(checkout: Path) -> None:
    write(checkout, "history", "write_history")
    first = extras_stages(stages(checkout), NAME)["history"]
    write(checkout, "history", "write_history", text="second")
    second = extras_stages(stages(checkout), NAME)["history"]
    assert first.key != second.key
    assert (second.folder / "index.json").read_text() == "second"


@pytest.mark.parametrize(
    ("changed", "stale"), [("artefacts/fp32.onnx", {"forecasts"}), ("pipeline.py", {"samples", "history", "forecasts"})]
)
def test_forecasts_alone_depend_on_the_models(checkout: Path, changed: str, stale: set[str]) -> None:
    for module, function in (("samples", "write_samples"), ("history", "write_history"), ("forecasts", "write_forecasts")):
        write(checkout, module, function)
    before = extras_stages(stages(checkout), NAME)
    file = checkout / "models" / NAME / changed
    file.write_bytes(file.read_bytes() + b"\n")
    after = extras_stages(stages(checkout), NAME)
    assert {key for key in before if before[key].key != after[key].key} == stale
