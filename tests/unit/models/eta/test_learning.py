"""Teacher and student: both learn what can be learned, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.eta.data import Split, records
from models.eta.export import full_precision
from models.eta.inference import predict
from models.eta.pipeline import FEATURE_NAMES, PIPELINE
from models.eta.student import STANDARDISED, Layer, distil
from models.eta.teacher import teach

FEW = 4_000


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


def test_teacher_adds_what_it_learned_to_delays_beyond_all_it_saw(split: Split) -> None:
    some = split.train.head(FEW)
    teacher = teach(PIPELINE.encode(records(some)), some["arrival_delay_min"].to_numpy().astype(float))
    flight = {**records(some.head(1))[0], "departure_delay_min": 1400}
    answers = teacher.predict(PIPELINE.encode([flight]))

    assert answers["after_departure"][0] == pytest.approx(1400, abs=60)
    assert answers["before_departure"][0] == pytest.approx(10, abs=60)
