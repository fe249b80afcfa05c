"""Golden cases: photos with the answers that the published network gave."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.see.photos import EXAMINED, TAUGHT
from models.see.pipeline import CONTRACT, PIPELINE
from models.segments import run_native

SHOWN = ("chelsea.png", "coffee.png", "rocket.jpg", "quokka.jpg", "flower.jpg", "astronaut.png", "parrot.png", "lion.jpg")
LONGER_SIDE = 160
EDGES = ((1, 1), (3, 160), (160, 5), (150, 150))
"""Width and height of what is cut out of the first photo."""
SOURCE = (
    "Photos that scikit-image, scikit-learn, imgaug, plenoptic and gradio carry, 160 pixels on their longer side, and pieces of one. "
    "Outputs are those of fp32 in native ONNX Runtime."
)

type Record = dict[str, Any]


def record(photo: Image.Image) -> Record:
    """The record of a photo, as JSON carries it."""
    width, height = photo.size
    data = base64.b64encode(np.asarray(photo.convert("RGB")).tobytes()).decode()
    return {CONTRACT.fields[0].name: {"width": width, "height": height, "data": data}}


def golden(model: Path) -> dict[str, Any]:
    """Records and a model's answers, as `golden.json` holds them; raises FetchError where a photo cannot be had."""
    records = [record(photo) for photo in shown()]
    facts = {"pipeline": CONTRACT.name, "contract_version": CONTRACT.version, "source": SOURCE}
    return {**facts, "records": records, "outputs": PIPELINE.predict(records, lambda feeds: run_native(model, feeds))}


def shown() -> Iterator[Image.Image]:
    """Small photos, then pieces with sides at which errors sit."""
    found = {photo.file: photo for photo in (*EXAMINED, *TAUGHT)}
    photos = [found[file].read() for file in SHOWN]
    for photo in photos:
        photo.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BICUBIC)
        yield photo
    for width, height in EDGES:
        yield photos[0].resize((LONGER_SIDE, LONGER_SIDE)).crop((0, 0, width, height))
