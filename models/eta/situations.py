"""Situations: the moments at which flights are asked about, and what is known then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foreshore import MISSING_INT
from foreshore.windows import training_columns
from foreshore.windows.columns import Columns
from models.eta.events import encoded, queries
from models.eta.pipeline import PIPELINE
from models.eta.windows import HISTORICAL, STREAMING, VIEW

type Column = NDArray[Any]
type Matrix = NDArray[np.float32]

STREAMING_NAMES = tuple(window.name for window, _ in STREAMING)
HISTORICAL_NAMES = tuple(window.name for window, _ in HISTORICAL)
CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class Flights:
    """Completed flights as arrays.

    Attributes
    ----------
    columns : mapping of str to (N,) array
        The contract's columns without context.
    queries : mapping of str to (N,) array
        What windows are asked by.
    scheduled, landing : (N,) int64
        Scheduled departure and arrival, minutes since 1970-01-01 UTC.
    departure, actual : (N,) int64
        Departure and arrival delays, minutes.
    """

    columns: Mapping[str, Column]
    queries: Columns
    scheduled: Column
    landing: Column
    departure: Column
    actual: Column

    def __len__(self) -> int:
        return len(self.actual)

    @classmethod
    def read(cls, flights: pl.DataFrame) -> Flights:
        """The completed flights of a table with times (`models.eta.events.timed`)."""
        times = ("scheduled_departure_min", "scheduled_arrival_min", "departure_delay_min", "arrival_delay_min")
        return cls(encoded(flights), queries(flights), *(flights[name].to_numpy().astype(np.int64) for name in times))


@dataclass(frozen=True, slots=True)
class Moment:
    """Questions about flights.

    Attributes
    ----------
    rows : (Q,) integers
        Which flights.
    times : (Q,) int64
        When windows are asked, minutes since 1970-01-01 UTC.
    left : bool
        Whether the departure delay is known.
    timed : bool
        Whether the record says when it is asked.
    streaming, historical : bool
        Whether windows of either kind are known.
    """

    rows: Column
    times: Column
    left: bool
    timed: bool = False
    streaming: bool = True
    historical: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions as the pipeline's columns.

    Attributes
    ----------
    columns : mapping of str to (Q,) array
        Encoded, context included.
    actual : (Q,) float64
        Arrival delays, minutes.
    """

    columns: Mapping[str, Column]
    actual: Column

    def features(self) -> Matrix:
        """The feature tensor, made by the pipeline itself, a chunk at a time."""
        parts = []
        for start in range(0, len(self.actual), CHUNK):
            part = {name: column[start : start + CHUNK] for name, column in self.columns.items()}
            parts.append(PIPELINE.features(part)[PIPELINE.contract.features[0].name])
        return np.concatenate(parts)

    def of(self, rows: Column) -> Asked:
        """Some of the questions, by position or mask."""
        return Asked({name: column[rows] for name, column in self.columns.items()}, self.actual[rows])

    def drawn(self, share: float, random: np.random.Generator) -> Asked:
        """About this share of the questions."""
        return self.of(random.random(len(self.actual)) < share)

    def without(self, names: tuple[str, ...]) -> Asked:
        """The same questions with windows unknown."""
        unknown = {name: np.full_like(self.columns[name], np.nan) for name in names}
        return Asked({**self.columns, **unknown}, self.actual)


def ask(flights: Flights, moment: Moment, log: Mapping[str, Columns]) -> Asked:
    """Questions with the windows' values as they stood then.

    Parameters
    ----------
    flights : Flights
    moment : Moment
    log : mapping
        All events, as `models.eta.events.events` gives them.
    """
    rows = moment.rows
    columns = {name: column[rows] for name, column in flights.columns.items()}
    if not moment.left:
        columns["departure_delay_min"] = np.full(len(rows), MISSING_INT, np.int32)
    if moment.timed:
        columns["asked_at"] = moment.times.astype(np.int32)
    wanted = {name: column[rows] for name, column in flights.queries.items()}
    columns.update(training_columns(VIEW, log, wanted, moment.times))
    asked = Asked(columns, flights.actual[rows].astype(np.float64))
    unknown = (() if moment.streaming else STREAMING_NAMES) + (() if moment.historical else HISTORICAL_NAMES)
    return asked.without(unknown)


def at_scheduled_departure(flights: Flights) -> Moment:
    """Every flight with the news of its scheduled departure; whether it has left itself is not said."""
    return Moment(np.arange(len(flights)), flights.scheduled, left=False)


def after_departure(flights: Flights) -> Moment:
    """Every flight, when it leaves."""
    return Moment(np.arange(len(flights)), flights.scheduled + flights.departure, left=True)


def ahead(flights: Flights, lead_min: Column) -> Moment:
    """Flights asked about `lead_min` minutes before scheduled departure (negative: after); those that have left by then are left out."""
    rows = np.flatnonzero(flights.departure > -lead_min)
    return Moment(rows, (flights.scheduled - lead_min)[rows], left=False, timed=True)


def in_the_air(flights: Flights, share: Column) -> Moment:
    """Every flight, a share of its scheduled time after it left."""
    rows = np.arange(len(flights))
    left, landed = flights.scheduled + flights.departure, flights.landing + flights.actual
    return Moment(rows, left + (share * np.maximum(landed - left, 0)).astype(np.int64), left=True)


def joined(parts: list[Asked]) -> Asked:
    """Several sets of questions as one."""
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Asked(columns, np.concatenate([part.actual for part in parts]))
