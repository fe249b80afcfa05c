"""Images: raw pixels as a record carries them, and the columns that they become.

An image on the wire is an object of `width`, `height` and `data`: the bytes of its pixels row by row, three each (red, green, blue) or
four (and opacity, not multiplied into the others). Everything here is integer arithmetic, so that JavaScript (`web/shared/images.js`)
gives the same bits.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Pixels = NDArray[np.uint8]
"""(H, W, 3): red, green, blue."""

IMAGE_SIDE = 1024
"""Pixels of a column's longer side at most: larger images are averaged over boxes, by the smallest whole factor that fits."""
IMAGE_PIXELS = 40_000_000
"""Width times height at most; more than that would not fit into a phone's memory."""
EXPECTED = f"an image of at most {IMAGE_PIXELS // 1_000_000} megapixels: width, height, and data of 3 (RGB) or 4 (RGBA) bytes a pixel"
WHITE = 255
SIDE_MAX = 2**31 - 1


def read_image(value: object) -> Pixels:
    """An image's pixels, over white where it is not opaque, none of its sides longer than `IMAGE_SIDE`.

    Parameters
    ----------
    value : mapping
        `width`, `height` : int; `data` : base64 text, or bytes.

    Returns
    -------
    (H, W, 3) uint8

    Raises
    ------
    ValueError
        If it is no such image.

    Examples
    --------
    >>> read_image({"width": 1, "height": 1, "data": "/wAA"}).tolist()
    [[[255, 0, 0]]]
    """
    width, height = image_size(value)
    assert isinstance(value, Mapping)
    if min(width, height) < 1 or width * height > IMAGE_PIXELS:
        raise ValueError("no size that is taken")
    content = _content(value.get("data"), width * height)
    pixels = np.frombuffer(content, np.uint8).reshape(height, width, -1)
    return reduced(pixels if pixels.shape[2] == 3 else over_white(pixels))


def image_size(value: object) -> tuple[int, int]:
    """Width and height that an image claims to have; raises ValueError where it claims none."""
    if isinstance(value, Mapping):
        sides = [_side(value.get(name)) for name in ("width", "height")]
        if None not in sides:
            width, height = (side or 0 for side in sides)
            return width, height
    raise ValueError("no image")


def _side(value: object) -> int | None:
    whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    return int(value) if whole and 0 <= value <= SIDE_MAX else None  # type: ignore[call-overload, operator]


def _content(data: object, pixels: int) -> bytes | memoryview:
    if isinstance(data, str):
        if len(data) not in (_characters(3 * pixels), _characters(4 * pixels)):  # before anything of that size is made
            raise ValueError("another number of bytes")
        try:
            data = base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error
    if not isinstance(data, bytes | memoryview) or len(data) not in (3 * pixels, 4 * pixels):
        raise ValueError("another number of bytes")
    return data


def _characters(size: int) -> int:
    """Of base64 for so many bytes."""
    return -(-size // 3) * 4


def over_white(pixels: Pixels) -> Pixels:
    """(H, W, 4) pixels with an opacity each, drawn over white: (H, W, 3)."""
    colours, opacity = pixels[:, :, :3].astype(np.uint16), pixels[:, :, 3:].astype(np.uint16)
    shown: Pixels = ((colours * opacity + WHITE * (WHITE - opacity) + WHITE // 2) // WHITE).astype(np.uint8)
    return shown


def reduced(pixels: Pixels) -> Pixels:
    """Pixels averaged over square boxes, those at the right and lower edge cut off, so that no side is longer than `IMAGE_SIDE`."""
    factor = -(-max(pixels.shape[:2]) // IMAGE_SIDE)
    if factor == 1:
        return pixels
    rows, columns = (np.arange(0, side, factor) for side in pixels.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, axis=0, dtype=np.uint32), columns, axis=1, dtype=np.uint32)
    heights, widths = (np.diff(starts, append=side) for starts, side in zip((rows, columns), pixels.shape[:2], strict=True))
    counts = (heights[:, None] * widths).astype(np.uint32)[:, :, None]
    mean: Pixels = ((sums + counts // 2) // counts).astype(np.uint8)
    return mean


def image_columns(name: str, images: Sequence[Pixels]) -> dict[str, NDArray[Any]]:
    """The columns of an image field of N records.

    Returns
    -------
    dict
        `name`: (N, H, W, 3) uint8, as high and wide as the largest, zeros beyond an image's own pixels; `<name>_height` and
        `<name>_width`: (N,) int32, how far those reach.
    """
    heights, widths = ([image.shape[axis] for image in images] for axis in (0, 1))
    padded = np.zeros((len(images), max(heights, default=1), max(widths, default=1), 3), np.uint8)
    for place, image in zip(padded, images, strict=True):
        place[: image.shape[0], : image.shape[1]] = image
    return {name: padded, f"{name}_height": np.array(heights, np.int32), f"{name}_width": np.array(widths, np.int32)}


def described(value: object) -> str | None:
    """What an image that is not taken claims to be; None where it is no image at all.

    Examples
    --------
    >>> described({"width": 12000, "height": 9000, "data": ""})
    'an image of 12000 x 9000 pixels and 0 characters of data'
    """
    try:
        width, height = image_size(value)
    except ValueError:
        return None
    assert isinstance(value, Mapping)
    data = value.get("data")
    amount = f"{len(data)} characters" if isinstance(data, str) else f"{len(data)} bytes" if isinstance(data, bytes | memoryview) else "no"
    return f"an image of {width} x {height} pixels and {amount} {'of ' if amount != 'no' else ''}data"
