"""Histories and batch forecasts: made the night before, from nothing later, and found by key."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from foreshore.windows import materialise_many
from models.eta.events import events
from models.eta.forecasts import default_variant, forecasts_of, overnight
from models.eta.history import night_of
from models.eta.inference import answers
from models.eta.lessons import Log
from models.eta.situations import STREAMING_NAMES
from models.eta.windows import VIEW
from tests.unit.models.eta.conftest import FOLDER

DAY = "2013-10-05"


@pytest.fixture(scope="module")
def day(week: pl.DataFrame) -> pl.DataFrame:
    return week.filter(pl.col("date") == DAY)


def test_nights_come_before_the_first_departures(week: pl.DataFrame) -> None:
    for (name,), flights in week.partition_by("date", as_dict=True).items():
        departures = flights["scheduled_departure_min"].to_numpy()
        assert night_of(str(name)) < departures.min() <= departures.max() < night_of(str(name)) + 24 * 60


def test_forecasts_know_nothing_of_their_day(week: pl.DataFrame, day: pl.DataFrame, log: Log) -> None:
    late = overnight(day, log).columns
    landed = pl.col("scheduled_arrival_min") + pl.col("arrival_delay_min") <= night_of(DAY)
    left = pl.col("scheduled_departure_min") + pl.col("departure_delay_min") <= night_of(DAY)
    before = week.with_columns(
        departure_delay_min=pl.when(left).then("departure_delay_min"), arrival_delay_min=pl.when(landed).then("arrival_delay_min")
    )
    early = overnight(day, events(before)).columns

    for name, column in late.items():
        np.testing.assert_array_equal(column, early[name])
    assert all(np.isnan(late[name]).all() for name in STREAMING_NAMES)


def test_forecasts_are_found_by_flight_and_origin(day: pl.DataFrame, log: Log) -> None:
    model, signature = default_variant(FOLDER / "artefacts")
    minutes = answers(model, overnight(day, log))
    table = forecasts_of(DAY, day, minutes, signature)
    flight = day.row(10, named=True)

    assert table.as_of_min == night_of(DAY)
    assert table.lookup({"flight": flight["flight"], "origin": flight["origin"]})["arrival_delay_min"] == pytest.approx(minutes[10])
    assert np.isnan(table.lookup({"flight": "XX1", "origin": "JFK"})["arrival_delay_min"])


def test_forecasts_of_a_day_leave_other_days_out(week: pl.DataFrame) -> None:
    table = forecasts_of(DAY, week, np.arange(len(week), dtype=np.float32), "")

    assert len(table.keys) == (week["date"] == DAY).sum()


def test_tables_hold_what_was_usual_until_that_night(week: pl.DataFrame, log: Log) -> None:
    night = night_of("2013-10-06")
    route = next(table for table in materialise_many(VIEW, log, [night]) if table.key_fields == ("origin", "destination"))
    landed = week.filter(
        (pl.col("origin") == "JFK") & (pl.col("destination") == "LAX"),
        pl.col("scheduled_arrival_min") + pl.col("arrival_delay_min") <= night,
    )
    mean = landed["arrival_delay_min"].mean()

    assert route.lookup({"origin": "JFK", "destination": "LAX"})["route_arrival_delay_28d"] == pytest.approx(mean, abs=1e-4)
