"""Every pipeline's contract, and its models' agreement with it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from foreshore import Contract, Pipeline
from tests.root import ROOT

PRINT_CONTRACTS = """
const { CONTRACTS } = await import(process.argv[1]);
console.log(JSON.stringify(CONTRACTS));
"""


def test_contract_survives_json(pipeline: Pipeline) -> None:
    text = json.dumps(pipeline.contract.to_json())

    assert Contract.from_json(json.loads(text)) == pipeline.contract


def test_javascript_holds_the_same_contract(name: str, pipeline: Pipeline) -> None:
    module = (ROOT / "web" / "generated" / "contracts.js").as_uri()
    command = ["node", "--input-type=module", "--eval", PRINT_CONTRACTS, module]
    contracts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert contracts[name] == pipeline.contract.to_json()


def test_release_holds_the_same_contract(name: str, pipeline: Pipeline, release: dict[str, Any]) -> None:
    assert release["pipelines"][name]["contract"] == pipeline.contract.to_json()


def test_every_example_is_valid(pipeline: Pipeline) -> None:
    record = {field.name: field.example for field in pipeline.contract.fields}

    assert set(pipeline.prepare([record])) == {tensor.name for tensor in pipeline.contract.features}


def test_card_names_the_committed_models(card: dict[str, Any], artefacts: Path) -> None:
    found = {variant["name"]: artefacts / variant["file"] for variant in card["variants"]}

    assert card["default_variant"] in found
    for variant in card["variants"]:
        content = found[variant["name"]].read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (variant["sha256"], variant["size_bytes"])


def test_every_variant_has_the_tensors_of_the_contract(pipeline: Pipeline, card: dict[str, Any], artefacts: Path) -> None:
    for variant in card["variants"]:
        session = onnxruntime.InferenceSession(artefacts / variant["file"])
        for found, declared in (
            (session.get_inputs(), pipeline.contract.features),
            (session.get_outputs(), pipeline.contract.predictions),
        ):
            assert [(item.name, item.type) for item in found] == [(tensor.name, ONNX_TYPES[tensor.dtype]) for tensor in declared]
            assert [(_axes(item.shape)) for item in found] == [(_axes(tensor.shape)) for tensor in declared]


ONNX_TYPES = {
    "float32": "tensor(float)",
    "float16": "tensor(float16)",
    "int64": "tensor(int64)",
    "int32": "tensor(int32)",
    "uint8": "tensor(uint8)",
    "bool": "tensor(bool)",
}


def _axes(shape: Any) -> list[Any]:
    """A shape with every dynamic axis written alike."""
    return [size if isinstance(size, int) else "N" for size in shape]


@pytest.mark.parametrize("missing", [False, True])
def test_golden_cases_cover_missing_and_given_values(pipeline: Pipeline, golden: dict[str, Any], missing: bool) -> None:
    nullable = [field.name for field in pipeline.contract.columns if field.nullable]

    for name in nullable:
        assert sum((record.get(name) is None) == missing for record in golden["records"]) >= 50
