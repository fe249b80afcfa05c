"""Quality: differences with intervals that pairing makes narrow and blocks make honest."""

from __future__ import annotations

import numpy as np
import pytest

from models.compression.errors import LessonError
from models.compression.quality import difference

RANDOM = np.random.default_rng(11)
BASE = RANDOM.exponential(10, 3000)


def test_the_same_scores_do_not_differ() -> None:
    found = difference(BASE, BASE)
    assert (found.low, found.high, found.relative, found.relative_low, found.relative_high) == (0, 0, 0, 0, 0)


def test_a_difference_stands_within_its_interval() -> None:
    found = difference(BASE, BASE + RANDOM.normal(0.3, 1, len(BASE)))
    assert found.low < found.variant - found.base < found.high
    assert found.relative == pytest.approx(found.variant / found.base - 1)
    assert 0 < found.relative_low < found.relative < found.relative_high


def test_the_interval_is_the_one_of_the_central_limit() -> None:
    change = RANDOM.normal(0.3, 2, len(BASE))
    found = difference(BASE, BASE + change)
    half = 1.96 * change.std() / np.sqrt(len(change))
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_pairing_by_row_takes_away_what_rows_share() -> None:
    other = RANDOM.permutation(BASE)
    paired, unpaired = difference(BASE, BASE + 0.1), difference(BASE, other + 0.1)
    assert paired.high - paired.low < 1e-9
    assert unpaired.high - unpaired.low > 0.1


def test_rows_of_a_block_count_together() -> None:
    days = np.repeat(np.arange(30), 100)
    change = np.repeat(RANDOM.normal(0, 1, 30), 100)
    by_row, by_day = difference(BASE, BASE + change), difference(BASE, BASE + change, days)
    assert by_day.high - by_day.low > 5 * (by_row.high - by_row.low)


def test_differences_are_the_same_every_time() -> None:
    other = BASE + RANDOM.normal(0, 1, len(BASE))
    assert difference(BASE, other) == difference(BASE, other)


def test_nothing_is_no_base_for_a_share() -> None:
    assert np.isnan(difference(np.zeros(10), np.ones(10)).relative)


@pytest.mark.parametrize(("base", "variant"), [(3, 2), (1, 1), (0, 0)])
def test_scores_of_other_rows_are_refused(base: int, variant: int) -> None:
    with pytest.raises(LessonError, match=f"got {base} and {variant} scores, expected one a row of at least two; score the same rows"):
        difference(np.ones(base), np.ones(variant))
