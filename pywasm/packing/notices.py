"""NOTICES.txt: the licence of everything that a release bundles, by name and in full."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packing.errors import BuildError
from packing.hashing import write_whole

FILE = "NOTICES.txt"
KEPT = Path(__file__).parent / "licences"
"""Texts of what carries none, and `components.toml`, which names everything bundled."""
SECTION = re.compile(r"^_{5,}[ \t]*$", re.M)
RULE = "=" * 80
HEAD = """\
Foreshore is licensed under the Apache License 2.0; see LICENSE.

A release of Foreshore bundles the works listed here, which others wrote. Their licences follow in full; a number in brackets leads
from a work to its texts. This file is generated from pywasm/packing/licences/components.toml by `python3 build.py check --fix`.
"""


@dataclass(frozen=True, slots=True)
class Component:
    """A work that a release bundles.

    Attributes
    ----------
    name, version, licence, where, source : str
        What it is called, its version, an SPDX expression, what it does in a release, and where its source code is had.
    texts : tuple of str
        Licence texts and notices, in full.
    """

    name: str
    version: str
    licence: str
    where: str
    source: str
    texts: tuple[str, ...]


def components(root: Path) -> list[Component]:
    """Everything that a release bundles.

    Parameters
    ----------
    root : Path
        The checkout, with its `node_modules`.

    Raises
    ------
    BuildError
        If a package or a text that `components.toml` names is missing.
    """
    entries = tomllib.loads((KEPT / "components.toml").read_text())["component"]
    return [_component(root, entry) for entry in entries]


def _component(root: Path, entry: Mapping[str, Any]) -> Component:
    try:
        version = _version(root, entry["version"])
        texts = tuple(_text(root, place) for place in entry["texts"])
        source = entry["source"].format(version=version)
        return Component(entry["name"], version, entry["licence"], entry["where"], source, texts)
    except (OSError, KeyError, metadata.PackageNotFoundError) as error:
        raise BuildError(f"{KEPT / 'components.toml'}, {entry.get('name')}: {error!r}; is every locked package installed?") from error


def _version(root: Path, text: str) -> str:
    kind, _, name = text.partition(":")
    if kind == "npm":
        return str(_json(root / "node_modules" / name / "package.json")["version"])
    if kind == "pyodide":
        return str(_json(root / "node_modules" / "pyodide" / "pyodide-lock.json")["packages"][name]["version"])
    return metadata.version(name) if kind == "python" else text


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _text(root: Path, place: str) -> str:
    kind, colon, rest = place.partition(":")
    if not colon:
        return _clean((KEPT / place).read_text(encoding="utf-8"))
    if kind == "npm":
        return _clean((root / "node_modules" / rest).read_text(encoding="utf-8"))
    path, _, title = rest.partition("#")
    return _section(Path(str(metadata.distribution(path.split("/")[0]).locate_file(path))), title)


def _section(path: Path, title: str) -> str:
    """The part of a collection of notices that starts with a title; parts are divided by underscores.

    Raises
    ------
    BuildError
        If there is none.
    """
    for part in SECTION.split(path.read_text(encoding="utf-8-sig")):
        text = _clean(part)
        if text.partition("\n")[0].strip() == title:
            return text
    raise BuildError(f"{path} holds no notice titled {title!r}; correct {KEPT / 'components.toml'}")


def _clean(text: str) -> str:
    """The text with plain line ends, without blanks at ends of lines and without empty lines around it."""
    return "\n".join(line.rstrip() for line in text.expandtabs(4).splitlines()).strip("\n")


def render(works: list[Component]) -> str:
    """NOTICES.txt as text: the works, then every licence text once."""
    numbers: dict[str, int] = {}
    for work in works:
        for text in work.texts:
            numbers.setdefault(text, len(numbers) + 1)
    listed = "\n".join(_listed(work, [numbers[text] for text in work.texts]) for work in works)
    return "\n".join([HEAD, listed, *_texts(works, numbers)])


def _listed(work: Component, numbers: list[int]) -> str:
    places = " ".join(f"[{number}]" for number in numbers)
    return f"{work.name}, {work.version}\n  {work.licence} {places}\n  {work.where}\n  {work.source}\n"


def _texts(works: list[Component], numbers: Mapping[str, int]) -> Iterator[str]:
    for text, number in numbers.items():
        names = ", ".join(work.name for work in works if text in work.texts)
        yield f"{RULE}\n[{number}] {names}\n{RULE}\n\n{text}\n"


def write_notices(root: Path) -> None:
    """Write `NOTICES.txt`; raises BuildError as `components` does."""
    write_whole(root / FILE, render(components(root)).encode())


def check_notices(root: Path) -> None:
    """Refuse a `NOTICES.txt` that is not what `write_notices` would write.

    Raises
    ------
    BuildError
        If it differs or is missing.
    """
    path = root / FILE
    if not path.is_file() or path.read_bytes() != render(components(root)).encode():
        raise BuildError(f"{FILE} differs from pywasm/packing/licences; run `python3 build.py check --fix` and commit it")
