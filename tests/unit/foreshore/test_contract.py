"""Contracts as data: what is refused, and that nothing is lost on the way to JSON and back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import Category, Contract, ContractError, Field, Output, Tensor


def contract(**changes: Any) -> Contract:
    parts: dict[str, Any] = {
        "name": "tide",
        "version": 1,
        "title": "Tide",
        "description": "Height of the tide.",
        "fields": (Field("hour", "int32", "Hour", minimum=0, maximum=23),),
        "features": (Tensor("x", "float32", ("N", 1)),),
        "predictions": (Tensor("y", "float32", ("N", 1)),),
        "outputs": (Output("height_m", "y", "Height", unit="m"),),
    }
    return Contract(**{**parts, **changes})


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
FIELDS = st.one_of(
    st.builds(
        Field,
        NAMES,
        st.sampled_from(["float32", "bool", "int32", "date", "time", "datetime", "text"]),
        st.text(),
        unit=st.text(),
        nullable=st.booleans(),
    ),
    st.builds(
        lambda name, values: Field(name, "category", name, categories=tuple(Category(value, value) for value in values)),
        NAMES,
        st.lists(st.text(max_size=5), min_size=1, unique=True),
    ),
)


ROLES = (
    Field("role_clock", "datetime", "At", minimum="2013-01-01T00:00Z", nullable=True),
    Field("role_segment", "category", "Of", categories=(Category("a", "A"), Category("b", "B"))),
)


@given(st.lists(FIELDS, unique_by=lambda field: field.name))
def test_contract_survives_json(fields: list[Field]) -> None:
    context = tuple(field for field in fields if field.dtype == "float32" and field.nullable)
    original = contract(
        fields=(*(field for field in fields if field not in context), *ROLES), context=context, clock="role_clock", segment="role_segment"
    )
    assert Contract.from_json(json.loads(json.dumps(original.to_json()))) == original


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "Hour", "dtype": "int32"}, "snake_case"),
        ({"name": "hour", "dtype": "int16"}, "'int16', expected one of"),
        ({"name": "hour", "dtype": "category"}, "0 categories"),
        ({"name": "hour", "dtype": "int32", "categories": (Category("a", "A"),)}, "1 categories for dtype int32"),
        ({"name": "hour", "dtype": "category", "categories": (Category("a", "A"),) * 2}, "stands twice"),
        ({"name": "hour", "dtype": "int32", "minimum": 5, "maximum": 4}, "above maximum"),
        ({"name": "day", "dtype": "date", "minimum": "2013-02-30"}, "2013-02-30"),
        ({"name": "dry", "dtype": "bool", "minimum": 0}, "takes no minimum"),
        ({"name": "hull", "dtype": "text", "maximum": "z"}, "takes no minimum or maximum"),
        ({"name": "hull", "dtype": "text", "categories": (Category("a", "A"),)}, "1 categories for dtype text"),
        ({"name": "at", "dtype": "datetime", "minimum": "2013-10-05 12:30"}, "expected a UTC time as YYYY-MM-DDTHH:MMZ"),
        ({"name": "at", "dtype": "datetime", "minimum": "2013-10-05T12:30Z", "maximum": "2013-10-05T12:29Z"}, "above maximum"),
    ],
)
def test_contradictory_field_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Field(title="T", **arguments)


def test_output_of_unknown_tensor_is_refused() -> None:
    with pytest.raises(ContractError, match=r"got tensor 'z', expected one of \['y'\]"):
        contract(outputs=(Output("height_m", "z", "Height"),))


def test_repeated_field_is_refused() -> None:
    field = Field("hour", "int32", "Hour")
    with pytest.raises(ContractError, match="field name stands twice"):
        contract(fields=(field, field))


TIDE = Field("tide_60", "float32", "Tide", nullable=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"context": (Field("tide_60", "float32", "Tide"),)}, "tide_60: got dtype float32, nullable False, expected a nullable float32"),
        ({"context": (Field("tide_60", "int32", "Tide", nullable=True),)}, "got dtype int32, nullable True"),
        ({"context": (TIDE, TIDE)}, "field name stands twice"),
        ({"context": (replace(TIDE, name="role_clock"),)}, "field name stands twice"),
        ({"clock": "nowhere"}, r"got clock 'nowhere', expected a field that is nullable datetime: \['role_clock'\]"),
        ({"clock": "role_segment"}, "got clock 'role_segment'"),
        ({"segment": "role_clock"}, r"got segment 'role_clock', expected a field that is not nullable category: \['role_segment'\]"),
        ({"clock": "at", "fields": (Field("at", "datetime", "At"),)}, r"nullable datetime: \[\]"),
        ({"segment": "of", "fields": (replace(ROLES[1], name="of", nullable=True),)}, r"not nullable category: \[\]"),
    ],
)
def test_wrong_context_clock_or_segment_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        contract(**{"fields": ROLES, **changes})


def test_texts_are_inputs_without_columns() -> None:
    whole = contract(fields=(Field("hull", "text", "Hull"), *ROLES), context=(TIDE,), segment="role_segment")
    assert [field.name for field in whole.inputs] == ["hull", "role_clock", "role_segment", "tide_60"]
    assert [field.name for field in whole.columns] == ["role_clock", "role_segment", "tide_60"]
    assert (whole.segment_values, contract().segment_values) == (("a", "b"), ())


def test_json_of_something_else_is_refused() -> None:
    with pytest.raises(ContractError, match="not a contract"):
        Contract.from_json({"name": "tide"})
    with pytest.raises(ContractError, match="not a contract"):
        Contract.from_json({**contract().to_json(), "colour": "blue"})


@pytest.mark.parametrize(("shape", "fits"), [((3, 1), True), ((0, 1), True), ((3,), False), ((3, 2), False)])
def test_tensor_admits_any_batch_of_its_shape(shape: tuple[int, ...], fits: bool) -> None:
    assert Tensor("x", "float32", ("N", 1)).admits(shape) is fits
