"""Pipeline `see`: a photo's pixels to the network's input, and its probabilities to the most likely classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from array_api_compat import array_namespace

from foreshore import Contract, Field, Output, Pipeline, Tensor
from models.see.labels import LABELS

SIZE = 224
"""Pixels of a side, as the network takes them."""
CROPPED = SIZE / (SIZE + 32)
"""Share of the shorter side that the centre crop keeps."""
MEAN, SCALE = 127.0, 128.0
SHARPNESS = -0.5
"""The free parameter of the bicubic kernel, as Catmull and Rom, and Pillow, have it."""
REACH = 2.0
"""Pixels on either side that the bicubic kernel looks at; more where it shrinks."""
TOP = 5
GREY = {"width": 2, "height": 2, "data": "f39/f39/f39/f39/"}
"""A photo of nothing."""

CONTRACT = Contract(
    name="see",
    version=1,
    title="Photo recognition",
    description="What a photo shows: the most likely of a thousand kinds of things, animals and places.",
    fields=(Field("photo", "image", "Photo", description="Any photo; the middle of it is looked at.", example=GREY),),
    features=(Tensor("pixels", "float32", ("N", 3, SIZE, SIZE)),),
    predictions=(Tensor("probabilities", "float32", ("N", len(LABELS))),),
    outputs=(
        Output("classes", "probabilities", "Most likely", description="Of the thousand classes of ImageNet.", labels=LABELS, top=TOP),
    ),
    tolerance=1e-4,
)


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    """(N, 3, 224, 224) float32, about -1 to 1: the middle of each photo, resized, channels first.

    References
    ----------
    Preprocessing of EfficientNet-Lite, https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
    Keys: Cubic Convolution Interpolation for Digital Image Processing, 1981 (the kernel), widened where it shrinks, as Pillow does
    """
    xp = array_namespace(columns["photo"])
    height, width = (xp.astype(columns[f"photo_{side}"], xp.float32) for side in ("height", "width"))
    crop = xp.floor(xp.minimum(height, width) * xp.asarray(CROPPED, dtype=xp.float32))
    crop = xp.maximum(crop, xp.asarray(1.0, dtype=xp.float32))
    channels = [xp.astype(columns["photo"][:, :, :, channel], xp.float32) for channel in range(3)]
    rows = _weights(xp, _positions(xp, channels[0][:, :, 0]), height, crop)
    across = xp.matrix_transpose(_weights(xp, _positions(xp, channels[0][:, 0, :]), width, crop))
    resized = xp.stack([xp.matmul(xp.matmul(rows, channel), across) for channel in channels], axis=1)
    return {"pixels": (xp.clip(resized, 0.0, 255.0) - MEAN) / SCALE}


def _positions(xp: Any, values: Any) -> Any:
    """(N, L) float32: 0 to L - 1 in every row, L as it comes."""
    return xp.cumulative_sum(xp.ones_like(values), axis=1) - 1.0


def _weights(xp: Any, positions: Any, side: Any, crop: Any) -> Any:
    """(N, 224, L) float32: what each pixel of a side of length L gives to each of the resized side; all that is given adds up to 1.

    Parameters
    ----------
    positions : (N, L) float32
    side, crop : (N,) float32
        Pixels of the photo's side, and of it those that the centre crop keeps.
    """
    start = xp.floor((side - crop + 1.0) / 2.0)
    factor = crop / SIZE
    wide = xp.maximum(factor, xp.asarray(1.0, dtype=xp.float32))
    centres = (xp.arange(SIZE, dtype=xp.float32) + 0.5)[None, :] * factor[:, None]
    within = positions - start[:, None]
    distance = xp.abs(within[:, None, :] + 0.5 - centres[:, :, None]) / wide[:, None, None]
    inside = xp.logical_and(within >= 0.0, within < crop[:, None])[:, None, :]
    given = xp.where(inside, _bicubic(xp, distance), xp.asarray(0.0, dtype=xp.float32))
    return given / xp.sum(given, axis=2, keepdims=True)


def _bicubic(xp: Any, distance: Any) -> Any:
    """Keys' kernel, for distances from 0 on."""
    near = ((SHARPNESS + 2) * distance - (SHARPNESS + 3)) * distance * distance + 1
    far = (((distance - 5) * distance + 8) * distance - 4) * SHARPNESS
    return xp.where(distance < 1.0, near, xp.where(distance < REACH, far, xp.asarray(0.0, dtype=xp.float32)))


PIPELINE = Pipeline(CONTRACT, features)
