"""Lessons: rows that belong together, and calibration rows drawn from them."""

from __future__ import annotations

import numpy as np
import pytest

from models.compression.errors import LessonError
from models.compression.lesson import FEWEST_CALIBRATED, Lesson


def lesson(rows: int) -> Lesson:
    values = np.arange(rows, dtype=np.float32)
    return Lesson({"a": values[:, None], "b": values * 2}, values)


def test_calibration_rows_stay_together() -> None:
    drawn = lesson(500).calibration(100, seed=1)
    np.testing.assert_array_equal(drawn["a"][:, 0] * 2, drawn["b"])
    assert len(np.unique(drawn["b"])) == 100


def test_calibration_is_the_same_for_the_same_seed() -> None:
    first, again, other = (lesson(500).calibration(50, seed)["b"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_all_rows_calibrate_where_fewer_are_there_than_wanted() -> None:
    assert len(lesson(FEWEST_CALIBRATED).calibration(10_000, seed=1)["a"]) == FEWEST_CALIBRATED


@pytest.mark.parametrize(("rows", "wanted"), [(1, 100), (100, 1), (FEWEST_CALIBRATED - 1, 100)])
def test_a_handful_of_rows_is_no_calibration(rows: int, wanted: int) -> None:
    with pytest.raises(LessonError, match=rf"calibration: got {min(rows, wanted)} rows, expected at least {FEWEST_CALIBRATED}; give more"):
        lesson(rows).calibration(wanted, seed=1)


def test_inputs_of_other_lengths_are_refused() -> None:
    with pytest.raises(LessonError, match=r"got rows \{'a': 2, 'targets': 3\}"):
        Lesson({"a": np.zeros(2)}, np.zeros(3, np.float32))


def test_no_rows_are_refused() -> None:
    with pytest.raises(LessonError, match="at least one"):
        Lesson({"a": np.zeros(0)}, np.zeros(0, np.float32))


def test_targets_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(LessonError, match="got 1 targets that are not finite, expected none; leave those rows out"):
        Lesson({"a": np.zeros(2)}, np.array([1, np.nan], np.float32))
