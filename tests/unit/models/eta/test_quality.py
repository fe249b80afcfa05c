"""Quality: errors, baselines that don't look ahead, and the bar."""

from __future__ import annotations

import numpy as np

from models.eta.quality import BAR, REPRODUCED_WITHIN_MIN, baselines, differences, quality, shortfalls, spread

ACTUAL = np.array([0.0, 10.0, -10.0, 20.0])


def test_errors_are_those_of_their_definitions() -> None:
    assert quality({"before_departure": ACTUAL + np.array([3, -3, 0, 6])}, {"before_departure": ACTUAL}) == {
        "before_departure_mae_min": 3.0,
        "before_departure_rmse_min": 3.674,
    }


def test_spread_is_half_and_nine_of_ten() -> None:
    assert spread({"after_departure": np.arange(101.0)}, {"after_departure": np.zeros(101)}) == {
        "after_departure_half_within_min": 50.0,
        "after_departure_nine_of_ten_within_min": 90.0,
    }


def test_baselines_take_their_constants_from_training_alone() -> None:
    train_actual, train_departure = np.array([0.0, 0.0, 30.0]), np.array([5.0, 5.0, 35.0])
    found = baselines(train_actual, train_departure, test_actual=np.array([100.0]), test_departure=np.array([95.0]))

    assert found["mean"]["before_departure_mae_min"] == 90.0
    assert found["median"]["before_departure_mae_min"] == 100.0
    assert found["departure_delay_plus_constant"]["after_departure_mae_min"] == 10.0


def test_missing_the_bar_is_said_in_numbers() -> None:
    name = "after_departure_rmse_min"

    assert shortfalls(BAR) == []
    assert shortfalls({**BAR, name: 18.0}) == [f"{name}: got 18.0, expected at most {BAR[name]}"]


def test_only_more_than_rounding_counts_as_a_difference() -> None:
    near = {name: value + 0.9 * REPRODUCED_WITHIN_MIN for name, value in BAR.items()}
    far = {**BAR, "before_departure_mae_min": 99.0}

    assert differences(near, BAR) == []
    assert differences(far, BAR) == [f"before_departure_mae_min: got 99.0, committed {BAR['before_departure_mae_min']}"]
    assert len(differences(BAR, {})) == len(BAR)
