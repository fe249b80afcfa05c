"""Quality: what share of photos a model is right about, and how often it says what the published network says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.compression.programme import Answers, Exam
from models.see.curriculum import loss

ACCURACY, AGREEMENT = "ten_views_accuracy", "ten_views_agreement"
MEASURES = {"accuracy": ACCURACY, "agreement": AGREEMENT}
"""What the card calls the exams of `models.see.curriculum`."""
DECIMALS = 3


def measures(answers: Mapping[str, Answers], exams: Mapping[str, Exam]) -> dict[str, float]:
    """A model's quality as the card holds it, from its answers by exam."""
    return {name: round(1 - float(np.mean(loss(answers[exam], exams[exam]))), DECIMALS) for exam, name in MEASURES.items()}
