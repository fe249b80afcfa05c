"""Windows over whole histories: point in time, columns that do not fit, and layouts that random logs are too small for."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from foreshore import ContractError, ValidationError
from foreshore.windows import Arrivals, EventField, EventType, Key, Window, WindowSet, history, spans
from foreshore.windows.columns import shared_codes
from tests.unit.foreshore.windows.executions import columns_of
from tests.unit.foreshore.windows.logs import SHIPS
from tests.unit.foreshore.windows.test_stream import pushed, ship

QUAY = (Key("quay", "quay"),)
DELAYS = WindowSet((SHIPS,), (Window("arrived", "ships", "count", 10, QUAY), Window("worst", "ships", "max", 10, QUAY, "delay_min")))
REFUSING = WindowSet(DELAYS.events, DELAYS.windows, "refuse")
NORTH = {"quay": np.array(["north"])}


def ships(*events: dict[str, Any]) -> dict[str, Any]:
    return {"ships": columns_of(SHIPS, events)}


def arrived(events: dict[str, Any], time: int, arrivals: Arrivals | None = None) -> float:
    return float(history(DELAYS, events, NORTH, np.array([time]), arrivals).columns["arrived"][0])


def test_row_does_not_see_what_became_known_after_it() -> None:
    delayed = ships(ship(104, event_time_min=100))
    assert [arrived(delayed, time) for time in (103, 104, 109, 110)] == [0, 1, 1, 0]


def test_rows_may_be_asked_in_any_order() -> None:
    events = ships(ship(100), ship(105, id="b"))
    queries = {"quay": np.array(["north", "south", "north", ""])}
    made = history(DELAYS, events, queries, np.array([105, 105, 100, 105]))
    assert made.columns["arrived"].tolist() == [2, 0, 1, 0]
    assert made.accepted == {"ships": 2}


def test_no_events_and_no_queries_are_answered() -> None:
    assert arrived(ships(), 100) == 0
    assert history(DELAYS, ships(ship()), {"quay": np.array([], "<U1")}, np.array([], np.int64)).columns["arrived"].shape == (0,)


def test_dropped_rows_are_counted_by_reason() -> None:
    events = ships(ship(), ship(), ship(id=None), ship(delay_min=501), ship(event_time_min=101))
    made = history(DELAYS, events, NORTH, np.array([100]))
    assert made.dropped == {"ships": {"duplicate": 1, "missing": 1, "out_of_range": 1, "future": 1}}


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "\x85", "\ud800", "x" * 65])
def test_texts_that_a_stream_would_refuse_are_malformed(text: str) -> None:
    events = ships(ship(), ship(id="b"))
    events["ships"]["quay"] = np.array(["north", text])
    made = history(DELAYS, events, NORTH, np.array([100]))
    assert (made.accepted, made.dropped) == ({"ships": 1}, {"ships": {"malformed": 1}})
    assert pushed(ship(id="b", quay=text))[1] == ["malformed"]


def test_rows_that_do_not_fit_are_refused_if_declared_so() -> None:
    with pytest.raises(ValidationError, match=r"ships: got an event that is out_of_range \(2 in all do not fit\).*row 1"):
        history(REFUSING, ships(ship(), ship(delay_min=501), ship(delay_min=600)), NORTH, np.array([100]))


def test_log_that_turns_the_clock_back_is_refused() -> None:
    arrivals = Arrivals({"ships": np.array([0])}, np.array([1]))
    with pytest.raises(ValidationError, match="got 99, expected at least 100"):
        arrived(ships(ship(100)), 99, arrivals)


def test_two_entries_at_one_place_are_refused() -> None:
    with pytest.raises(ContractError, match="the same place in the log"):
        arrived(ships(ship(100)), 100, Arrivals({"ships": np.array([0])}, np.array([0])))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delay_min": np.array([5.0])}, "column delay_min: got float64"),
        ({"draught_m": np.array([5.0], np.float32)}, "column draught_m: got float32"),
        ({"quay": np.array(["north"], object)}, "column quay: got object"),
        ({"quay": np.array([["north"]])}, "expected fixed-width text, such as <U8, one-dimensional"),
        ({"quay": np.array(["north", "south"])}, "column quay: got 2 rows, expected 1"),
    ],
)
def test_column_of_another_type_or_length_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        arrived({"ships": {**ships(ship())["ships"], **change}}, 100)


def test_missing_column_or_event_type_is_refused() -> None:
    events = ships(ship())
    del events["ships"]["quay"]
    with pytest.raises(ContractError, match="column quay: there is none"):
        arrived(events, 100)
    with pytest.raises(ContractError, match=r"got events \[\], expected \['ships'\]"):
        arrived({}, 100)


def test_windows_laid_out_in_several_pieces_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    events = ships(*(ship(100 + number // 3, id=str(number), delay_min=number * 37 % 100, event_time_min=99) for number in range(60)))
    queries = {"quay": np.array(["north"] * 30)}
    times = np.arange(95, 125)
    whole = history(DELAYS, events, queries, times).columns["worst"]
    monkeypatch.setattr(spans, "CHUNK", 7)
    assert np.array_equal(history(DELAYS, events, queries, times).columns["worst"], whole, equal_nan=True)
    assert np.nanmax(whole) == 96  # of those known within the horizon


def test_window_of_too_many_events_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("foreshore.windows.history")  # the package exports a function of that name
    monkeypatch.setattr(module, "COUNT_LIMIT", 1)
    with pytest.raises(ContractError, match=r"window \w+: holds 2 events, expected at most 1; shorten its horizon"):
        arrived(ships(ship(), ship(id="b")), 100)


@pytest.mark.parametrize("texts", [["a", "b", "a", "", "abcdefghij", "abcdefghik"], ["ä", "b", "ä", "", "b\u4e00", "b\u4e01"]])
def test_codes_of_texts_are_equal_where_texts_are(texts: list[str]) -> None:
    one, other = shared_codes([np.array(texts), np.array(texts[::-1])])
    assert one.tolist() == other.tolist()[::-1]
    assert one[3] == -1
    assert one[0] == one[2]
    assert len(set(one.tolist())) == 5


def test_sums_of_a_long_history_are_exact_in_every_window() -> None:
    gauge = EventType(
        "gauge",
        (
            EventField("id", "int32"),
            EventField("event_time_min", "int32"),
            EventField("known_time_min", "int32"),
            EventField("level", "int32"),
        ),
    )
    minutes = np.arange(5000, dtype=np.int32)
    levels = np.where(minutes % 2, 2**31 - 1, 3 - 2**31).astype(np.int32)
    events = {"gauge": {"id": minutes, "event_time_min": minutes, "known_time_min": minutes, "level": levels}}
    windows = WindowSet((gauge,), (Window("level", "gauge", "sum", 2, value="level"),))
    assert set(history(windows, events, {}, minutes[1:]).columns["level"].tolist()) == {2.0}
