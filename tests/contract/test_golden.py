"""Golden cases replayed in CPython through native ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foreshore import ModelError, Pipeline
from tests.golden import deviation, native_model

LEAST_CASES = 500
LEAST_PHOTOS = 10


def values(pipeline: Pipeline, answers: list[dict[str, Any]]) -> list[list[float]]:
    """Answers as rows, an output a column; a ranking's scores a column each."""
    return [[value for output in pipeline.contract.outputs for value in numbers(answer[output.name])] for answer in answers]


def numbers(value: Any) -> list[float]:
    return [each["score"] for each in value] if isinstance(value, list) else [value]


def test_there_are_enough_golden_cases(golden: dict[str, Any], pipeline: Pipeline) -> None:
    assert golden["pipeline"] == pipeline.contract.name
    assert golden["contract_version"] == pipeline.contract.version
    assert len(golden["records"]) == len(golden["outputs"]) >= (LEAST_PHOTOS if pipeline.contract.image_fields else LEAST_CASES)


def test_host_reproduces_the_golden_cases(name: str, pipeline: Pipeline, golden: dict[str, Any]) -> None:
    answers = native_model(name, "fp32").answer(pipeline, golden["records"])

    assert deviation(values(pipeline, answers), values(pipeline, golden["outputs"])) <= pipeline.contract.tolerance


def test_one_record_at_a_time_gives_the_answers_of_a_batch(name: str, pipeline: Pipeline, golden: dict[str, Any]) -> None:
    model = native_model(name, "fp32")
    records = golden["records"][:100]

    one_by_one = [model.answer(pipeline, [record])[0] for record in records]

    assert deviation(values(pipeline, one_by_one), values(pipeline, model.answer(pipeline, records))) <= pipeline.contract.tolerance


def test_every_variant_answers_the_golden_cases(name: str, pipeline: Pipeline, golden: dict[str, Any], card: dict[str, Any]) -> None:
    expected = np.array(values(pipeline, golden["outputs"]))[:, 0]

    for variant in card["variants"]:
        answers = values(pipeline, native_model(name, variant["name"]).answer(pipeline, golden["records"]))
        # A compressed variant gives its own answers, whose quality is on the card; here it only has to be the same model.
        assert np.corrcoef(np.array(answers)[:, 0], expected)[0, 1] > 0.99, variant["name"]


def test_outputs_of_another_model_are_refused(pipeline: Pipeline, golden: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=pipeline.contract.predictions[0].name):
        pipeline.predict(golden["records"][:1], lambda feeds: {"other": np.zeros((1, 1), np.float32)})
