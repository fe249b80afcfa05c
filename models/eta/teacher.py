"""Teacher: gradient boosting on the pipeline's own columns, one model before departure and one after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from foreshore import MISSING_INT
from models.eta.pipeline import scheduled_departure_min, scheduled_duration_min, waited_min, weekday
from models.eta.situations import Asked, Column, Matrix
from models.eta.windows import CONTEXT

SEED = 2013
WINDOWS = tuple(field.name for field in CONTEXT)
CATEGORIES = ("carrier", "origin", "destination")
ROUNDS = 200
LEARNING_RATE = 0.08
LEAST_FLIGHTS_A_LEAF = 100
ANY_TIME = 10 * 24 * 60
"""Stands for the lead of a question whose time is left open."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """Two boosted models: of the delay beyond what has been waited already, and of what is lost or regained after departure.

    Attributes
    ----------
    before, after : HistGradientBoostingRegressor
        Both predict what comes on top of a delay that is known: trees cannot extrapolate, and delays have a long tail.
    context : tuple of str
        The windows that they see.
    """

    before: Any
    after: Any
    context: tuple[str, ...]

    def predict(self, columns: Mapping[str, Column]) -> Column:
        """Arrival delays, (N,) float64 in minutes."""
        left = columns["departure_delay_min"] != MISSING_INT
        known, matrix = known_delay(columns), knowledge(columns, self.context)
        minutes: Column = known + np.where(left, self.after.predict(matrix), self.before.predict(matrix))
        return minutes


def teach(before: Asked, after: Asked, context: tuple[str, ...] = WINDOWS) -> Teacher:
    """Fit the teacher on questions before and after departure; it sees the windows of `context` alone."""
    return Teacher(_fitted(before, context), _fitted(after, context), context)


def _fitted(asked: Asked, context: tuple[str, ...]) -> Any:
    return _booster().fit(knowledge(asked.columns, context), asked.actual - known_delay(asked.columns))


def _booster() -> Any:
    return HistGradientBoostingRegressor(
        max_iter=ROUNDS,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=LEAST_FLIGHTS_A_LEAF,
        categorical_features=list(range(len(CATEGORIES))),
        early_stopping=False,
        random_state=SEED,
    )


def known_delay(columns: Mapping[str, Column]) -> Column:
    """The departure delay, or how long a flight that has not left is waited for: (N,) float64 in minutes."""
    departure = columns["departure_delay_min"]
    return np.where(departure == MISSING_INT, waited_min(columns), departure).astype(np.float64)


def knowledge(columns: Mapping[str, Column], context: tuple[str, ...]) -> Matrix:
    """What trees see, (N, 9 + windows); months are left out, for those of the test were never seen."""
    schedule = [columns[name] for name in (*CATEGORIES, "scheduled_departure", "scheduled_arrival")]
    schedule += [weekday(columns["date"]), scheduled_duration_min(columns)]
    lead = np.where(columns["asked_at"] == MISSING_INT, ANY_TIME, scheduled_departure_min(columns) - columns["asked_at"])
    windows = [columns[name] for name in context]
    stacked: Matrix = np.column_stack([*schedule, lead, known_delay(columns), *windows]).astype(np.float32)
    return stacked
