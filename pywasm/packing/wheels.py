"""Wheels for the browser: the standard build, then bytecode."""

from __future__ import annotations

import ast
import json
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packing.errors import BuildError
from packing.hashing import sha256_of
from packing.tools import call

HASHED_BYTECODE = {"SOURCE_DATE_EPOCH": "315532800"}
"""Makes `py_compile` write the hash of a source into its bytecode, not the time: see PEP 552."""
PIPELINE_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "foreshore-{dashed}"
version = "{version}"
description = "The {name} pipeline of Foreshore: fields, features and decoding"
requires-python = ">=3.12,<3.13"
dependencies = ["foreshore"]

[tool.hatch.build.targets.wheel]
packages = ["models"]
"""


def foreshore_version(root: Path) -> str:
    """The version that `pyproject.toml` names."""
    version: str = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    return version


def build_wheel(project: Path, out: Path) -> None:
    """Build a project's wheel by its own build backend, in the locked environment.

    Python runs isolated (`-I`): on the checkout's path the `build` package would be hidden by `build.py`.

    Raises
    ------
    ToolError
        If the backend fails.
    """
    call([sys.executable, "-I", "-m", "build", "--wheel", "--no-isolation", "--outdir", out, project])


def build_pipeline_wheel(root: Path, name: str, scratch: Path, out: Path) -> None:
    """Build the small wheel of one pipeline: what `pipeline.py` imports from its own folder, nothing of the host's.

    Parameters
    ----------
    root : Path
        The checkout.
    name : str
        Of the pipeline.
    scratch, out : Path
        Where the project is laid out, and where the wheel goes.
    """
    package = scratch / "models" / name
    package.mkdir(parents=True)
    for file in browser_files(root / "models" / name):
        target = package / file.relative_to(root / "models" / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    text = PIPELINE_PROJECT.format(name=name, dashed=name.replace("_", "-"), version=foreshore_version(root))
    (scratch / "pyproject.toml").write_text(text)
    build_wheel(scratch, out)


def browser_files(folder: Path) -> list[Path]:
    """The modules of a pipeline that run everywhere: `__init__.py`, `pipeline.py`, and what they import from the folder.

    Raises
    ------
    BuildError
        If an import names a module of the folder that does not exist.
    """
    found: list[Path] = []
    waiting = [folder / "__init__.py", folder / "pipeline.py"]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        if not file.is_file():
            raise BuildError(f"{file} is missing; every pipeline has an __init__.py and a pipeline.py")
        found.append(file)
        waiting.extend(_imported(file, folder))
    return sorted(found)


def _imported(file: Path, folder: Path) -> Iterator[Path]:
    package = f"models.{folder.name}"
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.ImportFrom) and node.module == package and not node.level:
            yield from (folder / f"{alias.name}.py" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            yield folder / f"{str(node.module).removeprefix(package + '.').replace('.', '/')}.py"
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise BuildError(f"{file}: got a relative import, expected `from {package}.… import …`")


def compile_wheels(folder: Path) -> None:
    """Put bytecode for the browser's Python in the place of source, in the wheels and zip files of a folder.

    An import then compiles nothing. Members are stored, not deflated: brotli does better on the whole file. The same source gives the
    same bytes, whenever it is compiled; `pyodide-lock.json`, if the folder has one, names their new hashes.

    Raises
    ------
    ToolError
        If `pyodide py-compile` fails.
    """
    pyodide = Path(sys.executable).with_name("pyodide")
    for target in (folder, *sorted(folder.glob("*.zip"))):
        words: list[str | Path] = [pyodide, "py-compile", "--silent", "--no-keep", "--compression-level", "0", target]
        call(words, variables=HASHED_BYTECODE)
    for archive in (*folder.glob("*.whl"), *folder.glob("*.zip")):
        forget_times(archive)
    _lock_hashes(folder / "pyodide-lock.json")


def forget_times(archive: Path) -> None:
    """Rewrite a zip file, stored, with one date for every member: the oldest that the format knows."""
    aside = archive.with_suffix(".part")
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as target:
        for item in source.infolist():
            target.writestr(zipfile.ZipInfo(item.filename), source.read(item))
    aside.replace(archive)


def _lock_hashes(lock: Path) -> None:
    if not lock.is_file():
        return
    content = json.loads(lock.read_text())
    for entry in content["packages"].values():
        entry["sha256"] = sha256_of(lock.parent / entry["file_name"])
    lock.write_text(json.dumps(content))
