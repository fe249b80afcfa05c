"""Quality: how far a variant is from the model that it was made of, with what chance alone would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bootstrap import resampled_means
from models.compression.errors import LessonError

DRAWS = 2000
CONFIDENCE = (0.025, 0.975)

type Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A variant's mean score against the base's, on the same rows.

    Attributes
    ----------
    base, variant : float
        Mean scores.
    low, high : float
        The 95% interval of `variant - base`.
    relative, relative_low, relative_high : float
        The same as shares of the base.
    """

    base: float
    variant: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float


def difference(base: Column, variant: Column, blocks: NDArray[Any] | None = None) -> Difference:
    """Compare two models row by row.

    Parameters
    ----------
    base, variant : (N,) float64
        A score of each row whose mean is the metric: an absolute error, or 1 where the answer is right.
    blocks : (N,) array, optional
        Rows of one block (a day) are drawn together: what happens in it is not independent.

    Returns
    -------
    Difference
        The same for the same scores.

    Raises
    ------
    LessonError
        If the scores are not of the same rows, or there are fewer than two.
    """
    if len(base) != len(variant) or len(base) < 2:
        raise LessonError(f"quality: got {len(base)} and {len(variant)} scores, expected one a row of at least two; score the same rows")
    drawn = resampled_means(np.array([base, variant]), np.arange(len(base)) if blocks is None else blocks, DRAWS)
    low, high = np.quantile(drawn[:, 1] - drawn[:, 0], CONFIDENCE).tolist()
    before, after = float(np.mean(base)), float(np.mean(variant))
    relative_low, relative_high = np.quantile(_relative(drawn[:, 0], drawn[:, 1]), CONFIDENCE).tolist()
    return Difference(before, after, low, high, float(_relative(np.array(before), np.array(after))), relative_low, relative_high)


def _relative(before: Column, after: Column) -> Column:
    """Change as a share; NaN where there is nothing to compare with."""
    found: Column = after / np.where(before == 0, np.nan, before) - 1
    return found
