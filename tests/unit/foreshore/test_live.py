"""A pipeline on a device: what it is told of events and answers from them, against the vectorised history."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore import ArtefactError, ContractError, Field, ValidationError
from foreshore.contract import minutes_since_epoch, utc_text
from foreshore.live import Event, Live
from foreshore.records import encode
from foreshore.store import Table
from foreshore.windows import REASONS, Arrivals, FeatureView, Stream, WindowSet, history, materialise_many, training_columns
from tests.unit.foreshore.harbour import BERTHINGS, VIEW, contract, harbour, record, ship
from tests.unit.foreshore.windows.executions import Entry, columns_of
from tests.unit.foreshore.windows.logs import QUAYS, every_window, logs, long_log, window_sets

type Record = dict[str, Any]

LAST_BIT = 2.0**-23
"""Of a float32: what the two executions' decayed means may differ by (see `foreshore.windows.declarations.DECAY_BITS`)."""


def apart(log: Sequence[Entry]) -> tuple[list[Event], list[Record]]:
    """The events of a log and its questions, as records of the pipeline."""
    events: list[Event] = [(source, entry) for source, entry in log if source]
    queries = [entry for source, entry in log if not source]
    asked = [record(query["time_min"], **{name: query[name] for name in ("quay", "other_quay", "pilot")}) for query in queries]
    return events, asked


def float32(value: float) -> float | None:
    """A feature as a filled record has it."""
    return None if math.isnan(value) else float(np.float32(value))


def same(got: float | None, expected: float | None) -> bool:
    return got == expected or (got is not None and expected is not None and abs(got - expected) <= LAST_BIT * abs(expected) + 1e-12)


def known_in_turn(view: FeatureView, events: Sequence[Event]) -> list[int]:
    """When each event can be taken in, if none may overtake another: the latest known time up to it."""
    known = (event[view.windows.event(source).known_time_field] for source, event in events)
    return list(itertools.accumulate(known, max))


def by_history(view: FeatureView, events: Sequence[Event], asked: Sequence[Record], blank: int) -> list[Record]:
    """The streaming context of records after the first `blank` ones, which nothing was taken in before."""
    due = known_in_turn(view, events)
    times = [minutes_since_epoch(one["asked_at"]) for one in asked[blank:]]
    entries = sorted([(time, 0, place) for place, time in enumerate(due)] + [(time, 1, place) for place, time in enumerate(times)])
    place_of = {(kind, place): number for number, (_, kind, place) in enumerate(entries)}
    columns, places = {}, {}
    for event in view.windows.events:
        rows = [place for place, (source, _) in enumerate(events) if source == event.name]
        columns[event.name] = columns_of(event, [events[row][1] for row in rows])
        places[event.name] = np.array([place_of[0, row] for row in rows], np.int64)
    arrivals = Arrivals(places, np.array([place_of[1, row] for row in range(len(times))], np.int64))
    answers = history(view.windows, columns, queries(asked[blank:]), np.array(times, np.int64), arrivals).columns
    return [{name: float32(column[row]) for name, column in answers.items()} for row in range(len(times))]


def queries(asked: Sequence[Record]) -> dict[str, Any]:
    """Query fields of records as columns."""
    texts = {name: np.array([one.get(name) or "" for one in asked], "<U8") for name in ("quay", "other_quay", "berths")}
    return {**texts, "pilot": np.array([-(2**31) if one.get("pilot") is None else one["pilot"] for one in asked], np.int32)}


def unseen(view: FeatureView, events: Sequence[Event], asked: Sequence[Record], outcomes: Sequence[str | None]) -> int:
    """How many of the records are asked before any event has been taken in."""
    first = next((time for time, outcome in zip(known_in_turn(view, events), outcomes, strict=True) if outcome is None), math.inf)
    return sum(minutes_since_epoch(one["asked_at"]) < first for one in asked)


def check_against_history(declared: WindowSet, log: Sequence[Entry]) -> None:
    view = FeatureView("harbour", declared)
    events, asked = apart(log)

    filled, intake = Live(harbour(view)).follow(events, asked)

    blank = unseen(view, events, asked, intake["outcomes"])
    context = [{name: one[name] for name in view.names} for one in filled]
    assert context[:blank] == [dict.fromkeys(view.names)] * blank
    for one, expected in zip(context[blank:], by_history(view, events, asked, blank), strict=True):
        assert {name: same(value, expected[name]) for name, value in one.items()} == dict.fromkeys(view.names, True), (one, expected)
    assert [{name: one[name] for name in asked[0]} for one in filled] == asked


@settings(max_examples=300)
@given(window_sets(), logs())
def test_records_that_follow_events_see_what_history_says(declared: WindowSet, log: list[Entry]) -> None:
    check_against_history(declared, log)


@pytest.mark.parametrize("seed", range(3))
def test_records_that_follow_a_long_disorderly_log_see_what_history_says(seed: int) -> None:
    check_against_history(every_window(((5, "delay_min"), (30, "draught_m"))), long_log(seed, 300))


@settings(max_examples=100)
@given(window_sets(), logs())
def test_intake_counts_what_the_stream_counts(declared: WindowSet, log: list[Entry]) -> None:
    events, _ = apart(log)
    stream = Stream(declared)
    outcomes = [stream.push(source, event) for source, event in events]

    intake = Live(harbour(FeatureView("harbour", declared))).observe(events)

    assert intake == {
        "accepted": stream.accepted,
        "dropped": {source: reasons for source, reasons in stream.dropped.items() if reasons},
        "outcomes": outcomes,
        "clock_min": stream.clock_min,
    }


@settings(max_examples=100)
@given(window_sets(), logs(), logs())
def test_saved_and_restored_windows_go_on_as_if_nothing_had_happened(declared: WindowSet, first: list[Entry], then: list[Entry]) -> None:
    pipeline = harbour(FeatureView("harbour", declared))
    whole, restored = Live(pipeline), Live(pipeline)
    whole.follow(*apart(first))
    restored.restore(whole.save())
    events, asked = apart(then)
    clock = whole.stream.clock_min or 0
    later = [one for one in asked if minutes_since_epoch(one["asked_at"]) >= clock]

    assert restored.follow(events, later) == whole.follow(events, later)
    assert restored.save() == whole.save()


SHIPS_DRAWN = st.builds(
    lambda known, age, **parts: ship(known, event_time_min=known - age, **parts),
    st.integers(30, 130),
    st.integers(0, 6),
    quay=st.sampled_from(QUAYS),
    pilot=st.sampled_from([None, 3, 4]),
    delay_min=st.integers(-50, 50),
    draught_m=st.none() | st.sampled_from([0.5, 3.5, 29.5]),
    hour=st.sampled_from([None, "08", "17"]),
)
RECORDS_DRAWN = st.builds(
    record,
    st.integers(30, 140),
    quay=st.sampled_from([*QUAYS, "nowhere", None]),
    pilot=st.sampled_from([None, 3, 4]),
    berths=st.sampled_from([None, "08:00", "08:59", "17:30"]),
)


def tables(view: FeatureView, events: Sequence[Mapping[str, Any]], times: Sequence[int]) -> list[Table]:
    """Tables of all times of refresh that concern these, as files hold them."""
    refreshes = sorted(set(view.as_of(np.array(times)).tolist()))
    made = materialise_many(view, {"ships": columns_of(BERTHINGS, events)}, refreshes)
    return [Table.from_bytes(table.to_bytes()) for table in made]


@given(st.lists(SHIPS_DRAWN, max_size=25), st.lists(RECORDS_DRAWN, min_size=1, max_size=12), st.sampled_from([None, 83]))
def test_device_computes_and_looks_up_what_training_sees(drawn: list[Record], asked: list[Record], until: int | None) -> None:
    view = replace(VIEW, until_min=until)
    events = sorted(({**event, "id": str(number)} for number, event in enumerate(drawn)), key=lambda event: event["known_time_min"])
    asked = sorted(asked, key=lambda one: str(one["asked_at"]))
    times = [minutes_since_epoch(one["asked_at"]) for one in asked]
    live = Live(harbour(view), tables(view, events, times))

    filled, intake = live.follow([("ships", event) for event in events], asked)

    trained = training_columns(view, {"ships": columns_of(BERTHINGS, events)}, queries(asked), np.array(times, np.int64))
    blank = unseen(view, [("ships", event) for event in events], asked, intake["outcomes"])
    streaming = {window.name for window in view.windows.windows}
    for row, one in enumerate(filled):
        for name in view.names:
            expected = None if row < blank and name in streaming else float32(trained[name][row])
            assert one[name] == expected, (row, name)


def live_after(*known: int, **parts: Any) -> Live:
    """Windows that have taken in ships of these times, and a table as of 43 and one as of 63."""
    live = Live(harbour(**parts), tables(VIEW, [ship(40, delay_min=10), ship(60, delay_min=20, id="b")], [43, 63]))
    live.observe([("ships", ship(time)) for time in known])
    return live


def test_records_keep_the_context_that_they_carry_and_do_not_move_the_clock_for_it() -> None:
    live = live_after(100)
    carried = {name: float(number) for number, name in enumerate(VIEW.names)} | {"busy": None}
    assert live.fill([record(900, **carried)]) == [record(900, **carried)]
    assert live.stream.clock_min == 100
    del carried["recent"]
    assert live.fill([record(101, **carried)]) == [record(101, **carried, recent=7.0)]


def test_device_that_has_seen_nothing_knows_of_no_recent_events() -> None:
    (filled,) = live_after().fill([record(100)])
    assert (filled["busy"], filled["recent"], filled["usual"], filled["ever"]) == (None, None, 15.0, 2.0)
    (filled,) = live_after(50).fill([record(100)])
    assert (filled["busy"], filled["recent"], filled["usual"]) == (0.0, None, 15.0)


def test_record_without_a_time_gets_the_newest_table_and_no_recent_events() -> None:
    live = live_after(100)
    (filled,) = live.fill([record(None)])
    assert (filled["busy"], filled["usual"]) == (None, 15.0)
    assert live.stream.clock_min == 100


@pytest.mark.parametrize(("time", "usual"), [(42, None), (43, 10.0), (62, 10.0), (63, 15.0), (500, 15.0)])
def test_newest_table_that_is_not_of_the_future_answers(time: int, usual: float | None) -> None:
    assert live_after().fill([record(time)])[0]["usual"] == usual


def test_table_of_the_same_time_takes_the_place_of_the_one_before() -> None:
    live = live_after()
    for table in tables(VIEW, [ship(60, delay_min=30)], [63]):
        live.load(table)
    assert live.fill([record(70)])[0]["usual"] == 30


def test_table_of_other_declarations_is_refused() -> None:
    with pytest.raises(ArtefactError, match="belongs to other declarations than view harbour"):
        Live(harbour(replace(VIEW, refresh_min=40)), tables(VIEW, [ship(40)], [43]))


def test_columns_are_those_of_the_filled_records() -> None:
    live = live_after(100)
    asked = [record(100), record(None, quay=None), record(101, quay="south", busy=3.5)]
    columns = live.columns(asked)
    expected = encode(live.pipeline.contract, live_after(100).fill(asked))
    assert list(columns) == list(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(columns[name], column)


def test_each_event_is_told_what_became_of_it() -> None:
    events: list[Any] = [
        ("ships", ship(100)),
        ("ships", ship(100)),
        ["ships", ship(95, id="b")],
        ("boats", ship(100)),
        ("ships", "a ship"),
        ("ships", ship(100, id="c", delay_min=None)),
        ("ships", ship(100, id="d", quay="east")),
        ("ships", ship(100, id="e", event_time_min=101)),
        (["ships"], ship(100)),
        7,
        ("ships", ship(100), 1),
        ("ships", ship(101)),
    ]
    intake = live_after().observe(events)
    assert intake == {
        "accepted": {"ships": 2},
        "dropped": {
            "ships": {"duplicate": 1, "late": 1, "malformed": 1, "missing": 1, "out_of_range": 1, "future": 1},
            "": {"unknown_type": 4},
        },
        "outcomes": [
            None, "duplicate", "late", "unknown_type", "malformed", "missing", "out_of_range", "future", *["unknown_type"] * 3, None,
        ],
        "clock_min": 101,
    }  # fmt: skip
    assert set(intake["outcomes"]) == {None, *REASONS}


@pytest.mark.parametrize("known", [None, "soon", 10**12, math.nan, 50.5, True])
def test_event_whose_time_cannot_be_read_holds_up_no_other(known: Any) -> None:
    broken = ship(0, event_time_min=40, known_time_min=known)
    filled, intake = live_after().follow([("ships", broken), ("ships", ship(45))], [record(50)])
    assert intake["outcomes"][1] is None
    assert filled[0]["busy"] == 1


def test_event_of_no_known_type_holds_up_no_other() -> None:
    filled, _ = live_after().follow([("boats", ship(90)), ("ships", 7), 7, ("ships", ship(45))], [record(50)])  # type: ignore[list-item]
    assert filled[0]["busy"] == 1


def test_events_known_after_the_last_record_are_taken_in_all_the_same() -> None:
    live = live_after()
    filled, intake = live.follow([("ships", ship(40)), ("ships", ship(60, id="b"))], [record(50)])
    assert (filled[0]["busy"], intake["accepted"], live.stream.clock_min) == (0.0, {"ships": 2}, 60)


@pytest.mark.parametrize(
    ("asked", "row", "message"),
    [
        ([record(99)], 0, r'asked_at: got "1970-01-01T01:39Z", expected at least 1970-01-01T01:40Z, .* ask in the order of time \(row 0\)'),
        ([record(110), record(105)], 1, r"expected at least 1970-01-01T01:50Z"),
        ([record(110), record(None)], 1, "asked_at: got null, expected at least"),
        ([record(110), record(120, quay="east")], 1, "quay: got"),
        ([record(110), record(120, busy="many")], 1, "busy: got"),
        ([record(110), 7], 1, "got 7, expected a record"),
        ("records", 0, "a list of records"),
    ],
)
def test_wrong_record_leaves_the_windows_untouched(asked: Any, row: int, message: str) -> None:
    live = live_after(90, 100)
    before = live.save()
    with pytest.raises(ValidationError, match=message) as caught:
        live.follow([("ships", ship(105))], asked)
    assert caught.value.row == row
    assert live.save() == before


def test_restart_with_a_wrong_record_forgets_nothing() -> None:
    live = live_after(100)
    before = live.save()
    with pytest.raises(ValidationError, match=r"expected at least 1970-01-01T01:00Z, .* \(row 1\)"):
        live.follow([], [record(60), record(50)], restart=True)
    assert live.save() == before


def test_records_may_not_ask_of_a_time_before_the_clock() -> None:
    live = live_after(100)
    before = live.save()
    for asked in ([record(101), record(99)], [record(120), record(110)]):
        with pytest.raises(ValidationError, match=r"ask in the order of time \(row 1\)"):
            live.fill(asked)
        with pytest.raises(ValidationError, match=r"ask in the order of time \(row 1\)"):
            live.columns(asked)
        assert live.save() == before


def test_records_that_follow_nothing_yet_need_a_time() -> None:
    with pytest.raises(ValidationError, match="asked_at: got null, expected a UTC time; ask in the order of time"):
        live_after().follow([], [record(None)])


@pytest.mark.parametrize("events", ["ships", None, {"ships": 1}])
def test_what_is_no_list_of_events_is_refused(events: Any) -> None:
    live = live_after(100)
    for told in (lambda: live.observe(events), lambda: live.follow(events, [])):
        with pytest.raises(ValidationError, match=r"expected a list of events, \[type, record\] each"):
            told()


def test_refused_event_is_named_by_its_row() -> None:
    view = replace(VIEW, windows=replace(VIEW.windows, invalid="refuse"))
    live = Live(harbour(view))
    events = [("ships", ship(100)), ("ships", ship(100, id="b", delay_min=501))]
    for told in (lambda: live.observe(events), lambda: live.follow(events, [record(120)])):
        with pytest.raises(ValidationError, match=r"delay_min: got 501, .* \(row 1\)"):
            told()


def test_restart_forgets_events_and_keeps_tables() -> None:
    live = live_after(100)
    live.restart()
    (filled,) = live.fill([record(70)])
    assert (filled["busy"], filled["usual"]) == (None, 15.0)
    live.observe([("ships", ship(100))])
    assert live.follow([("ships", ship(50))], [record(50)], restart=True)[0][0]["busy"] == 1


def test_state_that_cannot_be_restored_changes_nothing() -> None:
    live = live_after(100)
    before = live.save()
    with pytest.raises(ArtefactError, match="damaged"):
        live.restore(before.replace(b"100", b"101"))
    assert live.save() == before


def test_value_outside_the_bounds_of_its_context_is_the_authors_to_mend() -> None:
    context = tuple(Field(name, "float32", name, maximum=6 if name == "recent" else None, nullable=True) for name in VIEW.names)
    with pytest.raises(ContractError, match="context recent: got 7.0 from its window, expected .* to 6.0; widen"):
        live_after(100, context=context).fill([record(101)])


def test_whole_numbers_written_as_floats_are_keys_as_well() -> None:
    assert live_after(100).fill([record(101, pilot=3.0)])[0]["by_pilot"] == 5


def test_pipeline_without_a_view_has_no_windows() -> None:
    pipeline = replace(harbour(), contract=contract(None), view=None)
    with pytest.raises(ContractError, match="pipeline harbour: it has no view"):
        Live(pipeline)


def test_times_survive_being_written() -> None:
    assert [minutes_since_epoch(utc_text(minutes)) for minutes in (-(10**9), -1, 0, 23016270)] == [-(10**9), -1, 0, 23016270]
