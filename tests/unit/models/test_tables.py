"""Tables of a release: what the index names is there, and comes back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from foreshore import ArtefactError
from foreshore.store import Table
from models.tables import read_tables, write_tables
from packing.errors import BuildError


def table(as_of_min: int, name: str = "quay", value: float = 1.5) -> Table:
    return Table(name, "declarations", as_of_min, ("quay",), (("north",),), {"usual": np.array([value], np.float32)}, {"usual": 0.0})


def test_index_names_every_table_oldest_first(tmp_path: Path) -> None:
    write_tables(tmp_path, [table(120), table(60), table(60, "ship", 2.5)])
    entries = json.loads((tmp_path / "index.json").read_text())["tables"]
    assert [(entry["table"], entry["as_of_min"]) for entry in entries] == [("quay", 60), ("ship", 60), ("quay", 120)]
    assert {entry["file"] for entry in entries} | {"index.json"} == {path.name for path in tmp_path.iterdir()}


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    write_tables(tmp_path, [table(60), table(120, value=3.5)])
    assert [each.to_bytes() for each in read_tables(tmp_path)] == [table(60).to_bytes(), table(120, value=3.5).to_bytes()]


def test_tables_of_days_carry_their_day(tmp_path: Path) -> None:
    write_tables(tmp_path, [table(120), table(60)], days=["2013-10-02", "2013-10-01"])
    assert [entry["day"] for entry in json.loads((tmp_path / "index.json").read_text())["tables"]] == ["2013-10-01", "2013-10-02"]


def test_second_table_of_one_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="table quay: got two as of 60"):
        write_tables(tmp_path, [table(60), table(60, value=3.5)])


def test_damaged_table_is_refused(tmp_path: Path) -> None:
    write_tables(tmp_path, [table(60)])
    (path,) = tmp_path.glob("quay*")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtefactError, match="damaged or cut short"):
        read_tables(tmp_path)
