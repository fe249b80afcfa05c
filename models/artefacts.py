"""Artefacts: the models that a pipeline's card lists; those that are not committed are made anew from what was published."""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from packing.errors import BuildError
from packing.hashing import sha256_of, write_whole

type Tell = Callable[[str], None]


def ensure_artefacts(folder: Path, tell: Tell) -> None:
    """Make the models of a pipeline's card that are not there.

    Parameters
    ----------
    folder : Path
        `models/<name>`; `write_models(folder)` of its `export.py`, where it has one, writes all that it can make.
    tell : callable
        Told before anything is made.

    Raises
    ------
    FetchError
        If what they are made of cannot be had.
    BuildError
        If what was made is not what the card names.
    """
    missing = [each for each in _listed(folder / "artefacts") if not (folder / "artefacts" / each["file"]).is_file()]
    write = _writer(folder.name) if missing else None
    if write is None:
        return  # a file that is missing all the same is refused where it is released, with what to do
    tell(f"{folder.name}: making {', '.join(each['file'] for each in missing)} from published weights")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        write(Path(scratch))
        for each in missing:
            _adopt(Path(scratch) / each["file"], folder / "artefacts" / each["file"], each["sha256"])


def _listed(artefacts: Path) -> list[Mapping[str, Any]]:
    """Every model that a card lists; none where there is no card yet."""
    card = artefacts / "card.json"
    variants = json.loads(card.read_text())["variants"] if card.is_file() else []
    return [each for variant in variants for each in (variant, *variant.get("segments", {}).values())]


def _writer(name: str) -> Callable[[Path], None] | None:
    module = f"models.{name}.export"
    try:
        found: Callable[[Path], None] | None = getattr(importlib.import_module(module), "write_models", None)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    return found


def _adopt(made: Path, target: Path, sha256: str) -> None:
    if not made.is_file():
        return
    got = sha256_of(made)
    if got != sha256:
        raise BuildError(
            f"{target}: got sha256 {got} from what was published, expected {sha256} as its card says; restore the card, or run "
            f"`python3 build.py train {target.parents[1].name}`"
        )
    write_whole(target, made.read_bytes())
