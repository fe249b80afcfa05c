"""The sieve: row by row what the validator says, whatever stands in the table."""

from __future__ import annotations

import math
import tracemalloc
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore import Contract, ContractError, ValidationError, load_pipeline
from foreshore.cells import text_reader, value_reader
from foreshore.records import Encoder
from foreshore.sieve import MOST_REMEMBERED, Sieve
from tests.contract.records import junk, valid_values
from tests.unit.foreshore.test_records import CONTRACT, GOOD, MORE

ENCODER = Encoder(CONTRACT)
NAMES = [field.name for field in CONTRACT.inputs]
TABLES = st.integers(0, 6).flatmap(
    lambda rows: st.fixed_dictionaries(
        {},
        optional={
            field.name: st.lists(valid_values(field) | junk() | st.none(), min_size=rows, max_size=rows) for field in CONTRACT.inputs
        },
    ).map(lambda cells: (cells, rows))
)
GOOD_TABLES = st.integers(0, 6).flatmap(
    lambda rows: st.fixed_dictionaries(
        {field.name: st.lists(valid_values(field), min_size=rows, max_size=rows) for field in CONTRACT.inputs}
    ).map(lambda cells: (cells, rows))
)


def table(*records: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [record.get(name) for record in records] for name in NAMES}


def row_by_row(
    contract: Contract, encoder: Encoder, records: list[dict[str, Any]]
) -> tuple[list[int], list[Any], list[tuple[int, str, str, str]]]:
    good, columns, problems = [], [], []
    for row, record in enumerate(records):
        try:
            columns.append(encoder.encode([record]))
            good.append(row)
        except ValidationError as error:
            problems += [(row, problem.field, problem.got, problem.expected) for problem in error.problems]
    return good, columns, problems


def agree(sieve: Sieve, cells: dict[str, list[Any]], rows: int) -> None:
    records = [{name: column[row] for name, column in cells.items()} for row in range(rows)]
    good, columns, problems = row_by_row(CONTRACT, ENCODER, records)
    sifted = sieve.sift(cells, rows)
    assert sifted.rows.tolist() == good
    assert [(problem.row, problem.field, problem.got, problem.expected) for problem in sifted.problems] == problems
    for name, column in sifted.columns.items():
        expected = np.concatenate([np.empty(0, column.dtype), *(each[name] for each in columns)])
        assert column.tobytes() == expected.tobytes()
    assert sifted.texts == {"tail": [records[row].get("tail") for row in good]}


@settings(max_examples=300)
@given(st.lists(TABLES, min_size=1, max_size=3))
def test_sieve_says_of_rows_what_the_validator_says_of_records(tables: list[tuple[dict[str, list[Any]], int]]) -> None:
    sieve = Sieve(CONTRACT)
    for cells, rows in tables:
        agree(sieve, cells, rows)


@settings(max_examples=100)
@given(GOOD_TABLES)
def test_good_rows_all_get_through(given_table: tuple[dict[str, list[Any]], int]) -> None:
    cells, rows = given_table
    sieve = Sieve(CONTRACT)
    assert len(sieve.sift(cells, rows).rows) == rows
    agree(sieve, cells, rows)


def test_equal_values_of_other_types_are_told_apart() -> None:
    sieve = Sieve(CONTRACT)
    for nights in ([True, False], [1, 0], [1.0, 0.0], [True, 1]):
        agree(sieve, table(*({**GOOD, "night": night} for night in nights)), 2)


def test_zeros_keep_their_sign() -> None:
    wind = Sieve(CONTRACT).sift(table({**GOOD, "wind": 0.0}, {**GOOD, "wind": -0.0}), 2).columns["wind"]
    assert np.signbit(wind).tolist() == [False, True]


def test_what_cannot_be_hashed_is_refused_like_anything_else() -> None:
    problems = Sieve(CONTRACT).sift(table({**GOOD, "tail": ["a"], "day": {}}, GOOD), 2).problems
    assert [(problem.row, problem.field, problem.got) for problem in problems] == [(0, "day", "an object"), (0, "tail", "a list")]


def test_more_problems_are_told_than_one_error_lists() -> None:
    sifted = Sieve(CONTRACT).sift({**table(*[GOOD] * 3000), "delay": list(range(2000, 5000))}, 3000)
    assert len(sifted.problems) == 3000
    assert len(sifted.rows) == 0


def test_ever_new_values_are_forgotten() -> None:
    sieve = Sieve(CONTRACT)
    many = MOST_REMEMBERED + 2
    for first in (0, many):
        cells = {**table(*[GOOD] * many), "tail": [f"N{first + row}" for row in range(many)]}
        assert sieve.sift(cells, many).texts["tail"][-1] == f"N{first + many - 1}"
    assert sum(len(memo) for memo in sieve._fields["tail"]._memos.values()) == many


def test_rows_known_to_be_bad_are_left_out_without_a_word() -> None:
    sifted = Sieve(CONTRACT).sift(table({}, GOOD, MORE), 3, spoilt=[0, 1])
    assert (sifted.rows.tolist(), sifted.problems) == ([2], [])


def test_cells_are_read_by_the_rules_for_tables() -> None:
    texts = {"day": "2013-10-05 00:00", "departs": "8:30", "origin": "JFK", "delay": " 12 ", "wind": "NaN", "night": "TRUE", "tail": ""}
    sieve = Sieve(CONTRACT, {field.name: text_reader(field) for field in CONTRACT.inputs})
    sifted = sieve.sift({name: [text, text] for name, text in texts.items()}, 2)
    assert sifted.problems == []
    assert {name: column.tolist()[0] for name, column in sifted.columns.items() if name not in ("wind", "delay_60", "asked_at")} == {
        "day": 15983,
        "departs": 510,
        "origin": 1,
        "delay": 12,
        "night": 1,
    }
    assert all(math.isnan(value) for value in sifted.columns["wind"])
    assert sifted.texts["tail"] == [None, None]


def test_typed_cells_are_read_by_the_rules_for_tables() -> None:
    cells = {**table(GOOD, GOOD), "day": [date(2013, 10, 5), date(2012, 1, 1)], "night": [1, 0], "wind": [math.nan, 2.5]}
    sifted = Sieve(CONTRACT, {field.name: value_reader(field) for field in CONTRACT.inputs}).sift(cells, 2)
    assert sifted.rows.tolist() == [0]
    assert [problem.got for problem in sifted.problems] == ['"2012-01-01"']


def test_pipelines_of_images_read_no_tables() -> None:
    with pytest.raises(ContractError, match="takes images"):
        Sieve(load_pipeline("see").contract)


def test_columns_have_to_be_those_of_the_contract() -> None:
    with pytest.raises(ContractError, match="got a column for a field 'x', expected one of day, "):
        Sieve(CONTRACT).sift({"x": []}, 0)
    with pytest.raises(ContractError, match="column tail: got 1 cells for 2 rows"):
        Sieve(CONTRACT).sift({"tail": ["a"]}, 2)


def test_fields_without_a_column_are_missing() -> None:
    problems = Sieve(CONTRACT).sift({}, 1).problems
    assert [problem.field for problem in problems] == ["day", "departs", "origin", "night"]
    assert {problem.got for problem in problems} == {"nothing"}


def test_long_cells_are_not_kept() -> None:
    sieve = Sieve(CONTRACT)
    tracemalloc.start()
    try:
        for block in range(4):
            sieve.sift({name: [f"{block} {row} {'x' * 20_000}" for row in range(50)] for name in NAMES}, 50)
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
