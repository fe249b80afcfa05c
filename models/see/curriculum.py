"""Curriculum: what compressed variants of see are taught, and what they are examined by."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image

from models.compression.lesson import Lesson
from models.compression.programme import Answers, Exam
from models.see.golden import record
from models.see.photos import EXAMINED, TAUGHT, drawn_views, ten_views
from models.see.pipeline import CONTRACT, PIPELINE
from models.segments import run_native

SEED = 2013
TAUGHT_VIEWS = 10
"""Of each photo that teaches."""
PIXELS, PROBABILITIES = CONTRACT.features[0].name, CONTRACT.predictions[0].name
"""What the model takes and gives."""


def lesson(model: onnx.ModelProto) -> Lesson:
    """Views of the photos that teach, in an order drawn once, with the model's own answers."""
    random = np.random.default_rng(SEED)
    pixels = _pixels(view for photo in TAUGHT for view in drawn_views(photo.read(), TAUGHT_VIEWS, random))
    pixels = pixels[random.permutation(len(pixels))]
    return Lesson({PIXELS: pixels}, run_native(model.SerializeToString(), {PIXELS: pixels})[PROBABILITIES])


def exams(model: onnx.ModelProto) -> dict[str, Exam]:
    """Whether a variant names the class that the model names, and whether it is the photo's where that is known; blocks are photos."""
    views = [(number, view) for number, photo in enumerate(EXAMINED) for view in ten_views(photo.read())]
    blocks, features = np.array([number for number, _ in views]), {PIXELS: _pixels(view for _, view in views)}
    named = run_native(model.SerializeToString(), features)[PROBABILITIES].argmax(axis=1)
    labels = np.array([-1 if photo.label is None else photo.label for photo in EXAMINED])[blocks]
    known = np.flatnonzero(labels >= 0)
    return {
        "agreement": Exam(features, named, blocks),
        "accuracy": Exam(features, labels[known], blocks[known], known),
    }


def loss(answers: Answers, exam: Exam) -> NDArray[np.float64]:
    """1 where the likeliest class is another than the exam's, else 0, (N,)."""
    wrong: NDArray[np.float64] = (answers[PROBABILITIES].argmax(axis=1) != exam.actual).astype(np.float64)
    return wrong


def _pixels(views: Iterable[Image.Image]) -> NDArray[np.float32]:
    return np.concatenate([PIPELINE.prepare([record(view)])[PIXELS] for view in views])
