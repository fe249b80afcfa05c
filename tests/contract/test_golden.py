"""Golden cases replayed in CPython through native ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from foreshore import Pipeline

LEAST_CASES = 500


def session_run(model: Path) -> Any:
    """A `run` for `Pipeline.predict`, over native ONNX Runtime."""
    session = onnxruntime.InferenceSession(model)
    names = [output.name for output in session.get_outputs()]
    return lambda feeds: dict(zip(names, session.run(names, feeds), strict=True))


def values(pipeline: Pipeline, answers: list[dict[str, float]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Answers as one array, (N, outputs)."""
    return np.array([[answer[output.name] for output in pipeline.contract.outputs] for answer in answers])


def deviation(got: Any, expected: Any) -> float:
    """The largest `abs(a - b) / max(1, abs(b))`, which a contract's tolerance bounds."""
    return float(np.max(np.abs(got - expected) / np.maximum(1.0, np.abs(expected))))


def test_there_are_enough_golden_cases(golden: dict[str, Any], pipeline: Pipeline) -> None:
    assert golden["pipeline"] == pipeline.contract.name
    assert golden["contract_version"] == pipeline.contract.version
    assert len(golden["records"]) == len(golden["outputs"]) >= LEAST_CASES


def test_host_reproduces_the_golden_cases(pipeline: Pipeline, golden: dict[str, Any], artefacts: Path) -> None:
    answers = pipeline.predict(golden["records"], session_run(artefacts / "fp32.onnx"))

    assert deviation(values(pipeline, answers), values(pipeline, golden["outputs"])) <= pipeline.contract.tolerance


def test_one_record_at_a_time_gives_the_answers_of_a_batch(pipeline: Pipeline, golden: dict[str, Any], artefacts: Path) -> None:
    run = session_run(artefacts / "fp32.onnx")
    records = golden["records"][:100]

    one_by_one = [pipeline.predict([record], run)[0] for record in records]

    assert deviation(values(pipeline, one_by_one), values(pipeline, pipeline.predict(records, run))) <= pipeline.contract.tolerance


def test_every_variant_answers_the_golden_cases(pipeline: Pipeline, golden: dict[str, Any], card: dict[str, Any], artefacts: Path) -> None:
    expected = values(pipeline, golden["outputs"])

    for variant in card["variants"]:
        answers = values(pipeline, pipeline.predict(golden["records"], session_run(artefacts / variant["file"])))
        # A compressed variant has its own answers; what it explains of the full one's is bounded, its quality is on the card.
        correlation = np.corrcoef(answers[:, 0], expected[:, 0])[0, 1]
        assert correlation > 0.99, variant["name"]


def test_a_model_of_another_pipeline_is_refused(pipeline: Pipeline, golden: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=pipeline.contract.predictions[0].name):
        pipeline.predict(golden["records"][:1], lambda feeds: {"other": np.zeros((1, 1), np.float32)})
