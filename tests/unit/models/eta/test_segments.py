"""Segments: a model of its own is kept where it wins beyond chance, and only there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.eta.segments import WORTH_MIN, Comparison, compared, interval

DAYS = np.repeat(np.arange(40), 25)


def errors(shift: float) -> dict[str, Any]:
    random = np.random.default_rng(round(50 + 10 * shift))
    return {name: np.abs(random.normal(12 + shift, 3, len(DAYS))) for name in ("before_departure", "after_departure")}


def comparison(low_and_high: dict[str, float]) -> Comparison:
    return Comparison("EWR", "fp32", {"rows": 1, "global_mae_min": 2, "segment_mae_min": 1, **low_and_high}, {})


def test_a_clear_win_lies_below_zero() -> None:
    found = interval(errors(0), errors(-1), DAYS, 3)

    assert -1.5 < found["low"] < found["high"] < -0.5
    assert comparison(found).kept


def test_a_win_that_is_not_worth_its_bytes_is_not_kept() -> None:
    assert not comparison({"low": -0.4, "high": -WORTH_MIN / 2}).kept
    assert comparison({"low": -0.4, "high": -WORTH_MIN * 2}).kept


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_no_difference_and_a_loss_are_not_kept(shift: float) -> None:
    assert not comparison(interval(errors(0.1), errors(shift), DAYS, 3)).kept


def test_one_lucky_day_is_chance() -> None:
    general = errors(0)
    own = {name: np.where(DAYS == 7, values - 20, values) for name, values in general.items()}

    assert not comparison(interval(general, own, DAYS, 3)).kept


def test_the_more_are_compared_the_wider_the_interval() -> None:
    alone, among_many = (interval(errors(0.1), errors(0), DAYS, count) for count in (1, 20))

    assert among_many["low"] < alone["low"] < alone["high"] < among_many["high"]


def test_errors_are_means_over_situations() -> None:
    general = {"before_departure": np.array([10.0, 30.0]), "after_departure": np.array([2.0])}
    own = {"before_departure": np.array([10.0, 10.0]), "after_departure": np.array([4.0])}

    assert compared(general, own) == {"rows": 3, "global_mae_min": 11.0, "segment_mae_min": 7.0}


def test_the_card_holds_the_comparison() -> None:
    found = comparison({"low": -0.2, "high": 0.1}).to_json()

    assert (found["value"], found["variant"], found["kept"]) == ("EWR", "fp32", False)
