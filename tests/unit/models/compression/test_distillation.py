"""Distillation: a student of the size asked for learns the lesson, large inputs included."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from models.compression.chain import Chain
from models.compression.distillation import Distil, distil
from models.compression.errors import RecipeError
from models.compression.graph import signature
from models.compression.lesson import Lesson
from tests.unit.models.compression.conftest import INPUTS, answers, mean_square, random_chain


@pytest.mark.parametrize("hidden", [(8,), (10, 6), (8, 6, 4), (1,)])
def test_the_student_has_the_size_asked_for(model: onnx.ModelProto, lesson: Lesson, hidden: tuple[int, ...]) -> None:
    student = distil(model, Distil(hidden, epochs=1), lesson)
    assert [len(layer.bias) for layer in Chain.read(student, "test").layers] == [*hidden, 1]
    assert signature(student) == signature(model)


def test_the_student_learns_what_the_lesson_says(model: onnx.ModelProto, lesson: Lesson) -> None:
    student = distil(model, Distil((16, 8), epochs=20, batch=128), lesson)
    rest = lesson.targets[:, 0] - lesson.features["rows"][:, -1]
    assert mean_square(student, lesson) < 0.1 * float(np.var(rest))


def test_before_it_learns_it_answers_by_the_linear_fit(model: onnx.ModelProto, lesson: Lesson) -> None:
    rows = lesson.features["rows"]
    linear = Lesson(lesson.features, rows[:, :1] * 3 + rows[:, -1:] + 5)
    student = distil(model, Distil((16, 8), epochs=0), linear)
    assert mean_square(student, linear) < 0.02 * float(np.var(linear.targets))


def test_several_answers_are_taught_at_once() -> None:
    teacher = random_chain([INPUTS, 20, 3])
    rows = np.random.default_rng(4).normal(size=(2000, INPUTS)).astype(np.float32)
    lesson = Lesson({"rows": rows}, teacher.activations(rows)[-1])
    student = distil(teacher.model(), Distil((16,), epochs=20, batch=64), lesson)
    assert np.all(np.mean((answers(student, rows) - lesson.targets) ** 2, axis=0) < 0.3 * lesson.targets.var(axis=0))


def test_students_are_the_same_for_the_same_seed(model: onnx.ModelProto, lesson: Lesson) -> None:
    first, again, other = (distil(model, Distil((8,), epochs=2, seed=seed), lesson).SerializeToString() for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("hidden", [(), (4, 0)])
def test_layers_without_units_are_refused(hidden: tuple[int, ...]) -> None:
    with pytest.raises(RecipeError, match="expected sizes of at least one layer"):
        Distil(hidden)
