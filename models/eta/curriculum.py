"""Curriculum: what compressed variants of eta are taught, and what they are examined by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.lesson import Lesson
from models.compression.programme import Answers, Exam
from models.eta.data import Split, split
from models.eta.events import events, timed_flights
from models.eta.inference import FEATURES, PREDICTION, predict
from models.eta.lessons import Log, examinations, lessons
from models.eta.quality import Quality, quality
from models.eta.situations import Asked, Flights, joined

SEED = 2013
TAUGHT_FLIGHTS = 75_000
"""Of the training months: questions about them, as many ways as training asks, are more than 400,000 rows."""


def lesson(model: onnx.ModelProto) -> Lesson:
    """Questions of training, with the model's own answers, in an order drawn once.

    Parameters
    ----------
    model : ModelProto
        The released one: what it says is what a variant of it should say.
    """
    data, log = _flights()
    taught = lessons(Flights.read(data.train.sample(TAUGHT_FLIGHTS, seed=SEED)), log)
    features = joined([taught.before, taught.after]).features()
    features = features[np.random.default_rng(SEED).permutation(len(features))]
    return Lesson({FEATURES: features}, predict(model, features)[:, np.newaxis])


def exams(model: onnx.ModelProto) -> dict[str, Exam]:
    """Every situation of the test months, by its name; the flights of a day are one block."""
    data, log = _flights()
    return {name: _exam(asked) for name, asked in examinations(Flights.read(data.test), log).items()}


def loss(answers: Answers, exam: Exam) -> NDArray[np.float64]:
    """Absolute errors in minutes, (N,)."""
    error: NDArray[np.float64] = np.abs(answers[PREDICTION][:, 0].astype(np.float64) - exam.actual)
    return error


def measures(answers: Mapping[str, Answers], exams: Mapping[str, Exam]) -> Quality:
    """The card's measures of a model, from its answers in every situation."""
    predicted = {name: each[PREDICTION][:, 0] for name, each in answers.items()}
    return quality(predicted, {name: exam.actual for name, exam in exams.items()})


def _exam(asked: Asked) -> Exam:
    return Exam({FEATURES: asked.features()}, asked.actual, asked.columns["date"])


@cache
def _flights() -> tuple[Split, Log]:
    flights = timed_flights()
    return split(flights), events(flights)
