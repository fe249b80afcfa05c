"""Factors: a network's convolutions as two thinner ones, where that saves multiplications.

A convolution that mixes channels becomes one that gives fewer, and a pointwise one that gives the rest; a depthwise one of k x k taps
becomes columns of k x 1 and rows of 1 x k, as many pairs as its rank. The pointwise layer behind a depthwise one is then fitted again.

References
----------
Zhang, Zou, He, Sun: Accelerating Very Deep Convolutional Networks for Classification and Detection, 2016, https://arxiv.org/abs/1505.06798
    (channels: what a layer gives on data is approximated)
Jaderberg, Vedaldi, Zisserman: Speeding up Convolutional Neural Networks with Low Rank Expansions, 2014, https://arxiv.org/abs/1405.3866
    (columns and rows)
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from models.compression.activations import patches, sampled
from models.compression.channels import CALIBRATED_ON, SEED, bottlenecks
from models.compression.lesson import Feeds, Lesson
from models.compression.network import Floats, Layer, Network, attributes
from models.compression.reconstruction import Doubles, Fit

SWEEPS = 8
"""Of alternating least squares; later ones change nothing that matters."""
PATCHED_ON = 24
"""Rows on which depthwise kernels are seen at work."""
FLOOR = 1e-3
"""Every direction of a kernel counts at least so much, in shares of the mean."""


def factored(model: onnx.ModelProto, rank: int | None, energy: float, data: Lesson | None) -> onnx.ModelProto:
    """The model with thinner convolutions.

    Parameters
    ----------
    model : ModelProto
    rank : int, optional
        Of every convolution that gets cheaper by it; by `energy` if None.
    energy : float
        Share of what a convolution gives that its factors keep at least.
    data : Lesson, optional
        What convolutions give on its rows is approximated; without, their weights are.
    """
    network = Network(model, "low_rank")
    feeds = None if data is None else data.calibration(CALIBRATED_ON, SEED)
    layers = list(network.layers())
    seen = {} if feeds is None else sampled(network.model(), feeds, [layer.made for layer in layers if layer.kernel])
    after = {layer.made: bottleneck for bottleneck in bottlenecks(network) for layer in bottleneck.depthwise(network)}
    for layer in layers:
        if layer.depthwise and _separate(network, layer, rank, energy, feeds) and feeds is not None and layer.made in after:
            last = network.layer(after[layer.made].last.node)
            taken = sampled(network.model(), feeds, [last.taken])[last.taken]
            network.rewrite(last, *Fit.of(last, taken, seen[last.made]).parameters(last))
        elif layer.group == 1 and layer.kernel:
            _thin(network, network.layer(layer.node), rank, energy, seen.get(layer.made))
    return network.model()


def _thin(network: Network, layer: Layer, rank: int | None, energy: float, seen: Floats | None) -> None:
    """Two convolutions for one: the first gives the directions in which what the layer gives varies the most."""
    weights = layer.weights.reshape(len(layer.weights), -1).astype(np.float64)
    mean, spread = np.zeros(len(weights)), weights @ weights.T
    if seen is not None:
        given = seen.astype(np.float64)
        mean, spread = given.mean(axis=0), np.cov(given.T, bias=True).reshape(len(weights), -1)
    sizes, vectors = np.linalg.eigh(spread)
    chosen = rank or _enough(sizes[::-1], energy)
    if chosen * sum(weights.shape) >= weights.size:
        return
    basis = vectors[:, ::-1][:, :chosen]
    thin = (basis.T @ weights).reshape(chosen, *layer.weights.shape[1:]), basis.T @ (layer.bias - mean)
    wide = basis.reshape(*basis.shape, *(1 for _ in layer.kernel)), mean
    network.replace(layer, [(*thin, attributes(layer.node)), (*wide, {"kernel_shape": [1] * len(layer.kernel)})])


def _enough(sizes: Doubles, energy: float) -> int:
    """How many of the largest make up a share of all."""
    shares = np.cumsum(sizes.clip(0)) / max(float(sizes.clip(0).sum()), 1e-300)
    return int(np.searchsorted(shares, energy - 1e-12)) + 1


def _separate(network: Network, layer: Layer, rank: int | None, energy: float, feeds: Feeds | None) -> bool:
    """Columns and rows for a depthwise convolution; whether they are fewer taps and keep enough."""
    if len(layer.kernel) != 2 or min(layer.kernel) < 2:
        return False
    kernels, metric = layer.weights[:, 0].astype(np.float64), _metric(network, layer, feeds)
    taps, pair = kernels[0].size, sum(layer.kernel)
    for tried in range(1, (taps - 1) // pair + 1) if rank is None else [rank]:
        columns, rows = separated(kernels, metric, tried)
        missing = (kernels - np.einsum("crh,crw->chw", columns, rows)).reshape(len(kernels), -1)
        lost = np.einsum("ct,ctu,cu", missing, metric, missing, optimize=True)
        whole = np.einsum("ct,ctu,cu", flat := kernels.reshape(len(kernels), -1), metric, flat, optimize=True)
        if tried * pair < taps and (rank is not None or lost <= (1 - energy) * whole):
            network.replace(layer, _columns_and_rows(layer, columns, rows))
            return True
    return False


def _metric(network: Network, layer: Layer, feeds: Feeds | None) -> Doubles:
    """How errors of a channel's taps add up, (channels, taps, taps)."""
    taps = layer.kernel[0] * layer.kernel[1]
    plain = np.broadcast_to(np.eye(taps), (len(layer.weights), taps, taps))
    if feeds is None:
        return plain
    few = {name: values[:PATCHED_ON] for name, values in feeds.items()}
    seen = patches(network.model(), few, layer.taken, layer.kernel, attributes(layer.node)).transpose(1, 2, 0)
    found = (seen @ seen.transpose(0, 2, 1)).astype(np.float64) / seen.shape[2]
    sizes = np.trace(found, axis1=1, axis2=2)[:, None, None] / taps
    metric: Doubles = found + (FLOOR * sizes + 1e-12) * plain
    return metric


def separated(kernels: Doubles, metric: Doubles, rank: int) -> tuple[Doubles, Doubles]:
    """Columns (channels, rank, height) and rows (channels, rank, width) whose products add up to kernels, as near as a metric sees.

    Parameters
    ----------
    kernels : (channels, height, width) float64
    metric : (channels, taps, taps) float64
        An error's size is the square root of `error @ metric @ error`.
    rank : int
    """
    channels, height, width = kernels.shape
    left, sizes, right = np.linalg.svd(kernels)
    columns, rows = (left[:, :, :rank] * sizes[:, None, :rank]).transpose(0, 2, 1), right[:, :rank]
    flat = kernels.reshape(channels, -1)
    for _ in range(SWEEPS):
        shape = np.einsum("crw,hk->chwrk", rows, np.eye(height)).reshape(channels, height * width, -1)
        columns = _solved(shape, metric, flat).reshape(channels, -1, height)
        shape = np.einsum("crh,wk->chwrk", columns, np.eye(width)).reshape(channels, height * width, -1)
        rows = _solved(shape, metric, flat).reshape(channels, -1, width)
    return columns, rows


def _solved(shape: Doubles, metric: Doubles, wanted: Doubles) -> Doubles:
    weighted = shape.transpose(0, 2, 1) @ metric
    square = weighted @ shape
    ridge = 1e-9 * np.trace(square, axis1=1, axis2=2)[:, None, None] + 1e-30
    found: Doubles = np.linalg.solve(square + ridge * np.eye(square.shape[1]), weighted @ wanted[:, :, None])[:, :, 0]
    return found


def _columns_and_rows(layer: Layer, columns: Doubles, rows: Doubles) -> list[tuple[Floats | Doubles, Floats | None, dict[str, Any]]]:
    settings = attributes(layer.node)
    top, left, bottom, right = settings.get("pads", (0, 0, 0, 0))
    down, across = settings.get("strides", (1, 1))
    channels, rank, height = columns.shape
    first = {"group": channels, "kernel_shape": [height, 1], "pads": [top, 0, bottom, 0], "strides": [down, 1]}
    second = {"group": channels, "kernel_shape": [1, rows.shape[2]], "pads": [0, left, 0, right], "strides": [1, across]}
    return [(columns.reshape(channels * rank, 1, height, 1), None, first), (rows[:, :, None, :], layer.bias, second)]
