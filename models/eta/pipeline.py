"""The eta pipeline: fields and features of a flight's arrival delay, and the news that it asks for.

Runs everywhere: trains on the host, predicts in the browser, and can be traced into an ONNX graph. Hence the Python Array API
alone, tables instead of branches, and integer arithmetic up to the last division.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from foreshore import MISSING_INT, Category, Contract, Field, Output, Pipeline, Tensor
from foreshore.contract import days_since_epoch
from models.eta.news import NEWS_NAMES, news
from models.eta.tables import CARRIERS, DESTINATIONS, ORIGINS
from models.eta.windows import CONTEXT, VIEW

type Array = Any
"""An array of any Array API namespace."""

DAY_MIN = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEPARTURE_KNOTS = 12
ARRIVAL_KNOTS = 8
DAYLIGHT_SAVING = (days_since_epoch("2013-03-10"), days_since_epoch("2013-11-03"))
"""First day of summer time in the United States in 2013, and first day after it (15 U.S.C. 260a)."""
NEW_YORK_UTC_OFFSET_H = -5
RAMPS_MIN = ((-20, 0), (0, 30), (30, 90), (90, 240))
"""Bounds between which each ramp of the departure delay rises from 0 to 1."""
WAITED_MIN = ((0, 15), (15, 60), (60, 180))
"""The same for how long a flight has been waited for since its scheduled departure."""
AHEAD_LIMIT_MIN = 6 * 60
"""Questions asked earlier than this before departure count as asked then."""
SLACK_LIMIT_MIN = 45
"""Schedules further than this from the usual duration of their distance count as this far: nonsense stays within what was learned."""

FEATURE_NAMES = (
    *(f"carrier_{code}" for code, _ in CARRIERS),
    *(f"origin_{code}" for code, _ in ORIGINS),
    *(f"weekday_{day}" for day in WEEKDAYS),
    *(f"departure_near_{knot * 24 // DEPARTURE_KNOTS:02}h" for knot in range(DEPARTURE_KNOTS)),
    *(f"arrival_near_{knot * 24 // ARRIVAL_KNOTS:02}h" for knot in range(ARRIVAL_KNOTS)),
    "distance",
    "latitude",
    "longitude",
    "schedule_slack",
    *NEWS_NAMES,
    "asked_any_time",
    "asked_ahead",
    "asked_hours_ahead",
    *(f"waited_ramp_{low}_{high}" for low, high in WAITED_MIN),
    *(f"delay_ramp_{low}_{high}" for low, high in RAMPS_MIN),
    "delay_missing",
    "delay_min",
)
"""What stands in each column of the feature tensor."""


def _categories(pairs: Sequence[tuple[str, str]]) -> tuple[Category, ...]:
    return tuple(Category(code, f"{code} - {name}") for code, name in pairs)


TOLERANCE = 5e-5
"""Of a minute. Single precision adds up terms of hundreds of minutes in another order here than there: over records with all news at
their bounds, fp32 deviated by 1.0e-5 and its weights in 8 bits by 2.4e-5."""

CONTRACT = Contract(
    name="eta",
    version=2,
    title="Flight arrivals",
    description="How many minutes late (or early) a flight out of New York City arrives, before or after it has departed.",
    fields=(
        Field(
            "date",
            "date",
            "Date of the flight",
            minimum="2013-01-01",
            maximum="2013-12-31",
            description="Scheduled day of departure, New York time.",
            example="2013-10-05",
        ),
        Field("carrier", "category", "Airline", categories=_categories(CARRIERS), example="DL"),
        Field("origin", "category", "From", categories=_categories(ORIGINS), example="JFK"),
        Field(
            "destination",
            "category",
            "To",
            categories=_categories([(airport.code, airport.name) for airport in DESTINATIONS]),
            example="LAX",
        ),
        Field("scheduled_departure", "time", "Scheduled departure", description="New York time.", example="08:30"),
        Field("scheduled_arrival", "time", "Scheduled arrival", description="Local time of the destination.", example="11:45"),
        Field(
            "departure_delay_min",
            "int32",
            "Departure delay",
            unit="min",
            minimum=-120,
            maximum=1440,
            nullable=True,
            description="Minutes late; negative if early. Leave empty before departure.",
            example=12,
        ),
        Field(
            "tail",
            "text",
            "Aircraft",
            nullable=True,
            description="Its registration, if known: what it did before is news.",
            example="N3763D",
        ),
        Field(
            "asked_at",
            "datetime",
            "Asked at",
            minimum="2012-12-25T00:00Z",
            maximum="2014-01-07T00:00Z",
            nullable=True,
            description="When the question is asked. Leave empty if it does not matter.",
            example="2013-10-05T12:30Z",
        ),
    ),
    context=CONTEXT,
    clock="asked_at",
    segment="origin",
    tolerance=TOLERANCE,
    features=(Tensor("features", "float32", ("N", len(FEATURE_NAMES)), FEATURE_NAMES),),
    predictions=(Tensor("arrival_delay", "float32", ("N", 1)),),
    outputs=(
        Output(
            "arrival_delay_min",
            "arrival_delay",
            "Arrival delay",
            unit="min",
            description="Expected minutes late at the gate; negative if early.",
            decimals=0,
        ),
    ),
)


def _places() -> NDArray[np.float32]:
    """Distance, latitude and longitude about the country's middle, all within -2 to 2: a row a route."""
    rows = [
        (airport.distance_mi[origin] / 2500, (airport.latitude - 37) / 20, (airport.longitude + 90) / 40)
        for origin in range(len(ORIGINS))
        for airport in DESTINATIONS
    ]
    return np.array(rows, np.float32)


def _usual_durations() -> NDArray[np.int32]:
    """Minutes that schedules plan for a route's distance: 50 on the ground and for turns, then eight miles a minute."""
    minutes = [50 + airport.distance_mi[origin] // 8 for origin in range(len(ORIGINS)) for airport in DESTINATIONS]
    return np.array(minutes, np.int32)


def _clock_shifts() -> NDArray[np.int32]:
    """Minutes that the destination's clock is ahead of New York's: every destination in winter, then in summer."""
    winter = [(airport.utc_offset_h - NEW_YORK_UTC_OFFSET_H) * 60 for airport in DESTINATIONS]
    summer = [shift - (0 if airport.saves_daylight else 60) for shift, airport in zip(winter, DESTINATIONS, strict=True)]
    return np.array(winter + summer, np.int32)


PLACES = _places()
USUAL_DURATIONS_MIN = _usual_durations()
CLOCK_SHIFTS_MIN = _clock_shifts()


def features(columns: Mapping[str, Array]) -> dict[str, Array]:
    """Features of N flights.

    Parameters
    ----------
    columns : mapping of str to (N,) int32 or float32
        The contract's columns, encoded: days since 1970-01-01, codes of categories, minutes since midnight, minutes of delay, minutes
        since 1970-01-01 UTC, or `MISSING_INT`; the context in float32, or NaN.

    Returns
    -------
    dict
        "features": (N, F) float32, columns as in `FEATURE_NAMES`: all of them within -2 to 2, so that one int8 scale serves them,
        but for the last, the departure delay in minutes (if missing, those that have passed since the scheduled departure).
    """
    xp = array_namespace(columns["date"])
    departure, arrival = columns["scheduled_departure"], columns["scheduled_arrival"]
    route = columns["origin"] * len(DESTINATIONS) + columns["destination"]
    slack = scheduled_duration_min(columns) - _look_up(xp, USUAL_DURATIONS_MIN, route)
    blocks = [
        _one_hot(xp, columns["carrier"], len(CARRIERS)),
        _one_hot(xp, columns["origin"], len(ORIGINS)),
        _one_hot(xp, weekday(columns["date"]), len(WEEKDAYS)),
        _around_the_clock(xp, departure, DEPARTURE_KNOTS),
        _around_the_clock(xp, arrival, ARRIVAL_KNOTS),
        _look_up(xp, PLACES, route),
        _number(xp, xp.clip(slack, -SLACK_LIMIT_MIN, SLACK_LIMIT_MIN)) / 30,
        news(columns),
        *_asked(xp, columns),
        *_delay(xp, columns),
    ]
    return {"features": xp.concat(blocks, axis=1)}


def weekday(days: Array) -> Array:
    """Day of the week of days since 1970-01-01 (a Thursday): 0 is Monday, 6 Sunday.

    Examples
    --------
    >>> weekday(0)
    3
    """
    return (days + 3) % 7


def scheduled_duration_min(columns: Mapping[str, Array]) -> Array:
    """Minutes from scheduled departure to scheduled arrival, (N,) int32, 0 to 1439: clocks and midnight taken into account."""
    xp = array_namespace(columns["date"])
    shifts = _look_up(xp, CLOCK_SHIFTS_MIN, columns["destination"] + _summer(xp, columns["date"]) * len(DESTINATIONS))
    return (columns["scheduled_arrival"] - columns["scheduled_departure"] - shifts) % DAY_MIN


def _look_up(xp: Any, table: NDArray[Any], rows: Array) -> Array:
    # NumPy's own index type is 32 bits wide in WebAssembly, and there it takes no wider one; a traced `take` wants 64 bits.
    indexing = xp.__array_namespace_info__().default_dtypes()["indexing"]
    return xp.take(xp.asarray(table), xp.astype(rows, indexing), axis=0)


def _one_hot(xp: Any, codes: Array, count: int) -> Array:
    return xp.astype(codes[:, None] == xp.arange(count, dtype=xp.int32)[None, :], xp.float32)


def _around_the_clock(xp: Any, minutes: Array, knots: int) -> Array:
    """Triangles around the clock, (N, knots) float32: 1 at a knot, 0 from the next one on, over midnight as well."""
    step = DAY_MIN // knots
    apart = xp.abs(minutes[:, None] - (xp.arange(knots, dtype=xp.int32) * step)[None, :])
    nearest = xp.where(apart > DAY_MIN // 2, DAY_MIN - apart, apart)
    return xp.astype(xp.where(nearest < step, step - nearest, 0), xp.float32) / step


def _number(xp: Any, column: Array) -> Array:
    return xp.astype(column[:, None], xp.float32)


def scheduled_departure_min(columns: Mapping[str, Array]) -> Array:
    """Scheduled departure in minutes since 1970-01-01 UTC, (N,) int32."""
    xp = array_namespace(columns["date"])
    return columns["date"] * DAY_MIN + columns["scheduled_departure"] - (NEW_YORK_UTC_OFFSET_H + _summer(xp, columns["date"])) * 60


def _summer(xp: Any, days: Array) -> Array:
    first, after = DAYLIGHT_SAVING
    return xp.astype((days >= first) & (days < after), xp.int32)


def waited_min(columns: Mapping[str, Array]) -> Array:
    """Minutes that a flight which has not left is late when it is asked about, (N,) int32: at least so late it will be."""
    xp = array_namespace(columns["date"])
    return xp.clip(_asked_min(xp, columns) - scheduled_departure_min(columns), 0, DAY_MIN)


def _timeless(columns: Mapping[str, Array]) -> Array:
    """Whether the time of the question is unknown, or no longer matters, because the flight has left."""
    return (columns["asked_at"] == MISSING_INT) | (columns["departure_delay_min"] != MISSING_INT)


def _asked_min(xp: Any, columns: Mapping[str, Array]) -> Array:
    return xp.where(_timeless(columns), scheduled_departure_min(columns), columns["asked_at"])


def _asked(xp: Any, columns: Mapping[str, Array]) -> tuple[Array, Array, Array, Array]:
    """Whether the time of the question is left open, whether it lies ahead of the schedule, by how much, and ramps of the wait."""
    ahead = xp.clip(scheduled_departure_min(columns) - _asked_min(xp, columns), 0, AHEAD_LIMIT_MIN)
    flags = _number(xp, _timeless(columns)), _number(xp, ahead > 0)
    return *flags, _number(xp, ahead) / (AHEAD_LIMIT_MIN / 2), _ramps(xp, _number(xp, waited_min(columns)), WAITED_MIN)


def _delay(xp: Any, columns: Mapping[str, Array]) -> tuple[Array, Array, Array]:
    """Ramps of the departure delay, whether it is missing, and its minutes: if missing, those that have passed already."""
    missing = columns["departure_delay_min"] == MISSING_INT
    minutes = _number(xp, xp.where(missing, waited_min(columns), columns["departure_delay_min"]))
    return _ramps(xp, minutes, RAMPS_MIN), _number(xp, missing), minutes


def _ramps(xp: Any, minutes: Array, bounds: Sequence[tuple[int, int]]) -> Array:
    low = xp.asarray([[float(low) for low, _ in bounds]], dtype=xp.float32)
    width = xp.asarray([[float(high - low) for low, high in bounds]], dtype=xp.float32)
    return xp.clip((minutes - low) / width, 0.0, 1.0)


PIPELINE = Pipeline(CONTRACT, features, VIEW)
