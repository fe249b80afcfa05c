"""Lessons and examinations: the questions that teach the model, and those that it is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshore.windows.columns import Columns
from models.eta.situations import (
    HISTORICAL_NAMES,
    STREAMING_NAMES,
    Asked,
    Flights,
    after_departure,
    ahead,
    ask,
    at_scheduled_departure,
    in_the_air,
    joined,
)

SEED = 2013
AHEAD_MIN = 6 * 60
"""How long before departure questions are asked."""
WAITED_MIN = 45.0
"""Mean of the time after scheduled departure at which flights that have not left are asked about."""
WAITS = 3
WITHOUT_NEWS = 0.45
"""Share of the flights that are also asked about without streaming news."""
WITHOUT_ANYTHING = 0.15
"""Share of those asked about without histories either."""
IN_THE_AIR = 0.5
HOUR_MIN = 60

type Log = Mapping[str, Columns]
type Examinations = dict[str, Asked]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Questions with their answers.

    Attributes
    ----------
    before, after : Asked
        Before and after departure, at all sorts of times and with more or less news.
    scheduled, left : Asked
        Those among them that are asked with all news at scheduled departure, and at departure.
    """

    before: Asked
    after: Asked
    scheduled: Asked
    left: Asked

    def of(self, field: str, code: int) -> Lessons:
        """Those about flights with this code in a field."""
        parts = (self.before, self.after, self.scheduled, self.left)
        return Lessons(*(part.of(part.columns[field] == code) for part in parts))


def lessons(flights: Flights, log: Log) -> Lessons:
    """What the model is taught; the same for the same flights."""
    random = np.random.default_rng(SEED)
    scheduled, left = ask(flights, at_scheduled_departure(flights), log), ask(flights, after_departure(flights), log)
    early = ask(flights, ahead(flights, random.integers(0, AHEAD_MIN + 1, len(flights))), log)
    waits = [1 + random.exponential(WAITED_MIN, len(flights)).astype(np.int64) for _ in range(WAITS)]
    late = [ask(flights, ahead(flights, -wait), log) for wait in waits]
    flying = ask(flights, in_the_air(flights, random.random(len(flights))), log).drawn(IN_THE_AIR, random)
    return Lessons(
        joined([scheduled, early, *late, *_ignorant(scheduled, random), *_ignorant(early, random)]),
        joined([left, flying, *_ignorant(left, random)]),
        scheduled,
        left,
    )


def _ignorant(asked: Asked, random: np.random.Generator) -> list[Asked]:
    without_news = asked.drawn(WITHOUT_NEWS, random).without(STREAMING_NAMES)
    return [without_news, asked.drawn(WITHOUT_ANYTHING, random).without((*STREAMING_NAMES, *HISTORICAL_NAMES))]


def examinations(flights: Flights, log: Log) -> Examinations:
    """What the model is judged by, as named in `models.eta.quality.SITUATIONS`."""
    scheduled, left = ask(flights, at_scheduled_departure(flights), log), ask(flights, after_departure(flights), log)
    return {
        "before_departure": scheduled,
        "after_departure": left,
        "hour_before": ask(flights, ahead(flights, np.full(len(flights), HOUR_MIN)), log),
        "before_departure_without_news": scheduled.without(STREAMING_NAMES),
        "after_departure_without_news": left.without(STREAMING_NAMES),
    }
