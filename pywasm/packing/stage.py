"""Stages: steps of a build, each keyed by the hashes of its inputs, none done twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from packing.errors import BuildError
from packing.hashing import files_under, sha256_of, sha256_of_tree, write_whole

FACTS = "facts.json"
HASHES = ".hashes.json"
KEPT = 3
"""How many results of one stage stay in the cache: enough to go back and forth between branches."""

type Make = Callable[[Path], Mapping[str, Any] | None]


def combined_key(root: Path, inputs: Sequence[Path], parameters: Sequence[Any]) -> str:
    """Hash of the contents of files and folders (named relative to `root`) and of JSON parameters."""
    text = json.dumps([sha256_of_tree(inputs, root), *parameters], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def hashes_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a stage's folder, by its name in there."""
    return {file.relative_to(folder).as_posix(): sha256_of(file) for file in files_under(folder) if file.name != HASHES}


def is_whole(folder: Path) -> bool:
    """Whether a stage's folder holds what was written into it, all of it and nothing else."""
    try:
        return bool(json.loads((folder / HASHES).read_text()) == hashes_of(folder))
    except (OSError, ValueError, BuildError):
        return False


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage left behind.

    Attributes
    ----------
    folder : Path
        Its output; read, never written.
    key : str
        Hash of all that went in.
    facts : mapping
        JSON data that `make` returned.
    """

    folder: Path
    key: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stages:
    """Runs stages under one cache folder.

    Parameters
    ----------
    root : Path
        The checkout; names of inputs are taken relative to it.
    cache : Path
        Where results are kept.
    console : Console
        Where progress is shown.
    """

    root: Path
    cache: Path
    console: Console = field(default_factory=Console)

    def run(self, name: str, inputs: Sequence[Path], make: Make, **parameters: Any) -> Made:
        """The stage's result, made now or found in the cache.

        Parameters
        ----------
        name : str
            Shown to people, and the cache's folder.
        inputs : sequence of Path
            Files and folders whose contents decide, the stage's own code among them.
        make : callable
            Writes into the empty folder it is given; may return JSON facts.
        **parameters
            JSON values that decide as well: versions, options, keys of earlier stages.

        Raises
        ------
        BuildError
            If `make` fails; nothing is kept of the attempt.
        """
        key = combined_key(self.root, inputs, [name, parameters])
        folder = self.cache / name / key[:16]
        if is_whole(folder):
            os.utime(folder)
            self.console.print(f"  [dim]{name}: unchanged[/dim]")
            return Made(folder, key, json.loads((folder / FACTS).read_text()))
        started = time.monotonic()
        with self.console.status(f"{name} …"):
            self._make(name, folder, make)
        self._forget_old(name)
        self.console.print(f"  [green]{name}[/green]: {time.monotonic() - started:.1f} s")
        return Made(folder, key, json.loads((folder / FACTS).read_text()))

    def _make(self, name: str, folder: Path, make: Make) -> None:
        aside = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        shutil.rmtree(aside, ignore_errors=True)
        try:
            aside.mkdir(parents=True)
            facts = make(aside) or {}
            write_whole(aside / FACTS, json.dumps(facts, indent=1).encode())
            write_whole(aside / HASHES, json.dumps(hashes_of(aside), indent=1).encode())
            shutil.rmtree(folder, ignore_errors=True)
            aside.replace(folder)
        except BuildError as error:
            raise type(error)(f"{name}: {error}") from error
        except OSError as error:
            raise BuildError(f"{name}: {error}; the previous build is untouched") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _forget_old(self, name: str) -> None:
        results = sorted((self.cache / name).iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in results[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
