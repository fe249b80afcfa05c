"""Pictures, and files that only pretend to be some, as a visitor may give them to the See page."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from foreshore import load_pipeline
from models.see.photos import EXAMINED
from tests.golden import native_model

PIPELINE = load_pipeline("see")

TITLES = {
    "empty": "That file is empty.",
    "program": "That file is not a picture",
    "bomb": "That picture has 10,000 × 10,000 pixels.",
    "long": "That picture has 20,000 × 10 pixels.",
    "drawing": "That is a drawing (SVG)",
    "phone": "This browser does not read HEIC files.",
    "cut": "That PNG file is damaged or cut off.",
    "headless": "That JPEG file is damaged or cut off.",
}
"""What the page says of each of `hostile_files`, as it begins."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a visitor chooses it."""

    name: str
    content: bytes

    @property
    def payload(self) -> Any:
        """For Playwright's `set_input_files`."""
        return {"name": self.name, "mimeType": "", "buffer": self.content}


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file of Pillow's format `kind`."""
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def scene(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """A smooth picture that differs from pixel to pixel, and from side to side."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    round_about = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, round_about)).convert(mode)


def hostile_files() -> dict[str, Upload]:
    """Files that must not be opened, by the name of what the page says."""
    whole = encoded(scene(), "PNG")
    return {
        "empty": Upload("empty.jpg", b""),
        "program": Upload("holiday.jpg", b"MZ\x90\x00" + bytes(4096)),
        "bomb": Upload("bomb.png", blank_png(10_000, 10_000)),
        "long": Upload("long.png", blank_png(20_000, 10)),
        "drawing": Upload("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><script>alert(1)</script></svg>'),
        "phone": Upload("IMG_0001.HEIC", heic(4032, 3024)),
        "cut": Upload("cut.png", whole[: len(whole) // 2]),
        "headless": Upload("headless.jpg", b"\xff\xd8\xff\xe0\x00\x04ab" + bytes(100)),
    }


def blank_png(width: int, height: int) -> bytes:
    """A black PNG, small as a file, however large it is as a picture."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", _blank_rows(width, height)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _blank_rows(width: int, height: int) -> bytes:
    return zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def heic(width: int, height: int) -> bytes:
    """The beginning of a phone's photo: brands and size, no pixels."""
    brands = b"ftypheic" + bytes(4) + b"mif1heic"
    size = b"ispe" + bytes(4) + struct.pack(">II", width, height)
    return struct.pack(">I", 4 + len(brands)) + brands + struct.pack(">I", 4 + len(size)) + size + bytes(64)


def choose(page: Page, *files: Upload) -> None:
    """Choose files as by the dialogue of the browser."""
    page.get_by_test_id("file").set_input_files([file.payload for file in files])


def cat() -> Image.Image:
    """A real photo, in which something is to be seen."""
    return next(photo for photo in EXAMINED if photo.file == "chelsea.png").read()


def host_classes(release: dict[str, Any], picture: Image.Image) -> dict[int, float]:
    """Index to score of the classes that the host sees in a picture on white."""
    opaque = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")
    photo = {"width": opaque.width, "height": opaque.height, "data": opaque.tobytes()}
    model = native_model("see", release["pipelines"]["see"]["default_variant"])
    (answer,) = model.answer(PIPELINE, [{"photo": photo}])
    return {ranked["index"]: ranked["score"] for ranked in answer["classes"]}


def open_see(page: Page) -> None:
    """Open the page and wait for the first sample's answer."""
    page.goto("/see/")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
    expect(page.get_by_test_id("prediction")).to_be_visible()


def expect_photo(page: Page, name: str, width: int, height: int) -> None:
    """Wait until a photo of that size is shown and answered."""
    photo = page.get_by_test_id("photo")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(photo).to_have_attribute("data-width", str(width))
    expect(photo).to_have_attribute("data-height", str(height))
    expect(page.get_by_test_id("ranking").locator("li")).to_have_count(5)


def drop(page: Page, *paths: Path) -> None:
    """Drop files or folders of this machine in the middle of the page, as from its file manager."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": data})
    session.detach()
