"""Integer products: a chain in 8-bit integers, scales fixed beforehand, as fast as WebAssembly can.

Integer products are scaled in float between layers: in WebAssembly that takes half the time of fused QGemm, whose requantisation is
scalar there. ReLU is the lower end of an unsigned range that starts at zero. Weights are unsigned as well: signed ones saturate on x86
processors without VNNI, and answers would differ from device to device. A few inputs of a layer whose range is many times that of the
others would leave those no steps to tell their values apart: they are multiplied in float, beside the integers.

References
----------
Jacob et al.: Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018,
    https://arxiv.org/abs/1712.05877 (rounding while training included)
Nagel et al.: Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, https://arxiv.org/abs/1906.04721
Dettmers, Lewis, Belkada, Zettlemoyer: LLM.int8(), 2022, https://arxiv.org/abs/2208.07339 (outlying inputs in float)
Bengio, Léonard, Courville: Estimating or Propagating Gradients Through Stochastic Neurons, 2013, https://arxiv.org/abs/1308.3432
    (straight through the rounding)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.chain import Chain, Layer, Matrix
from models.compression.fine_tuning import Schedule, Seen, fine_tune
from models.compression.graph import Writer
from models.compression.lesson import Lesson
from models.compression.settings import within

LEVELS = 255
"""Steps of an unsigned 8-bit integer."""
HALF = 128
SATURATED = 1e-5
"""Share of a hidden layer's activations that may lie above its 8-bit range."""
SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class IntegerProducts:
    """How ranges are found.

    Attributes
    ----------
    rows : int
        To calibrate on.
    outlier : float
        An input of a layer is multiplied in float if its range is this many times that of the layer's median input.
    seed : int
        Of the rows' choice.
    """

    rows: int = 20_000
    outlier: float = 8.0
    seed: int = 2013

    def __post_init__(self) -> None:
        within("IntegerProducts.outlier", self.outlier, 1, 1e9)


@dataclass(frozen=True, slots=True)
class QuantisationAware:
    """Fine-tuning with rounding in place, then integer products.

    Attributes
    ----------
    epochs, learning_rate
        As in `models.compression.fine_tuning.Schedule`.
    rows, outlier, seed
        As for `IntegerProducts`.
    """

    epochs: int = 5
    learning_rate: float = 5e-4
    rows: int = 20_000
    outlier: float = 8.0
    seed: int = 2013

    @property
    def products(self) -> IntegerProducts:
        """The settings of what comes after."""
        return IntegerProducts(self.rows, self.outlier, self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """How a layer's inputs become integers.

    Attributes
    ----------
    scale : float32
    zero : uint8
        The integer that stands for 0.
    outliers : (K,) integers
        Inputs that are multiplied in float.
    """

    scale: np.float32
    zero: np.uint8
    outliers: NDArray[np.int64]

    @classmethod
    def of(cls, values: Matrix, outlier: float, saturated: float) -> Range:
        """The range of activations (N, inputs), all but this share of them."""
        reach = np.abs(values).max(axis=0)
        outliers = np.flatnonzero(reach > outlier * max(float(np.median(reach)), SMALLEST))
        rest = np.delete(values, outliers, axis=1) if len(outliers) < values.shape[1] else np.zeros((1, 1), np.float32)
        low, high = min(0.0, float(rest.min())), float(np.quantile(rest, 1 - saturated))
        scale = np.float32(max(high - low, SMALLEST) / LEVELS)
        return cls(scale, np.uint8(np.rint(-low / scale)), outliers)


def integer_products(model: onnx.ModelProto, settings: IntegerProducts, data: Lesson) -> onnx.ModelProto:
    """The model with 8-bit integer products, the mean of its answers corrected on the calibration rows."""
    return _corrected(Chain.read(model, "integer_products"), settings, data)


def quantisation_aware(model: onnx.ModelProto, settings: QuantisationAware, data: Lesson) -> onnx.ModelProto:
    """The model after fine-tuning with rounded weights and activations, in integer products."""
    chain = Chain.read(model, "quantisation_aware")
    ranges = _ranges(chain, settings.products, data)
    schedule = Schedule(settings.epochs, learning_rate=settings.learning_rate, seed=settings.seed)
    return _corrected(fine_tune(chain, data, schedule, seen=_rounded(ranges)), settings.products, data)


def _ranges(chain: Chain, settings: IntegerProducts, data: Lesson) -> list[Range]:
    *taken, _ = chain.activations(_calibration(chain, settings, data))
    return [Range.of(values, settings.outlier, SATURATED if index else 0.0) for index, values in enumerate(taken)]


def _calibration(chain: Chain, settings: IntegerProducts, data: Lesson) -> Matrix:
    chain.rows(data)
    rows: Matrix = data.calibration(settings.rows, settings.seed)[chain.input_name]
    return rows


def _corrected(chain: Chain, settings: IntegerProducts, data: Lesson) -> onnx.ModelProto:
    ranges, rows = _ranges(chain, settings, data), _calibration(chain, settings, data)
    off = chain.activations(rows)[-1].mean(axis=0) - _simulated(chain, ranges, rows).mean(axis=0)
    last = chain.layers[-1]
    return _model(chain.of([*chain.layers[:-1], replace(last, bias=last.bias + off)]), ranges)


def _simulated(chain: Chain, ranges: Sequence[Range], values: Matrix) -> Matrix:
    """What the integers will answer."""
    seen = _rounded(ranges)
    for index, layer in enumerate(chain.layers):
        taken, weights = seen(index, jnp.asarray(values), jnp.asarray(layer.weights))
        values = replace(layer, weights=np.asarray(weights))(np.asarray(taken))
    return values


def _rounded(ranges: Sequence[Range]) -> Seen:
    """A layer's inputs and weights as if they were integers; gradients pass straight through."""

    def seen(index: int, values: jax.Array, weights: jax.Array) -> tuple[jax.Array, jax.Array]:
        inputs = np.isin(np.arange(weights.shape[0]), ranges[index].outliers)
        scale, zero = ranges[index].scale, float(ranges[index].zero)
        integers = jnp.clip(jnp.round(values / scale) + zero, 0, LEVELS)
        steps = jnp.maximum(jnp.abs(jnp.where(inputs[:, None], 0.0, weights)).max(axis=0), SMALLEST) / (HALF - 1)
        rounded = jnp.round(weights / steps) * steps
        return _straight(values, (integers - zero) * scale, inputs), _straight(weights, rounded, inputs[:, None])

    return seen


def _straight(exact: jax.Array, rounded: jax.Array, kept: NDArray[np.bool_]) -> jax.Array:
    return jnp.where(kept, exact, exact + jax.lax.stop_gradient(rounded - exact))


def _model(chain: Chain, ranges: Sequence[Range]) -> onnx.ModelProto:
    graph, values = Writer(chain.like), chain.input_name
    for index, (layer, found) in enumerate(zip(chain.layers, ranges, strict=True)):
        outlying = _outlying(graph, values, found, rectified=index > 0 and chain.layers[index - 1].rectified)
        values = _layer(graph, values, layer, found, outlying)
    if chain.layers[-1].rectified:
        values = graph.add("Relu", values)
    return graph.model(values)


def _outlying(graph: Writer, values: str, found: Range, *, rectified: bool) -> str | None:
    """The inputs that stay float; the others are rectified by where their range begins."""
    if not len(found.outliers):
        return None
    chosen = graph.add("Gather", values, graph.constant(found.outliers), axis=1)
    return graph.add("Relu", chosen) if rectified else chosen


def _layer(graph: Writer, values: str, layer: Layer, found: Range, outlying: str | None) -> str:
    """What a layer gives, before ReLU."""
    weights = layer.weights.copy()
    weights[found.outliers] = 0
    steps = (np.maximum(np.abs(weights).max(axis=0), SMALLEST) / (HALF - 1)).astype(np.float32)
    zero = graph.constant(found.zero)
    integers = graph.constant((np.rint(weights / steps) + HALF).astype(np.uint8))
    taken = graph.add("QuantizeLinear", values, graph.constant(found.scale), zero)
    product = graph.add(
        "Cast", graph.add("MatMulInteger", taken, integers, zero, graph.constant(np.uint8(HALF))), to=onnx.TensorProto.FLOAT
    )
    scaled, bias = graph.add("Mul", product, graph.constant(found.scale * steps)), graph.constant(layer.bias)
    if outlying is not None:
        bias = graph.add("Gemm", outlying, graph.constant(layer.weights[found.outliers]), bias)
    return graph.add("Add", scaled, bias)
