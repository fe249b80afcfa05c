"""Traps: variants that look fine where nothing is asked of them, and that the task's quality refuses."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

import models
from models.compression.activations import answers
from models.compression.programme import Budget, Exam
from models.compression.quality import difference
from models.compression.recipes import Recipe, Step, run
from packing.errors import FetchError
from packing.fetch import Carrier, Fetcher, Resource

DYNAMIC = Recipe("dynamic_int8", (Step.of("dynamic_int8"),))
BUDGET = Budget(0.05, relative=False)
DETECTOR = Resource(
    "silero_vad_16k_op15.onnx",
    "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
    (Carrier("silero-vad==6.2.3", "silero_vad/data"),),
)
"""Silero's voice activity detector (MIT), 16 kHz."""
RATE_HZ, FRAME, CONTEXT = 16_000, 512, 64
FORMANTS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""Of five vowels of men. Peterson, Barney: Control Methods Used in a Study of the Vowels, 1952."""
WIDTHS_HZ = (80, 100, 140)

type Floats = NDArray[np.float32]


def excess(base: NDArray[np.float64], variant: NDArray[np.float64], blocks: NDArray[np.int64]) -> float:
    found = BUDGET.excess(asdict(difference(base, variant, blocks)))
    assert found is not None
    return found


def voice(seconds: int, seed: int) -> Floats:
    """Syllables of a synthetic voice at full level: pulses of the glottis through the resonances of vowels."""
    random = np.random.default_rng(seed)
    parts: list[Any] = []
    while sum(map(len, parts)) < seconds * RATE_HZ:
        count = int(random.uniform(0.12, 0.25) * RATE_HZ)
        pitch_hz = random.uniform(100, 140) * np.linspace(1.05, 0.92, count)
        sound = np.diff(np.floor(np.cumsum(pitch_hz / RATE_HZ)), prepend=0)
        sound = lfilter([1], [1, -0.97], sound) + 0.003 * random.normal(size=count)
        for centre_hz, width_hz in zip(random.choice(FORMANTS_HZ), WIDTHS_HZ, strict=True):
            radius, angle = np.exp(-np.pi * width_hz / RATE_HZ), 2 * np.pi * centre_hz / RATE_HZ
            sound = lfilter([1], [1, -2 * radius * np.cos(angle), radius**2], sound)
        sound = np.diff(sound, prepend=0) * np.sqrt(np.sin(np.pi * np.arange(count) / count))
        parts += [0.4 * sound / np.abs(sound).max(), 0.02 * np.diff(random.normal(size=960)), np.zeros(240)]
    whole: Floats = np.concatenate(parts)[: seconds * RATE_HZ].astype(np.float32)
    return whole


def speech(model: onnx.ModelProto, sound: Floats) -> Floats:
    """How likely each frame of a sound is speech, frame after frame."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    state, before = np.zeros((2, 1, 128), np.float32), np.zeros(CONTEXT, np.float32)
    found: list[float] = []
    for start in range(0, len(sound) - FRAME + 1, FRAME):
        frame = sound[start : start + FRAME]
        feeds = {"input": np.concatenate([before, frame])[None], "state": state, "sr": np.array(RATE_HZ)}
        likely, state = session.run(None, feeds)
        before, found = frame[-CONTEXT:], [*found, likely.item()]
    return np.array(found, np.float32)


@pytest.fixture(scope="module")
def detector() -> onnx.ModelProto:
    try:
        return onnx.load(Fetcher().fetch(DETECTOR))
    except FetchError as error:
        pytest.skip(f"the detector cannot be had here: {error}")


def test_detector_that_agrees_on_noise_and_is_deaf_to_speech_is_refused(detector: onnx.ModelProto) -> None:
    small = run(DYNAMIC, detector, None)
    noise = 0.05 * np.random.default_rng(1).normal(size=6 * RATE_HZ).astype(np.float32)
    quiet = [0.02 * voice(3, seed) for seed in (3, 4, 5)]
    heard = [[speech(model, sound) > 0.5 for sound in (noise, *quiet)] for model in (detector, small)]
    np.testing.assert_array_equal(heard[0][0], heard[1][0])
    missed = [1 - np.concatenate(found[1:]).astype(np.float64) for found in heard]
    assert missed[0].mean() < 0.1, "the voice has to be one that the detector hears"
    blocks = np.arange(len(missed[0])) // 31  # about a second
    assert excess(missed[0], missed[0], blocks) <= 0
    assert excess(missed[0], missed[1], blocks) > 0.5


def test_classifier_in_dynamic_int8_is_refused() -> None:
    artefacts = Path(models.__path__[0]) / "see" / "artefacts"
    if not (artefacts / "card.json").exists():
        pytest.skip("see is not exported; run `python3 build.py train see`")
    from models.see.curriculum import exams, loss

    (file,) = (each["file"] for each in json.loads((artefacts / "card.json").read_text())["variants"] if each["name"] == "fp32")
    model = onnx.load(artefacts / file)
    try:
        whole = exams(model)["agreement"]
    except FetchError as error:
        pytest.skip(f"the photos cannot be had here: {error}")
    exam = Exam({name: rows[::5] for name, rows in whole.features.items()}, whole.actual[::5], whole.blocks[::5])
    base, variant = (loss(answers(each.SerializeToString(), exam.features), exam) for each in (model, run(DYNAMIC, model, None)))
    assert excess(base, base, exam.blocks) <= 0
    assert excess(base, variant, exam.blocks) > 0.05
