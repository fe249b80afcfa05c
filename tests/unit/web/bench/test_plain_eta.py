"""The hand-written JavaScript does what the Python does, for as long as somebody keeps the two alike."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshore import load_pipeline
from foreshore.contract import DAY_MIN, utc_text
from packing.stage import Stages
from web.bench.weights import weights_stage

ROOT = Path(__file__).resolve().parents[4]
ARTEFACTS = ROOT / "models" / "eta" / "artefacts"
SCRIPT = Path(__file__).with_name("answer.js")
SEED = 20131001
RANDOM_RECORDS = 3000
FIRST_DAY = 15706
"""2013-01-01, in days since 1970-01-01."""

type Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those that a build ships."""
    return weights_stage(Stages(ROOT, tmp_path_factory.mktemp("stages")), "eta")["benchmark_weights"].folder


def answer(weights: Path, records: Records) -> dict[str, list[float]]:
    """Features and answers of the JavaScript."""
    command = ["node", str(SCRIPT), "eta", str(weights)]
    done = subprocess.run(command, input=json.dumps(records), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answered: dict[str, list[float]] = json.loads(done.stdout)
    return answered


def random_records() -> Records:
    """Records from all over the contract, most of which no airline ever flew, asked about within a day of their departure."""
    draw = random.Random(SEED)  # noqa: S311  # the same cases every time is what is wanted
    contract = load_pipeline("eta").contract
    categories = {field.name: [category.value for category in field.categories] for field in contract.fields}

    def clock() -> str:
        return f"{draw.randrange(24):02}:{draw.randrange(60):02}"

    def asked_at(days: int) -> str:
        return utc_text((FIRST_DAY + days) * DAY_MIN + draw.randrange(2 * DAY_MIN))

    def record() -> dict[str, Any]:
        days = draw.randrange(365)
        return {
            "date": utc_text((FIRST_DAY + days) * DAY_MIN)[:10],
            **{name: draw.choice(categories[name]) for name in ("carrier", "origin", "destination")},
            "scheduled_departure": clock(),
            "scheduled_arrival": clock(),
            "departure_delay_min": draw.choice([None, None, draw.randint(-120, 1440), draw.randint(-25, 60)]),
            "asked_at": draw.choice([None, asked_at(days), asked_at(days)]),
            **{field.name: draw.choice([None, draw.uniform(-180, 300), draw.randint(0, 60)]) for field in contract.context if field.unit},
            **{field.name: draw.choice([None, 0, draw.randint(0, 200)]) for field in contract.context if not field.unit},
        }

    return [record() for _ in range(RANDOM_RECORDS)]


def test_javascript_answers_every_golden_case_as_recorded(weights: Path) -> None:
    golden = json.loads((ARTEFACTS / "golden.json").read_text(encoding="utf-8"))
    contract = load_pipeline("eta").contract
    expected = np.array([output[contract.outputs[0].name] for output in golden["outputs"]])
    got = np.array(answer(weights, golden["records"])["answers"])
    assert len(got) == len(expected) >= 900
    assert len({record["origin"] for record in golden["records"]}) == 3, "segments with and without a model of their own"
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
    command = ["node", str(SCRIPT), "eta", str(weights)]
    done = subprocess.run(command, input=json.dumps([record]), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert 'got "XXX", expected one of ABQ,' in done.stderr
