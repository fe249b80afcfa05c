"""When a server computes arrivals ahead of the questions."""

from __future__ import annotations

from foreshore.schedules import Schedule

SCHEDULES = (Schedule("nightly", "15 8 * * *", "eta/flights.csv", ("date", "carrier", "origin", "destination", "scheduled_departure")),)
"""Every night, when the histories of the day before are there: the flights of the coming day, by what a schedule knows of them."""
