"""Channels: those between two layers of a network that the others replace best are taken out, and the layer after them is fitted again.

Which, and how many of each layer, follows from what a channel's work costs: layers lose channels in the order of the error that one adds
over the time that it takes.

References
----------
He, Zhang, Sun: Channel Pruning for Accelerating Very Deep Neural Networks, ICCV 2017, https://arxiv.org/abs/1707.06168
Kurtic, Frantar, Alistarh: ZipLM: Inference-Aware Structured Pruning of Language Models, NeurIPS 2023, https://arxiv.org/abs/2302.04089
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.activations import sampled
from models.compression.errors import OperatorError
from models.compression.lesson import Lesson
from models.compression.network import CHANNELWISE, Floats, Layer, Network, places
from models.compression.reconstruction import Fit

CALIBRATED_ON = 128
"""Rows of a lesson that layers are fitted on."""
SEED = 2013
DEPTHWISE = 8
"""How many times as long a depthwise convolution takes for a multiplication as a pointwise one, in WebAssembly: 2.4 against 20 GFLOP/s."""
MOST = 0.5
"""Share of a layer's channels that may go."""


@dataclass(frozen=True, slots=True, eq=False)
class Bottleneck:
    """Channels that no one else sees.

    Attributes
    ----------
    first : Layer
        Makes them.
    between : tuple of NodeProto
        Treat each alone: activations and depthwise convolutions.
    last : Layer
        Mixes them.
    """

    first: Layer
    between: tuple[onnx.NodeProto, ...]
    last: Layer

    def depthwise(self, network: Network) -> list[Layer]:
        """The convolutions in between, as they are in its network now."""
        return [network.layer(node) for node in self.between if node.op_type == "Conv"]


def bottlenecks(network: Network) -> Iterator[Bottleneck]:
    """All of a network's, in order; one's last layer may be the next one's first."""
    for layer in network.layers():
        if layer.group == 1:
            *between, last = _followers(network, layer)
            if last is not None:
                yield Bottleneck(layer, tuple(node for node in between if node is not None), network.layer(last))


def _followers(network: Network, first: Layer) -> list[onnx.NodeProto | None]:
    """Nodes up to the layer that mixes a layer's channels; at last None where there is none."""
    found: list[onnx.NodeProto | None] = []
    value = first.made
    while (node := network.only_taker(value)) is not None and node.input[0] == value:
        found.append(node)
        if node.op_type in ("Conv", "Gemm") and not (layer := network.layer(node)).depthwise:
            return found if layer.pointwise else [*found, None]
        if node.op_type not in (*CHANNELWISE, "Conv"):
            break
        value = node.output[0]
    return [None]


def narrowed(model: onnx.ModelProto, kept: float, data: Lesson) -> onnx.ModelProto:
    """The model with channels taken out until its bottlenecks cost no more than a share of what they did.

    Raises
    ------
    OperatorError
        If no layer's channels are its own.
    LessonError
        If there are too few rows to fit layers on.
    """
    network, feeds = Network(model, "structured"), data.calibration(CALIBRATED_ON, SEED)
    found = list(bottlenecks(network))
    if not found:
        raise OperatorError(
            "structured: got a network whose every channel is added to others or given out, expected some between two layers alone; "
            "leave this step out of the recipe"
        )
    seen = sampled(network.model(), feeds, [each.last.taken for each in found] + [each.last.made for each in found])
    for bottleneck, count in zip(found, _counts(network, found, kept, seen), strict=True):
        if count:
            last = network.layer(bottleneck.last.node)
            taken = sampled(network.model(), feeds, [last.taken])[last.taken]
            fit = Fit.of(last, taken, seen[last.made])
            removed, _ = fit.remove(count)
            _narrow(network, bottleneck, fit, np.setdiff1d(np.arange(len(bottleneck.first.bias)), removed))
    return network.model()


def _narrow(network: Network, bottleneck: Bottleneck, fit: Fit, kept: NDArray[np.int64]) -> None:
    last, first = (network.layer(layer.node) for layer in (bottleneck.last, bottleneck.first))
    weights, bias = fit.parameters(last)
    network.rewrite(last, weights[:, kept], bias)
    for layer in (first, *bottleneck.depthwise(network)):
        network.rewrite(layer, layer.weights[kept], layer.bias[kept])


def _counts(network: Network, found: Sequence[Bottleneck], kept: float, seen: Mapping[str, Floats]) -> list[int]:
    """How many channels each bottleneck loses."""
    works = _works(network, found)
    ratios, costs = [], []
    for bottleneck, work in zip(found, works, strict=True):
        channels, last = len(bottleneck.first.bias), bottleneck.last
        _, errors = Fit.of(last, seen[last.taken], seen[last.made]).remove(int(MOST * channels))
        ratios.append(np.maximum.accumulate(errors) / work)
        costs.append(np.full(len(errors), work))
    order = np.argsort(np.concatenate(ratios), kind="stable")
    total = sum(work * len(each.first.bias) for each, work in zip(found, works, strict=True))
    enough = np.searchsorted(np.cumsum(np.concatenate(costs)[order]), (1 - kept) * total * (1 - 1e-9))
    gone = order[: int(enough) + 1 if kept < 1 else 0]
    owners = np.repeat(np.arange(len(found)), [len(each) for each in ratios])
    return [int(count) for count in np.bincount(owners[gone], minlength=len(found))]


def _works(network: Network, found: Sequence[Bottleneck]) -> list[float]:
    """Multiplications that a channel of each bottleneck costs a row, depthwise ones by the time that they take."""
    sizes = places(network.model())
    return [
        _cost(each.first, sizes)
        + DEPTHWISE * sum(_cost(layer, sizes) for layer in each.depthwise(network))
        + len(each.last.weights) * sizes[each.last.made]
        for each in found
    ]


def _cost(layer: Layer, sizes: Mapping[str, int]) -> float:
    return float(layer.weights[0].size * sizes[layer.made])
