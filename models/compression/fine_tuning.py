"""Fine-tuning: a chain's weights learn again what a lesson says, under a technique's constraints.

References
----------
Loshchilov, Hutter: Decoupled Weight Decay Regularization, 2019, https://arxiv.org/abs/1711.05101
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from models.compression.chain import Chain, Layer, Matrix
from models.compression.lesson import Lesson
from models.compression.settings import within

SCALED_ON = 4096
"""Rows that scales are taken from."""
QUIET = 0.1
"""Units are taken to be at least this share as active as the median unit, so that no step blows up one that hardly ever speaks."""

type Parameters = list[tuple[jax.Array, jax.Array]]
type Forward = Callable[[Parameters, jax.Array], jax.Array]
type Seen = Callable[[int, jax.Array, jax.Array], tuple[jax.Array, jax.Array]]
"""From a layer's number, its inputs and its weights to what the layer is to compute with, as if they were rounded."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to learn.

    Attributes
    ----------
    epochs : int
        Times through all rows; 0 learns nothing.
    batch : int
        Rows a step.
    learning_rate : float
        Of the first step; it falls to 0 along a cosine.
    weight_decay : float
    seed : int
        Of the order of rows.
    """

    epochs: int
    batch: int = 512
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    seed: int = 2013

    def __post_init__(self) -> None:
        within("epochs", self.epochs, 0, 10_000)
        within("batch", self.batch, 1, 1_000_000)
        within("learning_rate", self.learning_rate, 0, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """How large a chain's inputs, units and answers are, so that one learning rate suits every weight.

    A weight times the size of what it takes, over the size of what it gives, has no unit: that is what the optimiser steps in, and
    what pruning compares.

    Attributes
    ----------
    sizes : tuple of (units,) float32
        Of the inputs, of each hidden layer, and of the answers.
    """

    sizes: tuple[Matrix, ...]

    @classmethod
    def of(cls, chain: Chain, features: Matrix, targets: Matrix) -> Scales:
        """The root mean squares of what a chain computes; inputs below 1 count as 1."""
        first, *hidden, _ = [_root_mean_square(values) for values in chain.activations(features[:SCALED_ON])]
        floored = [np.maximum(sizes, max(QUIET * float(np.median(sizes)), 1e-6)) for sizes in hidden]
        spread = np.maximum(targets.std(axis=0), 1e-6)
        return cls((np.maximum(first, 1).astype(np.float32), *floored, spread))

    def weights(self, index: int) -> Matrix:
        """What a layer's weights are multiples of, (inputs, outputs)."""
        scale: Matrix = (self.sizes[index + 1] / self.sizes[index][:, None]).astype(np.float32)
        return scale


def fine_tune(
    chain: Chain, lesson: Lesson, schedule: Schedule, *, masks: Sequence[NDArray[np.bool_]] | None = None, seen: Seen | None = None
) -> Chain:
    """The chain after learning a lesson, by the mean squared error.

    Parameters
    ----------
    chain : Chain
    lesson : Lesson
    schedule : Schedule
    masks : sequence of (inputs, outputs) bool, optional
        A layer each: which weights learn; the others stay as they are (pruned ones 0, frozen factors untouched).
    seen : callable, optional
        How a layer's inputs and weights are rounded while it learns (quantisation-aware).

    Returns
    -------
    Chain
        Of the same shape; the same for the same seed on the same machine.

    Raises
    ------
    LessonError
        If the lesson does not fit the chain.
    """
    features, targets = chain.rows(lesson)
    if not schedule.epochs:
        return chain
    scales = Scales.of(chain, features, targets)
    units = [(jnp.asarray(scales.weights(index)), jnp.asarray(scales.sizes[index + 1])) for index in range(len(chain.layers))]
    forward = _forward([layer.rectified for layer in chain.layers], units, seen)
    started = [
        (jnp.asarray(layer.weights / unit), jnp.asarray(layer.bias / size)) for layer, (unit, size) in zip(chain.layers, units, strict=True)
    ]
    learned = descend(forward, started, features, targets / scales.sizes[-1], schedule, np.random.default_rng(schedule.seed), masks)
    return chain.of([_learned(*each) for each in zip(chain.layers, learned, units, strict=True)])


def descend(
    forward: Forward,
    parameters: Parameters,
    features: Matrix,
    targets: Matrix,
    schedule: Schedule,
    random: np.random.Generator,
    masks: Sequence[NDArray[np.bool_]] | None = None,
) -> Parameters:
    """Parameters after AdamW on the mean squared error of `forward`, in batches that `random` shuffles; weights outside masks stay."""
    batch = min(schedule.batch, len(targets))
    steps = len(targets) // batch
    rate = optax.cosine_decay_schedule(schedule.learning_rate, schedule.epochs * steps)
    optimizer = optax.chain(optax.adamw(rate, weight_decay=schedule.weight_decay), _only(masks, parameters))
    state, epoch = optimizer.init(parameters), _epoch(forward, optimizer)
    for _ in range(schedule.epochs):
        order = random.permutation(len(targets))[: steps * batch].reshape(steps, batch)
        parameters, state = epoch(parameters, state, features[order], targets[order])
    return parameters


def _only(masks: Sequence[NDArray[np.bool_]] | None, parameters: Parameters) -> optax.GradientTransformation:
    if masks is None:
        return optax.identity()
    moving = [(jnp.asarray(mask, jnp.float32), jnp.ones_like(bias)) for mask, (_, bias) in zip(masks, parameters, strict=True)]
    return optax.stateless(lambda updates, _: jax.tree.map(jnp.multiply, updates, moving))


def _epoch(forward: Forward, optimizer: optax.GradientTransformation) -> Any:
    """One pass over batches, compiled."""

    def loss(parameters: Parameters, features: jax.Array, targets: jax.Array) -> jax.Array:
        return jnp.mean((forward(parameters, features) - targets) ** 2)

    def step(carry: tuple[Parameters, Any], batch: tuple[jax.Array, jax.Array]) -> tuple[tuple[Parameters, Any], None]:
        parameters, state = carry
        updates, state = optimizer.update(jax.grad(loss)(parameters, *batch), state, parameters)
        return (optax.apply_updates(parameters, updates), state), None

    @jax.jit
    def epoch(parameters: Parameters, state: Any, features: jax.Array, targets: jax.Array) -> tuple[Parameters, Any]:
        return jax.lax.scan(step, (parameters, state), (features, targets))[0]

    return epoch


def _forward(rectified: Sequence[bool], units: Sequence[tuple[jax.Array, jax.Array]], seen: Seen | None) -> Forward:
    """A chain's answers in multiples of their size, from parameters in multiples of theirs."""

    def forward(parameters: Parameters, values: jax.Array) -> jax.Array:
        for index, ((weights, bias), (unit, size), relu) in enumerate(zip(parameters, units, rectified, strict=True)):
            taken, applied = (values, weights * unit) if seen is None else seen(index, values, weights * unit)
            made = taken @ applied + bias * size
            values = jax.nn.relu(made) if relu else made
        return values / units[-1][1]

    return forward


def _learned(layer: Layer, parameters: tuple[jax.Array, jax.Array], units: tuple[jax.Array, jax.Array]) -> Layer:
    weights, bias = (np.asarray(value * unit) for value, unit in zip(parameters, units, strict=True))
    return Layer(weights, bias, layer.rectified)


def _root_mean_square(values: Matrix) -> Matrix:
    sizes: Matrix = np.sqrt(np.mean(values.astype(np.float64) ** 2, axis=0)).astype(np.float32)
    return sizes
