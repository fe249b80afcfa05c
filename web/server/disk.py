"""The disk: what makes sure that names are on it, and how it says that it is full."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_TEXT = re.compile(rf"os error ({'|'.join(map(str, FULL))})\b")
"""How Polars tells of them, in which errors of the system keep their text alone."""


def flush(path: Path) -> None:
    """Make sure of a file, or of a folder's names, on disk."""
    if os.name == "nt":
        return  # folders can't be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_full(error: Exception) -> bool:
    """Whether writing failed because there is no space left, or none that may be used."""
    return getattr(error, "errno", None) in FULL or FULL_TEXT.search(str(error)) is not None
