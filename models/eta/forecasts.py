"""Batch forecasts: every test day's flights, predicted the night before from schedules and histories, stored by flight."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foreshore.store import Table
from models.eta.data import test_days
from models.eta.events import events, timed_flights
from models.eta.history import night_of
from models.eta.inference import answers
from models.eta.lessons import Log
from models.eta.pipeline import CONTRACT
from models.eta.situations import Asked, Flights, Moment, ask
from models.eta.tables import DESTINATIONS
from models.segments import SegmentedModel
from models.tables import write_tables

KEY_FIELDS = ("flight", "origin")


def write_forecasts(folder: Path) -> None:
    """Write a table of forecasts a test day, and their index.

    Parameters
    ----------
    folder : Path
        Receives the files.

    Raises
    ------
    FetchError
        If the data cannot be had.
    """
    model, signature = default_variant(Path(__file__).parent / "artefacts")
    flights = timed_flights()
    days = test_days(flights)
    known = pl.col("destination").is_in([airport.code for airport in DESTINATIONS])
    rows = flights.filter(pl.col("date").is_in(days) & known)
    minutes = answers(model, overnight(rows, events(flights)))
    write_tables(folder, [forecasts_of(day, rows, minutes, signature) for day in days], days=days)


def default_variant(artefacts: Path) -> tuple[SegmentedModel, str]:
    """The variant that a release recommends, and a hash over all of its files."""
    card = json.loads((artefacts / "card.json").read_text())
    variant = next(each for each in card["variants"] if each["name"] == card["default_variant"])
    hashes = [variant["sha256"], *(segment["sha256"] for segment in variant["segments"].values())]
    return SegmentedModel.of_variant(CONTRACT, variant, artefacts.joinpath), hashlib.sha256("".join(hashes).encode()).hexdigest()


def overnight(flights: pl.DataFrame, log: Log) -> Asked:
    """Flights as they are known in the night before: no departures, no arrivals, no streaming news.

    Parameters
    ----------
    flights : DataFrame
        With their times; all bound for known destinations.
    log : mapping
        All events; what is known later than a flight's night does not enter.
    """
    nights = np.array([night_of(day) for day in flights["date"].to_list()], np.int64)
    read = Flights.read(flights.with_columns(departure_delay_min=pl.lit(0), arrival_delay_min=pl.lit(0)))
    return ask(read, Moment(np.arange(len(read)), nights, left=False, streaming=False), log)


def forecasts_of(day: str, flights: pl.DataFrame, minutes: NDArray[np.float32], signature: str) -> Table:
    """One day's forecasts, by flight number and origin.

    Parameters
    ----------
    day : str
    flights : DataFrame
        N flights, those of other days among them.
    minutes : (N,) float32
        Their forecasts.
    signature : str
        Says which model they are of.
    """
    own = (flights["date"] == day).to_numpy()
    keys = tuple(flights.filter(own).select(KEY_FIELDS).iter_rows())
    name = CONTRACT.outputs[0].name
    return Table("forecasts", signature, night_of(day), KEY_FIELDS, keys, {name: minutes[own]}, {name: float("nan")})
