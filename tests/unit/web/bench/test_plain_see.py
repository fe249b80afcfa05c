"""The hand-written JavaScript sees in a photo what the Python sees."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from foreshore import load_pipeline
from models.segments import run_native
from models.verification.records import draw_records
from packing.stage import Stages
from web.bench.weights import weights_stage
from web.bench.weights.stage import exact_models

ROOT = Path(__file__).resolve().parents[4]
ARTEFACTS = ROOT / "models" / "see" / "artefacts"
SCRIPT = Path(__file__).with_name("answer.js")
SIZE = 224
LEVELS = 128
"""Levels of brightness that a difference of 1 in the network's input stands for."""
PILLOW_ROUNDING = 1.13
"""Levels: Pillow rounds to whole ones after each of its two passes, and the second weighs what the first rounded up to 1.25 times."""
SINGLE_PRECISION = 1e-4
"""Python weighs pixels in float32, JavaScript in double: 2^-24 of 255 levels, some ten times over, and far from a single level."""
PROBABILITY = 1e-4
SEED = 20131001

type Records = list[dict[str, Any]]
type Pixels = NDArray[np.uint8]


def record(pixels: Pixels) -> dict[str, Any]:
    """A photo as JSON carries it."""
    height, width = pixels.shape[:2]
    return {"photo": {"width": width, "height": height, "data": base64.b64encode(pixels.tobytes()).decode()}}


def photos() -> list[Pixels]:
    """Noise, of which every pixel counts, and smooth slopes, wide, high, small and smaller than the network's own size."""
    random = np.random.default_rng(SEED)
    noise = [random.integers(0, 256, (*size, 3), np.uint8) for size in ((480, 640), (300, 900), (257, 256), (50, 31), (1, 1), (3, 224))]
    rows, columns = np.mgrid[0:333, 0:500]
    slopes = np.stack([rows * 255 // 332, columns * 255 // 499, (rows + columns) % 256], axis=2)
    return [*noise, slopes.astype(np.uint8)]


def large_photos() -> list[Pixels]:
    """Larger than 1024 pixels, by which they are averaged over boxes first, some of them cut off at the edges."""
    random = np.random.default_rng(SEED)
    return [random.integers(0, 256, (*size, 3), np.uint8) for size in ((40, 1300), (2500, 31), (1025, 1030))]


def answer(records: Records, weights: Path | None = None) -> dict[str, Any]:
    """Features and, by weights, predictions and answers of the JavaScript."""
    command = ["node", str(SCRIPT), "see", *([] if weights is None else [str(weights)])]
    done = subprocess.run(command, input=json.dumps(records), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answered: dict[str, Any] = json.loads(done.stdout)
    answered["features"] = np.array(answered["features"], np.float32).reshape(len(records), 3, SIZE, SIZE)
    return answered


def by_pillow(pixels: Pixels) -> NDArray[np.float32]:
    """The network's input as the published preprocessing makes it, but that Pillow rounds on the way."""
    height, width = pixels.shape[:2]
    crop = max(1, int(SIZE / (SIZE + 32) * min(height, width)))
    top, left = (height - crop + 1) // 2, (width - crop + 1) // 2
    resized = Image.fromarray(pixels).crop((left, top, left + crop, top + crop)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return ((np.asarray(resized, np.float32) - 127) / 128).transpose(2, 0, 1)


def test_photos_are_cropped_and_resized_as_pillow_does() -> None:
    # Of half the contrast: beyond 0 and 255 Pillow cuts off between the passes too, and edges ring beyond.
    taken = [(each // 2 + 64).astype(np.uint8) for each in photos()]
    for got, pixels in zip(answer([record(each) for each in taken])["features"], taken, strict=True):
        assert np.abs(got - by_pillow(pixels)).max() * LEVELS <= PILLOW_ROUNDING, pixels.shape


def test_javascript_features_are_pythons() -> None:
    records = [record(each) for each in (*photos(), *large_photos())] + draw_records(load_pipeline("see").contract, 12, SEED)
    expected = load_pipeline("see").prepare(records)["pixels"]
    got = answer(records)["features"]
    worst = np.abs(got - expected).max(axis=(1, 2, 3))
    row = int(worst.argmax())
    assert worst[row] <= SINGLE_PRECISION, (records[row]["photo"]["width"], records[row]["photo"]["height"], worst[row])


def test_what_is_not_opaque_is_drawn_over_white() -> None:
    random = np.random.default_rng(SEED)
    pixels = random.integers(0, 256, (90, 70, 4), np.uint8)
    expected = load_pipeline("see").prepare([record(pixels)])["pixels"]
    got = answer([record(pixels)])["features"]
    assert np.abs(got - expected).max() <= SINGLE_PRECISION
    clear = np.zeros((5, 5, 4), np.uint8)
    assert np.allclose(answer([record(clear)])["features"], (255 - 127) / 128)


def test_bytes_that_do_not_fit_the_size_are_refused() -> None:
    wrong = record(np.zeros((4, 4, 3), np.uint8))
    wrong["photo"]["width"] = 5
    done = subprocess.run(["node", str(SCRIPT), "see"], input=json.dumps([wrong]), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "got 48 bytes for 5 x 4 pixels, expected 3 or 4 a pixel" in done.stderr


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those that a build ships."""
    return weights_stage(Stages(ROOT, tmp_path_factory.mktemp("stages")), "see")["benchmark_weights"].folder


def test_the_network_gives_onnxruntimes_probabilities_and_ranking(weights: Path) -> None:
    golden = json.loads((ARTEFACTS / "golden.json").read_text(encoding="utf-8"))
    records = [*golden["records"][:4], *(record(each) for each in photos()[:2])]
    pipeline = load_pipeline("see")
    (model,), _ = exact_models(ARTEFACTS)
    expected = run_native(model, pipeline.prepare(records))["probabilities"]
    answered = answer(records, weights)
    got = np.array(answered["predictions"]).reshape(expected.shape)
    assert np.abs(got - expected).max() <= PROBABILITY
    for ranking, row in zip(answered["answers"], got, strict=True):
        assert [each["index"] for each in ranking] == np.argsort(-row, kind="stable")[:5].tolist()
        assert [each["score"] for each in ranking] == sorted(row.tolist(), reverse=True)[:5]


def test_javascript_answers_every_golden_case_as_recorded(weights: Path) -> None:
    golden = json.loads((ARTEFACTS / "golden.json").read_text(encoding="utf-8"))
    tolerance = load_pipeline("see").contract.tolerance
    for got, output in zip(answer(golden["records"], weights)["answers"], golden["outputs"], strict=True):
        scores = {each["index"]: each["score"] for each in got}
        for each in output["classes"]:
            assert abs(scores.get(each["index"], got[-1]["score"]) - each["score"]) <= tolerance, (got, output)
