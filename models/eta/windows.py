"""Windows of the eta pipeline: what goes on at an airport, an airline and an aircraft just now, and what has been usual lately."""

from __future__ import annotations

from foreshore import Field
from foreshore.contract import DAY_MIN, days_since_epoch
from foreshore.windows import Derived, EventField, EventType, FeatureView, Key, Window, WindowSet

FIRST_MIN = days_since_epoch("2013-01-01") * DAY_MIN
LAST_MIN = FIRST_MIN + 368 * DAY_MIN
DELAY_BOUNDS_MIN = (-180, 1800)
HISTORY_MIN = 28 * DAY_MIN
NIGHT_MIN = 8 * 60
"""When histories are computed anew: 08:00 UTC, before New York's first departures."""

COMMON = (
    EventField("id", "text"),
    EventField("event_time_min", "int32", FIRST_MIN, LAST_MIN),
    EventField("known_time_min", "int32", FIRST_MIN, LAST_MIN),
    EventField("carrier", "text"),
    EventField("origin", "text"),
    EventField("destination", "text"),
    EventField("delay_min", "int32", *DELAY_BOUNDS_MIN),
)
DEPARTURES = EventType("departures", (*COMMON, EventField("departure_hour", "text")), lateness_min=60)
ARRIVALS = EventType("arrivals", (*COMMON, EventField("tail", "text", nullable=True)), lateness_min=60)

ORIGIN = (Key("origin", "origin"),)
DESTINATION = (Key("destination", "destination"),)
AIRLINE_HERE = (Key("carrier", "carrier"), Key("origin", "origin"))
AIRLINE = (Key("carrier", "carrier"),)
AIRCRAFT = (Key("tail", "tail"),)
ROUTE = (Key("origin", "origin"), Key("destination", "destination"))
HOUR_HERE = (Key("origin", "origin"), Key("departure_hour", "departure_hour"))
DELAY = "delay_min"

STREAMING = (
    (Window("origin_departures_60", "departures", "count", 60, ORIGIN), "Departures here, last hour"),
    (Window("origin_departure_delay_60", "departures", "mean", 60, ORIGIN, DELAY), "Mean departure delay here, last hour"),
    (Window("origin_departure_delay_max_60", "departures", "max", 60, ORIGIN, DELAY), "Longest departure delay here, last hour"),
    (
        Window("origin_departure_delay_decay_180", "departures", "decay", 180, ORIGIN, DELAY, half_life_min=30),
        "Departure delay here, the newest counting most",
    ),
    (Window("airline_departures_here_120", "departures", "count", 120, AIRLINE_HERE), "Departures of this airline here, last two hours"),
    (
        Window("airline_departure_delay_here_120", "departures", "mean", 120, AIRLINE_HERE, DELAY),
        "Mean departure delay of this airline here, last two hours",
    ),
    (
        Window("airline_departure_delay_here_last_180", "departures", "last", 180, AIRLINE_HERE, DELAY),
        "Departure delay of this airline's latest flight here",
    ),
    (
        Window("destination_departure_delay_180", "departures", "mean", 180, DESTINATION, DELAY),
        "Mean departure delay of flights to there, last three hours",
    ),
    (
        Window("destination_departure_delay_max_180", "departures", "max", 180, DESTINATION, DELAY),
        "Longest departure delay of flights to there, last three hours",
    ),
    (Window("origin_arrival_delay_120", "arrivals", "mean", 120, ORIGIN, DELAY), "Mean arrival delay of flights from here, last two hours"),
    (Window("airline_arrival_delay_120", "arrivals", "mean", 120, AIRLINE, DELAY), "Mean arrival delay of this airline, last two hours"),
    (
        Window("airline_arrival_delay_decay_180", "arrivals", "decay", 180, AIRLINE, DELAY, half_life_min=45),
        "Arrival delay of this airline, the newest counting most",
    ),
    (Window("destination_arrivals_180", "arrivals", "count", 180, DESTINATION), "Arrivals there, last three hours"),
    (Window("destination_arrival_delay_180", "arrivals", "mean", 180, DESTINATION, DELAY), "Mean arrival delay there, last three hours"),
    (Window("destination_arrival_delay_last_180", "arrivals", "last", 180, DESTINATION, DELAY), "Delay of the latest arrival there"),
    (
        Window("aircraft_arrival_delay_last_720", "arrivals", "last", 720, AIRCRAFT, DELAY),
        "Arrival delay of this aircraft's previous flight",
    ),
)
"""Each streaming window with what people call it."""

HISTORICAL = (
    (Window("route_arrival_delay_28d", "arrivals", "mean", HISTORY_MIN, ROUTE, DELAY), "Mean arrival delay on this route, last four weeks"),
    (
        Window("airline_departure_delay_28d", "departures", "mean", HISTORY_MIN, AIRLINE_HERE, DELAY),
        "Mean departure delay of this airline here, last four weeks",
    ),
    (
        Window("hour_departure_delay_28d", "departures", "mean", HISTORY_MIN, HOUR_HERE, DELAY),
        "Mean departure delay here at this hour, last four weeks",
    ),
)
"""Each historical window with what people call it."""

VIEW = FeatureView(
    "flights",
    WindowSet((DEPARTURES, ARRIVALS), tuple(window for window, _ in STREAMING)),
    tuple(window for window, _ in HISTORICAL),
    refresh_offset_min=NIGHT_MIN,
    derived=(Derived("departure_hour", "scheduled_departure", "hour"),),
)


def _context(window: Window, title: str) -> Field:
    counted = window.value is None
    low, high = (0, 100_000) if counted else DELAY_BOUNDS_MIN
    return Field(window.name, "float32", title, unit="" if counted else "min", minimum=low, maximum=high, nullable=True)


CONTEXT = tuple(_context(window, title) for window, title in (*STREAMING, *HISTORICAL))
"""What the windows tell the model, as the contract declares it."""
