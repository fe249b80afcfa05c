"""See's preprocessing held to Pillow's, and its network to an evaluation of the same weights that shares no code with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jax
import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from models.see.export import WEIGHTS
from models.see.golden import record
from models.see.network import EPSILON, LOGITS, blocks, network
from models.see.photos import EXAMINED
from models.see.pipeline import PIPELINE, SIZE
from models.see.samples import write_samples
from models.torch_file import read_tensors
from packing.fetch import Fetcher

ROUNDED = 2.0
"""Grey levels: Pillow rounds to whole ones after each axis, and clips there, which its sharp edges feel."""
LOGIT_TOLERANCE = 1e-3


def by_pillow(photo: Image.Image) -> NDArray[np.float64]:
    """The same middle, resized by Pillow in floating point, (3, 224, 224)."""
    width, height = photo.size
    side = max(1, int(SIZE / (SIZE + 32) * min(width, height)))
    left, upper = (width - side + 1) // 2, (height - side + 1) // 2
    middle = photo.crop((left, upper, left + side, upper + side))
    channels = [np.asarray(channel.convert("F").resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.float64) for channel in middle.split()]
    return (np.clip(np.stack(channels), 0, 255) - 127) / 128


@settings(max_examples=40)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_preprocessing_is_a_centre_crop_and_pillows_bicubic(width: int, height: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    photo = Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8))
    got = PIPELINE.prepare([record(photo)])["pixels"][0]
    # Both work in single precision, on values up to 255, over up to 400 pixels.
    np.testing.assert_allclose(got, by_pillow(photo), atol=2e-4)


def test_photos_of_a_batch_do_not_see_each_other() -> None:
    random = np.random.default_rng(7)
    photos = [Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8)) for width, height in ((40, 300), (300, 40), (1, 1))]
    together = PIPELINE.prepare([record(photo) for photo in photos])["pixels"]
    for photo, row in zip(photos, together, strict=True):
        np.testing.assert_allclose(PIPELINE.prepare([record(photo)])["pixels"][0], row, atol=1e-5)


@cache
def weights() -> Mapping[str, NDArray[Any]]:
    return read_tensors(Fetcher().fetch(WEIGHTS))


def independent_logits(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network by JAX in NHWC, padded by its own "SAME", with batch normalisation as it was published."""
    values = jax.numpy.asarray(pixels.transpose(0, 2, 3, 1))
    values = relu6(normalised(convolved(values, "_conv_stem", 2), "_bn0"))
    for number, block in enumerate(blocks()):
        prefix, inner = f"_blocks.{number}.", values
        if block.expansion > 1:
            inner = relu6(normalised(convolved(inner, f"{prefix}_expand_conv"), f"{prefix}_bn0"))
        inner = relu6(normalised(convolved(inner, f"{prefix}_depthwise_conv", block.stride, inner.shape[3]), f"{prefix}_bn1"))
        inner = normalised(convolved(inner, f"{prefix}_project_conv"), f"{prefix}_bn2")
        values = inner + values if inner.shape == values.shape and block.stride == 1 else inner
    pooled = relu6(normalised(convolved(values, "_conv_head"), "_bn1")).mean(axis=(1, 2))
    return np.asarray(pooled @ weights()["_fc.weight"].T + weights()["_fc.bias"])


def convolved(values: jax.Array, name: str, stride: int = 1, groups: int = 1) -> jax.Array:
    kernel = jax.numpy.asarray(weights()[f"{name}.weight"].transpose(2, 3, 1, 0))
    layout = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(values, kernel, (stride, stride), "SAME", dimension_numbers=layout, feature_group_count=groups)


def normalised(values: jax.Array, name: str) -> jax.Array:
    scale, shift, mean, variance = (weights()[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var"))
    return (values - mean) / jax.numpy.sqrt(variance + EPSILON) * scale + shift


def relu6(values: jax.Array) -> jax.Array:
    return jax.numpy.clip(values, 0, 6)


def host_logits(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    model = network(weights())
    model.graph.output.append(onnx.helper.make_tensor_value_info(LOGITS, onnx.TensorProto.FLOAT, ["N", 1000]))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found: NDArray[np.float32] = session.run([LOGITS], {"pixels": pixels})[0]
    return found


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Image.Image]:
    """All samples of the See page, and some photos of ImageNet."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    samples = [Image.open(file).convert("RGB") for file in sorted(folder.glob("*.jpg"))]
    assert len(samples) >= 6
    return [*samples, *(photo.read() for photo in EXAMINED[:8])]


def test_logits_are_those_of_an_independent_evaluation(photos: list[Image.Image]) -> None:
    pixels = PIPELINE.prepare([record(photo) for photo in photos])["pixels"]
    got, expected = host_logits(pixels), independent_logits(pixels)
    assert np.abs(got - expected).max() <= LOGIT_TOLERANCE
    assert np.array_equal(got.argmax(axis=1), expected.argmax(axis=1))


def test_first_answers_are_those_of_pillows_preprocessing(photos: list[Image.Image]) -> None:
    by_other_code = independent_logits(np.stack([by_pillow(photo) for photo in photos]).astype(np.float32))
    ours = host_logits(PIPELINE.prepare([record(photo) for photo in photos])["pixels"])
    assert np.array_equal(ours.argmax(axis=1), by_other_code.argmax(axis=1))
