"""Copies of what the gate runs, changed in one place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from packing.hashing import sha256_of
from packing.wheels import build_pipeline_wheel, compile_wheels
from tests.root import ROOT


def replaced(file: Path, old: str, new: str) -> None:
    """Change a file's text, which has to hold what is changed."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def web_with(folder: Path, file: str, old: str, new: str) -> Path:
    """JavaScript's executions, one text changed."""
    web = folder / "web"
    for part in ("verification", "shared", "worker", "generated"):
        shutil.copytree(ROOT / "web" / part, web / part)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    replaced(web / file, old, new)
    return web


def pyodide_with(folder: Path, pyodide: Path, checkout: Path, name: str) -> Path:
    """A release's Pyodide with the wheel of a checkout's pipeline, in the place of the one it had or added to it."""
    changed = shutil.copytree(pyodide, folder / "pyodide")
    build_pipeline_wheel(checkout, name, folder / "scratch", folder / "wheels")
    compile_wheels(folder / "wheels")
    (wheel,) = (folder / "wheels").iterdir()
    shutil.copy(wheel, changed)
    lock = json.loads((changed / "pyodide-lock.json").read_text())
    like = lock["packages"]["foreshore-eta"]
    package = f"foreshore-{name}"
    described = {"name": package, "file_name": wheel.name, "sha256": sha256_of(wheel)}
    lock["packages"][package] = {**like, **described}
    (changed / "pyodide-lock.json").write_text(json.dumps(lock))
    return changed
