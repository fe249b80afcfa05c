"""Leaving out of a wheel what no browser session imports."""

from __future__ import annotations

import csv
import fnmatch
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

NUMPY_LEFT_OUT = (
    "*.pyi",
    "*.pxd",
    "*.h",
    "*.c",
    "*.a",
    "*.pyx*",
    "*/py.typed",
    "numpy/f2py/src/*",
    "numpy/distutils/*",
    "numpy/_pyinstaller/*",
    "*/tests/*",
    "numpy/random/_examples/*",
    "numpy/typing/mypy_plugin.py",
)
"""Type stubs, C sources and headers, tests. `numpy.f2py` stays: array-api-compat imports all names of `numpy`, that one included."""


def trim_wheel(wheel: Path, left_out: Sequence[str]) -> None:
    """Rewrite a wheel without the members that match a pattern; its RECORD loses their lines as well.

    Members are stored, not deflated: the brotli twin of the whole wheel is smaller than brotli around deflate.
    """
    aside = wheel.with_suffix(".part")
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as target:
        for item in source.infolist():
            if _matches(item.filename, left_out):
                continue
            content = source.read(item)
            if item.filename.endswith(".dist-info/RECORD"):
                content = _without_lines(content, left_out)
            target.writestr(zipfile.ZipInfo(item.filename, item.date_time), content)
    aside.replace(wheel)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _without_lines(record: bytes, left_out: Sequence[str]) -> bytes:
    rows = [row for row in csv.reader(io.StringIO(record.decode())) if row and not _matches(row[0], left_out)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
