"""The endpoints' own description: it is valid, it says what the contracts say, and what it says is true."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from foreshore import Pipeline, pipeline_names
from tests.root import ROOT
from tests.unit.server.prediction.asking import INFER, PREDICT, post
from tests.unit.server.small_site import ask

EXAMPLES = 25
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
"""Without it, 413 is not known as a refusal: too many records are told so before any of them is read."""


@pytest.fixture(scope="session")
def description(asked: str) -> dict[str, Any]:
    return dict(json.loads(ask(asked, "/api/openapi.json").body))


@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_sent_the_answer_is_one_that_is_described(description: dict[str, Any], asked: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(description, config=SchemathesisConfig.from_dict(CONFIG))
    operations = [(method, path) for path, methods in description["paths"].items() for method in methods]
    sent = {(method, path): fuzz(schema[path][method], asked, mode) for method, path in operations}
    assert len(sent) == sum(len(methods) for methods in description["paths"].values())
    taking = (("post", path) for path in (PREDICT, INFER, PREDICT.replace("predict", "jobs"), PREDICT.replace("predict", "lookup")))
    assert min(sent[each] for each in taking) >= EXAMPLES / 2  # of those that take nothing, nothing can be wrong


def fuzz(operation: APIOperation[Any, Any, Any, Any], url: str, mode: GenerationMode) -> int:
    """Send what fits an operation's description, or what does not, and hold the answers to the description; how many were sent."""
    sent = []

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    def send(case: Case[Any]) -> None:
        sent.append(case)
        # Not all data that fits the schema is accepted: JSON Schema can't say that a date lies within a year.
        case.call_and_validate(url, excluded_checks=[positive_data_acceptance])

    with suppress(Unsatisfiable):
        send()
    return len(sent)


def test_every_address_is_described(description: dict[str, Any]) -> None:
    names = pipeline_names(ROOT / "models")
    assert set(description["paths"]) == {
        *("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models", "/api/pipelines"),
        *(f"/v2/models/{name}{call}" for name in names for call in ("", "/ready", "/infer")),
        *(f"/api/pipelines/{name}{call}" for name in names for call in ("", "/predict", "/jobs", "/precomputed", "/lookup")),
        *(f"/api/jobs{call}" for call in ("", *(f"/{{job_id}}{act}" for act in ("", "/cancel", "/resume", "/results", "/bad-rows")))),
    }
    assert description["openapi"] == "3.1.0"


def test_a_record_is_described_as_its_contract_says(description: dict[str, Any], eta: Pipeline, flight: dict[str, Any]) -> None:
    schema = description["components"]["schemas"]["eta"]
    assert list(schema["properties"]) == [field.name for field in eta.contract.inputs]
    assert schema["properties"]["departure_delay_min"] | {"description": ""} == {
        "type": ["integer", "null"],
        "minimum": -120,
        "maximum": 1440,
        "title": "Departure delay",
        "description": "",
        "examples": [12],
    }
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid(flight)
    for wrong in ({"carrier": "XX"}, {"date": "today"}, {"departure_delay_min": 1441}, {"nobody": 1}, {"origin": None}):
        assert not validator.is_valid({**flight, **wrong})


def test_the_example_is_answered(asked: str, description: dict[str, Any]) -> None:
    example = description["paths"][PREDICT]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert post(asked, PREDICT, example)[0] == 200
