"""JavaScript's reader of feature tables held to Python's: the same values for every key, known or not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore.store import Table
from models.verification.browser import BrowserExecutions
from tests.root import ROOT

PARTS = st.text(max_size=3) | st.sampled_from(["JFK", "7", 7, "a\n", "😀", "__proto__", '"']) | st.integers(-(2**31), 2**31 - 1)
NAMES = st.lists(st.sampled_from(["origin", "destination", "hour"]), unique=True, max_size=2)
FLOATS = st.floats(width=32, allow_infinity=False)
DEFAULTS = st.just(math.nan) | st.floats(-1e30, 1e30)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table of 0 to 2 key fields and 0 to 3 columns."""
    key_fields = tuple(draw(NAMES))
    keys = draw(st.lists(st.tuples(*(PARTS for _ in key_fields)), unique=True, max_size=5)) if key_fields else [()]
    names = draw(st.lists(st.sampled_from(["delay", "flights", "late"]), unique=True, max_size=3))
    columns = {name: np.array(draw(st.lists(FLOATS, min_size=len(keys), max_size=len(keys))), np.float32) for name in names}
    return Table("t", "0" * 64, draw(st.integers(0, 2**31 - 1)), key_fields, tuple(keys), columns, {name: draw(DEFAULTS) for name in names})


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserExecutions]:
    executions = BrowserExecutions(ROOT / "web" / "verification" / "executions.js", tmp_path_factory.mktemp("no-pyodide"))
    yield executions
    executions.close()


@given(data=st.data(), table=tables())
def test_javascript_looks_up_as_python_does(javascript: BrowserExecutions, data: st.DataObject, table: Table) -> None:
    known = [dict(zip(table.key_fields, key, strict=True)) for key in table.keys]
    others = data.draw(st.lists(st.dictionaries(st.sampled_from(["origin", "destination", "hour"]), PARTS | st.none()), max_size=3))

    told = javascript.look_up(table.to_bytes(), [*known, *others])["ok"]

    assert (told["name"], told["as_of_min"], told["key_fields"]) == (table.name, table.as_of_min, list(table.key_fields))
    values = [{name: None if value is None else float(value) for name, value in each.items()} for each in told["values"]]
    assert values == [as_float32(table.lookup(record)) for record in [*known, *others]]


def as_float32(values: dict[str, float]) -> dict[str, Any]:
    return {name: None if math.isnan(value) else float(np.float32(value)) for name, value in values.items()}


@pytest.mark.parametrize("content", [b"", b"{}\n", b"null\n", b'{"format": 2}\n', b"no table"])
def test_what_is_no_table_is_an_artefact_error(javascript: BrowserExecutions, content: bytes) -> None:
    assert javascript.look_up(content, [])["error"]["kind"] == "artefact"


def test_a_table_cut_short_is_an_artefact_error(javascript: BrowserExecutions) -> None:
    table = Table("t", "0" * 64, 0, ("origin",), (("JFK",),), {"delay": np.array([1.5], np.float32)}, {"delay": 0.0})

    assert javascript.look_up(table.to_bytes()[:-1], [])["error"]["kind"] == "artefact"
