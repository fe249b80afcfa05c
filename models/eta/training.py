"""Training: from the data to the committed artefacts, the same every time."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl

from foreshore import ModelError
from models.eta.card import Variant, card, rendered
from models.eta.data import before_departure, fetch_archive, read_flights, records, split
from models.eta.export import full_precision, int8
from models.eta.golden import golden
from models.eta.inference import FEATURES, predict
from models.eta.pipeline import PIPELINE
from models.eta.quality import REPRODUCED_WITHIN_MIN, SITUATIONS, Column, Quality, baselines, differences, quality, shortfalls, spread
from models.eta.student import Layer, Matrix, distil
from models.eta.teacher import Teacher, teach
from models.release import swap
from packing.hashing import write_whole

SEED = 2013
CALIBRATED_ON = 20_000

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Flights as arrays.

    Attributes
    ----------
    columns : mapping of str to (N,) int32
        The contract's fields, encoded.
    features : mapping of str to (N, F) float32
        By situation: without and with the departure delay.
    actual, departure : (N,) float64
        Arrival and departure delays in minutes.
    """

    columns: Mapping[str, Column]
    features: Mapping[str, Matrix]
    actual: Column
    departure: Column


def train(folder: Path, progress: Progress) -> None:
    """Train the model and write `artefacts/` and `CARD.md`.

    Parameters
    ----------
    folder : Path
        `models/eta`.
    progress : callable
        Takes a line of text.

    Raises
    ------
    FetchError
        If the data cannot be had.
    ModelError
        If a variant misses the bar; what was there before stays.
    """
    progress("reading flights")
    flights = read_flights(fetch_archive())
    data = split(flights)
    train_set, test_set = prepare(data.train), prepare(data.test)
    progress(f"teaching the teacher: {len(data.train):,} flights")
    teacher = teach(train_set.columns, train_set.actual)
    progress("distilling the student")
    layers = student(teacher, train_set)
    progress("exporting and measuring")
    variants = measured(layers, train_set, test_set)
    others = baselines(train_set.actual, train_set.departure, test_set.actual, test_set.departure)
    others["teacher"] = quality(teacher.predict(test_set.columns), test_set.actual)
    facts = card(data, len(flights), SEED, variants, others)
    report(facts, folder, progress)
    write(folder, variants, golden(data.test, variants[0].model), facts)


def prepare(flights: pl.DataFrame) -> Prepared:
    """Features of completed flights, made by the pipeline itself."""
    known, unknown = records(flights), records(before_departure(flights))
    made = [PIPELINE.prepare(rows)[FEATURES] for rows in (unknown, known)]
    return Prepared(
        PIPELINE.encode(known),
        dict(zip(SITUATIONS, made, strict=True)),
        flights["arrival_delay_min"].to_numpy().astype(np.float64),
        flights["departure_delay_min"].to_numpy().astype(np.float64),
    )


def student(teacher: Teacher, train_set: Prepared) -> list[Layer]:
    """The student, taught both situations of every training flight."""
    taught = teacher.predict(train_set.columns)
    features = np.concatenate([train_set.features[situation] for situation in SITUATIONS])
    minutes = np.concatenate([taught[situation] for situation in SITUATIONS])
    return distil(features[:, :-1], (minutes - features[:, -1]).astype(np.float32))


def measured(layers: Sequence[Layer], train_set: Prepared, test_set: Prepared) -> list[Variant]:
    """The model's variants with their quality on the test months, the full-precision one first."""
    rows = np.random.default_rng(SEED).choice(len(train_set.actual), CALIBRATED_ON, replace=False)
    calibration = np.concatenate([train_set.features[situation][rows] for situation in SITUATIONS])
    models = {"fp32": full_precision(layers), "int8": int8(layers, calibration)}
    return [_measured(name, model, test_set) for name, model in models.items()]


def _measured(name: str, model: onnx.ModelProto, test_set: Prepared) -> Variant:
    predicted = {situation: predict(model, features) for situation, features in test_set.features.items()}
    return Variant(name, model, quality(predicted, test_set.actual), spread(predicted, test_set.actual))


def report(facts: Mapping[str, Any], folder: Path, progress: Progress) -> None:
    """Say how good the variants are, and whether they are as good as the committed ones; raises ModelError below the bar."""
    committed = _committed(folder / "artefacts" / "card.json")
    for variant in facts["variants"]:
        name, found = variant["name"], variant["quality"]
        progress(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.items()))
        if missed := shortfalls(found):
            raise ModelError(f"{name} misses the bar: {'; '.join(missed)}; the artefacts were left as they are")
        if name in committed:
            changed = differences(found, committed[name])
            same = f"as committed, within {REPRODUCED_WITHIN_MIN} min"
            progress(f"{name}: {'not as committed: ' + '; '.join(changed) if changed else same}")


def _committed(path: Path) -> dict[str, Quality]:
    if not path.is_file():
        return {}
    return {variant["name"]: variant["quality"] for variant in json.loads(path.read_text())["variants"]}


def write(folder: Path, variants: Sequence[Variant], cases: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write every artefact aside, then put them in the place of the previous ones."""
    aside = folder / f".artefacts.{os.getpid()}.part"
    try:
        for variant in variants:
            write_whole(aside / variant.file, variant.content)
        write_whole(aside / "golden.json", lines_of(cases))
        write_whole(aside / "card.json", (json.dumps(facts, indent=1) + "\n").encode())
        swap(aside, folder / "artefacts")
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    write_whole(folder / "CARD.md", rendered(facts).encode())


def lines_of(cases: Mapping[str, Any]) -> bytes:
    """Golden cases as JSON with a record a line, so that a change can be read."""
    parts = []
    for key, value in cases.items():
        text = json.dumps(value)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"
        parts.append(f"{json.dumps(key)}: {text}")
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()
