"""Curriculum: views as the model takes them, and what counts as wrong."""

from __future__ import annotations

import numpy as np

from models.compression.programme import Exam
from models.see.curriculum import PROBABILITIES, loss
from models.see.recipes import PROGRAMME


def test_another_class_than_the_exams_is_a_loss_of_one() -> None:
    answers = {PROBABILITIES: np.eye(4, dtype=np.float32)}
    exam = Exam({}, np.array([0, 1, 3, 3]), np.arange(4))
    np.testing.assert_array_equal(loss(answers, exam), [0, 0, 1, 0])


def test_every_exam_has_a_budget_that_is_no_share_of_nothing() -> None:
    assert set(PROGRAMME.budgets) == {"agreement", "accuracy"}
    assert not any(budget.relative for budget in PROGRAMME.budgets.values())
