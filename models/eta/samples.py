"""Samples: the flights of the test months as pages load them, a day at a time, and what happened on each day as events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from foreshore.windows.columns import Columns
from models.eta.data import RECORD_FIELDS, compact, test_days
from models.eta.events import events, timed_flights
from packing.hashing import write_whole

SCHEDULE = ("scheduled_departure_min", "scheduled_arrival_min")


def write_samples(folder: Path) -> None:
    """Write the flights of the test months, a JSON file a day, their events, and `index.json` that lists the days.

    Parameters
    ----------
    folder : Path
        Receives `index.json` (`{"days": ["2013-10-01", …], "event_days": ["2013-09-30", …]}`), `<day>.json`: columns of wire values
        for every scheduled flight of the day in order of departure, cancelled ones included, and `events/<day>.json`: columns of the
        departures and of the arrivals of that day's flights, by time. Events begin a day earlier, for windows to fill.

    Raises
    ------
    FetchError
        If the data cannot be had.
    """
    flights = timed_flights().sort("scheduled_departure_min", "origin", "flight", "tail", maintain_order=True)
    days = test_days(flights)
    event_days = [str(date.fromisoformat(days[0]) - timedelta(days=1)), *days]
    by_day = {day: flights_of_day for (day,), flights_of_day in flights.partition_by("date", as_dict=True).items()}
    for day in days:
        write_whole(folder / f"{day}.json", compact(sample(by_day[day])))
    for day in event_days:
        write_whole(folder / "events" / f"{day}.json", compact({"day": day, **listed(events(by_day[day]))}))
    write_whole(folder / "index.json", compact({"days": days, "event_days": event_days}))


def sample(flights: pl.DataFrame) -> dict[str, Any]:
    """One day's flights as columns."""
    return {
        "day": flights["date"][0],
        "flight": flights["flight"].to_list(),
        "record_fields": RECORD_FIELDS,
        "columns": {name: flights[name].to_list() for name in RECORD_FIELDS},
        **{name: flights[name].to_list() for name in SCHEDULE},
        "actual_arrival_delay_min": flights["arrival_delay_min"].to_list(),
    }


def listed(log: Mapping[str, Columns]) -> dict[str, dict[str, list[Any]]]:
    """Columns of events as JSON carries them; null where a text is missing."""
    return {
        source: {name: [None if value == "" else value for value in column.tolist()] for name, column in columns.items()}
        for source, columns in log.items()
    }
