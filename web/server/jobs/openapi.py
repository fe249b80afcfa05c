"""The description of the endpoints of jobs, beside those of predictions."""

from __future__ import annotations

from typing import Any

from foreshore import Contract
from web.server.jobs.models import STATES
from web.server.jobs.queue import JOB_ID
from web.server.jobs.requests import FORMATS, UPLOADS
from web.server.prediction.catalogue import Release, ReleasedPipeline
from web.server.prediction.openapi import ASKING, READING, Schema, operation, variant_parameter

JOB: Schema = {"$ref": "#/components/schemas/Job"}
KEEPING = (*READING, 507)
CHANGING = (*KEEPING, 409)
LIFETIME = {"as_of": {"type": "string", "format": "date-time"}, "age_s": {"type": "number", "minimum": 0}}


def job_paths(release: Release) -> dict[str, Any]:
    """Addresses of jobs, and of answers by key."""
    paths: dict[str, Any] = {
        "/api/jobs": {"get": operation("jobs", "The newest jobs of a key", {"type": "object"}, KEEPING, "Record")},
        "/api/jobs/{job_id}": {
            "get": _of_job("job", "How far a job is", JOB, KEEPING),
            "delete": _removal(),
        },
        "/api/jobs/{job_id}/cancel": {"post": _of_job("cancel", "End a job before it is done", JOB, KEEPING)},
        "/api/jobs/{job_id}/resume": {"post": _of_job("resume", "Go on with a job that failed or was cancelled", JOB, CHANGING, 202)},
        "/api/jobs/{job_id}/results": {"get": _file("results", "The results of a job that is done", tuple(UPLOADS))},
        "/api/jobs/{job_id}/bad-rows": {"get": _file("badRows", "Rows without an answer, and why", ("text/csv",))},
    }
    for pipeline in release.pipelines.values():
        paths |= _pipeline_paths(pipeline)
    return paths


def job_schemas() -> dict[str, Schema]:
    """The schema of a job."""
    text, optional, number = {"type": "string"}, {"type": ["string", "null"]}, {"type": ["number", "null"]}
    properties: Schema = {
        **dict.fromkeys(("id", "pipeline"), text),
        "state": {"enum": list(STATES)},
        "cancelling": {"type": "boolean"},
        **dict.fromkeys(("schedule", "source", "variant", "release", "error", "created_at", "started_at", "finished_at"), optional),
        "format": {"enum": list(FORMATS)},
        "mapping": {"type": ["object", "null"]},
        "key": {"type": "array", "items": text},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        **{name: {"type": "integer", "minimum": 0} for name in ("rows_done", "bad_rows")},
        "rows_total": {"type": ["integer", "null"]},
        "running_s": {"type": "number", "minimum": 0},
        **dict.fromkeys(("rows_per_s", "seconds_left"), number),
    }
    return {"Job": {"type": "object", "properties": properties, "required": list(properties)}}


def _pipeline_paths(pipeline: ReleasedPipeline) -> dict[str, Any]:
    name = pipeline.name
    contract = pipeline.contract
    path = f"/api/pipelines/{name}"
    return {
        f"{path}/jobs": {"post": _creation(pipeline, contract)},
        f"{path}/precomputed": {"get": _precomputed(name, contract)},
        f"{path}/lookup": {"post": _lookup(pipeline)},
    }


def _creation(pipeline: ReleasedPipeline, contract: Contract) -> dict[str, Any]:
    made = operation(f"createJob_{pipeline.name}", f"Have {pipeline.name} work through a table", JOB, (*ASKING, 507), "Record", 202)
    made["responses"]["202"]["headers"] = {"Location": {"schema": {"type": "string"}}}
    fields = [field.name for field in contract.inputs]
    mapping = {"type": "object", "propertyNames": {"enum": fields}, "additionalProperties": {"type": "string", "maxLength": 256}}
    key = {"type": "array", "items": {"enum": fields}, "minItems": 1, "uniqueItems": True}
    options: dict[str, Schema] = {"variant": variant_parameter(pipeline)["schema"], "mapping": mapping, "key": key}
    options["format"] = {"enum": list(FORMATS)}
    asked = {"type": "object", "properties": {"path": {"type": "string"}, **options}, "required": ["path"], "additionalProperties": False}
    tables = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in UPLOADS}
    made["requestBody"] = {"required": True, "content": {**tables, "application/json": {"schema": asked}}}
    made["description"] = "The body is the table, a CSV or Parquet file, with the options in the query; or an object that names a file."
    made["parameters"] = [
        variant_parameter(pipeline),
        {"name": "format", "in": "query", "description": "Of the results.", "schema": options["format"]},
        {"name": "mapping", "in": "query", "description": "Columns by field.", "content": {"application/json": {"schema": mapping}}},
        {"name": "key", "in": "query", "description": "Keep answers by these fields.", "schema": key, "style": "form", "explode": False},
    ]
    return made


def _precomputed(name: str, contract: Contract) -> dict[str, Any]:
    asked = operation(f"precomputed_{name}", f"An answer of {name} that was kept", _kept(), (400, *KEEPING), "Record")
    asked["parameters"] = [
        {"name": field.name, "in": "query", "description": f"{field.title}, as in a cell of a table.", "schema": {"type": "string"}}
        for field in contract.inputs
        if field.dtype != "image"
    ]
    if all(field.name != "job" for field in contract.inputs):
        asked["parameters"].append(_of_which_job())
    asked["description"] = "Asked by just the fields that a job kept its answers by."
    return asked


def _lookup(pipeline: ReleasedPipeline) -> dict[str, Any]:
    name = pipeline.name
    asked = operation(f"lookup_{name}", f"The kept answer of {name} to a record, or a new one", _kept(), (*ASKING, 422, 507), "Record")
    record = {"$ref": f"#/components/schemas/{name}"}
    asked["requestBody"] = {"required": True, "content": {"application/json": {"schema": record}}}
    oldest = {"name": "max_age_s", "in": "query", "description": "Older answers don't count.", "schema": {"type": "number", "minimum": 0}}
    asked["parameters"] = [variant_parameter(pipeline), oldest, _of_which_job()]
    return asked


def _of_which_job() -> Schema:
    told = "Answers of this job alone; without it, of schedules' jobs and of those that the caller's key made."
    return {"name": "job", "in": "query", "description": told, "schema": {"type": "string", "pattern": f"^{JOB_ID.pattern}$"}}


def _kept() -> Schema:
    properties = {"answer": {"type": "object"}, **LIFETIME, "release": {"type": "string"}, "variant": {"type": "string"}}
    properties["precomputed"] = {"type": "boolean"}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _of_job(name: str, summary: str, answer: Schema, statuses: tuple[int, ...], status: int = 200) -> dict[str, Any]:
    described = operation(f"{name}Job", summary, answer, statuses, "Record", status)
    described["parameters"] = [{"name": "job_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}]
    return described


def _removal() -> dict[str, Any]:
    described = _of_job("delete", "Remove a job, its files and its answers", {}, CHANGING, 204)
    del described["responses"]["204"]["content"]
    return described


def _file(name: str, summary: str, media_types: tuple[str, ...]) -> dict[str, Any]:
    described = _of_job(name, summary, {}, CHANGING)
    described["responses"]["200"]["content"] = {media_type: {} for media_type in media_types}
    return described
