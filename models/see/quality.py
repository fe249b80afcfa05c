"""Quality: what share of photos a model is right about, and how often it says what the published network says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.see.golden import record
from models.see.photos import EXAMINED, ten_views
from models.see.pipeline import CONTRACT, PIPELINE
from models.segments import Source, run_native

BATCH = 30
ACCURACY, AGREEMENT = "imagenet_photos_accuracy", "ten_views_agreement"
DECIMALS = 3

type Classes = NDArray[np.int64]


def quality(model: Source, reference: Path) -> dict[str, float]:
    """A model's quality as the card holds it.

    Parameters
    ----------
    model : Path or bytes
    reference : Path
        The published network.

    Raises
    ------
    FetchError
        If a photo cannot be had.
    """
    labelled = [photo for photo in EXAMINED if photo.label is not None]
    whole = classes_of(model, [pixels_of(photo.read()) for photo in labelled])
    right = float(np.mean(whole == [photo.label for photo in labelled]))
    return {ACCURACY: round(right, DECIMALS), AGREEMENT: round(float(np.mean(_in_views(model) == _in_views(reference))), DECIMALS)}


def pixels_of(photo: Any) -> NDArray[np.float32]:
    """(3, 224, 224) float32: a Pillow image as the network takes it."""
    found: NDArray[np.float32] = PIPELINE.prepare([record(photo)])[CONTRACT.features[0].name][0]
    return found


def classes_of(model: Source, pixels: list[NDArray[np.float32]]) -> Classes:
    """(N,) the most likely class of each."""
    name, batches = CONTRACT.features[0].name, range(0, len(pixels), BATCH)
    found = [run_native(model, {name: np.stack(pixels[start : start + BATCH])})[CONTRACT.predictions[0].name] for start in batches]
    classes: Classes = np.argmax(np.concatenate(found), axis=1)
    return classes


def _in_views(model: Source) -> Classes:
    return classes_of(model, _views())


@cache
def _views() -> list[NDArray[np.float32]]:
    return [pixels_of(view) for photo in EXAMINED for view in ten_views(photo.read())]
