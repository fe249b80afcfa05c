"""Teacher: gradient boosting on the pipeline's own fields, one model before departure and one after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from models.eta.pipeline import scheduled_duration_min, weekday
from models.eta.quality import Column

SEED = 2013
CATEGORIES = ("carrier", "origin", "destination")
ROUNDS = 200
LEARNING_RATE = 0.08
LEAST_FLIGHTS_A_LEAF = 100


@dataclass(frozen=True, slots=True)
class Teacher:
    """Two boosted models: arrival delay from the schedule, and what is lost or regained between departure and arrival.

    Attributes
    ----------
    before, after : HistGradientBoostingRegressor
        The second predicts arrival delay minus departure delay: trees cannot extrapolate, and delays have a long tail.
    """

    before: Any
    after: Any

    def predict(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Arrival delays by situation, (N,) float64 in minutes, for encoded fields with the departure delay known."""
        schedule, departure = _schedule(columns), columns["departure_delay_min"]
        return {
            "before_departure": self.before.predict(schedule),
            "after_departure": self.after.predict(_with_delay(schedule, departure)) + departure,
        }


def teach(columns: Mapping[str, Column], actual: Column) -> Teacher:
    """Fit the teacher.

    Parameters
    ----------
    columns : mapping of str to (N,) int32
        Encoded fields of the training flights.
    actual : (N,) float
        Their arrival delays in minutes.
    """
    schedule, departure = _schedule(columns), columns["departure_delay_min"]
    return Teacher(_booster().fit(schedule, actual), _booster().fit(_with_delay(schedule, departure), actual - departure))


def _booster() -> Any:
    return HistGradientBoostingRegressor(
        max_iter=ROUNDS,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=LEAST_FLIGHTS_A_LEAF,
        categorical_features=list(range(len(CATEGORIES))),
        early_stopping=False,
        random_state=SEED,
    )


def _schedule(columns: Mapping[str, Column]) -> NDArray[np.float32]:
    """What is known before departure, (N, 7); months are left out, for those of the test were never seen."""
    known = [columns[name] for name in (*CATEGORIES, "scheduled_departure", "scheduled_arrival")]
    stacked: NDArray[np.float32] = np.column_stack([*known, weekday(columns["date"]), scheduled_duration_min(columns)]).astype(np.float32)
    return stacked


def _with_delay(schedule: NDArray[np.float32], departure: Column) -> NDArray[np.float32]:
    joined: NDArray[np.float32] = np.column_stack([schedule, departure.astype(np.float32)])
    return joined
