"""Columns to fields: by name, by what reads like a name or a title, and by what people say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from foreshore import Output, Tensor
from tests.unit.foreshore.test_records import CONTRACT
from web.server.batch.errors import Unmatched
from web.server.batch.matching import match
from web.server.batch.results import ResultTable

ALL = [field.name for field in CONTRACT.inputs]


def test_columns_of_the_fields_names_serve_them() -> None:
    assert match(CONTRACT, [*reversed(ALL), "more"]) == {name: name for name in ALL}


def test_what_reads_like_a_name_or_a_title_serves() -> None:
    columns = ["Day", "DEPARTS", "From", "Asked-At", "night", "x"]
    assert match(CONTRACT, columns) == {"day": "Day", "departs": "DEPARTS", "origin": "From", "night": "night", "asked_at": "Asked-At"}


def test_exact_name_goes_before_what_reads_like_it() -> None:
    assert match(CONTRACT, ["Day", "day", "departs", "origin", "night"])["day"] == "day"


def test_each_column_serves_one_field() -> None:
    # The title of "delay" and of "delay_60" is Delay.
    assert match(CONTRACT, ["day", "departs", "origin", "night", "DELAY"])["delay"] == "DELAY"
    assert "delay_60" not in match(CONTRACT, ["day", "departs", "origin", "night", "DELAY"])


def test_fields_that_may_not_be_missing_need_a_column() -> None:
    with pytest.raises(Unmatched, match=r"no column for departs, night, which may not be missing: got the columns day, origin, x"):
        match(CONTRACT, ["day", "origin", "x"])


def test_people_say_which_column_serves_and_which_field_has_none() -> None:
    columns = [*ALL, "other"]
    matched = match(CONTRACT, columns, {"day": "other", "delay": "day", "tail": ""})
    assert (matched["day"], matched["delay"], "tail" in matched) == ("other", "day", False)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"x": "day"}, "mapping: got a field 'x', expected one of day, departs, "),
        ({"day": "x"}, "mapping: got a column 'x' for day, expected one of day, departs, "),
        ({"day": "tail", "departs": "tail"}, "mapping: column 'tail' serves several fields, expected one field each"),
        ({"day": ""}, "no column for day, which may not be missing"),
    ],
)
def test_mapping_of_what_there_is_not_is_refused(mapping: dict[str, str], message: str) -> None:
    with pytest.raises(Unmatched) as error:
        match(CONTRACT, ALL, mapping)
    assert error.value.message.startswith(message)


def test_columns_of_results_keep_apart() -> None:
    table = ResultTable.of(CONTRACT, ["y", "row", "predicted_y"])
    assert dict(table.carried) == {"y": "y", "row": "carried_row", "predicted_y": "predicted_y"}
    assert [name for _, name in table.outputs] == ["predicted_predicted_y"]


def test_first_of_a_ranking_becomes_three_columns() -> None:
    scores = Tensor("scores", "float32", ("N", 2))
    contract = replace(CONTRACT, predictions=(scores,), outputs=(Output("seen", "scores", "Seen", labels=("gull", "buoy"), top=2),))
    ranking = [{"label": "buoy", "index": 1, "score": 0.5}, {"label": "gull", "index": 0, "score": 0.25}]
    frame = ResultTable.of(contract, []).frame(np.array([7]), None, {"seen": [ranking]})
    assert frame.to_dicts() == [{"row": 7, "seen_label": "buoy", "seen_index": 1, "seen_score": 0.5}]

    taken = pl.DataFrame({"seen_index": ["x"]})
    frame = ResultTable.of(contract, ["seen_index"]).frame(np.array([7]), taken, {"seen": [ranking]})
    assert frame.columns == ["row", "seen_index", "predicted_seen_label", "predicted_seen_index", "predicted_seen_score"]
