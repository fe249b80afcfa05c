"""Samples: a few free photos as the See page offers them, at most 512 pixels long, and `index.json` that credits them."""

from __future__ import annotations

import importlib.resources
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from packing.fetch import Carrier, Fetcher, Resource, Source
from packing.hashing import write_whole

LONGER_SIDE = 512
JPEG_QUALITY = 90
SCIKIT_IMAGE = (Carrier("scikit-image==0.26.0", "skimage/data"),)
"""Its wheels differ by platform, the photos in them do not; who took each, and under which licence: `skimage/data/_fetchers.py`."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A file inside a package of this environment.

    Parameters
    ----------
    package : str
        Importable name of its folder.
    """

    package: str

    def __str__(self) -> str:
        return f"the installed package {self.package}"

    def get(self, resource: Resource, part: Path, cache: Path) -> None:
        """Copy it to `part`; raises OSError."""
        with (importlib.resources.files(self.package) / resource.name).open("rb") as source, part.open("wb") as target:
            shutil.copyfileobj(source, target)


SCIKIT_LEARN = (Installed("sklearn.datasets.images"),)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo.

    Parameters
    ----------
    file : str
        Its name in the package that carries it.
    title : str
        What it shows.
    credit, licence : str
        Who took it; SPDX expression, or "public domain".
    sha256 : str
    sources : sequence of Source
    """

    file: str
    title: str
    credit: str
    licence: str
    sha256: str
    sources: Sequence[Source]

    @property
    def shipped(self) -> str:
        """Its file name in a release."""
        return f"{Path(self.file).stem}.jpg"


PHOTOS = (
    Photo(
        "chelsea.png",
        "A cat",
        "Stéfan van der Walt",
        "CC0-1.0",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        SCIKIT_IMAGE,
    ),
    Photo(
        "coffee.png",
        "A cup of coffee",
        "Rachel Michetti, courtesy of Pikolo Espresso Bar",
        "CC0-1.0",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        SCIKIT_IMAGE,
    ),
    Photo(
        "flower.jpg",
        "A flower",
        "vultilion, flickr.com/photos/vultilion/6056698931",
        "CC-BY-2.0",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        SCIKIT_LEARN,
    ),
    Photo(
        "china.jpg",
        "A temple",
        "danielbuechele, flickr.com/photos/danielbuechele/6061409035",
        "CC-BY-2.0",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        SCIKIT_LEARN,
    ),
    Photo(
        "rocket.jpg",
        "A rocket",
        "SpaceX",
        "public domain",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        SCIKIT_IMAGE,
    ),
    Photo(
        "astronaut.png",
        "An astronaut",
        "NASA",
        "public domain",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        SCIKIT_IMAGE,
    ),
)


def write_samples(folder: Path) -> None:
    """Write the photos as JPEG, and `index.json` that lists them.

    Parameters
    ----------
    folder : Path
        Receives `<name>.jpg`, sRGB, its longer side at most 512 pixels, and `index.json`:
        `{"photos": [{"file", "title", "credit", "licence", "width", "height"}, …]}`.

    Raises
    ------
    FetchError
        If a photo cannot be had.
    """
    fetcher = Fetcher()
    listed = [_write(folder, photo, fetcher.fetch(Resource(photo.file, photo.sha256, photo.sources))) for photo in PHOTOS]
    write_whole(folder / "index.json", json.dumps({"photos": listed}, ensure_ascii=False, indent=1).encode())


def _write(folder: Path, photo: Photo, original: Path) -> dict[str, Any]:
    picture = reduced(original)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=JPEG_QUALITY, optimize=True)
    write_whole(folder / photo.shipped, content.getvalue())
    entry = {"file": photo.shipped, "title": photo.title, "credit": photo.credit, "licence": photo.licence}
    return entry | {"width": picture.width, "height": picture.height}


def reduced(file: Path) -> Image.Image:
    """The picture in RGB, its longer side at most `LONGER_SIDE` pixels, without metadata."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture
