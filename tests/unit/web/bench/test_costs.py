"""What an answer takes of a server's processor: measured for real, on a small table; and the record that ships."""

from __future__ import annotations

import csv
import doctest
import json
from pathlib import Path
from typing import Any

import pytest

from foreshore import load_pipeline
from packing.errors import BuildError
from tests.root import ROOT
from web.bench.serving import costs
from web.bench.serving.costs import Measurement, golden_records, write_table
from web.bench.serving.run import costs_table
from web.server.prediction.catalogue import Catalogue
from web.server.testing import server_process

RECORD = ROOT / "web" / "bench" / "serving" / "costs.json"
ROWS = 2048


def test_doctests() -> None:
    assert doctest.testmod(costs).failed == 0


def test_records_become_cells_that_a_batch_reads_back(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", [{"a": 1.5, "b": None}, {"a": True, "c": "x,y"}], 3)
    with (tmp_path / "t.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["a", "b", "c"], ["1.5", "", ""], ["true", "", "x,y"], ["1.5", "", ""]]


def test_a_row_of_a_batch_takes_less_than_an_answer_over_http(dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "ROWS", ROWS)
    released = Catalogue(dist, "stable").current().pipeline("eta")
    with server_process(dist) as server:
        measured = Measurement(released, golden_records(dist, released), server, tmp_path, rounds=1).of("fp32", lambda _: None)

    assert measured["batch"]["rows_per_s"] > measured["online"]["answers_per_s"] > 0
    assert 0 < measured["batch"]["cpu_us"]["median"] < measured["online"]["cpu_us"]["median"]


def test_rows_that_are_not_answered_are_an_error(dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "ROWS", ROWS)
    released = Catalogue(dist, "stable").current().pipeline("eta")
    records = [{**golden_records(dist, released)[0], "carrier": "XX"}]
    with server_process(dist) as server, pytest.raises(BuildError, match="2048 bad rows"):
        Measurement(released, records, server, tmp_path, rounds=1).of("fp32", lambda _: None)


def test_pictures_fit_into_no_table(dist: Path) -> None:
    assert golden_records(dist, Catalogue(dist, "stable").current().pipeline("see")) == []


def test_the_record_that_ships_holds_every_released_variant(dist: Path, release: dict[str, Any]) -> None:
    record = json.loads((dist / release["serving_costs"]).read_bytes())
    assert record == json.loads(RECORD.read_bytes())
    assert record["machine"]["cores"] >= 1
    tabular = {name for name in release["pipelines"] if all(field.dtype != "image" for field in load_pipeline(name).contract.fields)}
    assert set(record["pipelines"]) == tabular
    for name, variants in record["pipelines"].items():
        assert set(variants) == {each["name"] for each in release["pipelines"][name]["variants"]}
        for measured in variants.values():
            for way in ("batch", "online"):
                taken = measured[way]["cpu_us"]
                assert 0 < taken["low"] <= taken["median"] <= taken["high"]
    assert costs_table(record).row_count == sum(len(variants) for variants in record["pipelines"].values())
