"""Lowering: a pipeline's Python features traced into ONNX and joined to its models, so that no Python is needed to run them.

The feature function is called once with lazy ndonnx arrays in the place of NumPy's; what it does to them becomes the graph. What
cannot become a graph (a branch on data, a Python float of an array, a string operation) fails here, by name and with the reason, and
the pipeline runs on the `python` engine instead.

References
----------
ndonnx: ONNX-backed array library, https://github.com/Quantco/ndonnx
spox: https://spox.readthedocs.io
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ndonnx
import numpy as np
import onnx
import spox

from foreshore import Contract, ForeshoreError, Pipeline, Tensor, load_pipeline
from packing.stage import Made, Stages

FILE = "{variant}.graph.onnx"
FEATURES_FILE = "features.onnx"
"""The lowered features alone: not shipped, but verified, so that a deviation can be named."""


class LoweringError(ForeshoreError):
    """A feature function uses something that a graph cannot express."""

    kind = "contract"


def lower(pipeline: Pipeline) -> onnx.ModelProto:
    """The features as a graph: an input a column, an output a feature tensor.

    Raises
    ------
    LoweringError
        If the function cannot be traced, naming the line and the reason, or gives other tensors than the contract declares.
    """
    contract = pipeline.contract
    columns = {tensor.name: ndonnx.argument(shape=tensor.shape, dtype=getattr(ndonnx, tensor.dtype)) for tensor in contract.column_tensors}
    made = _traced(pipeline, columns)
    for tensor in contract.features:
        _check(contract, tensor, made)
    graph: onnx.ModelProto = ndonnx.build(columns, {tensor.name: made[tensor.name] for tensor in contract.features})
    return graph


def _traced(pipeline: Pipeline, columns: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return pipeline.features(columns)
    except Exception as error:  # whatever the author's function does, its place and reason are what the author needs
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ndonnx" not in frame.filename]
        where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno} in {frames[-1].name}: `{frames[-1].line}`"
        raise LoweringError(
            f"pipeline {pipeline.contract.name}: {where} cannot become a graph: {type(error).__name__}: {error}; write it with "
            "functions of the array namespace (where, take, comparisons), or leave the pipeline on the python engine"
        ) from error


def _check(contract: Contract, tensor: Tensor, made: Mapping[str, Any]) -> None:
    if tensor.name not in made:
        raise LoweringError(f"pipeline {contract.name}: features gave {sorted(made)}, expected a tensor {tensor.name!r}")
    array = made[tensor.name]
    if str(array.dtype).lower() != tensor.dtype or len(array.shape) != len(tensor.shape):
        raise LoweringError(
            f"pipeline {contract.name}: feature tensor {tensor.name} lowers to {array.dtype} {array.shape}, "
            f"expected {tensor.dtype} {tensor.shape}"
        )


def join(pipeline: Pipeline, features: onnx.ModelProto, model: onnx.ModelProto) -> onnx.ModelProto:
    """One graph from columns to predictions: the lowered features, then the model.

    Parameters
    ----------
    pipeline : Pipeline
    features : onnx.ModelProto
        As `lower` gives it.
    model : onnx.ModelProto
        Any variant; inputs and outputs named as the contract's features and predictions.
    """
    contract = pipeline.contract
    columns = {tensor.name: spox.argument(spox.Tensor(np.dtype(tensor.dtype), tensor.shape)) for tensor in contract.column_tensors}
    tensors = spox.inline(features)(**columns)
    predictions = spox.inline(model)(**{tensor.name: tensors[tensor.name] for tensor in contract.features})
    joined = spox.build(columns, {tensor.name: predictions[tensor.name] for tensor in contract.predictions})
    onnx.checker.check_model(joined, full_check=True)
    return joined


def graphs_stage(stages: Stages, name: str) -> Made:
    """The joined graph of every variant, or the reason why there is none.

    Its folder holds `<variant>.graph.onnx` and the lowered features alone; its facts are
    `{"graphs": {variant: file}, "reason": null | str}`.
    """
    folder = stages.root / "models" / name
    inputs = [*sorted(folder.glob("*.py")), folder / "artefacts", Path(__file__), stages.root / "pywasm" / "foreshore"]
    return stages.run(f"graphs-{name}", inputs, lambda out: _write_graphs(folder, out))


def _write_graphs(folder: Path, out: Path) -> dict[str, Any]:
    pipeline = load_pipeline(folder.name)
    try:
        features = lower(pipeline)
    except LoweringError as error:
        return {"graphs": {}, "reason": error.message}
    onnx.save(features, out / FEATURES_FILE)
    graphs = {}
    for model in sorted((folder / "artefacts").glob("*.onnx")):
        graphs[model.stem] = FILE.format(variant=model.stem)
        onnx.save(join(pipeline, features, onnx.load(model)), out / graphs[model.stem])
    return {"graphs": graphs, "reason": None}
