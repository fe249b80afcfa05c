"""The two files that the plain JavaScript loads: what the layers are, and their numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from web.bench.weights.convolutional import is_convolutional, read_convolutional
from web.bench.weights.graph import WeightsError
from web.bench.weights.perceptron import read_perceptrons

FORMAT = 3
NUMBERS = "weights.bin"
DESCRIPTION = "weights.json"


def write_weights(models: Sequence[Path], routes: Sequence[int], folder: Path) -> dict[str, Any]:
    """Write `weights.json` and `weights.bin` (float32, little-endian) for `web/bench/plain/networks.js`.

    Parameters
    ----------
    models : sequence of Path
        ONNX, the one of all first. Either one input (N, F), one output (N, 1), between them affine operations with constants, and ReLUs;
        or a single model of one input (N, C, H, W), and of convolutions and what goes with them.
    routes : sequence of int
        Which of them answers, by code of the segment field.
    folder : Path
        Made if it is not there.

    Returns
    -------
    dict
        What `weights.json` holds: format, weights (file name), size_bytes, sha256, kind and, by it, "perceptrons": networks (their layers),
        routes; "convolutional": input (its shape), layers.

    Raises
    ------
    WeightsError
        If a model holds anything else.
    """
    read = [onnx.load(model) for model in models]
    if any(map(is_convolutional, read)):
        if len(read) > 1:
            raise WeightsError(f"got {len(read)} models with convolutions, expected one: segments have perceptrons alone")
        described, parts = read_convolutional(read[0])
    else:
        described, parts = read_perceptrons(read, routes)
    numbers = np.concatenate([part.ravel() for part in parts]).astype("<f4")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NUMBERS).write_bytes(numbers.tobytes())
    description = {
        "format": FORMAT,
        "weights": NUMBERS,
        "size_bytes": numbers.nbytes,
        "sha256": hashlib.sha256(numbers.tobytes()).hexdigest(),
        **described,
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    return description
