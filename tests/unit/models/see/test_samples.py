"""Samples: the photos that the See page offers, small, credited, and the same every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from models.see.samples import LONGER_SIDE, PHOTOS, SCIKIT_LEARN, Installed, write_samples
from packing.errors import FetchError, HashMismatchError
from packing.fetch import Fetcher, Resource
from packing.hashing import sha256_of_tree
from tests.root import ROOT

NOTICE = ROOT / "pywasm" / "packing" / "licences" / "sample-photos.txt"
DIFFERENCE = 4.0
"""Mean difference of a shipped photo from its original in levels of 255: what JPEG of quality 90 and halved chroma cost in these."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


def listed(samples: Path) -> list[dict[str, Any]]:
    return list(json.loads((samples / "index.json").read_text(encoding="utf-8"))["photos"])


def test_the_index_lists_every_file_with_its_size_and_its_author(samples: Path) -> None:
    photos = listed(samples)

    assert {photo["file"] for photo in photos} == {file.name for file in samples.glob("*.jpg")}
    assert len(photos) == len(PHOTOS)
    for photo in photos:
        with Image.open(samples / photo["file"]) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (photo["width"], photo["height"]))
        assert all(photo[key] for key in ("title", "credit", "licence"))


def test_photos_are_small_and_carry_no_metadata(samples: Path) -> None:
    for photo in listed(samples):
        with Image.open(samples / photo["file"]) as picture:
            assert max(picture.size) <= LONGER_SIDE
            assert not {"exif", "icc_profile", "comment"} & set(picture.info)


def test_photos_show_what_their_originals_show(samples: Path) -> None:
    for photo in PHOTOS:
        original = Fetcher().fetch(Resource(photo.file, photo.sha256, photo.sources))
        with Image.open(original) as before, Image.open(samples / photo.shipped) as after:
            levels = zip(before.convert("RGB").resize(after.size, Image.Resampling.LANCZOS).tobytes(), after.tobytes(), strict=True)
            differences = [abs(one - other) for one, other in levels]
        assert sum(differences) / len(differences) < DIFFERENCE, photo.file


def test_samples_have_the_same_bytes_every_time(samples: Path, tmp_path: Path) -> None:
    write_samples(tmp_path)

    assert sha256_of_tree([tmp_path], tmp_path) == sha256_of_tree([samples], samples)


def test_a_photo_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HashMismatchError, match=r"installed package sklearn\.datasets\.images: got sha256 8378025a"):
        Fetcher(tmp_path).fetch(Resource("china.jpg", "0" * 64, SCIKIT_LEARN))


def test_a_photo_that_the_package_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"nowhere\.jpg could not be had.*\n.*the installed package"):
        Fetcher(tmp_path).fetch(Resource("nowhere.jpg", "0" * 64, (Installed("sklearn.datasets.images"),)))


def test_every_photo_is_credited_in_the_notices() -> None:
    notice = " ".join(NOTICE.read_text(encoding="utf-8").split())
    for photo in PHOTOS:
        assert photo.credit in notice
        assert photo.licence in notice
