"""Hashes of files and folders, and writes that are seen whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where two builds at once are the caller's to avoid
    fcntl = None  # type: ignore[assignment]

from packing.errors import BuildError

IGNORED = {"__pycache__", ".DS_Store"}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_under(path: Path) -> Iterator[Path]:
    """Every file of a folder (or the file itself), sorted, without bytecode caches."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise BuildError(f"{path} is missing; is the checkout complete?")
    for child in sorted(path.rglob("*")):
        if child.is_file() and not IGNORED.intersection(child.parts):
            yield child


def sha256_of_tree(paths: Iterable[Path], root: Path) -> str:
    """One SHA-256 over names (relative to `root`) and contents of files and folders."""
    digest = hashlib.sha256()
    for path in paths:
        for file in files_under(path):
            digest.update(f"{os.path.relpath(file, root)}\0{sha256_of(file)}\n".encode())
    return digest.hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside, then rename it into place; a failure leaves what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock file; a second process waits until the first is done, or has died."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
