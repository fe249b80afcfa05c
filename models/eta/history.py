"""Histories: the tables of historical features, as they stood on every night of the test months."""

from __future__ import annotations

from pathlib import Path

from foreshore.contract import DAY_MIN, days_since_epoch
from foreshore.windows import materialise_many
from models.eta.data import test_days
from models.eta.events import events, timed_flights
from models.eta.windows import NIGHT_MIN, VIEW
from models.tables import write_tables


def night_of(day: str) -> int:
    """When a day's tables are made: 08:00 UTC, in minutes since 1970-01-01 UTC."""
    return days_since_epoch(day) * DAY_MIN + NIGHT_MIN


def write_history(folder: Path) -> None:
    """Write the tables of every test day and their index.

    Parameters
    ----------
    folder : Path
        Receives the files.

    Raises
    ------
    FetchError
        If the data cannot be had.
    """
    flights = timed_flights()
    nights = [night_of(day) for day in test_days(flights)]
    write_tables(folder, materialise_many(VIEW, events(flights), nights))
