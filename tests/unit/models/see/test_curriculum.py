"""Curriculum: views as the model takes them, and what counts as wrong."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from models.compression.programme import Exam
from models.see.curriculum import PROBABILITIES, SIZE, loss, prepare
from models.see.recipes import PROGRAMME


@pytest.mark.parametrize(("grey", "value"), [(127, 0.0), (255, 1.0), (0, -127 / 128)])
def test_pixels_are_centred_and_scaled(grey: int, value: float) -> None:
    made = prepare(Image.new("RGB", (300, 400), (grey, grey, grey)))
    assert made.shape == (3, SIZE, SIZE)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, value)


def test_an_image_of_256_is_cropped_at_its_centre_and_not_resized() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)
    made = prepare(Image.fromarray(pixels))
    np.testing.assert_array_equal(made, (pixels[16:240, 16:240].transpose(2, 0, 1).astype(np.float32) - 127) / 128)


def test_another_class_than_the_exams_is_a_loss_of_one() -> None:
    answers = {PROBABILITIES: np.eye(4, dtype=np.float32)}
    exam = Exam({}, np.array([0, 1, 3, 3]), np.arange(4))
    np.testing.assert_array_equal(loss(answers, exam), [0, 0, 1, 0])


def test_every_exam_has_a_budget_that_is_no_share_of_nothing() -> None:
    assert set(PROGRAMME.budgets) == {"agreement", "accuracy"}
    assert not any(budget.relative for budget in PROGRAMME.budgets.values())
