"""The networks of the studies: as many weights and multiply-adds as published, and graphs that run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.case_studies import distilbert, half_precision, mobilenet, squeezenet
from models.case_studies.counts import multiply_adds, weights
from models.case_studies.distilbert import BERT_BASE, DISTILBERT, Encoder
from models.case_studies.layers import drawn_rows
from models.case_studies.measuring import STUDIES
from models.case_studies.study import Study
from models.compression.quantisation import Half, half
from models.segments import run_native

SMALL = Encoder(layers=2, width=24, heads=3, vocabulary=50, positions=16)
FIGURES = Path(squeezenet.__file__).parent / "case_studies.json"


def answers(model: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return run_native(model.SerializeToString(), dict(feeds))


def test_squeezenet_is_the_published_one() -> None:
    model = squeezenet.squeezenet()
    assert weights(model) == 1_248_424
    released = multiply_adds(model, {"pixels": (1, 3, 227, 227)}) + 512 * 1000 * (15**2 - 13**2)
    assert round(2 * released / 1e9, 2) == 1.72  # its authors' GFLOPS, with the padding that their last convolution has in Caffe
    (probabilities,) = answers(model, {"pixels": drawn_rows(2, 3, 227, 227)}).values()
    assert probabilities.shape == (2, 1000)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_alexnet_is_the_published_one() -> None:
    narrow = squeezenet.alexnet(hidden=8)
    dense = {hidden: 9216 * hidden + hidden + hidden**2 + hidden + hidden * 1000 + 1000 for hidden in (8, 4096)}
    assert weights(narrow) - dense[8] + dense[4096] == 60_965_224
    (probabilities,) = answers(narrow, {"pixels": drawn_rows(2, 3, 227, 227)}).values()
    assert probabilities.shape == (2, 1000)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_alexnet_takes_other_sizes() -> None:
    (probabilities,) = answers(squeezenet.alexnet(size=99, hidden=8), {"pixels": drawn_rows(1, 3, 99, 99)}).values()
    assert probabilities.shape == (1, 1000)


def test_mobilenet_is_the_published_one() -> None:
    model = mobilenet.network(mobilenet.separable)
    assert round(weights(model) / 1e6, 1) == 4.2
    assert round(multiply_adds(model, {"pixels": (1, 3, 224, 224)}) / 1e6) == 569
    (probabilities,) = answers(model, {"pixels": drawn_rows(1, 3, 224, 224)}).values()
    assert probabilities.shape == (1, 1000)


def test_mobilenet_of_full_convolutions_is_the_published_one() -> None:
    model = mobilenet.network(mobilenet.full)
    assert round(weights(model) / 1e6, 1) == 29.3
    without_classifier = multiply_adds(model, {"pixels": (1, 3, 224, 224)}) - 1024 * 1000
    assert round(without_classifier / 1e6) == 4866


@pytest.mark.parametrize(("channels", "side"), [(512, 14), (8, 5)])
def test_layers_multiply_adds_follow_the_formula(channels: int, side: int) -> None:
    shapes = {"values": (1, channels, side, side)}
    full, separable, depthwise, pointwise = (
        multiply_adds(mobilenet.layer(block, channels, side), shapes)
        for block in (mobilenet.full, mobilenet.separable, mobilenet.depthwise, mobilenet.pointwise)
    )
    assert separable / full == pytest.approx(mobilenet.predicted(3, channels), rel=1e-12)
    assert depthwise + pointwise == separable


def test_layers_run_alike_whole_and_in_halves() -> None:
    values = drawn_rows(2, 6, 5, 5)
    shapes = {
        block: answers(mobilenet.layer(block, 6, 5), {"values": values})["made"].shape for block in (mobilenet.full, mobilenet.separable)
    }
    assert set(shapes.values()) == {(2, 6, 5, 5)}


def test_a_hundred_million_weights_are_exactly_that() -> None:
    assert half_precision.WIDTHS[0] * half_precision.WIDTHS[1] * half_precision.LAYERS == 100_000_000
    small = half_precision.network(np.float32, widths=(6, 8), layers=4)
    assert weights(small) == multiply_adds(small, {"rows": (1, 6)}) == 6 * 8 * 4


def test_half_precision_is_what_the_compression_makes_of_single_precision() -> None:
    single, made = (half_precision.network(dtype, widths=(30, 40), layers=4) for dtype in (np.float32, np.float16))
    rows = {"rows": drawn_rows(3, 30)}
    expected = answers(half(single, Half(), None), rows)["answers"]
    assert answers(made, rows)["answers"] == pytest.approx(expected, abs=1e-3)
    assert answers(made, rows)["answers"] == pytest.approx(answers(single, rows)["answers"], abs=0.05)
    assert len(made.graph.initializer[0].raw_data) * 2 == len(single.graph.initializer[0].raw_data)


def test_half_precision_is_single_again_once_it_is_loaded(tmp_path: Path) -> None:
    """What the study says of the engine, seen on the host: if this fails, the lesson is to be written anew."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    options.log_severity_level = 3  # such a file belongs to this machine, of which it warns
    content = half_precision.network(np.float16, widths=(30, 40), layers=4).SerializeToString()
    onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    loaded = onnx.load(tmp_path / "loaded.onnx").graph
    assert {tensor.data_type for tensor in loaded.initializer} == {onnx.TensorProto.FLOAT}


@pytest.mark.parametrize(("encoder", "expected"), [(BERT_BASE, 109_482_240), (DISTILBERT, 66_362_880)])
def test_encoders_have_the_published_number_of_weights(encoder: Encoder, expected: int) -> None:
    """Weights grow in a straight line with layers and vocabulary: three small ones tell how many the large one has."""
    few, more = (weights(distilbert.network(replace(encoder, layers=layers, vocabulary=100))) for layers in (1, 2))
    assert few + (encoder.layers - 1) * (more - few) + (encoder.vocabulary - 100) * encoder.width == expected


@pytest.mark.parametrize("length", [5, 16])
def test_encoders_run_at_any_length(length: int) -> None:
    made = answers(distilbert.network(SMALL), distilbert.token_rows(length, SMALL.vocabulary))
    assert {name: values.shape for name, values in made.items()} == {"hidden": (1, length, 24), "pooled": (1, 24)}
    assert list(answers(distilbert.network(replace(SMALL, whole=False)), distilbert.token_rows(length, 50))) == ["hidden"]


def test_encoders_do_not_attend_to_padding() -> None:
    model = distilbert.network(SMALL)
    ids, mask = np.arange(6)[None], np.array([[1, 1, 1, 1, 0, 0]])
    padded = answers(model, {"input_ids": ids, "attention_mask": mask})["hidden"][:, :4]
    alone = answers(model, {"input_ids": ids[:, :4], "attention_mask": mask[:, :4]})["hidden"]
    assert padded == pytest.approx(alone, abs=1e-5)
    other = answers(model, {"input_ids": ids, "attention_mask": np.ones_like(mask)})["hidden"][:, :4]
    assert np.abs(other - alone).max() > 1e-3


def test_encoders_multiply_adds_are_those_of_their_products() -> None:
    layers, width, length = SMALL.layers, SMALL.width, 7
    each = length * (4 * width**2 + 2 * 4 * width**2) + 2 * length**2 * width
    shapes = {name: rows.shape for name, rows in distilbert.token_rows(length, SMALL.vocabulary).items()}
    assert multiply_adds(distilbert.network(SMALL), shapes) == layers * each + width**2  # and the pooler's


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_committed_counts_are_the_published_ones(study: Study) -> None:
    """Whole networks were counted when the figures were written; published numbers are rounded."""
    (listed,) = (each for each in json.loads(FIGURES.read_text())["studies"] if each["name"] == study.name)
    exact = {
        "alexnet": 60_965_224,
        "squeezenet": 1_248_424,
        "bert_base": 109_482_240,
        "distilbert": 66_362_880,
        "single": 10**8,
        "half": 10**8,
    }
    for model, network in zip(listed["models"], study.networks, strict=True):
        assert model["name"] == network.name
        assert model["published"] == network.published
        assert model["parameters"] == exact.get(network.name, model["parameters"])
        assert model["parameters"] == pytest.approx(network.published.get("parameters", model["parameters"]), rel=0.02)
        assert model["size_bytes"] == pytest.approx(network.published.get("size_bytes", model["size_bytes"]), rel=0.05)
