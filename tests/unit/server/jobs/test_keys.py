"""Keys: what is the same is found, what differs is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import Category, Contract, Field, Output, Tensor
from web.server.jobs.keys import Key
from web.server.prediction.errors import Malformed

CONTRACT = Contract(
    name="keyed",
    version=1,
    title="Keyed",
    description="",
    fields=(
        Field("kind", "category", "Kind", categories=(Category("a", "A"), Category("b", "B"))),
        Field("count", "int32", "Count", nullable=True),
        Field("weight", "float32", "Weight", nullable=True),
        Field("open", "bool", "Open", nullable=True),
        Field("label", "text", "Label", nullable=True),
    ),
    features=(Tensor("features", "float32", ("N", 1)),),
    predictions=(Tensor("size", "float32", ("N", 1)),),
    outputs=(Output("size", "size", "Size"),),
)
NAMES = [field.name for field in CONTRACT.fields]
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["a", "b"]),
        "count": st.none() | st.integers(-5, 5) | st.integers(-5, 5).map(float),
        "weight": st.none() | st.floats(-2, 2, width=16),
        "open": st.none() | st.booleans(),
        "label": st.none() | st.text(max_size=3),
    },
)


def values(record: dict[str, Any]) -> list[Any]:
    """What a record says, with what it leaves out."""
    return [(type(record.get(name)) is bool, record.get(name)) for name in NAMES]


@given(RECORDS, RECORDS)
def test_records_have_one_key_where_their_values_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    key = Key(CONTRACT, NAMES)
    assert (key.of(one) == key.of(other)) == (values(one) == values(other))


def test_the_order_of_names_is_no_matter_but_the_fields_are() -> None:
    record = {"kind": "a", "count": 1}
    assert Key(CONTRACT, ["kind", "count"]).of(record) == Key(CONTRACT, ["count", "kind"]).of({**record, "label": "else"})
    assert Key(CONTRACT, ["kind"]).of(record) != Key(CONTRACT, ["kind", "count"]).of({"kind": "a"})


@pytest.mark.parametrize(
    "wrong", [{"kind": 1}, {"count": 1.5}, {"count": True}, {"weight": "1"}, {"weight": 1e39}, {"open": 1}, {"label": ["x"]}]
)
def test_what_is_no_value_of_its_field_has_no_key(wrong: dict[str, Any]) -> None:
    assert Key(CONTRACT, NAMES).of({"kind": "a", **wrong}) is None


@pytest.mark.parametrize("names", [[], ["kind", "kind"], ["nobody"], [""]])
def test_what_are_no_fields_make_no_key(names: list[str]) -> None:
    with pytest.raises(Malformed, match="key: got"):
        Key(CONTRACT, names)
