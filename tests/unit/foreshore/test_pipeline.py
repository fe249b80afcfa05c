"""The runner: features and decoding under the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshore import Contract, ContractError, Field, ModelError, Output, Pipeline, Tensor, load_pipeline, pipeline_names
from foreshore.windows import Derived
from tests.unit.foreshore.harbour import VIEW, contract, harbour

CONTRACT = Contract(
    name="tide",
    version=1,
    title="",
    description="",
    fields=(Field("hour", "int32", "Hour", minimum=0, maximum=23),),
    features=(Tensor("x", "float32", ("N", 2)),),
    predictions=(Tensor("y", "float32", ("N", 1)),),
    outputs=(Output("height_m", "y", "Height"),),
)


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    hour = columns["hour"].astype(np.float32)
    return {"x": np.stack([hour, hour * 2], axis=1)}


PIPELINE = Pipeline(CONTRACT, features)
ROOT = Path(__file__).resolve().parents[3]


def test_records_become_answers() -> None:
    answers = PIPELINE.predict([{"hour": 3}, {"hour": 4}], lambda feeds: {"y": feeds["x"][:, 1:] + 1})
    assert answers == [{"height_m": 7.0}, {"height_m": 9.0}]


def test_features_are_contiguous_whatever_the_function_gives() -> None:
    turned = Pipeline(CONTRACT, lambda columns: {"x": np.asfortranarray(features(columns)["x"])})
    assert turned.prepare([{"hour": 1}, {"hour": 2}])["x"].flags.c_contiguous


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda columns: {}, "expected a tensor 'x'"),
        (lambda columns: {"x": np.zeros((1, 3), np.float32)}, r"got float32 \(1, 3\) for 1 records"),
        (lambda columns: {"x": np.zeros((1, 2))}, "got float64"),
        (lambda columns: {"x": np.zeros((2, 2), np.float32)}, "for 1 records"),
    ],
)
def test_features_that_break_the_contract_are_refused(wrong: Any, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Pipeline(CONTRACT, wrong).prepare([{"hour": 1}])


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "expected a tensor 'y'"),
        ({"y": np.zeros((2, 2), np.float32)}, r"got shape \(2, 2\)"),
        ({"y": np.array([[1], [np.nan]], np.float32)}, r"got nan, expected a finite number \(row 1\)"),
    ],
)
def test_model_outputs_that_break_the_contract_are_refused(outputs: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        PIPELINE.decode(outputs)


WHOLE = contract(VIEW)
TIDE_60 = Field("tide_60", "float32", "Tide", nullable=True)


def fields_but(name: str, *others: Field) -> tuple[Field, ...]:
    return (*(field for field in WHOLE.fields if field.name != name), *others)


@pytest.mark.parametrize(
    ("changes", "derived", "message"),
    [
        ({"context": ()}, None, r"view harbour: got context \[\], expected its features: \['at_this_hour', 'busy'"),
        ({"context": (*WHOLE.context, TIDE_60)}, None, r"'tide_60', 'usual'\], expected its features"),
        ({"clock": None}, None, "view harbour: got no clock"),
        ({"fields": fields_but("pilot")}, None, "view harbour: no int32 field pilot to query by"),
        ({"fields": fields_but("pilot", Field("pilot", "text", "Pilot"))}, None, "no int32 field pilot to query by"),
        ({"fields": fields_but("quay", Field("quay", "int32", "Quay"))}, None, "no text field quay to query by"),
        ({"fields": fields_but("quay", Field("quay", "bool", "Quay"))}, None, "no text field quay to query by"),
        ({"fields": fields_but("berths")}, None, r"berthing_hour is derived from berths \(None\), expected a time field"),
        ({}, (), "no text field berthing_hour to query by"),
        ({}, (*VIEW.derived, Derived("hour", "quay", "hour")), r"hour is derived from quay \(category\), expected a time field"),
        ({}, (*VIEW.derived, Derived("ship", "berths", "hour")), "derived field ship is a field of the contract already"),
    ],
)
def test_view_and_contract_that_do_not_fit_are_refused(changes: dict[str, Any], derived: tuple[Derived, ...] | None, message: str) -> None:
    view = VIEW if derived is None else replace(VIEW, derived=derived)
    with pytest.raises(ContractError, match=message):
        harbour(view, **changes)


def test_context_that_no_view_fills_is_refused() -> None:
    with pytest.raises(ContractError, match=r"contract tide: got context \['tide_60'\] and no view"):
        Pipeline(replace(CONTRACT, context=(TIDE_60,)), features)


def test_keys_may_be_texts_categories_dates_and_times() -> None:
    for field in (Field("quay", dtype, "Quay", nullable=True) for dtype in ("text", "date", "time")):
        assert harbour(fields=fields_but("quay", field)).view is VIEW


@pytest.mark.parametrize("name", ["nowhere", "../etc", "Eta", ""])
def test_unknown_pipeline_is_named(name: str) -> None:
    with pytest.raises(ContractError, match="pipeline"):
        load_pipeline(name)


def test_every_pipeline_of_the_house_loads() -> None:
    names = pipeline_names(ROOT / "models")
    assert "eta" in names
    for name in names:
        assert load_pipeline(name).contract.name == name
