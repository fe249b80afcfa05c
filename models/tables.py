"""Tables in a release: a file each, and an index that says which is of when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foreshore.store import Table
from packing.errors import BuildError
from packing.hashing import write_whole

INDEX = "index.json"
FILE = "{table}-{as_of_min}.bin"


def write_tables(folder: Path, tables: Sequence[Table], days: Sequence[str] | None = None) -> None:
    """Write tables as files, and the index that lists them.

    Parameters
    ----------
    folder : Path
        Receives a file a table, and `index.json`: `{"tables": [{"table": name, "as_of_min": int, "file": name}, …]}`, oldest first.
    tables : sequence of Table
    days : sequence of str or None
        For tables that are each of one day: that day, which the index then carries as "day".

    Raises
    ------
    BuildError
        If two tables of one name are of the same time.
    """
    labels = [{"day": day} for day in days] if days is not None else [{} for _ in tables]
    entries = [_write(folder, table) | label for table, label in zip(tables, labels, strict=True)]
    entries.sort(key=lambda entry: (entry["as_of_min"], entry["table"]))
    write_whole(folder / INDEX, json.dumps({"tables": entries}, separators=(",", ":")).encode())


def _write(folder: Path, table: Table) -> dict[str, Any]:
    file = FILE.format(table=table.name, as_of_min=table.as_of_min)
    if (folder / file).exists():
        raise BuildError(f"table {table.name}: got two as of {table.as_of_min}, expected one; leave one out")
    write_whole(folder / file, table.to_bytes())
    return {"table": table.name, "as_of_min": table.as_of_min, "file": file}


def read_tables(folder: Path) -> list[Table]:
    """The tables that a folder's index lists, oldest first; raises ArtefactError where one is damaged."""
    entries = json.loads((folder / INDEX).read_text())["tables"]
    return [Table.from_bytes((folder / entry["file"]).read_bytes()) for entry in entries]
