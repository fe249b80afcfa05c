"""Lesson: rows of a model's inputs, with what it should answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compression.errors import LessonError

FEWEST_CALIBRATED = 16
"""Ranges seen on fewer rows say little about what comes; with one row they are a point."""

type Feeds = dict[str, NDArray[Any]]
"""Rows by input name."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What techniques that fine-tune or calibrate learn from.

    Attributes
    ----------
    features : mapping of str to (N, …) array
        By input name, as the model takes them.
    targets : (N, …) float32
        What the model should answer, the teacher's answers as a rule; shaped as the model's output.

    Raises
    ------
    LessonError
        Without rows, with different numbers of them, or with targets that are not finite.
    """

    features: Mapping[str, NDArray[Any]]
    targets: NDArray[np.float32]

    def __post_init__(self) -> None:
        rows = {name: len(values) for name, values in self.features.items()} | {"targets": len(self.targets)}
        if len(set(rows.values())) > 1 or not self.features or not len(self):
            raise LessonError(f"lesson: got rows {rows}, expected as many of each input as of targets, at least one; give all of them")
        wrong = int(np.count_nonzero(~np.isfinite(self.targets)))
        if wrong:
            raise LessonError(f"lesson: got {wrong} targets that are not finite, expected none; leave those rows out")

    def __len__(self) -> int:
        return len(self.targets)

    def calibration(self, rows: int, seed: int) -> Feeds:
        """Rows to calibrate on, drawn without repetition; all of them where there are fewer than asked for.

        Raises
        ------
        LessonError
            If there are fewer than `FEWEST_CALIBRATED`, or fewer were asked for.
        """
        found = min(rows, len(self))
        if found < FEWEST_CALIBRATED:
            raise LessonError(
                f"calibration: got {found} rows, expected at least {FEWEST_CALIBRATED}; give more, drawn as the model will meet them"
            )
        drawn = np.random.default_rng(seed).choice(len(self), found, replace=False)
        return {name: values[drawn] for name, values in self.features.items()}
