"""Lowering: what becomes a graph computes what Python computes, and what cannot says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import spox
import spox.opset.ai.onnx.v17 as op
from array_api_compat import array_namespace
from hypothesis import given
from hypothesis import strategies as st

from foreshore import Category, Contract, Field, Output, Pipeline, Tensor
from foreshore.contract import utc_text
from foreshore.windows import EventField, EventType, FeatureView, Key, Window, WindowSet
from models.lowering import LoweringError, join, lower

CONTRACT = Contract(
    name="tide",
    version=1,
    title="",
    description="",
    fields=(
        Field("hour", "int32", "Hour", minimum=0, maximum=23, nullable=True),
        Field("wind", "float32", "Wind", minimum=-100, maximum=100, nullable=True),
        Field("coast", "category", "Coast", categories=(Category("n", "North"), Category("s", "South"))),
        Field("asked_at", "datetime", "Asked at", nullable=True),
        Field("buoy", "text", "Buoy", nullable=True),
    ),
    features=(Tensor("x", "float32", ("N", 3)),),
    predictions=(Tensor("y", "float32", ("N", 1)),),
    outputs=(Output("height_m", "y", "Height"),),
    context=(Field("height_60", "float32", "Height an hour ago", nullable=True),),
    clock="asked_at",
)
LEVELS = EventType(
    "levels",
    (
        EventField("id", "int32"),
        EventField("event_time_min", "int32"),
        EventField("known_time_min", "int32"),
        EventField("buoy", "text"),
        EventField("height_m", "float64", -20, 20),
    ),
)
VIEW = FeatureView("tide", WindowSet((LEVELS,), (Window("height_60", "levels", "mean", 60, (Key("buoy", "buoy"),), "height_m"),)))


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    xp = array_namespace(columns["hour"])
    wind = xp.where(xp.isnan(columns["wind"]), xp.zeros_like(columns["wind"]), columns["wind"])
    known = columns["hour"] >= 0
    hour = xp.astype(xp.where(known, columns["hour"], xp.zeros_like(columns["hour"])), xp.float32)
    before = columns["height_60"]
    seen = xp.where(xp.isnan(before), xp.zeros_like(before), before + xp.astype(columns["asked_at"] % 720, xp.float32) / 720)
    return {"x": xp.stack([hour * wind, wind + seen, xp.astype(columns["coast"] == 1, xp.float32)], axis=1)}


def model() -> onnx.ModelProto:
    x = spox.argument(spox.Tensor(np.dtype(np.float32), ("N", 3)))
    return spox.build({"x": x}, {"y": op.matmul(x, op.const(np.array([[1], [2], [3]], np.float32)))})


PIPELINE = Pipeline(CONTRACT, features, VIEW)
JOINED = onnxruntime.InferenceSession(join(PIPELINE, lower(PIPELINE), model()).SerializeToString())
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "hour": st.none() | st.integers(0, 23),
            "wind": st.none() | st.floats(-100, 100, width=32),
            "coast": st.sampled_from(["n", "s"]),
            "asked_at": st.none() | st.integers(0, 10**7).map(utc_text),
            "buoy": st.none() | st.sampled_from(["east", "west"]),
            "height_60": st.none() | st.floats(-20, 20, width=32),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(RECORDS)
def test_joined_graph_answers_as_python_does(records: list[dict[str, Any]]) -> None:
    weights = np.array([[1], [2], [3]], np.float32)
    expected = PIPELINE.predict(records, lambda feeds: {"y": feeds["x"] @ weights})
    (got,) = JOINED.run(None, PIPELINE.encode(records))
    assert got[:, 0] == pytest.approx([answer["height_m"] for answer in expected], rel=1e-5, abs=1e-5)


def test_joined_graph_takes_a_column_a_field_that_has_one_and_a_context() -> None:
    assert [(each.name, each.type, each.shape) for each in JOINED.get_inputs()] == [
        ("hour", "tensor(int32)", ["N"]),
        ("wind", "tensor(float)", ["N"]),
        ("coast", "tensor(int32)", ["N"]),
        ("asked_at", "tensor(int32)", ["N"]),
        ("height_60", "tensor(float)", ["N"]),
    ]


def branch(columns: Mapping[str, Any]) -> dict[str, Any]:
    return features(columns) if columns["hour"][0] > 3 else {}


def loop(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"x": [float(hour) for hour in columns["hour"]]}


def other_dtype(columns: Mapping[str, Any]) -> dict[str, Any]:
    xp = array_namespace(columns["hour"])
    return {"x": xp.astype(features(columns)["x"], xp.float64)}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (branch, r"pipeline tide: test_lowering\.py, line \d+ in branch: `return features.*` cannot become a graph"),
        (loop, r"in loop: .* cannot become a graph"),
        (other_dtype, "feature tensor x lowers to float64"),
        (lambda columns: {}, "expected a tensor 'x'"),
    ],
)
def test_what_cannot_lower_says_where_and_why(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(LoweringError, match=message):
        lower(Pipeline(CONTRACT, function, VIEW))
