"""The pipeline: one definition of how records become answers, run alike on the host and in the browser."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreshore.contract import NAME, Contract, Output, Tensor
from foreshore.errors import ContractError, ModelError
from foreshore.records import Column, Encoder

if TYPE_CHECKING:
    from foreshore.windows.views import FeatureView  # a pipeline without a view starts without it

type Tensors = dict[str, NDArray[Any]]
type Features = Callable[[Mapping[str, Any]], Mapping[str, Any]]
type Answer = dict[str, Any]
"""Outputs by name: numbers, and lists of `label`, `index` and `score`."""
type Run = Callable[[Tensors], Mapping[str, NDArray[Any]]]
PACKAGE = "models"
"""Where pipelines live: `models.<name>.pipeline` on the host and in the browser."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Fields, features and decoding under one contract.

    Parameters
    ----------
    contract : Contract
    features : callable
        From columns (name to (N,) array) to feature tensors, written against the Python Array API; it must take NumPy arrays as
        well as traced ones.
    view : FeatureView or None
        What fills the contract's context: its features are the context's fields, and its query fields are fields of the record.

    Raises
    ------
    ContractError
        If contract and view do not fit each other.

    References
    ----------
    Python array API standard 2023.12, https://data-apis.org/array-api/2023.12/
    """

    contract: Contract
    features: Features
    view: FeatureView | None = None
    _encoder: Encoder = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_encoder", Encoder(self.contract))
        if self.view is not None:
            self.view.check(self.contract)
            images = [each.name for each in self.contract.image_fields]
            if images:
                raise ContractError(f"contract {self.contract.name}: got images {images} and a view, expected one of the two")
        elif self.contract.context:
            names = [each.name for each in self.contract.context]
            raise ContractError(f"contract {self.contract.name}: got context {names} and no view, expected the view that fills it")

    def encode(self, records: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
        """Columns of validated records; raises ValidationError (see `foreshore.records.Encoder`)."""
        return self._encoder.encode(records)

    def prepare(self, records: Sequence[Mapping[str, Any]]) -> Tensors:
        """The model's inputs for N records: C-contiguous arrays as the contract's features declare them.

        Raises
        ------
        ValidationError
            If a record does not fit the fields.
        ContractError
            If the feature function gives other tensors than the contract declares.
        """
        return self.tensors(self.encode(records), len(records))

    def tensors(self, columns: Mapping[str, Column], rows: int) -> Tensors:
        """The model's inputs for N `rows` from their columns; raises ContractError as `prepare` does."""
        made = self.features(columns)
        return {tensor.name: _conform(tensor, made, rows) for tensor in self.contract.features}

    def decode(self, tensors: Mapping[str, NDArray[Any]]) -> list[Answer]:
        """N answers from the model's outputs.

        Raises
        ------
        ModelError
            If a tensor is missing, of another shape, or holds a value that is not finite.
        """
        columns = self.decode_columns(tensors)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def decode_columns(self, tensors: Mapping[str, NDArray[Any]]) -> dict[str, list[Any]]:
        """The answers by output: N numbers, or N rankings; raises ModelError as `decode` does."""
        return {output.name: _decoded(output, self._rows(output.tensor, tensors)) for output in self.contract.outputs}

    def _rows(self, name: str, tensors: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """A prediction tensor, (N, values)."""
        declared = next(tensor for tensor in self.contract.predictions if tensor.name == name)
        if name not in tensors:
            raise ModelError(f"the model gave {sorted(tensors)}, expected a tensor {name!r}; export it under that name")
        array = np.asarray(tensors[name])
        if not declared.admits(array.shape):
            raise ModelError(f"tensor {name}: got shape {array.shape}, expected {declared.shape}")
        return array.reshape(array.shape[0], -1)

    def predict(self, records: Sequence[Mapping[str, Any]], run: Run) -> list[Answer]:
        """Answers for records; `run` takes the feature tensors to the model and gives its outputs."""
        return self.decode(run(self.prepare(records)))


def _decoded(output: Output, values: NDArray[Any]) -> list[Any]:
    """What an output says of each row of (N, values)."""
    read = values if output.labels else values[:, :1]
    finite = np.isfinite(read.astype(np.float64))
    if not finite.all():
        row, column = (int(place) for place in np.argwhere(~finite)[0])
        raise ModelError(f"tensor {output.tensor}: got {read[row, column]}, expected a finite number (row {row})", row=row)
    if not output.labels:
        numbers: list[Any] = read[:, 0].astype(np.float64).tolist()
        return numbers
    return [_ranking(output, row) for row in read]


def _ranking(output: Output, scores: NDArray[Any]) -> list[dict[str, Any]]:
    """The highest of (labels,) scores; among equals those that stand first."""
    best = np.argsort(-scores.astype(np.float64), kind="stable")[: output.top].tolist()
    return [{"label": output.labels[index], "index": index, "score": float(scores[index])} for index in best]


def _conform(tensor: Tensor, made: Mapping[str, Any], rows: int) -> NDArray[Any]:
    if tensor.name not in made:
        raise ContractError(f"features gave {sorted(made)}, expected a tensor {tensor.name!r} as the contract declares")
    array = np.asarray(made[tensor.name])
    if not tensor.admits(array.shape) or array.dtype != tensor.dtype or (tensor.shape[:1] == ("N",) and len(array) != rows):
        raise ContractError(
            f"feature tensor {tensor.name}: got {array.dtype} {array.shape} for {rows} records, expected {tensor.dtype} {tensor.shape}"
        )
    return np.ascontiguousarray(array)


def load_pipeline(name: str) -> Pipeline:
    """The pipeline of that name.

    Raises
    ------
    ContractError
        If there is none, or its module exports no `PIPELINE`.
    """
    module = f"{PACKAGE}.{name}.pipeline"
    if not NAME.fullmatch(name):
        raise ContractError(f"pipeline {name!r}: expected a snake_case name of 1 to 64 characters")
    try:
        pipeline = importlib.import_module(module).PIPELINE
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            raise ContractError(f"pipeline {name!r}: there is no {PACKAGE}/{name}/pipeline.py") from error
        raise
    except AttributeError as error:
        raise ContractError(f"pipeline {name!r}: {module} exports no PIPELINE; define PIPELINE = Pipeline(…)") from error
    if not isinstance(pipeline, Pipeline) or pipeline.contract.name != name:
        raise ContractError(f"pipeline {name!r}: {module}.PIPELINE must be a Pipeline whose contract is named {name!r}")
    return pipeline


def pipeline_names(models: Path) -> tuple[str, ...]:
    """Names of the pipelines under a folder: its subfolders that hold a `pipeline.py`, sorted."""
    return tuple(sorted(path.parent.name for path in models.glob("*/pipeline.py")))
