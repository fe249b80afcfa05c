"""Pruning: weights set to zero, or whole units taken out of the graph.

References
----------
Zhu, Gupta: To prune, or not to prune, 2017, https://arxiv.org/abs/1710.01878 (sparsity rises by a cubic, learning goes on in between)
Molchanov, Mallya, Tyree, Frosio, Kautz: Importance Estimation for Neural Network Pruning, 2019, https://arxiv.org/abs/1906.10771 (a
    weight counts by what changes without it, to first order)
Molchanov, Tyree, Karras, Aila, Kautz: Pruning Convolutional Neural Networks for Resource Efficient Inference, 2017,
    https://arxiv.org/abs/1611.06440 (the oracle: a unit counts by what changes without it)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.chain import Chain, Layer, Matrix
from models.compression.channels import narrowed
from models.compression.fine_tuning import Schedule, fine_tune
from models.compression.lesson import Lesson
from models.compression.network import Network
from models.compression.settings import within

JUDGED_ON = 2048
"""Rows on which units are left out one after the other, and weights compared."""

type Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Unstructured:
    """Weights to zero; the graph stays as large, but packs better.

    Attributes
    ----------
    sparsity : float
        Share of all weights that end as zeros.
    epochs : int
        Of fine-tuning a chain, all stages together; the last stage takes half of them.
    stages : int
        Steps in which sparsity rises.
    learning_rate : float
    """

    sparsity: float
    epochs: int = 20
    stages: int = 5
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        within("Unstructured.sparsity", self.sparsity, 0, 0.999)
        within("Unstructured.stages", self.stages, 1, 1000)


@dataclass(frozen=True, slots=True)
class Structured:
    """Units or channels out of the graph, which gets smaller and faster.

    Attributes
    ----------
    kept : float
        In a chain, the share of each hidden layer's units that stay, one at least; in a network with convolutions, the share that stays of
        the time that channels between two layers take, wherever they are missed the least.
    epochs, stages, learning_rate
        As for `Unstructured`; the share falls by the same factor every stage of a chain. A network's layers are fitted again instead.
    """

    kept: float
    epochs: int = 20
    stages: int = 4
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        within("Structured.kept", self.kept, 0.001, 1)
        within("Structured.stages", self.stages, 1, 1000)


def unstructured(model: onnx.ModelProto, settings: Unstructured, data: Lesson | None) -> onnx.ModelProto:
    """The model with a share of its weights at zero; networks, and whatever there is no lesson for, by magnitude alone, at once."""
    if Network.is_one(model):
        return _thinned(Network(model, "unstructured"), settings.sparsity)
    chain = Chain.read(model, "unstructured")
    if data is None:
        return _zeroed(chain, _largest([np.abs(layer.weights) for layer in chain.layers], settings.sparsity)).model()
    features = chain.rows(data)[0][:JUDGED_ON]
    for stage, epochs in enumerate(_epochs(settings.epochs, settings.stages), 1):
        sparsity = settings.sparsity * (1 - (1 - stage / settings.stages) ** 3)
        masks = _largest(_effects(chain, features), sparsity)
        schedule = Schedule(epochs, learning_rate=settings.learning_rate)
        chain = fine_tune(_zeroed(chain, masks), data, schedule, masks=masks)
    return chain.model()


def structured(model: onnx.ModelProto, settings: Structured, data: Lesson) -> onnx.ModelProto:
    """The model with fewer units a hidden layer: those stay without which its answers would change the most."""
    if Network.is_one(model):
        return narrowed(model, settings.kept, data)
    chain = Chain.read(model, "structured")
    sizes = [len(layer.bias) for layer in chain.layers[:-1]]
    for stage, epochs in enumerate(_epochs(settings.epochs, settings.stages), 1):
        share = settings.kept ** (stage / settings.stages)
        chain = without_units(chain, [max(1, round(share * size)) for size in sizes], data)
        chain = fine_tune(chain, data, Schedule(epochs, learning_rate=settings.learning_rate))
    return chain.model()


def without_units(chain: Chain, sizes: Sequence[int], data: Lesson) -> Chain:
    """The chain with this many units a hidden layer; what those taken out gave on average goes into the next bias."""
    features = chain.rows(data)[0][:JUDGED_ON]
    for index, size in enumerate(sizes):
        chosen = np.argsort(-importance(chain, index, features), kind="stable")[:size]
        chain = _narrowed(chain, index, np.sort(chosen), chain.activations(features)[index + 1].mean(axis=0))
    return chain


def importance(chain: Chain, index: int, features: Matrix) -> NDArray[np.float64]:
    """The mean squared change of the chain's answers when each unit of a hidden layer says nothing but its mean, (units,)."""
    *_, answers = seen = chain.activations(features)
    units = seen[index + 1]
    found = np.empty(units.shape[1])
    for unit in range(units.shape[1]):
        silent = units.copy()
        silent[:, unit] = units[:, unit].mean()
        found[unit] = np.mean((_rest(chain, index + 1, silent) - answers).astype(np.float64) ** 2)
    return found


def _rest(chain: Chain, start: int, values: Matrix) -> Matrix:
    for layer in chain.layers[start:]:
        values = layer(values)
    return values


def _narrowed(chain: Chain, index: int, kept: NDArray[np.int64], means: Matrix) -> Chain:
    layer, following = chain.layers[index : index + 2]
    gone = np.setdiff1d(np.arange(len(layer.bias)), kept)
    narrow = Layer(layer.weights[:, kept], layer.bias[kept], layer.rectified)
    fed = replace(following, weights=following.weights[kept], bias=following.bias + means[gone] @ following.weights[gone])
    return chain.of([*chain.layers[:index], narrow, fed, *chain.layers[index + 2 :]])


def _epochs(epochs: int, stages: int) -> list[int]:
    """Epochs by stage: half of them at the end."""
    early = epochs // 2 // max(stages - 1, 1)
    return [early] * (stages - 1) + [epochs - early * (stages - 1)]


def _effects(chain: Chain, features: Matrix) -> list[NDArray[np.float64]]:
    """To first order, the mean squared change of the answers without each weight; comparable between layers."""
    *taken, answers = seen = chain.activations(features)
    effects = [np.zeros(layer.weights.shape) for layer in chain.layers]
    for answer in range(answers.shape[1]):
        slopes = np.zeros(answers.shape)
        slopes[:, answer] = 1
        for index in reversed(range(len(taken))):
            layer = chain.layers[index]
            slopes = slopes * (seen[index + 1] > 0) if layer.rectified else slopes
            effects[index] += layer.weights**2 * ((taken[index] ** 2).T @ slopes**2) / len(features)
            slopes = slopes @ layer.weights.T
    return effects


def _largest(sizes: Sequence[NDArray[np.floating[Any]]], sparsity: float) -> list[Mask]:
    """All but a share of the smallest, over all layers."""
    joined = np.concatenate([size.ravel() for size in sizes])
    mask = np.ones(joined.size, bool)
    mask[np.argsort(joined, kind="stable")[: int(sparsity * joined.size)]] = False
    ends = np.cumsum([size.size for size in sizes])[:-1]
    return [part.reshape(size.shape) for part, size in zip(np.split(mask, ends), sizes, strict=True)]


def _thinned(network: Network, sparsity: float) -> onnx.ModelProto:
    """The network with its smallest weights at zero, in multiples of the root mean square of their output's."""
    layers = list(network.layers())
    sizes = [np.sqrt(np.mean(layer.weights**2, axis=tuple(range(1, layer.weights.ndim)), keepdims=True)) for layer in layers]
    masks = _largest([np.abs(layer.weights) / np.maximum(size, 1e-30) for layer, size in zip(layers, sizes, strict=True)], sparsity)
    for layer, mask in zip(layers, masks, strict=True):
        network.rewrite(layer, layer.weights * mask, layer.bias)
    return network.model()


def _zeroed(chain: Chain, masks: Sequence[Mask]) -> Chain:
    return chain.of([replace(layer, weights=layer.weights * mask) for layer, mask in zip(chain.layers, masks, strict=True)])
