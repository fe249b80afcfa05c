"""Calls of `foreshore.host`, made in Pyodide as JavaScript makes them; needs nothing but foreshore."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from foreshore import Contract, Pipeline
from foreshore.windows import FeatureView


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    """How many events there were lately; -1 where nobody knows."""
    return {"x": np.where(np.isnan(columns["busy"]), np.float32(-1), columns["busy"])[:, None]}


def answers_in_pyodide(contract_json: str, view_json: str, calls_json: str) -> str:
    """What the host module answers to calls `[[function, argument, …], …]`, as JSON; a state that was saved is what is restored."""
    contract, view = Contract.from_json(json.loads(contract_json)), FeatureView.from_json(json.loads(view_json))
    module = ModuleType(f"models.{contract.name}.pipeline")
    module.PIPELINE = Pipeline(contract, features, view)  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    return json.dumps(_answers(contract.name, json.loads(calls_json)))


def _answers(name: str, calls: list[list[Any]]) -> list[Any]:
    from pyodide.ffi import to_js

    from foreshore import host

    saved = b""
    answers: list[Any] = []
    for function, *arguments in calls:
        state = [to_js(saved)] if function == "restore_windows" else []
        answer = getattr(host, function)(name, *arguments, *state).to_py()
        if function == "save_windows":
            saved = bytes(answer.pop("ok"))
        answers.append(_plain(answer))
    return answers


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, memoryview) else value
