"""Windows over flights' departures and arrivals: what goes on at an airport, an airline and an aircraft just now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foreshore.windows import EventField, EventType, Key, Window, WindowSet
from foreshore.windows.columns import Columns
from models.eta.pipeline import DAYLIGHT_SAVING, NEW_YORK_UTC_OFFSET_H, scheduled_duration_min
from models.eta.tables import DESTINATIONS

DAY_MIN = 24 * 60
FIRST_MIN = 15706 * DAY_MIN
"""2013-01-01, UTC."""
LAST_MIN = FIRST_MIN + 368 * DAY_MIN

COMMON = (
    EventField("id", "text"),
    EventField("event_time_min", "int32", FIRST_MIN, LAST_MIN),
    EventField("known_time_min", "int32", FIRST_MIN, LAST_MIN),
    EventField("carrier", "text"),
    EventField("origin", "text"),
    EventField("destination", "text"),
    EventField("delay_min", "int32", -180, 1800),
)
DEPARTURES = EventType("departures", COMMON, lateness_min=60)
ARRIVALS = EventType("arrivals", (*COMMON, EventField("tail", "text", nullable=True)), lateness_min=60)

ORIGIN = (Key("origin", "origin"),)
DESTINATION = (Key("destination", "destination"),)
AIRLINE_HERE = (Key("carrier", "carrier"), Key("origin", "origin"))
AIRLINE = (Key("carrier", "carrier"),)
TAIL = (Key("tail", "tail"),)
DELAY = "delay_min"

WINDOWS = WindowSet(
    (DEPARTURES, ARRIVALS),
    (
        Window("origin_departures_60", "departures", "count", 60, ORIGIN),
        Window("origin_departure_delay_60", "departures", "mean", 60, ORIGIN, DELAY),
        Window("origin_departure_delay_max_60", "departures", "max", 60, ORIGIN, DELAY),
        Window("origin_departure_delay_decay_180", "departures", "decay", 180, ORIGIN, DELAY, half_life_min=30),
        Window("airline_departures_here_120", "departures", "count", 120, AIRLINE_HERE),
        Window("airline_departure_delay_here_120", "departures", "mean", 120, AIRLINE_HERE, DELAY),
        Window("airline_departure_delay_here_last_180", "departures", "last", 180, AIRLINE_HERE, DELAY),
        Window("destination_departure_delay_180", "departures", "mean", 180, DESTINATION, DELAY),
        Window("destination_departure_delay_max_180", "departures", "max", 180, DESTINATION, DELAY),
        Window("origin_arrival_delay_120", "arrivals", "mean", 120, ORIGIN, DELAY),
        Window("airline_arrival_delay_120", "arrivals", "mean", 120, AIRLINE, DELAY),
        Window("airline_arrival_delay_decay_180", "arrivals", "decay", 180, AIRLINE, DELAY, half_life_min=45),
        Window("destination_arrivals_180", "arrivals", "count", 180, DESTINATION),
        Window("destination_arrival_delay_180", "arrivals", "mean", 180, DESTINATION, DELAY),
        Window("destination_arrival_delay_last_180", "arrivals", "last", 180, DESTINATION, DELAY),
        Window("aircraft_arrival_delay_last_720", "arrivals", "last", 720, TAIL, DELAY),
    ),
)


@dataclass(frozen=True, slots=True)
class Flights:
    """Events and queries of all flights.

    Attributes
    ----------
    events : dict
        Columns of departures and of arrivals, in order of time.
    queries : dict
        Columns of query fields, a row a flight.
    times_min : (Q,) int64
        Scheduled departures, the times of the queries.
    """

    events: Mapping[str, Columns]
    queries: Columns
    times_min: NDArray[np.int64]


def read(flights: pl.DataFrame) -> Flights:
    """Events and queries of flights as `models.eta.data.read_flights` gives them."""
    timed = _timed(flights).sort("scheduled_min", maintain_order=True)
    departures = timed.filter(pl.col("departure_delay_min").is_not_null())
    arrivals = timed.filter(pl.col("arrival_delay_min").is_not_null())
    events = {
        "departures": _events(departures, pl.col("scheduled_min"), "departure_delay_min"),
        "arrivals": _events(arrivals, pl.col("scheduled_min") + pl.col("duration_min"), "arrival_delay_min"),
    }
    queries = {name: _text(timed, name) for name in WINDOWS.query_fields()}
    return Flights(events, queries, timed["scheduled_min"].to_numpy().astype(np.int64))


def _timed(flights: pl.DataFrame) -> pl.DataFrame:
    """The flights with their scheduled departure (minutes since 1970-01-01 UTC) and duration.

    One flight, cancelled, was bound for another New York airport, which is no destination: its duration is never used.
    """
    codes = {airport.code: code for code, airport in enumerate(DESTINATIONS)}
    raw = {
        "date": (flights["date"].str.to_date() - date(1970, 1, 1)).dt.total_days(),
        "destination": flights["destination"].replace_strict(codes, default=0),
        **{name: _minutes(flights[name]) for name in ("scheduled_departure", "scheduled_arrival")},
    }
    columns = {name: column.to_numpy().astype(np.int32) for name, column in raw.items()}
    first, after = DAYLIGHT_SAVING
    summer = (columns["date"] >= first) & (columns["date"] < after)
    utc = columns["date"] * DAY_MIN + columns["scheduled_departure"] - (NEW_YORK_UTC_OFFSET_H + summer) * 60
    duration = scheduled_duration_min(columns)
    return flights.with_columns(scheduled_min=pl.Series(utc), duration_min=pl.Series(duration))


def _minutes(times: pl.Series) -> pl.Series:
    return times.str.slice(0, 2).cast(pl.Int32) * 60 + times.str.slice(3, 2).cast(pl.Int32)


def _events(flights: pl.DataFrame, scheduled: pl.Expr, delay: str) -> dict[str, NDArray[Any]]:
    """Columns of one event a flight: what happened `delay` after it was scheduled, known at once."""
    ordered = flights.with_columns(happened=scheduled + pl.col(delay)).sort("happened", maintain_order=True)
    happened = ordered["happened"].to_numpy().astype(np.int32)
    identity = ordered.select(id=pl.col("date") + pl.col("flight") + pl.col("origin"))
    return {
        "id": _text(identity, "id"),
        "event_time_min": happened,
        "known_time_min": happened,
        **{name: _text(ordered, name) for name in ("carrier", "origin", "destination", "tail")},
        "delay_min": ordered[delay].to_numpy().astype(np.int32),
    }


def _text(table: pl.DataFrame, name: str) -> NDArray[np.str_]:
    return np.array(table[name].fill_null("").to_list())
