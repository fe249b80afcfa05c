"""The hand-written JavaScript does what the Python does, for as long as somebody keeps the two alike."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshore import load_pipeline
from web.bench.weights import write_weights

ROOT = Path(__file__).resolve().parents[4]
ARTEFACTS = ROOT / "models" / "eta" / "artefacts"
SCRIPT = Path(__file__).with_name("answer.js")
SEED = 20131001
RANDOM_RECORDS = 3000

type Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    write_weights(ARTEFACTS / "fp32.onnx", folder)
    return folder


def answer(weights: Path, records: Records) -> dict[str, list[float]]:
    """Features and answers of the JavaScript."""
    command = ["node", str(SCRIPT), str(weights)]
    done = subprocess.run(command, input=json.dumps(records), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answered: dict[str, list[float]] = json.loads(done.stdout)
    return answered


def random_records() -> Records:
    """Records from all over the contract, most of which no airline ever flew."""
    draw = random.Random(SEED)  # noqa: S311  # the same cases every time is what is wanted
    categories = {field.name: [category.value for category in field.categories] for field in load_pipeline("eta").contract.fields}

    def clock() -> str:
        return f"{draw.randrange(24):02}:{draw.randrange(60):02}"

    return [
        {
            "date": str(date(2013, 1, 1) + timedelta(days=draw.randrange(365))),
            **{name: draw.choice(categories[name]) for name in ("carrier", "origin", "destination")},
            "scheduled_departure": clock(),
            "scheduled_arrival": clock(),
            "departure_delay_min": draw.choice([None, draw.randint(-120, 1440), draw.randint(-25, 60)]),
        }
        for _ in range(RANDOM_RECORDS)
    ]


def test_javascript_answers_every_golden_case_as_recorded(weights: Path) -> None:
    golden = json.loads((ARTEFACTS / "golden.json").read_text(encoding="utf-8"))
    contract = load_pipeline("eta").contract
    expected = np.array([output[contract.outputs[0].name] for output in golden["outputs"]])
    got = np.array(answer(weights, golden["records"])["answers"])
    assert len(got) == len(expected) >= 500
    deviation = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    worst = int(deviation.argmax())
    assert deviation[worst] <= contract.tolerance, (golden["records"][worst], got[worst], expected[worst])


def test_javascript_features_equal_python_features_bit_for_bit(weights: Path) -> None:
    records = random_records()
    expected = load_pipeline("eta").prepare(records)["features"]
    got = np.array(answer(weights, records)["features"], np.float32).reshape(len(records), -1)
    assert got.shape == expected.shape
    differing = np.argwhere(got != expected)
    assert differing.size == 0, [(records[row], column, got[row, column], expected[row, column]) for row, column in differing[:3]]


def test_javascript_refuses_an_airport_that_the_model_does_not_know(weights: Path) -> None:
    record = random_records()[0] | {"destination": "XXX"}
    command = ["node", str(SCRIPT), str(weights)]
    done = subprocess.run(command, input=json.dumps([record]), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert 'got "XXX", expected one of ABQ,' in done.stderr
