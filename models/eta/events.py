"""Events: flights as the departures and arrivals that windows take in, and as the questions that windows answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foreshore.windows.columns import Columns
from foreshore.windows.derived import derived_columns
from models.eta.data import RECORD_FIELDS, fetch_archive, read_flights
from models.eta.pipeline import PIPELINE, scheduled_departure_min, scheduled_duration_min
from models.eta.tables import DESTINATIONS
from models.eta.windows import VIEW

ENCODED_FIELDS = ("date", "destination", "scheduled_departure", "scheduled_arrival")


def timed_flights() -> pl.DataFrame:
    """All flights of the data set with their times and an id; raises FetchError if the data cannot be had."""
    return timed(read_flights(fetch_archive()))


def timed(flights: pl.DataFrame) -> pl.DataFrame:
    """Flights with their times and an id.

    Parameters
    ----------
    flights : DataFrame
        As `models.eta.data.read_flights` gives them.

    Returns
    -------
    DataFrame
        The same with "scheduled_departure_min" and "scheduled_arrival_min", minutes since 1970-01-01 UTC, and "id", unique in the
        data set. One flight, cancelled, was bound for another New York airport, which is no destination: its
        arrival time means nothing.
    """
    codes = {airport.code: code for code, airport in enumerate(DESTINATIONS)}
    raw = {
        "date": flights["date"].str.to_date().dt.epoch("d"),
        "destination": flights["destination"].replace_strict(codes, default=0),
        **{name: _minutes(flights[name]) for name in ("scheduled_departure", "scheduled_arrival")},
    }
    columns = {name: raw[name].to_numpy().astype(np.int32) for name in ENCODED_FIELDS}
    departure = scheduled_departure_min(columns)
    return flights.with_columns(
        scheduled_departure_min=pl.Series(departure),
        scheduled_arrival_min=pl.Series(departure + scheduled_duration_min(columns)),
        id=pl.col("date") + pl.col("flight") + pl.col("origin"),
    )


def _minutes(times: pl.Series) -> pl.Series:
    return times.str.slice(0, 2).cast(pl.Int32) * 60 + times.str.slice(3, 2).cast(pl.Int32)


def events(flights: pl.DataFrame) -> dict[str, Columns]:
    """Columns of the view's events in order of time.

    Parameters
    ----------
    flights : DataFrame
        As `timed` gives it.
    """
    return {
        "departures": _events(flights, "departures", "scheduled_departure_min", "departure_delay_min"),
        "arrivals": _events(flights, "arrivals", "scheduled_arrival_min", "arrival_delay_min"),
    }


def _events(flights: pl.DataFrame, source: str, scheduled: str, delay: str) -> dict[str, NDArray[Any]]:
    """One event a flight: what happened `delay` after it was scheduled, known at once."""
    happened = flights.filter(pl.col(delay).is_not_null()).with_columns(
        event_time_min=pl.col(scheduled) + pl.col(delay),
        known_time_min=pl.col(scheduled) + pl.col(delay),
        delay_min=pl.col(delay),
        departure_hour=pl.col("scheduled_departure").str.slice(0, 2),
    )
    ordered = happened.sort("known_time_min", "id")
    return {field.name: column(ordered, field.name) for field in VIEW.windows.event(source).fields}


def column(flights: pl.DataFrame, name: str) -> NDArray[Any]:
    """A column as windows take it: text ("" if missing) or int32."""
    series = flights[name]
    if series.dtype == pl.String:
        return np.array(series.fill_null("").to_list())
    return series.to_numpy().astype(np.int32)


def queries(flights: pl.DataFrame) -> Columns:
    """The fields that windows are asked by, a row a flight."""
    sources = {derived.name: derived.field for derived in VIEW.derived}
    columns = {name: column(flights, name) for name in (sources.get(wanted, wanted) for wanted in VIEW.query_fields())}
    return derived_columns(VIEW.derived, columns)


def encoded(flights: pl.DataFrame) -> dict[str, NDArray[Any]]:
    """The contract's columns of flights, by the pipeline's own encoder: departure delays known, no time of asking, no context."""
    return PIPELINE.encode(flights.select(RECORD_FIELDS).to_dicts())
