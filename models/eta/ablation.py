"""Ablation: what histories and streaming news add to the schedule, by the same gradient boosting with one or the other left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.eta.lessons import Examinations, Lessons
from models.eta.quality import SITUATIONS, quality
from models.eta.situations import HISTORICAL_NAMES, STREAMING_NAMES
from models.eta.teacher import Teacher, teach

KNOWN: Mapping[str, tuple[str, ...]] = {
    "schedule": (),
    "schedule + history": HISTORICAL_NAMES,
    "schedule + streaming": STREAMING_NAMES,
    "schedule + both": (*STREAMING_NAMES, *HISTORICAL_NAMES),
}
NOTE = (
    "Gradient boosting, taught on the questions at scheduled departure and at departure alone, with the windows named. At scheduled "
    "departure the news may hold the flight's own departure, if it left early."
)


def ablation(taught: Lessons, exams: Examinations) -> dict[str, Any]:
    """Quality on the test months by what is known, as the card holds it."""
    return {"rows": [{"name": name, **_quality(taught, exams, context)} for name, context in KNOWN.items()], "note": NOTE}


def _quality(taught: Lessons, exams: Examinations, context: tuple[str, ...]) -> dict[str, float]:
    teacher: Teacher = teach(taught.scheduled, taught.left, context)
    asked = {name: exams[name] for name in SITUATIONS}
    return quality({name: teacher.predict(each.columns) for name, each in asked.items()}, {n: e.actual for n, e in asked.items()})
