"""Segments: models that answer for one value of the contract's segment field each, in the place of the model of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from foreshore import Contract, Pipeline
from foreshore.pipeline import Answer

type Tensors = dict[str, NDArray[Any]]
type Source = Path | bytes
"""A model's file, or its bytes."""


@dataclass(frozen=True, slots=True)
class SegmentedModel:
    """The models of a variant, run by native ONNX Runtime.

    Parameters
    ----------
    default : Path or bytes
        Answers where no other model does.
    by_code : mapping of int to Path or bytes
        The others, by the segment field's encoded value.
    """

    default: Source
    by_code: Mapping[int, Source] = field(default_factory=dict)

    @classmethod
    def of_variant(cls, contract: Contract, variant: Mapping[str, Any], path_of: Callable[[str], Path]) -> SegmentedModel:
        """The models of a variant as its card lists it; `path_of` says where a file of the card lies."""
        codes = {value: code for code, value in enumerate(contract.segment_values)}
        segments = variant.get("segments", {})
        return cls(path_of(variant["file"]), {codes[value]: path_of(each["file"]) for value, each in segments.items()})

    def run(self, feeds: Tensors, codes: NDArray[np.int32] | None) -> Tensors:
        """Outputs of N rows, each of its own model, in the rows' order.

        Parameters
        ----------
        feeds : dict of (N, …) arrays
        codes : (N,) int32 or None
            The segment field's column; None where the contract has none.
        """
        if codes is None or not self.by_code:
            return run_native(self.default, feeds)
        merged: Tensors = {}
        chosen = np.where(np.isin(codes, list(self.by_code)), codes, -1)
        for code in np.unique(chosen).tolist():
            rows = chosen == code
            part = run_native(self.by_code.get(code, self.default), {name: tensor[rows] for name, tensor in feeds.items()})
            for name, tensor in part.items():
                merged.setdefault(name, np.empty((len(codes), *tensor.shape[1:]), tensor.dtype))[rows] = tensor
        return merged

    def answer(self, pipeline: Pipeline, records: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """The pipeline's answers to records; raises ValidationError and ModelError as it does."""
        columns = pipeline.encode(records)
        return pipeline.decode(self.run(pipeline.tensors(columns, len(records)), segment_codes(pipeline.contract, columns)))


def segment_codes(contract: Contract, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.int32] | None:
    """The segment field's column among a record's columns; None where the contract has none."""
    return None if contract.segment is None else columns[contract.segment]


def run_native(model: Source, feeds: Tensors) -> Tensors:
    """A model's outputs by name."""
    session = onnxruntime.InferenceSession(model)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))
