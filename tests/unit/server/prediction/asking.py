"""Asking a server for predictions, and what the host's Python answers to the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore import Pipeline
from models.segments import SegmentedModel
from tests.unit.server.small_site import Answer, ask

INFER = "/v2/models/eta/infer"
PREDICT = "/api/pipelines/eta/predict"


def post(url: str, path: str, body: object, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
    """Status and JSON of an answer; `body` is sent as JSON unless it is bytes."""
    answer = post_raw(url, path, body, headers)
    assert answer.headers["content-type"] == "application/json"
    return answer.status, json.loads(answer.body)


def post_raw(url: str, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(url, path, "POST", {"Content-Type": "application/json", **(headers or {})}, content)


def tensors(columns: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """Columns as the protocol's inputs in JSON: missing numbers are null."""
    names = {"int32": "INT32", "float32": "FP32"}
    return [
        {"name": name, "shape": list(column.shape), "datatype": names[column.dtype.name], "data": _nulls(column)}
        for name, column in columns.items()
    ]


def _nulls(column: NDArray[Any]) -> list[Any]:
    return [None if value != value else value for value in column.tolist()]


def expected(pipeline: Pipeline, dist: Path, release: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """What the host's Python and the released model (not its graph) answer."""
    variant = release["pipelines"][pipeline.contract.name]["variants"][0]
    return SegmentedModel.of_variant(pipeline.contract, variant, lambda file: dist / file).answer(pipeline, records)


def close(got: float, want: float, tolerance: float) -> bool:
    """Equal as the contract says."""
    return bool(np.abs(got - want) <= tolerance * max(1, abs(want)))
