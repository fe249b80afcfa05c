"""Quality: how far a variant is from the model that it was made of, with what chance alone would do.

References
----------
Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapters 8 (resampling of blocks) and 13 (percentile intervals)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compression.errors import LessonError

DRAWS = 2000
CONFIDENCE = (0.025, 0.975)
SEED = 2013

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
    sums = _by_block(base, variant, np.arange(len(base)) if blocks is None else blocks)
    random = np.random.default_rng(SEED)
    drawn = np.array([_means(sums[:, random.integers(sums.shape[1], size=sums.shape[1])]) for _ in range(DRAWS)])
    low, high = np.quantile(drawn[:, 1] - drawn[:, 0], CONFIDENCE).tolist()
    before, after = _means(sums)
    relative_low, relative_high = np.quantile(_relative(drawn[:, 0], drawn[:, 1]), CONFIDENCE).tolist()
    return Difference(before, after, low, high, float(_relative(np.array(before), np.array(after))), relative_low, relative_high)


def _by_block(base: Column, variant: Column, blocks: NDArray[Any]) -> Column:
    """Rows and sums of both scores, (3, blocks)."""
    _, block = np.unique(blocks, return_inverse=True)
    return np.array([np.bincount(block, weights) for weights in (np.ones(len(block)), base, variant)])


def _means(sums: Column) -> tuple[float, float]:
    rows, before, after = sums.sum(axis=1).tolist()
    return before / rows, after / rows


def _relative(before: Column, after: Column) -> Column:
    """Change as a share; NaN where there is nothing to compare with."""
    found: Column = after / np.where(before == 0, np.nan, before) - 1
    return found
