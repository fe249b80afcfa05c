"""What the gate compares of images and rankings, and how it tells where they differ."""

from __future__ import annotations

import numpy as np

from foreshore import Contract, Field, Output, Tensor
from models.verification.comparisons import compare, shortened
from models.verification.gate import RANDOM_IMAGES, answer_columns, columns_of, random_records

CONTRACT = Contract(
    name="photos",
    version=1,
    title="",
    description="",
    fields=(Field("photo", "image", "Photo"),),
    features=(Tensor("pixels", "float32", ("N", 2, 2)),),
    predictions=(Tensor("scores", "float32", ("N", 3)),),
    outputs=(Output("seen", "scores", "Seen", labels=("a", "b", "c"), top=2),),
)


def ranked(*indices: int, scores: list[float]) -> dict[str, list[dict[str, float]]]:
    return {"seen": [{"index": index, "score": score} for index, score in zip(indices, scores, strict=True)]}


def test_features_without_names_are_told_by_their_place() -> None:
    expected = columns_of(CONTRACT, {"pixels": np.zeros((2, 2, 2), np.float32)})
    got = {"pixels": expected["pixels"].copy()}
    got["pixels"][1, 2] = 0.5
    photo = {"photo": {"width": 1, "height": 1, "data": "AAAA"}}
    found = compare(0.1, "execution", "features", got, expected, [photo, photo])
    assert not found.passed
    assert found.worst == {"name": "pixels[2]", "record": shortened(photo), "got": 0.5, "expected": 0.0}


def test_records_are_told_without_the_data_of_images() -> None:
    assert shortened({"photo": {"width": 1, "height": 1, "data": "AAAA"}, "count": 3}) == {
        "photo": {"width": 1, "height": 1, "data": "…"},
        "count": 3,
    }
    assert shortened(7) == 7


def test_labels_that_score_alike_may_change_places_and_others_may_not() -> None:
    host = {"scores": np.array([[0.4, 0.4, 0.2]])}
    expected = answer_columns([ranked(0, 1, scores=[0.4, 0.4])], CONTRACT, host)
    swapped = answer_columns([ranked(1, 0, scores=[0.4, 0.4])], CONTRACT, host)
    wrong = answer_columns([ranked(0, 2, scores=[0.4, 0.4])], CONTRACT, host)
    assert compare(1e-6, "execution", "fp32", swapped, expected, [{}]).deviation == 0
    assert compare(1e-6, "execution", "fp32", wrong, expected, [{}]).deviation == np.float64(0.4) - np.float64(0.2)


def test_fewer_images_are_drawn_than_records() -> None:
    assert random_records(CONTRACT) == RANDOM_IMAGES
