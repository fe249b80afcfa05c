"""Images: what is read, put on white, averaged and padded."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foreshore import Contract, ContractError, Field, Output, Pipeline, Tensor, ValidationError
from foreshore.images import IMAGE_PIXELS, IMAGE_SIDE, image_columns, read_image, reduced
from foreshore.records import encode

CONTRACT = Contract(
    name="photos",
    version=1,
    title="",
    description="",
    fields=(Field("photo", "image", "Photo"),),
    features=(Tensor("x", "float32", ("N", 1)),),
    predictions=(Tensor("scores", "float32", ("N", 2)),),
    outputs=(Output("seen", "scores", "Seen", labels=("gull", "buoy"), top=1),),
)


def wire(pixels: Any) -> dict[str, Any]:
    array = np.asarray(pixels, np.uint8)
    return {"width": array.shape[1], "height": array.shape[0], "data": base64.b64encode(array.tobytes()).decode()}


def test_opaque_pixels_are_read_as_they_are() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert np.array_equal(read_image(wire(pixels)), pixels)


@pytest.mark.parametrize(("opacity", "shown"), [(0, 255), (255, 10), (128, 132)])
def test_what_is_not_opaque_lies_on_white(opacity: int, shown: int) -> None:
    assert read_image(wire([[[10, 10, 10, opacity]]])).tolist() == [[[shown] * 3]]


def test_bytes_are_taken_for_text() -> None:
    assert read_image({"width": 1, "height": 1, "data": b"\x01\x02\x03"}).tolist() == [[[1, 2, 3]]]


@given(arrays(np.uint8, st.tuples(st.integers(1, 3), st.integers(IMAGE_SIDE + 1, 3 * IMAGE_SIDE), st.just(3)), fill=st.integers(0, 255)))
def test_large_images_are_means_of_boxes(pixels: Any) -> None:
    factor = -(-pixels.shape[1] // IMAGE_SIDE)
    small = reduced(pixels)
    assert small.shape[:2] == (-(-pixels.shape[0] // factor), -(-pixels.shape[1] // factor))
    assert max(small.shape) <= IMAGE_SIDE
    for row, column in ((0, 0), (small.shape[0] - 1, small.shape[1] - 1)):
        box = pixels[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        assert np.array_equal(small[row, column], np.floor(box.mean(axis=(0, 1), dtype=np.float64) + 0.5))


def test_images_of_a_batch_are_padded_and_keep_their_sizes() -> None:
    columns = encode(CONTRACT, [{"photo": wire(np.full((2, 1, 3), 7))}, {"photo": wire(np.full((1, 3, 3), 9))}])
    assert {name: (column.dtype.name, column.shape) for name, column in columns.items()} == {
        "photo": ("uint8", (2, 2, 3, 3)),
        "photo_height": ("int32", (2,)),
        "photo_width": ("int32", (2,)),
    }
    assert (columns["photo_height"].tolist(), columns["photo_width"].tolist()) == ([2, 1], [1, 3])
    assert int(columns["photo"].sum()) == 2 * 3 * 7 + 3 * 3 * 9


def test_no_records_give_empty_columns() -> None:
    assert image_columns("photo", [])["photo"].shape == (0, 1, 1, 3)


@pytest.mark.parametrize(
    ("photo", "got"),
    [
        (None, "nothing"),
        ("text", '"text"'),
        ({"width": 2, "height": 1}, "an image of 2 x 1 pixels and no data"),
        ({"width": 2, "height": 1, "data": "AAAA"}, "an image of 2 x 1 pixels and 4 characters of data"),
        ({"width": 1, "height": 1, "data": b"12345"}, "an image of 1 x 1 pixels and 5 bytes of data"),
        ({"width": 1, "height": 1, "data": "!!!!"}, "an image of 1 x 1 pixels and 4 characters of data"),
        ({"width": 0, "height": 1, "data": ""}, "an image of 0 x 1 pixels and 0 characters of data"),
        ({"width": IMAGE_PIXELS + 1, "height": 1, "data": ""}, f"an image of {IMAGE_PIXELS + 1} x 1 pixels and 0 characters of data"),
        ({"width": True, "height": 1, "data": "AAAA"}, "an object"),
    ],
)
def test_what_is_no_image_is_refused_with_what_it_is(photo: Any, got: str) -> None:
    with pytest.raises(ValidationError) as caught:
        encode(CONTRACT, [{"photo": photo}])
    assert caught.value.message.startswith(
        f"photo: got {got}, expected an image of at most 40 megapixels: width, height, and data of 3 (RGB)"
    )


def test_an_image_may_not_be_missing() -> None:
    with pytest.raises(ContractError, match="nullable image"):
        Field("photo", "image", "Photo", nullable=True)


def test_columns_of_an_image_take_no_other_fields_name() -> None:
    with pytest.raises(ContractError, match="a column's name stands twice.*photo_width"):
        Contract(**{**parts(), "fields": (Field("photo", "image", "Photo"), Field("photo_width", "int32", "Width"))})


@pytest.mark.parametrize("output", [{"labels": ("a",), "top": 2}, {"labels": ("a",), "top": 0}, {"top": 1}])
def test_a_ranking_lists_no_more_than_it_has(output: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="expected 1 to that many"):
        Output("seen", "scores", "Seen", **output)


def test_labels_name_every_column() -> None:
    with pytest.raises(ContractError, match="expected one a column"):
        Contract(**{**parts(), "outputs": (Output("seen", "scores", "Seen", labels=("a", "b", "c"), top=1),)})


def test_contract_with_images_and_rankings_survives_json() -> None:
    assert Contract.from_json(CONTRACT.to_json()) == CONTRACT


def test_a_ranking_begins_with_the_highest() -> None:
    (answer,) = Pipeline(CONTRACT, lambda columns: {}).decode({"scores": np.array([[0.25, 0.75]], np.float32)})
    assert answer == {"seen": [{"label": "buoy", "index": 1, "score": 0.75}]}


def parts() -> dict[str, Any]:
    return {
        name: getattr(CONTRACT, name)
        for name in ("name", "version", "title", "description", "fields", "features", "predictions", "outputs")
    }
