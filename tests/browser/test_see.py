"""The See page with photos: chosen, dropped, pasted, and many that are none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page, expect

from tests.browser.fixtures import NewPage, watch_of
from tests.browser.keyboard import press_until
from tests.browser.photos import (
    PIPELINE,
    TITLES,
    Upload,
    cat,
    choose,
    drop,
    encoded,
    expect_photo,
    host_classes,
    hostile_files,
    open_see,
    scene,
)
from tests.browser.presentable import SCREENS, check_presentable
from tests.documents import blocks
from tests.root import ROOT

pytestmark = pytest.mark.as_visitors

JPEG_TOLERANCE = 0.02
"""Of scores: Chromium and Pillow unpack a JPEG to pixels that differ by a level here and there."""
COUNT_DECODED = """
const decode = createImageBitmap;
globalThis.decoded = 0;
globalThis.createImageBitmap = (...words) => {
  globalThis.decoded += 1;
  return decode(...words);
};
"""
FILE_INPUT = "document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'photo', ariaLabel: 'A photo' }))"
EMBED = ROOT / "docs" / "embed.md"
CARRY = "([kind, data]) => { const transfer = new DataTransfer(); for (const [type, text] of data) transfer.setData(type, text); %s }"
PASTE = CARRY % "document.dispatchEvent(new ClipboardEvent(kind, { clipboardData: transfer, bubbles: true }))"
DRAG = CARRY % "document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }))"
COPY_PICTURE = """
async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
  canvas.getContext("2d").fillRect(0, 0, 30, 20);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
}
"""


@pytest.fixture
def see(page: Page) -> Page:
    """The page, with the first sample answered."""
    page.add_init_script(COUNT_DECODED)
    open_see(page)
    return page


@pytest.fixture(scope="module")
def hostile() -> dict[str, Upload]:
    return hostile_files()


def cut_out() -> Image.Image:
    """The cat, with nothing around it."""
    opacity = Image.new("L", cat().size, 0)
    opacity.paste(255, (60, 20, 400, 280))
    return Image.merge("RGBA", (*cat().split(), opacity))


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "cat": cat,
    "phone": lambda: cat().resize((4032, 3024)),
    "upright": lambda: cat().rotate(90, expand=True),
    "cut-out": cut_out,
    "grey": lambda: cat().convert("L"),
    "palette": lambda: cat().quantize(64),
    "one pixel": lambda: Image.new("RGB", (1, 1), "teal"),
    "ribbon": lambda: scene(3000, 2),
}


def shown_classes(page: Page) -> dict[int, float]:
    """The same, as the page shows them."""
    rows = page.get_by_test_id("ranking").locator("li").evaluate_all("rows => rows.map(({ dataset }) => [dataset.index, dataset.score])")
    return {int(index): float(score) for index, score in rows}


def expect_refusal(page: Page, title: str) -> None:
    """Wait for what the page says beside its drop zone; what it showed before is still there."""
    expect(page.get_by_test_id("refusal")).to_contain_text(title)
    expect(page.get_by_test_id("refusal")).to_have_attribute("role", "alert")
    expect(page.get_by_test_id("prediction")).to_be_visible()


def test_samples_are_answered_one_after_the_other(see: Page) -> None:
    samples = see.get_by_test_id("samples").get_by_role("button")
    expect(samples).to_have_count(6)
    expect(samples.first).to_have_attribute("aria-pressed", "true")

    for number in range(1, 6):
        title = samples.nth(number).inner_text()
        samples.nth(number).click()
        expect(see.get_by_role("heading", name=title)).to_be_visible()
        expect(see.get_by_test_id("ranking").locator("li")).to_have_count(5)
        expect(samples.nth(number)).to_have_attribute("aria-pressed", "true")
        expect(see.get_by_test_id("announcement")).to_contain_text(f"{title}: ")


def test_five_classes_are_ranked_with_their_probability_in_figures_and_as_bars(see: Page) -> None:
    rows = see.get_by_test_id("ranking").locator("li")
    scores = [float(score) for score in rows.evaluate_all("rows => rows.map(row => row.dataset.score)")]
    widths = rows.locator(".bar-part").evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().width)")
    whole = rows.first.locator(".bar-whole").evaluate("bar => bar.getBoundingClientRect().width")

    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1.000001
    assert widths == pytest.approx([score * whole for score in scores], abs=1)
    assert see.get_by_test_id("prediction").get_attribute("data-value") == rows.first.locator(".ranking-label").inner_text()
    expect(rows.first).to_contain_text("%")


@pytest.mark.parametrize("kind", TITLES)
def test_what_is_no_photo_is_refused_in_words_and_the_page_goes_on(see: Page, hostile: dict[str, Upload], kind: str) -> None:
    choose(see, hostile[kind])
    expect_refusal(see, TITLES[kind])

    choose(see, Upload("good.png", encoded(scene(), "PNG")))

    expect_photo(see, "good.png", 400, 300)
    expect(see.get_by_test_id("refusal")).to_have_count(0)


@pytest.mark.parametrize("kind", ["empty", "program", "bomb", "long", "drawing", "cut", "headless"])
def test_what_is_refused_by_its_header_is_never_decoded(see: Page, hostile: dict[str, Upload], kind: str) -> None:
    before = see.evaluate("decoded")

    choose(see, hostile[kind])

    expect_refusal(see, TITLES[kind])
    assert before == 1
    assert see.evaluate("decoded") == before


def test_a_huge_file_is_refused_by_its_size(see: Page, tmp_path: Path) -> None:
    (tmp_path / "heavy.jpg").write_bytes(encoded(scene(), "JPEG").ljust(60_000_000, b"\0"))

    see.get_by_test_id("file").set_input_files(tmp_path / "heavy.jpg")

    expect_refusal(see, "That file has 60.0 MB.")
    assert see.evaluate("decoded") == 1


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True})])
def test_of_a_picture_that_moves_the_first_frame_is_used_and_it_is_said(see: Page, kind: str, options: dict[str, bool]) -> None:
    frames = [Image.new("RGB", (90, 70), colour) for colour in ("red", "blue", "green")]
    choose(see, Upload("moving", encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **options)))

    expect_photo(see, "moving", 90, 70)
    expect(see.get_by_test_id("note")).to_have_text("It moves: this is its first frame. ")
    assert corner(see) == [255, 0, 0, 255]


def corner(page: Page, x: int = 1, y: int = 1) -> list[int]:
    """A pixel of the photo as it is shown."""
    script = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]"
    return list(page.get_by_test_id("photo").locator("canvas").evaluate(script, [x, y]))


def test_photos_of_every_usual_kind_are_read(see: Page) -> None:
    kinds = {"JPEG": "RGB", "WEBP": "RGBA", "BMP": "RGB", "AVIF": "RGB", "PNG": "P", "GIF": "L"}
    for kind, mode in kinds.items():
        choose(see, Upload(f"a.{kind}", encoded(scene(123, 45, mode), kind)))
        expect_photo(see, f"a.{kind}", 123, 45)


def test_a_cmyk_jpeg_is_read_in_its_colours(see: Page) -> None:
    choose(see, Upload("print.jpg", encoded(Image.new("CMYK", (64, 64), (255, 0, 0, 0)), "JPEG", quality=95)))

    expect_photo(see, "print.jpg", 64, 64)
    red, green, blue, alpha = corner(see)
    assert red < 60
    assert min(green, blue) > 120
    assert alpha == 255


def test_what_is_transparent_is_white(see: Page) -> None:
    choose(see, Upload("clear.png", encoded(Image.new("RGBA", (64, 64), (200, 0, 0, 0)), "PNG")))

    expect_photo(see, "clear.png", 64, 64)
    assert corner(see) == [255, 255, 255, 255]


def test_a_photo_that_was_taken_upright_stands_upright(see: Page) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = Image.new("RGB", (80, 60), "white")
    sideways.paste("red", (0, 0, 40, 60))
    choose(see, Upload("upright.jpg", encoded(sideways, "JPEG", exif=exif, quality=95)))

    expect_photo(see, "upright.jpg", 60, 80)
    assert corner(see, 30, 5)[1] < 60, "the stored left is the top"
    assert corner(see, 30, 75)[1] > 200


def test_a_photo_of_a_phone_is_read(see: Page) -> None:
    choose(see, Upload("phone.jpg", encoded(scene(4032, 3024), "JPEG")))

    expect_photo(see, "phone.jpg", 4032, 3024)


def test_one_file_is_dropped(see: Page, tmp_path: Path) -> None:
    scene(64, 48).save(tmp_path / "dropped.png")

    drop(see, tmp_path / "dropped.png")

    expect_photo(see, "dropped.png", 64, 48)


def test_of_several_files_the_first_picture_is_used_and_it_is_said(see: Page, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a cat")
    for number in (1, 2):
        scene(64, 40 + number).save(tmp_path / f"photo-{number}.png")

    drop(see, tmp_path / "notes.txt", tmp_path / "photo-1.png", tmp_path / "photo-2.png")

    expect_photo(see, "photo-1.png", 64, 41)
    expect(see.get_by_test_id("note")).to_have_text("3 files came together: this is photo-1.png. ")


def test_a_dropped_folder_is_refused_in_words(see: Page, tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    scene().save(tmp_path / "album" / "photo.png")

    drop(see, tmp_path / "album")

    expect_refusal(see, "That is a folder.")


@pytest.mark.parametrize(
    "data",
    [
        [["text/uri-list", "https://example.org/cat.jpg"], ["text/plain", "https://example.org/cat.jpg"]],
        [["text/html", '<img src="https://example.org/cat.jpg" onerror="alert(1)">']],
    ],
)
def test_a_picture_of_another_site_is_not_asked_for(see: Page, data: list[list[str]]) -> None:
    before = len(watch_of(see).requests)

    see.evaluate(DRAG, ["drop", data])
    expect_refusal(see, "That is the address of a picture, not the picture.")
    see.evaluate(PASTE, ["paste", data])
    expect_refusal(see, "That is the address of a picture, not the picture.")

    assert watch_of(see).requests[before:] == []


def test_pasted_text_is_refused_in_words(see: Page) -> None:
    see.evaluate(PASTE, ["paste", [["text/plain", "a picture of a cat"]]])

    expect_refusal(see, "That is text, not a picture.")


def test_a_copied_picture_is_pasted_by_keyboard(new_page: NewPage) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    open_see(page)
    page.evaluate(COPY_PICTURE)

    page.keyboard.press("Control+V")

    expect_photo(page, "image.png", 60, 40)


def test_keyboard_alone_chooses_a_sample_and_a_file(see: Page) -> None:
    see.on("filechooser", lambda _: None)  # so that the dialogue is caught from now on, however soon it opens
    press_until(see, "Tab", "document.activeElement.matches('.sample[aria-pressed=false]')")
    chosen = see.evaluate("document.activeElement.textContent.trim()")
    see.keyboard.press("Enter")
    expect(see.get_by_role("heading", name=chosen)).to_be_visible()

    press_until(see, "Shift+Tab", "document.activeElement.type === 'file'")
    with see.expect_file_chooser() as chooser:
        see.keyboard.press("Enter")
    chooser.value.set_files([Upload("chosen.png", encoded(scene(20, 30), "PNG")).payload])
    expect_photo(see, "chosen.png", 20, 30)


def test_on_a_phone_a_chosen_sample_is_brought_into_view(new_page: NewPage) -> None:
    page = new_page(viewport=SCREENS["phone"])
    open_see(page)

    page.get_by_role("button", name="A rocket").click()

    expect(page.get_by_role("heading", name="A rocket")).to_be_in_viewport()


def test_photos_never_leave_the_device_and_the_page_says_so(see: Page) -> None:
    see.wait_for_load_state("networkidle")
    before = len(watch_of(see).requests)

    choose(see, Upload("private.jpg", encoded(scene(), "JPEG")))

    expect_photo(see, "private.jpg", 400, 300)
    expect(see.get_by_test_id("privacy")).to_contain_text("What you show and what is predicted never leaves this device")
    assert watch_of(see).requests[before:] == []


def test_samples_that_cannot_be_had_leave_the_rest_of_the_page(page: Page) -> None:
    watch_of(page).forgive("404|Failed to load resource")
    page.route("**/index.json", lambda route: route.fulfill(status=404))
    page.goto("/see/")
    expect(page.get_by_test_id("failure")).to_contain_text("A file did not arrive.")

    choose(page, Upload("mine.png", encoded(scene(), "PNG")))
    expect_photo(page, "mine.png", 400, 300)

    page.unroute("**/index.json")
    expect(page.get_by_test_id("failure")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_refusal_is_presentable(see: Page, screenshots: Path, scheme: str, hostile: dict[str, Upload]) -> None:
    choose(see, hostile["bomb"])
    expect_refusal(see, TITLES["bomb"])

    check_presentable(see, screenshots / "see-refusal", scheme)


def test_the_documented_example_of_images_runs_as_it_stands(page: Page) -> None:
    (example,) = [code for code in blocks(EMBED.read_text(encoding="utf-8"), "js") if "see.predict" in code]
    page.route("**/embed/embed.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto("/embed/")
    page.evaluate(FILE_INPUT)
    page.route("**/embed/example.js", lambda route: route.fulfill(body=example, content_type="text/javascript"))
    page.evaluate("import(new URL('example.js', location.href).href)")

    page.locator("#photo").set_input_files([Upload("a.png", encoded(scene(), "PNG")).payload])

    expect(page.locator("#answer")).to_have_text(re.compile(r"^.+ \(\d+ %\)$"))


@pytest.mark.parametrize("name", ["cat", "phone", "upright", "cut-out", "grey", "palette", "one pixel", "ribbon"])
def test_a_photo_gets_the_hosts_answer(see: Page, release: dict[str, Any], name: str) -> None:
    picture = PICTURES[name]()

    choose(see, Upload(f"{name}.png", encoded(picture, "PNG", compress_level=1)))

    expect_photo(see, f"{name}.png", *picture.size)
    assert shown_classes(see) == pytest.approx(host_classes(release, picture), abs=PIPELINE.contract.tolerance)


def test_however_a_camera_was_held_a_photo_gets_the_answer_that_it_gets_upright(see: Page, release: dict[str, Any]) -> None:
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = encoded(cat(), "JPEG", exif=exif, quality=95)
        choose(see, Upload(f"turned-{orientation}.jpg", stored))
        with Image.open(io.BytesIO(stored)) as opened:
            upright = ImageOps.exif_transpose(opened)
        expect_photo(see, f"turned-{orientation}.jpg", *upright.size)
        assert shown_classes(see) == pytest.approx(host_classes(release, upright), abs=JPEG_TOLERANCE)


def test_python_answers_the_same_photo_as_the_graph(see: Page) -> None:
    choose(see, Upload("kept.png", encoded(cat(), "PNG")))
    expect_photo(see, "kept.png", *cat().size)
    by_graph = shown_classes(see)

    see.get_by_test_id("engines").get_by_label("Python").check(force=True)

    expect(see.get_by_test_id("badge")).to_contain_text("Python, in this page")
    expect(see.get_by_role("heading", name="kept.png")).to_be_visible()
    assert shown_classes(see) == pytest.approx(by_graph, abs=PIPELINE.contract.tolerance)
