"""Finds the PostgreSQL that tests run against, and installs it where it is missing.

Without it those tests are skipped, and say why; those against SQLite run everywhere.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from packing.debian import install_packages, is_debian_root, tell

PACKAGE = "postgresql"
PROGRAMS = ("initdb", "postgres")
FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin")
"""Where systems keep several versions beside each other, off the PATH."""


def ensure_postgresql() -> Path | None:
    """The folder of PostgreSQL's programs, installed first where that is possible; None where there is none."""
    found = find_postgresql()
    if found is not None or not is_debian_root():
        return found
    tell("database to install: PostgreSQL")
    problem = install_packages([PACKAGE])
    found = find_postgresql()
    if found is None:
        tell(f"PostgreSQL: not found and could not be installed ({problem or 'no error reported'}); what needs it will be skipped")
    return found


def find_postgresql() -> Path | None:
    """The folder of PostgreSQL's programs, the newest of several; None where there is none."""
    on_path = [Path(found).resolve().parent for program in PROGRAMS if (found := shutil.which(program))]
    listed = [folder for pattern in FOLDERS for folder in Path("/").glob(pattern)]
    newest = sorted(listed, key=lambda folder: [int(digits) for digits in "".join(c if c.isdigit() else " " for c in str(folder)).split()])
    return next((folder for folder in [*on_path, *reversed(newest)] if all((folder / program).is_file() for program in PROGRAMS)), None)
