"""Half precision: a hundred million parameters in 400 MB and in 200 MB."""

from __future__ import annotations

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from numpy.typing import DTypeLike
from spox import Tensor, argument

from models.case_studies.layers import Weights, drawn_rows
from models.case_studies.study import Feeds, Figures, Network, Reference, Setting, Study

WIDTHS = (3125, 3200)
"""In turn: a layer of ten million weights."""
LAYERS = 10
TITLE = f"{WIDTHS[0]:,} numbers"


def network(dtype: DTypeLike, widths: tuple[int, int] = WIDTHS, layers: int = LAYERS) -> onnx.ModelProto:
    """Dense layers without biases, ReLU between them; weights and what is computed in `dtype`, inputs and outputs float32.

    Parameters
    ----------
    dtype : dtype
        float32 or float16.
    widths : tuple of int
        Units of every second layer, and of the others.
    layers : int
        Even.
    """
    weights = Weights(dtype)
    rows = argument(Tensor(np.float32, ("N", widths[0])))
    values = rows if dtype == np.float32 else op.cast(rows, to=dtype)
    for place in range(layers):
        inputs, outputs = widths if place % 2 == 0 else widths[::-1]
        values = op.relu(op.matmul(values, weights.rectifying(inputs, outputs, fan_in=inputs)))
    made = values if dtype == np.float32 else op.cast(values, to=np.float32)
    return weights.model({"rows": rows}, {"answers": made})


def _feeds() -> Feeds:
    return {"rows": drawn_rows(1, WIDTHS[0])}


def _lesson(figures: Figures) -> str:
    single, half = (figures.time(name, title=TITLE) for name in ("single", "half"))
    return (
        f"The file is {figures.fewer('half', 'size_bytes'):.2f} times smaller. On the device nothing else is halved: the engine has no "
        "products of half-precision numbers in WebAssembly, and makes the weights single precision again while it loads. Once the "
        f"bytes are there, loading takes {half['load_ms'] / 1e3:.1f} s in the place of {single['load_ms'] / 1e3:.1f} s and memory is "
        f"{half['peak_memory_bytes'] / 1e6:,.0f} MB in the place of {single['peak_memory_bytes'] / 1e6:,.0f} MB; a run is "
        f"{figures.faster('half', title=TITLE)}. Half precision is for the way to the device; for memory and time there, take fewer "
        "weights or integers."
    )


STUDY = Study(
    name="half_precision",
    title="Half precision",
    claim="A model of 100 million parameters shrinks from 400 MB to 200 MB, without loss of accuracy.",
    setup=(
        "Ten dense layers of exactly ten million weights each, which is what the sum is about; weights and products in float16, inputs "
        "and outputs in float32. Published accuracies are AlexNet's, trained in single and in mixed precision; none is claimed for "
        "these layers."
    ),
    references=(
        Reference(
            "Micikevicius, Narang, Alben, Diamos, Elsen, Garcia, Ginsburg, Houston, Kuchaiev, Venkatesh, Wu: Mixed Precision Training, "
            "2017 (table 1)",
            "https://arxiv.org/abs/1710.03740",
        ),
    ),
    networks=(
        Network(
            "single",
            "single precision",
            lambda: network(np.float32),
            {"parameters": 100e6, "size_bytes": 400e6, "imagenet_top1_percent": 56.77},
        ),
        Network(
            "half",
            "half precision",
            lambda: network(np.float16),
            {"parameters": 100e6, "size_bytes": 200e6, "imagenet_top1_percent": 56.93},
        ),
    ),
    settings=(Setting(TITLE, _feeds, rounds=11, loads=2),),
    lesson=_lesson,
)
