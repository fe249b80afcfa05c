"""The documentation as tests read it: blocks of code, and checkouts of the pipeline that docs/add-a-pipeline.md builds."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreshore import Pipeline, load_pipeline
from models.scaffolding.creation import create_pipeline
from packing.hashing import sha256_of
from packing.wheels import build_pipeline_wheel
from tests.root import ROOT

BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.M | re.S)
GUIDE = ROOT / "docs" / "add-a-pipeline.md"
NEWS = "\n## News: windows over events\n"
NAME = "feels_like"


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return [match["code"] for match in BLOCK.finditer(text) if match["language"] == language]


def python_files(text: str) -> dict[str, str]:
    """The Python files that a page shows: blocks that begin with a path in a comment."""
    found = (re.match(r"# (\S+\.py)\n", code) for code in blocks(text, "python"))
    return {match[1]: match.string for match in found if match}


def changed(files: dict[str, str], diff: str) -> dict[str, str]:
    """Files after a diff block: its first line names the file, `@@` stands between changes, each of which fits one place alone."""
    name, _, changes = diff.removeprefix("--- ").partition("\n")
    text = files[name]
    for lines in (change.splitlines(keepends=True) for change in changes.split("@@\n")):
        before, after = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
        assert text.count(before) == 1, f"{name}: a change of the page fits {text.count(before)} places, expected one:\n{before}"
        text = text.replace(before, after)
    return {**files, name: text}


def shown_files(*, news: bool) -> dict[str, str]:
    """The files of the guide's pipeline: those of its first half, or all of them with the changes of the second."""
    first, _, second = GUIDE.read_text(encoding="utf-8").partition(NEWS)
    files = python_files(first)
    if news:
        files |= python_files(second)
        for diff in blocks(second, "diff"):
            files = changed(files, diff)
    return files


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout that holds the guide's pipeline, trained.

    Attributes
    ----------
    root : Path
    said : list of str
        What training told.
    """

    root: Path
    said: list[str]

    @property
    def folder(self) -> Path:
        """`models/<name>`."""
        return self.root / "models" / NAME

    @property
    def artefacts(self) -> Path:
        """What training wrote."""
        return self.folder / "artefacts"

    @property
    def pipeline(self) -> Pipeline:
        """The definition."""
        return load_pipeline(NAME)

    def module(self, name: str) -> Any:
        """A module of the pipeline's folder."""
        return importlib.import_module(f"models.{NAME}.{name}")

    def json(self, file: str) -> Any:
        """One of the artefacts."""
        return json.loads((self.artefacts / file).read_text())


@contextmanager
def trained(root: Path, *, news: bool) -> Iterator[Checkout]:
    """The guide's pipeline, created in a new checkout of our own packages as the guide says, importable and trained."""
    (root / "models").mkdir()
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "pywasm").symlink_to(ROOT / "pywasm")
    for name in ("tables.py", "segments.py"):
        (root / "models" / name).symlink_to(ROOT / "models" / name)
    said: list[str] = []
    create_pipeline(root, NAME, tell=said.append)
    for name, code in shown_files(news=news).items():
        if news or not (root / name).exists():
            (root / name).write_text(code, encoding="utf-8")
    sys.path.insert(0, str(root))
    checkout = Checkout(root, said)
    try:
        if news:
            said.clear()
            checkout.module("training").train(checkout.folder, said.append)
        yield checkout
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.startswith(f"models.{NAME}")]:
            del sys.modules[name]


def pyodide_with(checkout: Checkout, built: Path, scratch: Path) -> Path:
    """A copy of a site's Pyodide folder that offers the checkout's pipeline, as the build packs it, beside the others."""
    folder = shutil.copytree(built, scratch / "pyodide")
    build_pipeline_wheel(checkout.root, NAME, scratch / "wheel", folder)
    (wheel,) = folder.glob(f"foreshore_{NAME}-*.whl")
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    package = f"foreshore-{NAME.replace('_', '-')}"
    entry = {**lock["packages"]["foreshore"], "name": package, "depends": ["foreshore"], "imports": ["models"]}
    lock["packages"][package] = {**entry, "file_name": wheel.name, "sha256": sha256_of(wheel)}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock))
    return folder
