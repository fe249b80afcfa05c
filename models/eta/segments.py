"""Segments: models for one origin airport alone, kept only where they beat the model for all.

Which model answers is decided on days that no model was trained on, and reported on the test months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.bootstrap import resampled_means
from models.eta.situations import Column

FIELD = "origin"
WORTH_MIN = 0.05
"""What a model of its own has to gain at the least: it costs its bytes on every device, and its upkeep."""
DRAWS = 10_000
CHANCE = 0.05
"""Of keeping any model that is no better: shared out among all that are compared (Bonferroni)."""
DECIMALS = 3

type Errors = Mapping[str, Column]
"""Absolute errors by situation, (N,) minutes."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A segment's model against the model for all, on the segment's flights.

    Attributes
    ----------
    value, variant : str
        The segment, and which form of both models.
    validation, test : mapping
        `rows`, `global_mae_min` and `segment_mae_min` (means over situations), and of the validation `low` and `high`: the
        interval of their difference, from a bootstrap over days.
    """

    value: str
    variant: str
    validation: Mapping[str, float]
    test: Mapping[str, float]

    @property
    def kept(self) -> bool:
        """Whether the segment's model is better on the validation days by more than chance and `WORTH_MIN`."""
        return self.validation["high"] < -WORTH_MIN

    def to_json(self) -> dict[str, Any]:
        """The comparison as the card holds it."""
        parts = {"validation": dict(self.validation), "test": dict(self.test)}
        return {"value": self.value, "variant": self.variant, **parts, "kept": self.kept}


def compared(general: Errors, own: Errors) -> dict[str, float]:
    """Both models' errors: means over situations of the mean absolute error, minutes."""
    rows = sum(len(errors) for errors in general.values())
    pair = {"global_mae_min": _mean(general), "segment_mae_min": _mean(own)}
    return {"rows": rows, **{name: round(value, DECIMALS) for name, value in pair.items()}}


def _mean(errors: Errors) -> float:
    return float(np.mean([np.mean(values) for values in errors.values()]))


def interval(general: Errors, own: Errors, days: Column, comparisons: int) -> dict[str, float]:
    """The interval of the segment model's mean absolute error minus the other's, that 95% of all such families lie within.

    Days are drawn, not flights: what happens on one day is not independent.

    Parameters
    ----------
    general, own : mapping of str to (N,) float
        Absolute errors of the same flights in every situation.
    days : (N,) integers
    comparisons : int
        How many segments are compared.

    References
    ----------
    Dunn: Multiple Comparisons among Means, 1961, https://doi.org/10.1080/01621459.1961.10482090
    """
    difference = np.mean([own[name] - general[name] for name in general], axis=0)
    tail = CHANCE / comparisons / 2
    low, high = np.quantile(resampled_means(difference[None], days, DRAWS), (tail, 1 - tail))
    return {"low": round(float(low), DECIMALS), "high": round(float(high), DECIMALS)}
