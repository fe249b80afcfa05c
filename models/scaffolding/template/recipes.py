"""Recipes: how the model is made smaller, and how much worse it may get by that."""

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.lesson import Lesson
from models.compression.programme import Answers, Budget, Exam, Programme, Target
from models.compression.recipes import Recipe, Step
from models.scaffolding.template.data import TRAIN_ROWS, measurements
from models.scaffolding.template.pipeline import PIPELINE
from models.segments import run_native

INT8 = Recipe("int8", (Step.of("weight_only_int8", smallest=1024),))
"""Released beside fp32: training carries it out. The few weights of the last layer stay in float."""
RECIPES = (INT8, Recipe("half", (Step.of("half"),)))


def lesson(model: onnx.ModelProto) -> Lesson:
    """Rows of training with the model's own answers: a variant should say what the model says."""
    features = PIPELINE.prepare(measurements()[0][:TRAIN_ROWS])
    return Lesson(features, run_native(model.SerializeToString(), features)["apparent_temperature"])


def exams(model: onnx.ModelProto) -> dict[str, Exam]:
    """The rows that training did not see; none depends on another."""
    records, felt = measurements()
    features = PIPELINE.prepare(records[TRAIN_ROWS:])
    return {"unseen": Exam(features, felt[TRAIN_ROWS:], np.arange(len(records) - TRAIN_ROWS))}


def loss(answers: Answers, exam: Exam) -> NDArray[np.float64]:
    """Absolute errors, °C, (N,)."""
    error: NDArray[np.float64] = np.abs(answers["apparent_temperature"][:, 0] - exam.actual)
    return error


BUDGETS = {"unseen": Budget(0.1)}
TARGETS = (Target(smaller=1.5, within=0.1),)
PROGRAMME = Programme("fp32", RECIPES, BUDGETS, TARGETS, "mean absolute error, °C", lesson, exams, loss)
