"""Events of flights: when they happened, when they were known, and whose they are."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from foreshore.windows.columns import event_columns
from models.eta.events import events, queries, timed
from models.eta.lessons import Log
from models.eta.windows import VIEW


def clock(minutes: int) -> str:
    return f"{datetime.fromtimestamp(int(minutes) * 60, UTC):%Y-%m-%dT%H:%M}"


def test_times_are_those_of_both_airports_clocks(flights: pl.DataFrame) -> None:
    first = timed(flights.head(1)).row(0, named=True)

    assert (first["scheduled_departure"], first["scheduled_arrival"]) == ("05:15", "08:19")
    assert clock(first["scheduled_departure_min"]) == "2013-01-01T10:15"
    assert clock(first["scheduled_arrival_min"]) == "2013-01-01T14:19"


def test_ids_are_unique(flights: pl.DataFrame) -> None:
    assert timed(flights)["id"].n_unique() == len(flights)


def test_delays_are_known_when_they_have_happened(week: pl.DataFrame, log: Log) -> None:
    flight = week.filter(pl.col("arrival_delay_min").is_not_null()).row(0, named=True)
    found = {source: np.flatnonzero(columns["id"] == flight["id"])[0] for source, columns in log.items()}

    for source, scheduled, delay in (
        ("departures", "scheduled_departure_min", "departure_delay_min"),
        ("arrivals", "scheduled_arrival_min", "arrival_delay_min"),
    ):
        row = found[source]
        assert log[source]["known_time_min"][row] == flight[scheduled] + flight[delay]
        assert log[source]["delay_min"][row] == flight[delay]


def test_cancelled_flights_never_happen(week: pl.DataFrame, log: Log) -> None:
    assert len(log["departures"]["id"]) == week["departure_delay_min"].count()
    assert len(log["arrivals"]["id"]) == week["arrival_delay_min"].count()


def test_events_are_as_the_windows_declare_them(log: Log) -> None:
    for event in VIEW.windows.events:
        checked = event_columns(event, log[event.name])
        assert (np.diff(checked["known_time_min"]) >= 0).all()


def test_all_the_years_events_keep_to_their_bounds(flights: pl.DataFrame) -> None:
    for source, columns in events(timed(flights)).items():
        field = VIEW.windows.event(source).field("delay_min")
        low, high = field.bounds
        assert low <= columns["delay_min"].min() <= columns["delay_min"].max() <= high


def test_windows_are_asked_by_what_the_record_says(week: pl.DataFrame) -> None:
    asked = queries(week.head(3))

    assert asked["departure_hour"].tolist() == [time[:2] for time in week["scheduled_departure"].head(3)]
    assert asked["tail"].tolist() == week["tail"].head(3).fill_null("").to_list()
