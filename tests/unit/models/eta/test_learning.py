"""Teacher and student: both learn what can be learned, the same every time."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from models.eta.ablation import ablation
from models.eta.export import full_precision
from models.eta.inference import predict
from models.eta.lessons import Log, examinations, lessons
from models.eta.pipeline import FEATURE_NAMES
from models.eta.situations import STREAMING_NAMES, Flights
from models.eta.student import STANDARDISED, Layer, distil
from models.eta.teacher import teach


@pytest.fixture(scope="module")
def features() -> NDArray[np.float32]:
    values = np.random.default_rng(3).uniform(0, 1, (3 * 4096, len(FEATURE_NAMES) - 1))
    values[:, STANDARDISED] = values[:, STANDARDISED] * 0.1 + 1.5
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def targets(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Minutes that follow from two features and their product."""
    first, second = features[:, 0], features[:, STANDARDISED.start]
    return (40 * first * (second - 1.5) * 10 - 5).astype(np.float32)


@pytest.fixture(scope="module")
def student(features: NDArray[np.float32], targets: NDArray[np.float32]) -> list[Layer]:
    return distil(features, targets)


def test_student_learns_what_it_is_taught(student: list[Layer], features: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
    rows = np.column_stack([features, np.zeros(len(features), np.float32)])
    error = predict(full_precision(student), rows) - targets

    assert error.var() < 0.4 * targets.var()


def test_student_is_the_same_every_time(student: list[Layer], features: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
    again = distil(features, targets)

    assert all(
        (first == second).all() for layer, other in zip(student, again, strict=True) for first, second in zip(layer, other, strict=True)
    )


@pytest.fixture(scope="module")
def completed(week: pl.DataFrame) -> Flights:
    return Flights.read(week.filter(pl.col("arrival_delay_min").is_not_null()))


def test_teacher_adds_what_it_learned_to_delays_beyond_all_it_saw(completed: Flights, log: Log) -> None:
    taught = lessons(completed, log)
    teacher = teach(taught.before, taught.after)
    late = taught.left.of(np.arange(1))
    late.columns["departure_delay_min"][:] = 1400

    assert teacher.predict(late.columns)[0] == pytest.approx(1400, abs=60)
    assert teacher.predict(taught.scheduled.of(np.arange(1)).columns)[0] == pytest.approx(10, abs=60)


def test_teacher_sees_the_windows_that_it_is_given_alone(completed: Flights, log: Log) -> None:
    taught = lessons(completed, log)
    blind = teach(taught.scheduled, taught.left, ())
    asked = taught.scheduled.of(np.arange(200))

    np.testing.assert_array_equal(blind.predict(asked.columns), blind.predict(asked.without(STREAMING_NAMES).columns))


def test_ablation_measures_every_choice_of_windows(completed: Flights, log: Log) -> None:
    found = ablation(lessons(completed, log), examinations(completed, log))

    assert [row["name"] for row in found["rows"]] == ["schedule", "schedule + history", "schedule + streaming", "schedule + both"]
    assert all(row["after_departure_mae_min"] < row["before_departure_mae_min"] for row in found["rows"])
