"""The bootstrap over blocks of rows: what means would be, had chance drawn other blocks.

References
----------
Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapters 8 (resampling of blocks) and 13 (percentile intervals)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 2013

type Floats = NDArray[np.float64]


def resampled_means(scores: Floats, blocks: NDArray[Any], draws: int) -> Floats:
    """Means of scores over blocks drawn with replacement.

    Parameters
    ----------
    scores : (K, N) float64
        K scores of each row.
    blocks : (N,) array
        Rows of one block (a day) are drawn together: what happens in it is not independent.
    draws : int

    Returns
    -------
    (draws, K) float64
        The same for the same scores.
    """
    _, block = np.unique(blocks, return_inverse=True)
    sums = np.array([np.bincount(block, weights) for weights in (np.ones(len(block)), *scores)])
    random = np.random.default_rng(SEED)
    drawn = np.array([sums[:, random.integers(sums.shape[1], size=sums.shape[1])].sum(axis=1) for _ in range(draws)])
    means: Floats = drawn[:, 1:] / drawn[:, :1]
    return means
