"""Distillation: a new, smaller chain is taught what the lesson says.

References
----------
Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015, https://arxiv.org/abs/1503.02531
He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, https://arxiv.org/abs/1502.01852 (first weights)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.chain import Chain, Layer, Matrix
from models.compression.errors import RecipeError
from models.compression.fine_tuning import Schedule, fine_tune
from models.compression.lesson import Lesson

RIDGE = 1e-4
"""Of the linear fit, in shares of the mean square of the inputs."""
FIRST_SAY = 0.1
"""How much of the answers' spread random units give before they have learnt anything."""

type Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distil:
    """What the student looks like, and how long it learns.

    Attributes
    ----------
    hidden : tuple of int
        Units a hidden layer.
    epochs, batch, learning_rate, weight_decay, seed
        As in `models.compression.fine_tuning.Schedule`.
    """

    hidden: tuple[int, ...]
    epochs: int = 40
    batch: int = 512
    learning_rate: float = 5e-3
    weight_decay: float = 1e-4
    seed: int = 2013

    def __post_init__(self) -> None:
        if not self.hidden or min(self.hidden) < 1:
            raise RecipeError(f"Distil.hidden: got {list(self.hidden)}, expected sizes of at least one layer; mend the recipe")


def distil(model: onnx.ModelProto, settings: Distil, data: Lesson) -> onnx.ModelProto:
    """A chain with hidden layers of these sizes between the model's input and output, taught the lesson."""
    teacher = Chain.read(model, "distil")
    features, targets = teacher.rows(data)
    student = teacher.of(_initial(settings, features, targets))
    schedule = Schedule(settings.epochs, settings.batch, settings.learning_rate, settings.weight_decay, settings.seed)
    return fine_tune(student, data, schedule).model()


def _initial(settings: Distil, features: Matrix, targets: Matrix) -> list[Layer]:
    """Random layers with the linear fit of the lesson carried past them.

    An answer's positive and its negative part take two units a layer: where inputs of a large range are all but added to the answer,
    the rest of the units learn only what is left. Layers too narrow for that begin without it.
    """
    random = np.random.default_rng(settings.seed)
    sizes = [features.shape[1], *settings.hidden, targets.shape[1]]
    spread = np.maximum(np.sqrt(np.mean(features.astype(np.float64) ** 2, axis=0)), 1)
    layers = [_drawn(random, rows, columns) for rows, columns in pairwise(sizes)]
    layers[0] /= spread[:, None]
    layers[-1] *= FIRST_SAY * targets.std(axis=0)
    biases = [np.zeros(columns) for columns in sizes[1:]]
    if 2 * targets.shape[1] < min(settings.hidden):
        slopes, biases[-1] = _linear(features, targets, spread)
        layers = _carried(layers, slopes)
    last = len(layers) - 1
    made = [(weights.astype(np.float32), bias.astype(np.float32)) for weights, bias in zip(layers, biases, strict=True)]
    return [Layer(weights, bias, rectified=index < last) for index, (weights, bias) in enumerate(made)]


def _drawn(random: np.random.Generator, rows: int, columns: int) -> Doubles:
    return random.normal(0, np.sqrt(2 / rows), (rows, columns))


def _linear(features: Matrix, targets: Matrix, spread: Doubles) -> tuple[Doubles, Doubles]:
    """Slopes (inputs, outputs) and offsets (outputs,) of the ridge regression of the targets."""
    values, wanted = features / spread, targets.astype(np.float64)
    mean, middle = values.mean(axis=0), wanted.mean(axis=0)
    centred = values - mean
    squares = centred.T @ centred + RIDGE * len(values) * np.eye(len(mean))
    slopes = np.linalg.solve(squares, centred.T @ (wanted - middle))
    return slopes / spread[:, None], middle - mean @ slopes


def _carried(layers: list[Doubles], slopes: Doubles) -> list[Doubles]:
    """Layers whose last units hold the linear fit and its negative, apart from the others."""
    outputs = slopes.shape[1]
    both = np.hstack([np.eye(outputs), -np.eye(outputs)])
    parts = [slopes @ both, *[np.eye(2 * outputs)] * (len(layers) - 2), both.T]
    for index, (weights, part) in enumerate(zip(layers, parts, strict=True)):
        rows, columns = part.shape
        if index:
            weights[-rows:] = 0
        if index < len(layers) - 1:
            weights[:, -columns:] = 0
        weights[-rows:, -columns:] = part
    return layers
