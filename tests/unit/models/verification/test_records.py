"""Records drawn for the gate: valid, of every dtype, gaps and bounds among them."""

from __future__ import annotations

from dataclasses import replace

from foreshore import Contract, Field
from foreshore.records import encode
from models.verification.records import draw_records
from tests.unit.foreshore.harbour import VIEW, contract


def bounded() -> Contract:
    """A contract of every dtype, with bounds where there can be any."""
    whole = contract(VIEW)
    more = (
        Field("length_m", "float32", "Length", minimum=5, maximum=400),
        Field("towed", "bool", "Towed"),
        Field("day", "date", "Day", minimum="2013-12-30"),
        Field("from", "datetime", "From", minimum="2013-12-31T23:58Z", maximum="2014-01-01T00:01Z"),
    )
    context = (replace(whole.context[0], minimum=-1, maximum=1), *whole.context[1:])
    return replace(whole, fields=(*whole.fields, *more), context=context)


def test_drawn_records_are_valid_and_carry_every_input() -> None:
    drawn = draw_records(bounded(), 300, 1)
    assert len(encode(bounded(), drawn)["from"]) == 300
    assert {tuple(record) for record in drawn} == {tuple(field.name for field in bounded().inputs)}


def test_same_seed_draws_the_same_records() -> None:
    assert draw_records(bounded(), 20, 7) == draw_records(bounded(), 20, 7) != draw_records(bounded(), 20, 8)


def test_gaps_bounds_and_many_values_are_drawn() -> None:
    drawn = draw_records(bounded(), 300, 1)
    assert {record["from"] for record in drawn} == {"2013-12-31T23:58Z", "2013-12-31T23:59Z", "2014-01-01T00:00Z", "2014-01-01T00:01Z"}
    for name in ("asked_at", "ship", bounded().context[0].name):
        values = {record[name] for record in drawn}
        assert None in values
        assert len(values) > 50
    assert {-1, 1} <= {record[bounded().context[0].name] for record in drawn}
