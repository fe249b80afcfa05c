"""All flights of 2013 as files for batches: what a year of an airport's work looks like as a table."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from models.eta.events import timed_flights

FORMS = ("csv", "parquet")
COLUMNS = (
    "date",
    "carrier",
    "origin",
    "destination",
    "scheduled_departure",
    "scheduled_arrival",
    "departure_delay_min",
    "tail",
    "asked_at",
    "flight",
)


def write_flights(folder: Path) -> dict[str, Path]:
    """Write the flights in each form, in the data set's order, each asked about at its scheduled departure.

    Parameters
    ----------
    folder : Path
        Is made.

    Returns
    -------
    dict of str to Path
        By form: "csv", "parquet".

    Raises
    ------
    FetchError
        If the data cannot be had.
    """
    moment = pl.from_epoch(pl.col("scheduled_departure_min").cast(pl.Int64) * 60, time_unit="s")
    flights = timed_flights().with_columns(asked_at=moment.dt.to_string("%Y-%m-%dT%H:%MZ")).select(COLUMNS)
    folder.mkdir(parents=True, exist_ok=True)
    files = {form: folder / f"flights.{form}" for form in FORMS}
    flights.write_csv(files["csv"])
    flights.write_parquet(files["parquet"])
    return files
