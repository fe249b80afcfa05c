"""Student: a small multilayer perceptron distilled from the teacher, for before and after departure at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from models.eta.pipeline import FEATURE_NAMES

type Matrix = NDArray[np.float32]
type Layer = tuple[Matrix, Matrix]
"""Weights (inputs, outputs) and bias (outputs,); ReLU between layers, none after the last."""
type Parameters = list[tuple[jax.Array, jax.Array]]

SEED = 2013
HIDDEN = (126, 62)
"""Each of the exported layers gets two more units, which carry the departure delay."""
EPOCHS = 40
BATCH = 4096
LEARNING_RATE = 6e-3
WEIGHT_DECAY = 1e-2
OUTPUT_SCALE_MIN = 20.0
"""What the network's output is a multiple of while it learns: about the spread of its targets."""
STANDARDISED = slice(FEATURE_NAMES.index("distance"), FEATURE_NAMES.index("schedule_slack") + 1)
"""The features that are neither shares nor flags."""


def distil(features: Matrix, targets: Matrix) -> list[Layer]:
    """Teach a student what the teacher predicts.

    Parameters
    ----------
    features : (N, F - 1) float32
        The feature tensor without its last column, the departure delay's minutes.
    targets : (N,) float32
        The teacher's arrival delay minus the departure delay (0 if missing), minutes.

    Returns
    -------
    list of layers
        They take plain features and give minutes: standardisation and scale are folded into the first and last layer.

    References
    ----------
    Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015, https://arxiv.org/abs/1503.02531
    Loshchilov, Hutter: Decoupled Weight Decay Regularization, 2019, https://arxiv.org/abs/1711.05101
    """
    mean, spread = _standard(features)
    parameters = _train((features - mean) / spread, targets / np.float32(OUTPUT_SCALE_MIN))
    return _fold([(np.asarray(weights), np.asarray(bias)) for weights, bias in parameters], mean, spread)


def _forward(parameters: Parameters, values: jax.Array) -> jax.Array:
    for weights, bias in parameters[:-1]:
        values = jax.nn.relu(values @ weights + bias)
    weights, bias = parameters[-1]
    return (values @ weights + bias)[:, 0]


def _standard(features: Matrix) -> tuple[Matrix, Matrix]:
    mean, spread = np.zeros(features.shape[1], np.float32), np.ones(features.shape[1], np.float32)
    mean[STANDARDISED] = features[:, STANDARDISED].mean(axis=0, dtype=np.float64)
    spread[STANDARDISED] = features[:, STANDARDISED].std(axis=0, dtype=np.float64)
    return mean, spread


def _initial(random: np.random.Generator, inputs: int) -> Parameters:
    sizes = [inputs, *HIDDEN, 1]
    return [
        (jnp.asarray(random.normal(0, np.sqrt(2 / rows), (rows, columns)), jnp.float32), jnp.zeros(columns, jnp.float32))
        for rows, columns in pairwise(sizes)
    ]


def _train(features: Matrix, targets: Matrix) -> Parameters:
    random = np.random.default_rng(SEED)
    parameters = _initial(random, features.shape[1])
    steps = len(targets) // BATCH
    optimizer = optax.adamw(optax.cosine_decay_schedule(LEARNING_RATE, EPOCHS * steps), weight_decay=WEIGHT_DECAY)
    state = optimizer.init(parameters)
    epoch = _epoch(optimizer)
    for _ in range(EPOCHS):
        order = random.permutation(len(targets))[: steps * BATCH].reshape(steps, BATCH)
        parameters, state = epoch(parameters, state, features[order], targets[order])
    return parameters


def _epoch(optimizer: optax.GradientTransformation) -> Any:
    """One pass over batches, compiled."""

    def loss(parameters: Parameters, features: jax.Array, targets: jax.Array) -> jax.Array:
        return jnp.mean((_forward(parameters, features) - targets) ** 2)

    def step(carry: tuple[Parameters, Any], batch: tuple[jax.Array, jax.Array]) -> tuple[tuple[Parameters, Any], None]:
        parameters, state = carry
        updates, state = optimizer.update(jax.grad(loss)(parameters, *batch), state, parameters)
        return (optax.apply_updates(parameters, updates), state), None

    @jax.jit
    def epoch(parameters: Parameters, state: Any, features: jax.Array, targets: jax.Array) -> tuple[Parameters, Any]:
        return jax.lax.scan(step, (parameters, state), (features, targets))[0]

    return epoch


def _fold(layers: list[Layer], mean: Matrix, spread: Matrix) -> list[Layer]:
    """Move standardisation into the first layer and the output's scale into the last, in double precision."""
    (first, first_bias), (last, last_bias) = layers[0], layers[-1]
    scaled = first.astype(np.float64) / spread[:, None]
    shifted = first_bias - mean.astype(np.float64) @ scaled
    folded = [(scaled, shifted), *layers[1:-1], (last * OUTPUT_SCALE_MIN, last_bias * OUTPUT_SCALE_MIN)]
    return [(weights.astype(np.float32), bias.astype(np.float32)) for weights, bias in folded]
