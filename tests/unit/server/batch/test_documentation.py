"""The examples of docs/batch.md work, and what it says of files is so."""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

import build
from foreshore.cells import MISSING_WORDS
from tests.documents import blocks
from tests.root import ROOT
from tests.unit.server.batch.tables import Row, csv_rows, csv_text
from web.server.batch.csv_file import LONGEST_CHUNK, LONGEST_RECORD
from web.server.batch.quoting import DELIMITERS
from web.server.batch.run import CHUNK_ROWS, PART_ROWS
from web.server.batch.source import MOST_COLUMNS

PAGE = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
HOST = PAGE.partition("\n## On the host\n")[2].partition("\n## ")[0]


def test_the_example_in_python_runs(dist: Path, thousand: list[Row], tmp_path: Path) -> None:
    (tmp_path / "dist").symlink_to(dist.absolute())
    (tmp_path / "flights.csv").write_text(csv_text(thousand))
    (code,) = blocks(HOST, "python")
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'pywasm'}", "PATH": "/usr/bin:/bin"}
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split()[-1] == "100%"
    assert (tmp_path / "predicted.parquet").is_file()


def test_the_commands_are_ones_that_there_are() -> None:
    (code,) = blocks(HOST, "sh")
    for line in code.splitlines():
        options = build.parser().parse_args(shlex.split(line)[2:])
        assert options.run is build.batch


def test_the_command_predicts_a_file(dist: Path, thousand: list[Row], tmp_path: Path) -> None:
    assert dist == ROOT / "dist"
    (tmp_path / "flights.csv").write_text(csv_text([*thousand, {**thousand[0], "carrier": "XX"}]))
    command = [sys.executable, str(ROOT / "build.py"), "batch", "eta", "flights.csv", "predicted.csv", "--map", "tail=", "--fresh"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "predicted.csv: 1,000 of 1,001 rows in " in said.stderr
    assert len(csv_rows(tmp_path / "predicted.csv")) == 1000
    (bad,) = csv_rows(tmp_path / "predicted.bad.csv")
    shown = next(text for text in blocks(PAGE, "text") if text.startswith("row,field,reason"))
    assert bad["reason"] in shown.replace('""', '"')


def test_what_is_said_of_files_is_so() -> None:
    words = re.sub(r"\s+", " ", PAGE)
    assert " ".join(f"`{word}`" for word in MISSING_WORDS if word) in words
    assert "its delimiter is whichever of `,` `;` tab `|` stands" in words
    assert DELIMITERS == (",", ";", "\t", "|")
    assert f"in chunks of {CHUNK_ROWS:,}" in words
    assert f"parts of {PART_ROWS:,} rows" in words
    assert f"where {LONGEST_CHUNK:,} characters of a CSV file" in words
    assert f"of over {LONGEST_RECORD:,} characters, all its lines together, is a bad row" in words
    assert f"cell of over {csv.field_size_limit():,};" in words
    assert f"over {MOST_COLUMNS:,} columns" in words
