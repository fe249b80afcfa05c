"""Low rank: a layer's weights as the product of two smaller ones, where that saves parameters; networks' in `models.compression.factors`.

References
----------
Denil et al.: Predicting Parameters in Deep Learning, 2013, https://arxiv.org/abs/1306.0543
Chen, Yu, Dhillon, Hsieh: DRONE: Data-aware Low-rank Compression for Large NLP Models, NeurIPS 2021 (what the layer gives on data is
    approximated best, not the weights themselves)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.chain import Chain, Layer, Matrix
from models.compression.errors import RecipeError
from models.compression.factors import factored
from models.compression.fine_tuning import Schedule, fine_tune
from models.compression.lesson import Lesson
from models.compression.network import Network
from models.compression.settings import within

FACTORED_ON = 20_000
"""Rows whose activations say what matters of a layer."""


@dataclass(frozen=True, slots=True)
class LowRank:
    """How far to factorise; exactly one of `rank` and `energy`.

    Attributes
    ----------
    rank : int, optional
        Of every layer that gets smaller by it.
    energy : float, optional
        Share of the squared singular values that each layer keeps.
    epochs : int
        Of fine-tuning a chain, where there is a lesson; a network's layers are fitted again one by one.
    learning_rate : float
    """

    rank: int | None = None
    energy: float | None = None
    epochs: int = 10
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        if (self.rank is None) == (self.energy is None):
            raise RecipeError(f"LowRank: got rank {self.rank} and energy {self.energy}, expected one of them; mend the recipe")
        within("LowRank.rank", 1 if self.rank is None else self.rank, 1, 100_000)
        within("LowRank.energy", 1.0 if self.energy is None else self.energy, 1e-6, 1.0)


def low_rank(model: onnx.ModelProto, settings: LowRank, data: Lesson | None) -> onnx.ModelProto:
    """The model with two thin layers in the place of a wide one, fine-tuned.

    With a lesson, what the layers give on its rows is kept as well as the rank allows; without, the weights are.
    """
    if Network.is_one(model):
        return factored(model, settings.rank, settings.energy or 1.0, data)
    chain = Chain.read(model, "low_rank")
    values = [None] * len(chain.layers) if data is None else chain.activations(chain.rows(data)[0][:FACTORED_ON])
    parts = [part for layer, seen in zip(chain.layers, values, strict=False) for part in _factored(layer, settings, seen)]
    thin = chain.of(parts)
    if data is not None:
        thin = fine_tune(thin, data, Schedule(settings.epochs, learning_rate=settings.learning_rate))
    return thin.model()


def _factored(layer: Layer, settings: LowRank, seen: Matrix | None) -> list[Layer]:
    """The layer as one or two.

    The best approximation of rank r of `A @ W` is `A @ W @ V @ V.T`, with V the first r right singular vectors of `A @ W`: its factors
    are `W @ V` and `V.T`, and no inverse is needed. Without activations A is the identity, and this is the SVD of W.
    """
    weights = layer.weights.astype(np.float64)
    _, sizes, vectors = np.linalg.svd(weights if seen is None else _root(seen.astype(np.float64)) @ weights, full_matrices=False)
    rank = _rank(sizes, settings)
    inputs, outputs = weights.shape
    if rank * (inputs + outputs) >= inputs * outputs:
        return [layer]
    kept = vectors[:rank].T
    first = Layer((weights @ kept).astype(np.float32), np.zeros(rank, np.float32), rectified=False)
    return [first, Layer(kept.T.astype(np.float32), layer.bias, layer.rectified)]


def _root(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix with the same products of columns as the activations, but square."""
    return np.linalg.qr(seen).R


def _rank(sizes: NDArray[np.float64], settings: LowRank) -> int:
    if settings.energy is None:
        return min(settings.rank or 1, len(sizes))
    shares = np.cumsum(sizes**2) / max(float(np.sum(sizes**2)), 1e-300)
    return int(np.searchsorted(shares, settings.energy - 1e-12)) + 1
