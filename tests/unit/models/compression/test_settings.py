"""Settings: plain JSON and back, of the type declared."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.compression.errors import RecipeError
from models.compression.settings import from_json, to_json, within


@dataclass(frozen=True, slots=True)
class Some:
    """One of each type."""

    share: float
    sizes: tuple[int, ...] = ()
    rank: int | None = None
    named: str = "a"
    fast: bool = False


@given(st.floats(allow_nan=False), st.lists(st.integers()), st.none() | st.integers(), st.text(), st.booleans())
def test_settings_survive_json(share: float, sizes: list[int], rank: int | None, named: str, fast: bool) -> None:
    settings = Some(share, tuple(sizes), rank, named, fast)
    assert from_json(Some, to_json(settings)) == settings


def test_a_whole_number_is_a_float_too() -> None:
    assert isinstance(from_json(Some, {"share": 1}).share, float)


@pytest.mark.parametrize("values", [{"share": "1"}, {"share": 1.0, "rank": True}, {"share": 1.0, "sizes": 3}, {"share": None}])
def test_other_types_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match=r"Some\.\w+: got .*expected .*; mend the recipe"):
        from_json(Some, values)


def test_ranges_hold_their_ends() -> None:
    within("share", 0, 0, 1)
    within("share", 1, 0, 1)
    with pytest.raises(RecipeError, match=r"share: got 1\.01, expected 0 to 1; mend the recipe"):
        within("share", 1.01, 0, 1)
    with pytest.raises(RecipeError):
        within("share", float("nan"), 0, 1)
