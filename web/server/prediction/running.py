"""From columns to outputs: which model answers for which rows, and how it is run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foreshore import ForeshoreError, Pipeline
from web.server.prediction.batching import Arrivals, Batcher, Outputs, Rules
from web.server.prediction.catalogue import ModelFile, ReleasedPipeline, Variant
from web.server.prediction.columns import Columns, Layout, bounded, most_rows
from web.server.prediction.errors import Faulty, refusal_of
from web.server.prediction.sessions import SessionPool, open_session, shape_of

if TYPE_CHECKING:
    import onnxruntime

    from web.server.config import Config
    from web.server.prediction.metrics import Metrics

ORT_DTYPES = {
    "tensor(bool)": "bool",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(float16)": "float16",
    "tensor(float)": "float32",
    "tensor(double)": "float64",
}


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model; -1 in its shape where any size may come, the first axis is N."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


class Served:
    """A released pipeline, ready to answer.

    Parameters
    ----------
    released : ReleasedPipeline
    runner : Models
        Holds the models of all pipelines.
    """

    def __init__(self, released: ReleasedPipeline, runner: Models) -> None:
        self.released, self._runner = released, runner
        self.pipeline = released.pipeline
        self.arrivals = Arrivals()
        variant = released.variant(None)
        session = runner.session(variant.default)
        self.layout = _layout(self.pipeline, session, variant.default)
        self.outputs = tuple(Output(each.name, np.dtype(ORT_DTYPES[each.type]), shape_of(each.shape)) for each in session.get_outputs())

    def run(self, variant: Variant, columns: Columns) -> Outputs:
        """Outputs of N rows, in their order; raises Refusal."""
        segment = self.pipeline.contract.segment
        if segment is None or not variant.by_code:
            return self._runner.run(self, variant.default, columns)
        codes = self.layout.column(columns, segment)
        if columns.rows == 1:
            return self._runner.run(self, variant.by_code.get(int(codes[0]), variant.default), columns)
        return self._merged(variant, columns, codes)

    def _merged(self, variant: Variant, columns: Columns, codes: NDArray[np.int32]) -> Outputs:
        """Outputs of rows, each of its own segment's model."""
        merged: Outputs = {}
        chosen = np.where(np.isin(codes, list(variant.by_code)), codes, -1)
        for code in np.unique(chosen).tolist():
            rows = chosen == code
            part = self._runner.run(self, variant.by_code.get(code, variant.default), columns.take(rows))
            for name, tensor in part.items():
                merged.setdefault(name, np.empty((len(codes), *tensor.shape[1:]), tensor.dtype))[rows] = tensor
        return merged


class Models(Protocol):
    """What loads models and runs them."""

    def session(self, file: ModelFile) -> onnxruntime.InferenceSession:
        """A model's session."""

    def run(self, served: Served, file: ModelFile, columns: Columns) -> Outputs:
        """Outputs of N rows of one model; raises Refusal."""


class Loaded:
    """A model in memory, and the requests that wait for it."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self.session = session
        self.names = [output.name for output in session.get_outputs()]
        self.batcher: Batcher | None = None

    def answer(self, served: Served, file: ModelFile, columns: Columns) -> Outputs:
        """Outputs of N rows, their features made before where the model does not make them; raises Refusal."""
        feeds = served.layout.feeds(columns)
        if file.joined:
            return self.run(feeds, columns.rows)
        try:
            return self.run(served.pipeline.tensors(feeds, columns.rows), columns.rows)
        except ForeshoreError as error:
            raise refusal_of(error) from error

    def run(self, feeds: Mapping[str, NDArray[Any]], rows: int) -> Outputs:
        """Outputs of what the model takes; raises Faulty."""
        try:
            outputs = self.session.run(self.names, feeds)
        except Exception as error:  # ONNX Runtime's own exceptions share no base
            raise Faulty(f"the model did not run: {type(error).__name__}") from error
        if any(len(tensor) != rows for tensor in outputs):
            raise Faulty(f"the model gave other numbers of rows than the {rows} it was asked for")
        return dict(zip(self.names, outputs, strict=True))


class Runner:
    """The models of all pipelines, within one budget of memory.

    Parameters
    ----------
    config : Config
    metrics : Metrics
    """

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._threads, self._metrics = config.ort_threads, metrics
        self._rules = Rules(config.batch_rows, config.batch_wait_ms / 1000, config.queue_limit, config.predict_timeout_ms / 1000)
        self._pool = SessionPool(self._load, config.model_memory_bytes, metrics.models)
        self._lock = threading.Lock()

    def _load(self, file: ModelFile) -> Loaded:
        return Loaded(open_session(file, self._threads))

    def session(self, file: ModelFile) -> onnxruntime.InferenceSession:
        """A model's session."""
        return self._pool.get(file).session

    def run(self, served: Served, file: ModelFile, columns: Columns) -> Outputs:
        """Outputs of N rows of one model, run beside those of other requests; raises Refusal."""
        return self._batcher(served, file).submit(columns)

    def _batcher(self, served: Served, file: ModelFile) -> Batcher:
        loaded = self._pool.get(file)
        with self._lock:
            if loaded.batcher is None:
                loaded.batcher = self._new_batcher(served, file, loaded)
            return loaded.batcher

    def _new_batcher(self, served: Served, file: ModelFile, loaded: Loaded) -> Batcher:
        def run(columns: Columns) -> Outputs:
            return loaded.answer(served, file, columns)

        name = served.released.name
        rules = replace(self._rules, rows=most_rows(served.pipeline.contract, self._rules.rows))
        return Batcher(run, rules, served.arrivals, lambda requests, rows: self._metrics.batch(name, requests, rows))


def _layout(pipeline: Pipeline, session: onnxruntime.InferenceSession, file: ModelFile) -> Layout:
    """The columns that a pipeline takes: its graph's inputs or, where Python makes the features, its contract's columns."""
    contract = pipeline.contract
    if not file.joined:
        return Layout([bounded(contract, each.name, np.dtype(each.dtype), shape_of(list(each.shape))) for each in contract.column_tensors])
    inputs = [(each.name, np.dtype(ORT_DTYPES[each.type]), shape_of(each.shape)) for each in session.get_inputs()]
    return Layout([bounded(contract, name, dtype, shape) for name, dtype, shape in inputs])
