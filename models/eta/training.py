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
from models.eta.ablation import ablation
from models.eta.card import Findings, Variant, card
from models.eta.cardtext import rendered
from models.eta.data import Split, split
from models.eta.events import events, timed_flights
from models.eta.export import full_precision, int8
from models.eta.golden import golden
from models.eta.inference import SEGMENT, VALUES, answers, predict, segmented
from models.eta.lessons import Examinations, Lessons, Log, examinations, lessons
from models.eta.pipeline import CONTRACT
from models.eta.quality import (
    REPRODUCED_WITHIN_MIN,
    SITUATIONS,
    Column,
    Quality,
    baselines,
    differences,
    quality,
    shortfalls,
    spread,
)
from models.eta.segments import Comparison, compared, interval
from models.eta.situations import Asked, Flights, joined
from models.eta.student import Layer, Matrix, distil
from models.eta.teacher import Teacher, teach
from models.release import swap
from models.shipping import ADVICE, carried, dropped
from packing.hashing import write_whole

SEED = 2013
CALIBRATED_ON = 40_000

type Progress = Callable[[str], None]
type Models = dict[str, onnx.ModelProto]
"""A student's forms by variant."""


@dataclass(frozen=True, slots=True)
class School:
    """All that training works with.

    Attributes
    ----------
    taught : Lessons
    validation, test : dict of str to Asked
        Examinations, by situation.
    flights : tuple of Flights
        Those of training and of the test.
    """

    taught: Lessons
    validation: Examinations
    test: Examinations
    flights: tuple[Flights, Flights]

    @classmethod
    def of(cls, data: Split, log: Log) -> School:
        """Questions about the flights of a split."""
        train, validation, test = (Flights.read(part) for part in (data.train, data.validation, data.test))
        return cls(lessons(train, log), examinations(validation, log), examinations(test, log), (train, test))


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
    flights = timed_flights()
    data, log = split(flights), events(flights)
    progress(f"asking the windows about {len(data.train):,} flights")
    school = School.of(data, log)
    findings = find_out(school, progress)
    facts = card(data, len(flights), SEED, findings)
    report(facts, folder, progress)
    if lost := dropped(folder / "artefacts", facts):
        progress(f"dropped, made of another fp32: {', '.join(lost)}; {ADVICE.format(name=CONTRACT.name)}")
    write(folder, findings.variants, cases(data.test, log, findings.variants[0]), facts)


def find_out(school: School, progress: Progress) -> Findings:
    """Teach, distil, compare and measure."""
    progress("teaching the teacher and distilling the student")
    teacher = teach(school.taught.before, school.taught.after)
    models = student(teacher, school.taught)
    own = {}
    for code, value in enumerate(VALUES):
        progress(f"the same for {value} alone")
        some = school.taught.of(SEGMENT, code)
        own[value] = student(teach(some.before, some.after), some)
    progress("comparing and measuring")
    comparisons = [compare(school, name, models[name], value, own[value][name]) for name in models for value in VALUES]
    kept = {(each.variant, each.value) for each in comparisons if each.kept}
    variants = [
        measured(name, models[name], {value: own[value][name] for value in VALUES if (name, value) in kept}, school.test) for name in models
    ]
    return Findings(variants, others(school, teacher), ablation(school.taught, school.test), comparisons)


def student(teacher: Teacher, taught: Lessons) -> Models:
    """The student in every form, taught what the teacher says to all questions."""
    asked = joined([taught.before, taught.after])
    features = asked.features()
    minutes = teacher.predict(asked.columns)
    layers: list[Layer] = distil(features[:, :-1], (minutes - features[:, -1]).astype(np.float32))
    return {"fp32": full_precision(layers), "int8": int8(layers, _calibration(features))}


def _calibration(features: Matrix) -> Matrix:
    rows: Matrix = features[np.random.default_rng(SEED).choice(len(features), CALIBRATED_ON, replace=False)]
    return rows


def compare(school: School, variant: str, general: onnx.ModelProto, value: str, own: onnx.ModelProto) -> Comparison:
    """A segment's model against the model for all, on validation days and on the test."""
    code = VALUES.index(value)
    seen, tested = (
        {name: asked.of(asked.columns[SEGMENT] == code) for name, asked in exams.items()} for exams in (school.validation, school.test)
    )
    validated, judged = ((_errors(general, exams), _errors(own, exams)) for exams in (seen, tested))
    days = seen[SITUATIONS[0]].columns["date"]
    return Comparison(value, variant, compared(*validated) | interval(*validated, days, len(VALUES)), compared(*judged))


def _errors(model: onnx.ModelProto, exams: Mapping[str, Asked]) -> dict[str, Column]:
    return {name: np.abs(predict(model, asked.features()) - asked.actual) for name, asked in exams.items()}


def measured(name: str, model: onnx.ModelProto, segments: Mapping[str, onnx.ModelProto], exams: Examinations) -> Variant:
    """A variant with its quality on the test months, each flight answered by its segment's model."""
    whole = segmented(model, segments)
    predicted = {situation: answers(whole, asked) for situation, asked in exams.items()}
    actual = {situation: asked.actual for situation, asked in exams.items()}
    return Variant(name, model, segments, quality(predicted, actual), spread(predicted, actual))


def others(school: School, teacher: Teacher) -> dict[str, Quality]:
    """What needs no model, and the teacher, on the test months."""
    train_set, test_set = school.flights
    found = baselines(train_set.actual, train_set.departure, test_set.actual, test_set.departure)
    asked = {name: school.test[name] for name in SITUATIONS}
    predicted = {name: teacher.predict(each.columns) for name, each in asked.items()}
    return found | {"teacher": quality(predicted, {name: each.actual for name, each in asked.items()})}


def cases(test: pl.DataFrame, log: Log, variant: Variant) -> dict[str, Any]:
    """The golden cases, answered by this variant."""
    return golden(test, log, segmented(variant.model, variant.segments))


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


def write(folder: Path, variants: Sequence[Variant], golden_cases: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write every artefact aside, then put them in the place of the previous ones.

    Compressed variants stay where the model that they were made of is the same again; see `models.shipping`.
    """
    facts, kept = carried(folder / "artefacts", facts)
    aside = folder / f".artefacts.{os.getpid()}.part"
    try:
        for name, content in ((name, content) for variant in variants for name, content in variant.files.items()):
            write_whole(aside / name, content)
        for file in kept:
            write_whole(aside / file.name, file.read_bytes())
        write_whole(aside / "golden.json", lines_of(golden_cases))
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
