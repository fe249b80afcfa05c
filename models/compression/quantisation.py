"""Quantisation by ONNX Runtime's own tools, for any graph; a chain has a faster form in `models.compression.integers`.

References
----------
ONNX Runtime: Quantize ONNX Models, https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
ONNX Runtime: Float16 and mixed precision models, https://onnxruntime.ai/docs/performance/model-optimizations/float16.html
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.onnx_model import ONNXModel
from onnxruntime.transformers.float16 import convert_float_to_float16

from models.compression.errors import OperatorError, RecipeError
from models.compression.graph import copied, in_order, with_products
from models.compression.lesson import Feeds, Lesson

METHODS = {"minmax": CalibrationMethod.MinMax, "entropy": CalibrationMethod.Entropy, "percentile": CalibrationMethod.Percentile}
CHUNK = 256
"""Rows a run while calibrating."""


@dataclass(frozen=True, slots=True)
class Half:
    """Half precision.

    Attributes
    ----------
    kept : tuple of str
        Operators that stay in single precision.
    """

    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DynamicInt8:
    """8-bit weights; ranges of activations are found while the model runs.

    Attributes
    ----------
    operators : tuple of str
        Which to quantise; all that can be, if empty.
    per_channel : bool
        A scale for each output.
    """

    operators: tuple[str, ...] = ()
    per_channel: bool = True


@dataclass(frozen=True, slots=True)
class StaticInt8:
    """8-bit weights and activations (signed and unsigned), ranges calibrated beforehand, written as QDQ.

    Attributes
    ----------
    rows : int
        To calibrate on.
    method : str
        "minmax", "entropy" or "percentile".
    operators : tuple of str
        Which to quantise; all that can be, if empty.
    per_channel : bool
        A scale for each output.
    reduce_range : bool
        7-bit weights: for x86 processors without VNNI, where sums of products saturate.
    seed : int
        Of the rows' choice.
    """

    rows: int = 512
    method: str = "minmax"
    operators: tuple[str, ...] = ()
    per_channel: bool = True
    reduce_range: bool = True
    seed: int = 2013

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise RecipeError(f"StaticInt8.method: got {self.method!r}, expected one of {sorted(METHODS)}; mend the recipe")


def half(model: onnx.ModelProto, settings: Half, data: Lesson | None) -> onnx.ModelProto:
    """The model in half precision; inputs and outputs stay as they are."""
    made = ONNXModel(convert_float_to_float16(copied(model), keep_io_types=True, op_block_list=list(settings.kept) or None))
    made.topological_sort()  # the converter appends the casts of inputs to the end, which the checker refuses
    converted: onnx.ModelProto = made.model
    return converted


def dynamic_int8(model: onnx.ModelProto, settings: DynamicInt8, data: Lesson | None) -> onnx.ModelProto:
    """The model with 8-bit weights; raises OperatorError if it has nothing to quantise."""
    chosen = {"op_types_to_quantize": list(settings.operators) or None, "per_channel": settings.per_channel}
    made = _by_file(lambda path: quantize_dynamic(with_products(model), path, weight_type=QuantType.QUInt8, **chosen))
    return _quantised(made, "dynamic_int8", {"MatMulInteger", "ConvInteger", "DynamicQuantizeMatMul", "DequantizeLinear"})


def static_int8(model: onnx.ModelProto, settings: StaticInt8, data: Lesson) -> onnx.ModelProto:
    """The model as QDQ; raises OperatorError if it has nothing to quantise."""
    options = {
        "quant_format": QuantFormat.QDQ,
        "activation_type": QuantType.QUInt8,
        "weight_type": QuantType.QInt8,
        "calibrate_method": METHODS[settings.method],
        "op_types_to_quantize": list(settings.operators) or None,
        "per_channel": settings.per_channel,
        "reduce_range": settings.reduce_range,
    }
    rows = _Rows(data.calibration(settings.rows, settings.seed))
    made = _by_file(lambda path: quantize_static(copied(model), path, rows, **options))
    return _quantised(made, "static_int8", {"QuantizeLinear"})


class _Rows(CalibrationDataReader):  # type: ignore[misc]  # the library carries no types
    def __init__(self, feeds: Feeds) -> None:
        rows = len(next(iter(feeds.values())))
        self._parts: Iterator[Feeds] = ({name: values[at : at + CHUNK] for name, values in feeds.items()} for at in range(0, rows, CHUNK))

    def get_next(self) -> Feeds | None:
        """The next rows, or None after the last."""
        return next(self._parts, None)


def _by_file(quantise: Callable[[Path], Any]) -> onnx.ModelProto:
    """What a function writes to a path."""
    with tempfile.TemporaryDirectory() as folder, _without_advice():
        path = Path(folder) / "model.onnx"
        quantise(path)
        return in_order(onnx.load(path))


@contextmanager
def _without_advice() -> Iterator[None]:
    """Keep the tools from advising a preparation that these graphs do not need."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _quantised(model: onnx.ModelProto, technique: str, signs: set[str]) -> onnx.ModelProto:
    found = {node.op_type for node in model.graph.node}
    if not found & signs:
        raise OperatorError(
            f"{technique}: got a graph of {sorted(found)}, expected an operator that it quantises; leave this step out of the recipe"
        )
    return model
