"""The verification gate: a feature broken in one execution alone makes the build refuse, and say where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from foreshore import Pipeline, load_pipeline
from foreshore.contract import MISSING_INT
from models.lowering import FEATURES_FILE, graphs_stage
from models.verification import gate
from models.verification.comparisons import VerificationError, compare
from models.verification.gate import Gate, verify
from models.verification.records import draw_records
from packing.errors import BuildError
from packing.stage import Made, Stages
from tests.contract.conftest import Start
from tests.contract.spoiling import pyodide_with, replaced, web_with
from tests.root import ROOT

NAME = "eta"
CONTRACT = load_pipeline(NAME).contract


@pytest.fixture(autouse=True)
def _few_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "RANDOM_RECORDS", 20)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return graphs_stage(Stages(ROOT, tmp_path_factory.mktemp("cache")), NAME)


@pytest.fixture
def history(dist: Path, release: dict[str, Any]) -> Path:
    return dist / str(release["pipelines"][NAME]["history"])


def test_release_ships_the_report_of_a_passed_gate(dist: Path, release: dict[str, Any]) -> None:
    report = json.loads((dist / release["pipelines"][NAME]["verification"]).read_text())
    assert report["records"]["golden"] >= 500
    compared = {(each["execution"], each["what"]) for each in report["comparisons"]}
    for variant in release["pipelines"][NAME]["variants"]:
        for execution in ("Pyodide, model in ONNX Runtime Web", "joined graph, ONNX Runtime", "joined graph, ONNX Runtime Web"):
            assert (execution, variant["name"]) in compared
    assert all(each["passed"] and each["deviation"] <= report["tolerance"] for each in report["comparisons"])


def test_executions_of_the_house_agree(graphs: Made, start: Start, pyodide_folder: Path, history: Path) -> None:
    report = verify(ROOT, NAME, graphs, start(ROOT / "web", pyodide_folder), history)
    assert all(each["passed"] for each in report["comparisons"])


def test_feature_changed_on_the_host_alone_is_refused(
    monkeypatch: pytest.MonkeyPatch, graphs: Made, start: Start, pyodide_folder: Path, history: Path
) -> None:
    honest = load_pipeline(NAME)

    def broken(columns: Mapping[str, Any]) -> Mapping[str, Any]:
        tensors = dict(honest.features(columns))
        index = honest.contract.features[0].columns.index("weekday_monday")
        tensors["features"] = tensors["features"].copy()
        tensors["features"][:, index] = 1 - tensors["features"][:, index]
        return tensors

    monkeypatch.setattr(gate, "load_pipeline", lambda name: Pipeline(honest.contract, broken, honest.view))
    with pytest.raises(VerificationError, match=r"pipeline eta, features in Pyodide \(features\), weekday_monday: got .* record \{"):
        verify(ROOT, NAME, graphs, start(ROOT / "web", pyodide_folder), history)


def test_feature_changed_in_the_browsers_wheel_alone_is_refused(
    tmp_path: Path, graphs: Made, start: Start, pyodide_folder: Path, history: Path
) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "models" / NAME, checkout / "models" / NAME)
    shutil.copy(ROOT / "pyproject.toml", checkout)
    replaced(checkout / "models" / NAME / "pipeline.py", "DAY_MIN = 24 * 60\n", "DAY_MIN = 24 * 61\n")
    pyodide = pyodide_with(tmp_path, pyodide_folder, checkout, NAME)
    with pytest.raises(VerificationError, match=r"pipeline eta, features in Pyodide \(features\)"):
        verify(ROOT, NAME, graphs, start(ROOT / "web", pyodide), history)


def spoil_constant(path: Path) -> None:
    """Change the largest table of a graph by a thousandth."""
    model = onnx.load(path)
    values = [attribute.t for node in model.graph.node for attribute in node.attribute if attribute.type == onnx.AttributeProto.TENSOR]
    floats = [tensor for tensor in (*values, *model.graph.initializer) if tensor.data_type == onnx.TensorProto.FLOAT]
    largest = max(floats, key=lambda tensor: np.prod(tensor.dims))
    largest.CopyFrom(numpy_helper.from_array((numpy_helper.to_array(largest) * 1.001).astype(np.float32), largest.name))
    onnx.save(model, path)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (FEATURES_FILE, r"lowered features, ONNX Runtime \(features\), (distance|latitude|longitude)"),
        ("int8.graph.onnx", r"joined graph, ONNX Runtime \(int8\), arrival_delay_min"),
    ],
)
def test_graph_that_differs_is_refused(
    tmp_path: Path, graphs: Made, start: Start, pyodide_folder: Path, history: Path, file: str, message: str
) -> None:  # fmt: skip
    spoiled = shutil.copytree(graphs.folder, tmp_path / "graphs")
    spoil_constant(spoiled / file)
    with pytest.raises(VerificationError, match=message):
        verify(ROOT, NAME, replace(graphs, folder=spoiled), start(ROOT / "web", pyodide_folder), history)


def test_encoder_changed_in_javascript_alone_is_refused(
    tmp_path: Path, graphs: Made, start: Start, pyodide_folder: Path, history: Path
) -> None:
    web = web_with(tmp_path, "shared/encoding.js", "Number(match[1]) * 60", "Number(match[1]) * 61")
    with pytest.raises(VerificationError, match=r"JavaScript's encoder \(columns\), scheduled_(departure|arrival)"):
        verify(ROOT, NAME, graphs, start(web, pyodide_folder), history)


def test_disagreement_is_a_build_error_and_keeps_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graphs: Made) -> None:
    def disagree(*_: object) -> None:
        raise VerificationError("they disagree")

    monkeypatch.setattr(gate, "verify", disagree)
    stages = Stages(ROOT, tmp_path)
    with pytest.raises(BuildError, match="verify-eta: they disagree"):
        gate.verification_stage(stages, NAME, Made(tmp_path, "key", {}), graphs, ROOT / "web")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("got", "deviation"), [([1.0, np.nan], 0.0), ([1.5, np.nan], 0.5), ([1.0, 0.0], np.inf), ([1.0], np.inf)])
def test_deviation_counts_missing_values_and_shapes(got: list[float], deviation: float) -> None:
    records = [{"row": 0}, {"row": 1}]
    compared = compare(CONTRACT.tolerance, "execution", "features", {"x": np.array(got)}, {"x": np.array([1.0, np.nan])}, records)
    assert compared.deviation == deviation
    assert compared.passed is (deviation == 0)


def test_drawn_records_are_valid_repeatable_and_reach_gaps_and_bounds() -> None:
    records = draw_records(CONTRACT, 300, seed=1)
    assert records == draw_records(CONTRACT, 300, seed=1) != draw_records(CONTRACT, 300, seed=2)
    columns = load_pipeline(NAME).encode(records)
    for field in CONTRACT.columns:
        low, high = field.bounds
        column = columns[field.name]
        assert field.nullable == bool((np.isnan(column) | (column == MISSING_INT)).any())
        assert all(bound is None or bound in column for bound in (low, high))


def test_gate_replays_golden_cases_and_random_records(graphs: Made, start: Start, pyodide_folder: Path) -> None:
    each = Gate(load_pipeline(NAME), ROOT / "models" / NAME, graphs, start(ROOT / "web", pyodide_folder))
    golden = json.loads((ROOT / "models" / NAME / "artefacts" / "golden.json").read_text())["records"]
    assert each.records()[: len(golden)] == golden
    assert len(each.records()) == len(golden) + 20
