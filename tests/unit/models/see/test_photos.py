"""Photos: none both teaches and examines, and views show what they should."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Transpose

from models.see.photos import EXAMINED, SMALLEST_AREA, TAUGHT, drawn_views, ten_views
from packing.errors import FetchError


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


def test_no_photo_both_teaches_and_examines() -> None:
    assert len({photo.sha256 for photo in (*EXAMINED, *TAUGHT)}) == len(EXAMINED) + len(TAUGHT)
    assert all(photo.label is None for photo in TAUGHT)
    assert sum(photo.label is not None for photo in EXAMINED) == 20


def test_ten_views_are_corners_and_centre_each_mirrored() -> None:
    photo = noise(80, 64)
    views = list(ten_views(photo))
    assert {view.size for view in views} == {(56, 56)}
    places = [(0, 0), (24, 0), (0, 8), (24, 8), (12, 4)]
    for (left, upper), view, mirrored in zip(places, views[::2], views[1::2], strict=True):
        assert view.tobytes() == photo.crop((left, upper, left + 56, upper + 56)).tobytes()
        assert mirrored.transpose(Transpose.FLIP_LEFT_RIGHT).tobytes() == view.tobytes()


def test_drawn_views_are_large_enough_and_the_same_every_time() -> None:
    photo = noise(90, 60)
    first, again = ([view.tobytes() for view in drawn_views(photo, 40, np.random.default_rng(2))] for _ in range(2))
    assert first == again
    areas = [view.width * view.height / (90 * 60) for view in drawn_views(photo, 40, np.random.default_rng(2))]
    assert SMALLEST_AREA - 0.02 < min(areas) < max(areas) <= 1
    assert len(set(first)) == 40


def test_a_photo_is_fetched_by_its_hash() -> None:
    photo = next(photo for photo in EXAMINED if photo.file == "quokka.jpg")
    try:
        read = photo.read()
    except FetchError as error:
        pytest.skip(f"the photo cannot be had here: {error}")
    assert (read.mode, read.size) == ("RGB", (960, 643))
