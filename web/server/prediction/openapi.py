"""The description of the endpoints in OpenAPI 3.1, made from the contracts of the release.

References
----------
https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foreshore.contract import Contract, Field
from foreshore.records import TEXT_CHARACTERS, expectation
from web.server.config import Config
from web.server.prediction.catalogue import Release, ReleasedPipeline
from web.server.prediction.protocol import DATATYPES, HEADER_LENGTH

type Schema = dict[str, Any]

WIRE: Mapping[str, Schema] = {
    "float32": {"type": "number"},
    "int32": {"type": "integer"},
    "bool": {"type": "boolean"},
    "category": {"type": "string"},
    "date": {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "time": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "datetime": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]Z$"},
    "text": {"type": "string", "minLength": 1, "maxLength": TEXT_CHARACTERS},
    "image": {
        "type": "object",
        "properties": {
            "width": {"type": "integer", "minimum": 1},
            "height": {"type": "integer", "minimum": 1},
            "data": {"type": "string", "contentEncoding": "base64"},
        },
        "required": ["width", "height", "data"],
    },
}
"""What a field's dtype is in JSON; of a dtype that is not here, only its words are told."""
STATUSES = {
    400: "It can't be read, or does not fit the model's tensors.",
    401: "It carries no key that is known.",
    404: "There is no such pipeline, version, variant or job, or no such answer.",
    405: "This address is not asked by this method.",
    408: "The body did not arrive in time.",
    409: "The job is not in a state for it.",
    413: "The body is too large, or holds too many rows.",
    415: "The body is compressed, or of a type that is not taken.",
    422: "The records don't fit the contract.",
    429: "There is more to do than can be done now; ask again after Retry-After seconds.",
    500: "The model or its definition is at fault.",
    503: "What the release promises can't be loaded, or there is no release.",
    504: "The answer took too long.",
    507: "The server has no space left for it.",
}
ASKING = (400, 401, 404, 408, 413, 415, 429, 500, 503, 504)
READING = (401, 404, 429, 500, 503)


def describe(release: Release, config: Config) -> dict[str, Any]:
    """All endpoints, with a path of its own for each pipeline of the release."""
    paths = {**_server_paths(), **_listing_paths()}
    for pipeline in release.pipelines.values():
        paths |= _record_paths(pipeline) | _tensor_paths(pipeline)
    schemas = {name: _record(each) for name, each in release.pipelines.items()} | _errors() | _tensors()
    if config.takes_jobs:
        from web.server.jobs.openapi import job_paths, job_schemas

        paths |= job_paths(release)
        schemas |= job_schemas()
    description: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Foreshore", "version": release.id or "none", "summary": "Predictions of the released pipelines."},
        "servers": [{"url": "../"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }
    if config.api_keys:
        description["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"key": []}]
    return description


def _server_paths() -> dict[str, Any]:
    said = {"type": "object"}
    return {
        "/v2": {"get": operation("server", "The server's name, version and extensions", said, (500,), "Tensor")},
        "/v2/health/live": {"get": operation("live", "Whether the server runs", said, (500,), "Tensor")},
        "/v2/health/ready": {"get": operation("serverReady", "Whether there is a release to serve", said, (500, 503), "Tensor")},
        "/v2/models": {"get": operation("models", "The models that there are", said, READING, "Tensor")},
    }


def _listing_paths() -> dict[str, Any]:
    return {"/api/pipelines": {"get": operation("pipelines", "The pipelines that there are", {"type": "object"}, READING, "Record")}}


def _record_paths(pipeline: ReleasedPipeline) -> dict[str, Any]:
    contract = pipeline.contract
    record = {"$ref": f"#/components/schemas/{contract.name}"}
    body = {"oneOf": [record, {"type": "array", "items": record, "maxItems": 1000}]}
    predict = operation(f"predict_{contract.name}", contract.title, _answers(contract), (*ASKING, 422), "Record")
    predict["description"] = contract.description
    predict["requestBody"] = {"required": True, "content": {"application/json": {"schema": body, "example": _example(contract)}}}
    predict["parameters"] = [variant_parameter(pipeline)]
    about = operation(f"contract_{contract.name}", f"The contract of {contract.name}", {"type": "object"}, READING, "Record")
    path = f"/api/pipelines/{contract.name}"
    return {f"{path}/predict": {"post": predict}, path: {"get": about}}


def variant_parameter(pipeline: ReleasedPipeline) -> Schema:
    """The parameter of a query that names a variant."""
    schema = {"type": "string", "enum": list(pipeline.variants), "default": pipeline.entry["default_variant"]}
    return {"name": "variant", "in": "query", "description": "Which form of the model answers.", "schema": schema}


def _tensor_paths(pipeline: ReleasedPipeline) -> dict[str, Any]:
    name = pipeline.name
    path = f"/v2/models/{name}"
    infer = operation(
        f"infer_{name}", f"Outputs of {name} for columns", {"$ref": "#/components/schemas/InferenceResponse"}, ASKING, "Tensor"
    )
    infer["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/InferenceRequest"}}},
    }
    infer["description"] = f"With the header {HEADER_LENGTH}, tensors may follow the JSON in binary."
    infer["responses"]["200"]["content"]["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
    metadata = operation(f"metadata_{name}", f"Inputs and outputs of {name}", {"type": "object"}, READING, "Tensor")
    ready = operation(f"ready_{name}", f"Whether {name} can be asked", {"type": "object"}, READING, "Tensor")
    return {path: {"get": metadata}, f"{path}/ready": {"get": ready}, f"{path}/infer": {"post": infer}}


def operation(name: str, summary: str, answer: Schema, statuses: tuple[int, ...], form: str, status: int = 200) -> dict[str, Any]:
    """One operation: what it answers in JSON, and by which statuses and in which form it refuses."""
    error = {"application/json": {"schema": {"$ref": f"#/components/schemas/{form}Error"}}}
    responses: dict[str, Any] = {str(status): {"description": "The answer.", "content": {"application/json": {"schema": answer}}}}
    for refused in sorted((*statuses, 405)):
        responses[str(refused)] = {"description": STATUSES[refused], "content": error}
    return {"operationId": name, "summary": summary, "responses": responses}


def _record(pipeline: ReleasedPipeline) -> Schema:
    contract = pipeline.contract
    return {
        "type": "object",
        "title": contract.title,
        "properties": {field.name: _field(field) for field in contract.inputs},
        "required": [field.name for field in contract.inputs if not field.nullable],
        "additionalProperties": False,
    }


def _field(field: Field) -> Schema:
    schema = dict(WIRE.get(field.dtype, {}))
    if field.dtype in ("float32", "int32"):
        schema |= {key: value for key, value in (("minimum", field.minimum), ("maximum", field.maximum)) if value is not None}
    if field.categories:
        schema["enum"] = [category.value for category in field.categories] + [None] * field.nullable
    if field.nullable and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    wanted = expectation(field)
    words = f"{field.description} {wanted[0].upper()}{wanted[1:]}.".strip()
    return schema | {"title": field.title, "description": words} | ({} if field.example is None else {"examples": [field.example]})


def _example(contract: Contract) -> dict[str, Any]:
    return {field.name: field.example for field in contract.fields if field.example is not None}


def _answers(contract: Contract) -> Schema:
    outputs = {output.name: {"title": output.title, "description": _unit(output.description, output.unit)} for output in contract.outputs}
    one = {"type": "object", "properties": outputs, "required": list(outputs)}
    about = {name: {"type": "string"} for name in ("release", "variant", "engine", "provider")} | {
        "threads": {"type": "integer"},
        "latency_ms": {"type": "number"},
    }
    return {
        "type": "object",
        "properties": {"answer": one, "answers": {"type": "array", "items": one}, **about},
        "required": list(about),
    }


def _unit(description: str, unit: str) -> str:
    return f"{description} In {unit}." if unit else description


def _errors() -> dict[str, Schema]:
    text = {"type": "string"}
    problem = {"row": {"type": "integer"}, "field": text, "got": text, "expected": text, "message": text}
    problems = {"type": "array", "items": {"type": "object", "properties": problem, "required": list(problem)}}
    record = {
        "kind": text,
        "message": text,
        "field": {"type": ["string", "null"]},
        "row": {"type": ["integer", "null"]},
        "problems": problems,
    }
    return {
        "RecordError": {"type": "object", "properties": record, "required": list(record)},
        "TensorError": {"type": "object", "properties": {"error": text}, "required": ["error"]},
    }


def _tensors() -> dict[str, Schema]:
    """Requests and responses of the Open Inference Protocol."""
    parameters = {"type": "object"}
    named = {"name": {"type": "string"}, "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}}}
    typed = {**named, "datatype": {"enum": list(DATATYPES)}, "parameters": parameters, "data": {"type": "array"}}
    tensor = {"type": "object", "properties": typed, "required": ["name", "shape", "datatype"]}
    wanted = {"type": "object", "properties": {"name": {"type": "string"}, "parameters": parameters}, "required": ["name"]}
    request = {
        "id": {"type": "string", "maxLength": 200},
        "parameters": parameters,
        "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}, "minItems": 1},
        "outputs": {"type": "array", "items": wanted},
    }
    response = {
        "model_name": {"type": "string"},
        "model_version": {"type": "string"},
        "id": {"type": "string"},
        "parameters": parameters,
        "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}},
    }
    return {
        "Tensor": tensor,
        "InferenceRequest": {"type": "object", "properties": request, "required": ["inputs"]},
        "InferenceResponse": {"type": "object", "properties": response, "required": ["model_name", "outputs"]},
    }
