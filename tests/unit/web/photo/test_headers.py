"""The size that the page reads from a file's header is the one that Pillow writes there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

SCRIPT = Path(__file__).with_name("headers.js")
SIZES = [(1, 1), (7, 300), (640, 480), (5000, 3), (1234, 567)]
EXIF_SIDEWAYS = 6
"""EXIF orientation of a camera that was held upright."""

type Kind = tuple[str, str, str, dict[str, Any]]


def kinds() -> Iterator[Kind]:
    """Format, ending, Pillow mode and options of everything that browsers commonly read."""
    yield "PNG", "png", "RGB", {}
    yield "PNG", "png", "RGBA", {"optimize": True}
    yield "PNG", "png", "P", {}
    yield "JPEG", "jpg", "RGB", {}
    yield "JPEG", "jpg", "L", {"progressive": True}
    yield "JPEG", "jpg", "CMYK", {}
    yield "JPEG", "jpg", "RGB", {"icc_profile": b"\x00" * 150_000, "comment": b"\xff\xc0 no frame"}
    yield "GIF", "gif", "P", {}
    yield "GIF", "gif", "RGB", {"comment": b"x" * 700}
    yield "WebP", "webp", "RGB", {}
    yield "WebP", "webp", "RGBA", {"lossless": True}
    yield "BMP", "bmp", "RGB", {}
    yield "AVIF", "avif", "RGB", {}


def headers(paths: list[Path]) -> list[dict[str, Any] | None]:
    """What the page reads of each file."""
    listed = json.dumps([str(path) for path in paths])
    done = subprocess.run(["node", str(SCRIPT)], input=listed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def painted(mode: str, size: tuple[int, int]) -> Image.Image:
    return Image.new(mode, size, 90 if mode in ("L", "P") else "teal" if mode != "CMYK" else (90, 10, 20, 0))


def test_sizes_are_those_that_pillow_wrote(tmp_path: Path) -> None:
    paths, expected = [], []
    for number, (kind, ending, mode, options) in enumerate(kinds()):
        for width, height in SIZES:
            paths.append(tmp_path / f"{number}-{width}x{height}.{ending}")
            painted(mode, (width, height)).save(paths[-1], **options)
            expected.append({"format": kind, "width": width, "height": height, "moving": False})

    assert headers(paths) == expected


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "avif"])
def test_a_picture_that_moves_says_so(tmp_path: Path, ending: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(tmp_path / f"moving.{ending}", save_all=True, append_images=frames[1:], duration=100)

    (header,) = headers([tmp_path / f"moving.{ending}"])

    assert header is not None
    assert (header["width"], header["height"], header["moving"]) == (40, 30, True)


def test_an_upright_photo_is_read_as_it_is_stored(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = EXIF_SIDEWAYS
    Image.new("RGB", (64, 48)).save(tmp_path / "upright.jpg", exif=exif)

    (header,) = headers([tmp_path / "upright.jpg"])

    assert header == {"format": "JPEG", "width": 64, "height": 48, "moving": False}


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(list(kinds())), st.floats(0, 1), st.binary(max_size=64)), min_size=20, max_size=60))
def test_no_damage_makes_reading_fail(tmp_path: Path, damages: list[tuple[Kind, float, bytes]]) -> None:
    paths = []
    for number, ((_, ending, mode, options), place, junk) in enumerate(damages):
        path = tmp_path / f"whole.{ending}"
        painted(mode, (33, 21)).save(path, **options)
        whole = path.read_bytes()
        cut = int(place * len(whole))
        paths.append(tmp_path / f"damaged-{number}")
        paths[-1].write_bytes(whole[:cut] + junk + (whole[cut:] if number % 2 else b""))

    for header in headers(paths):
        assert header is None or min(header["width"], header["height"]) >= 0
