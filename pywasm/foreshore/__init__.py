"""Foreshore: machine-learning pipelines written once in Python, run on the host and in the browser."""

from foreshore.contract import MISSING_INT, Category, Contract, Field, Output, Tensor
from foreshore.errors import (
    ERROR_KINDS,
    ArtefactError,
    ContractError,
    ForeshoreError,
    ModelError,
    Problem,
    ValidationError,
)
from foreshore.pipeline import Pipeline, load_pipeline, pipeline_names

__all__ = [
    "ERROR_KINDS",
    "MISSING_INT",
    "ArtefactError",
    "Category",
    "Contract",
    "ContractError",
    "Field",
    "ForeshoreError",
    "ModelError",
    "Output",
    "Pipeline",
    "Problem",
    "Tensor",
    "ValidationError",
    "load_pipeline",
    "pipeline_names",
]
