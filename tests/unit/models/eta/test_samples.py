"""Samples: the flights of the test months and their events, as pages load them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from foreshore.windows import Stream
from models.eta.pipeline import PIPELINE
from models.eta.samples import write_samples
from models.eta.windows import VIEW
from packing.hashing import sha256_of_tree

TEST_DAYS = 92


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


def read(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_samples_list_every_day_of_the_test_months(samples: Path) -> None:
    index = read(samples, "index")
    days = index["days"]

    assert (days[0], days[-1], len(days)) == ("2013-10-01", "2013-12-31", TEST_DAYS)
    assert {file.stem for file in samples.glob("*.json")} == {*days, "index"}
    assert index["event_days"] == ["2013-09-30", *days]
    assert {file.stem for file in (samples / "events").iterdir()} == set(index["event_days"])


def test_samples_hold_every_flight_with_its_outcome(samples: Path, flights: pl.DataFrame) -> None:
    day = read(samples, "2013-11-28")
    expected = flights.filter(pl.col("date") == "2013-11-28")

    assert day["day"] == "2013-11-28"
    assert sorted(day["flight"]) == sorted(expected["flight"])
    assert sum(delay is None for delay in day["actual_arrival_delay_min"]) == expected["arrival_delay_min"].null_count()
    assert sum(delay or 0 for delay in day["actual_arrival_delay_min"]) == expected["arrival_delay_min"].sum()
    assert day["scheduled_departure_min"] == sorted(day["scheduled_departure_min"])


def test_samples_are_columns_of_valid_records(samples: Path) -> None:
    for file in sorted(samples.glob("2013-1?-0*.json")):
        day = read(samples, file.stem)
        assert list(day["columns"]) == day["record_fields"]
        lists = [day[name] for name in ("flight", "scheduled_departure_min", "scheduled_arrival_min", "actual_arrival_delay_min")]
        assert {len(column) for column in (*day["columns"].values(), *lists)} == {len(day["flight"])}
        PIPELINE.encode(rows(day["columns"]))


def test_events_of_a_day_are_taken_in_without_a_loss(samples: Path, flights: pl.DataFrame) -> None:
    day = read(samples, "events/2013-11-28")
    stream = Stream(VIEW.windows)
    log = [(event["known_time_min"], source, event) for source in ("departures", "arrivals") for event in rows(day[source])]
    outcomes = {stream.push(source, event) for _, source, event in sorted(log, key=lambda entry: entry[0])}

    assert outcomes == {None}
    happened = flights.filter(pl.col("date") == "2013-11-28")
    left = happened["departure_delay_min"].count()
    assert stream.accepted == {"departures": left, "arrivals": happened["arrival_delay_min"].count()}


def test_samples_have_the_same_bytes_every_time(samples: Path, tmp_path: Path) -> None:
    write_samples(tmp_path)

    assert sha256_of_tree([tmp_path], tmp_path) == sha256_of_tree([samples], samples)
