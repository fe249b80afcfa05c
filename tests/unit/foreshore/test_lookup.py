"""What tables hold for many rows at once: what each row is told by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore import ContractError, Field
from foreshore.live import Live
from foreshore.sieve import Sieve
from tests.unit.foreshore.harbour import VIEW, contract, harbour, record, ship
from tests.unit.foreshore.test_live import RECORDS_DRAWN, SHIPS_DRAWN, tables

HISTORICAL = [window.name for window in VIEW.historical]
ASKED = RECORDS_DRAWN | st.builds(lambda asked: {**asked, "asked_at": None}, RECORDS_DRAWN)


def sifted(asked: list[dict[str, Any]]) -> Any:
    cells = {field.name: [each.get(field.name) for each in asked] for field in contract(VIEW).fields}
    found = Sieve(contract(VIEW)).sift(cells, len(asked))
    assert found.problems == []
    return found


@settings(max_examples=200)
@given(st.lists(SHIPS_DRAWN, max_size=25), st.lists(ASKED, min_size=1, max_size=12), st.sets(st.integers(1, 8), max_size=4))
def test_rows_are_told_what_each_is_told_by_itself(drawn: list[dict[str, Any]], asked: list[dict[str, Any]], refreshes: set[int]) -> None:
    events = sorted(({**event, "id": str(number)} for number, event in enumerate(drawn)), key=lambda event: event["known_time_min"])
    live = Live(harbour(), tables(VIEW, events, [3 + 20 * number for number in sorted(refreshes)]))

    rows = sifted(asked)
    told = {name: np.full(len(asked), np.nan, np.float32) for name in HISTORICAL} | live.historical(rows.columns, rows.texts)

    filled = [{name: one[name] for name in HISTORICAL} for one in live.fill(asked)]
    assert [
        {name: None if np.isnan(told[name][row]) else float(told[name][row]) for name in HISTORICAL} for row in range(len(asked))
    ] == filled


def test_value_outside_the_bounds_of_its_context_is_the_authors_to_mend() -> None:
    context = tuple(Field(name, "float32", name, maximum=6 if name == "usual" else None, nullable=True) for name in VIEW.names)
    live = Live(harbour(context=context), tables(VIEW, [ship(40, delay_min=10)], [43]))
    rows = sifted([record(70)])
    with pytest.raises(ContractError, match="context usual: got 10.0 from its window, expected .* to 6.0; widen"):
        live.historical(rows.columns, rows.texts)
