"""Reconstruction: a layer's weights fitted again by least squares, so that it gives what the model of before gave, from what it now takes.

References
----------
He, Zhang, Sun: Channel Pruning for Accelerating Very Deep Neural Networks, ICCV 2017, https://arxiv.org/abs/1707.06168
Hassibi, Stork: Second Order Derivatives for Network Pruning: Optimal Brain Surgeon, NIPS 1992
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.compression.network import Floats, Layer

RIDGE = 0.1
"""Pull towards the weights of before, in shares of the mean variance of what goes in: few photos do not show what every channel is for."""

AT_ONCE = 100
"""Inputs are taken out by this part of them at a time, one by one where they are few."""

type Doubles = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Fit:
    """A pointwise layer's least squares.

    Attributes
    ----------
    weights : (outputs, inputs) float64
        That come closest to the targets.
    inverse : (inputs, inputs) float64
        Of the inputs' covariance with the ridge.
    means : tuple of (inputs,) and (outputs,) float64
        Of inputs and targets.
    variance : float
        Of the targets, all outputs together.
    """

    weights: Doubles
    inverse: Doubles
    means: tuple[Doubles, Doubles]
    variance: float

    @classmethod
    def of(cls, layer: Layer, inputs: Floats, targets: Floats) -> Fit:
        """The fit of a layer to targets (samples, outputs) from inputs (samples, inputs)."""
        weights = layer.weights.reshape(len(layer.weights), -1).astype(np.float64)
        means = inputs.mean(axis=0, dtype=np.float64), targets.mean(axis=0, dtype=np.float64)
        taken, wanted = (values - mean.astype(np.float32) for values, mean in zip((inputs, targets), means, strict=True))
        covariance = (taken.T @ taken).astype(np.float64) / len(inputs)
        ridge = max(RIDGE * float(np.mean(np.diag(covariance))), 1e-12)
        inverse = np.linalg.inv(covariance + ridge * np.eye(len(covariance)))
        missing = (wanted - taken @ weights.T.astype(np.float32)).T @ taken / np.float32(len(inputs))
        return cls(weights + missing @ inverse, inverse, means, float(wanted.var(axis=0).sum()))

    def remove(self, count: int) -> tuple[NDArray[np.int64], Doubles]:
        """Take out inputs, each time those that the others replace best, and refit the others.

        Returns
        -------
        removed : (count,) int64
            In order.
        errors : (count,) float64
            What each adds to the squared error, as a share of the targets' variance.
        """
        step = max(1, len(self.inverse) // AT_ONCE)
        left, removed, errors = np.ones(len(self.inverse), bool), np.zeros(0, np.int64), np.zeros(0)
        while len(removed) < count:
            losses = np.where(left, (self.weights**2).sum(axis=0) / np.maximum(np.diag(self.inverse), 1e-300), np.inf)
            chosen = np.argsort(losses, kind="stable")[: min(step, count - len(removed))]
            self._take_out(chosen)
            left[chosen] = False
            removed, errors = np.append(removed, chosen), np.append(errors, losses[chosen] / max(self.variance, 1e-300))
        return removed, errors

    def _take_out(self, chosen: NDArray[np.int64]) -> None:
        rows = np.linalg.solve(self.inverse[np.ix_(chosen, chosen)], self.inverse[chosen])
        self.weights -= self.weights[:, chosen] @ rows
        self.inverse -= self.inverse[:, chosen] @ rows
        self.weights[:, chosen] = self.inverse[chosen] = self.inverse[:, chosen] = 0

    def parameters(self, layer: Layer) -> tuple[Floats, Floats]:
        """Weights, shaped as the layer's, and the bias."""
        bias = self.means[1] - self.weights @ self.means[0]
        return self.weights.reshape(layer.weights.shape).astype(np.float32), bias.astype(np.float32)
