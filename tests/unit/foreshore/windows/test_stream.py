"""Bad input, boundaries and memory of streams."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from typing import Any

import pytest

from foreshore import ArtefactError, ValidationError
from foreshore.windows import EventField, EventType, Key, Stream, Window, WindowSet
from foreshore.windows.declarations import Aggregate
from tests.unit.foreshore.windows.logs import SHIPS, TIDES

QUAY = (Key("quay", "quay"),)
DELAYS = WindowSet(
    (SHIPS, TIDES),
    (
        Window("arrived", "ships", "count", 10, QUAY),
        Window("delay", "ships", "mean", 10, QUAY, "delay_min"),
        Window("worst", "ships", "max", 10, QUAY, "delay_min"),
    ),
)


def ship(known: int = 100, **changes: Any) -> dict[str, Any]:
    event = {"id": "a", "event_time_min": known, "known_time_min": known, "quay": "north", "delay_min": 5}
    return {**event, "pilot": None, "draught_m": None, **changes}


def pushed(*events: dict[str, Any], invalid: str = "drop") -> tuple[Stream, list[str | None]]:
    stream = Stream(WindowSet(DELAYS.events, DELAYS.windows, invalid))  # type: ignore[arg-type]
    return stream, [stream.push("ships", event) for event in events]


def test_an_event_ahead_of_its_time_is_believed_and_makes_those_behind_it_late() -> None:
    stream, outcomes = pushed(ship(100), ship(900, id="b"), ship(101, id="c"))

    assert outcomes == [None, None, "late"]
    assert stream.clock_min == 900


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (ship(delay_min="5"), "malformed"),
        (ship(delay_min=5.5), "malformed"),
        (ship(delay_min=True), "malformed"),
        (ship(draught_m="deep"), "malformed"),
        (ship(draught_m=True), "malformed"),
        (ship(quay=7), "malformed"),
        (ship(quay=0), "malformed"),
        (ship(quay="x" * 65), "malformed"),
        (ship(quay="north\0"), "malformed"),
        (ship(id="a\nb"), "malformed"),
        (ship(id="\ud800"), "malformed"),
        (ship(known=100.5), "malformed"),  # type: ignore[arg-type]
        ("a ship", "malformed"),
        (ship(delay_min=None), "missing"),
        (ship(delay_min=math.nan), "missing"),
        (ship(quay=""), "missing"),
        ({"id": "a"}, "missing"),
        (ship(delay_min=501), "out_of_range"),
        (ship(draught_m=math.inf), "out_of_range"),
        (ship(draught_m=10**400), "out_of_range"),
        (ship(quay="east"), "out_of_range"),
        (ship(known=10**12), "out_of_range"),
        (ship(event_time_min=101), "future"),
    ],
)
def test_event_that_does_not_fit_is_dropped_with_its_reason_or_refused(event: Any, reason: str) -> None:
    stream, reasons = pushed(event)
    assert reasons == [reason]
    assert stream.dropped["ships"] == {reason: 1}
    assert (stream.clock_min, stream.accepted["ships"]) == (None, 0)
    with pytest.raises(ValidationError, match="got .*, expected "):
        pushed(event, invalid="refuse")


def test_event_of_unknown_type_is_dropped_or_refused() -> None:
    stream, _ = pushed()
    assert stream.push("boats", ship()) == "unknown_type"
    assert stream.push(["ships"], ship()) == "unknown_type"  # type: ignore[arg-type]
    assert stream.dropped == {"ships": {}, "tides": {}, "": {"unknown_type": 2}}
    with pytest.raises(ValidationError, match=r"got an event of type \"boats\", expected one of \['ships', 'tides'\]"):
        pushed(invalid="refuse")[0].push("boats", ship())


def test_whole_number_written_as_float_is_an_integer() -> None:
    stream, reasons = pushed(ship(delay_min=7.0))
    assert reasons == [None]
    assert stream.query({"quay": "north"}, 100)["delay"] == 7


def test_event_may_be_as_late_as_declared_and_no_later() -> None:
    stream, reasons = pushed(ship(100), ship(96, id="b"), ship(95, id="c"), invalid="refuse")
    assert reasons == [None, None, "late"]
    assert stream.query({"quay": "north"}, 100)["arrived"] == 2


def test_repeated_event_is_dropped_for_as_long_as_it_could_still_come() -> None:
    stream, reasons = pushed(ship(100), ship(100), ship(100, delay_min=9), ship(104, id="b"), ship(100), ship(105, id="c"), ship(100))
    assert reasons == [None, "duplicate", "duplicate", None, "duplicate", None, "late"]
    assert stream.feeds["ships"].ids == {104: {"b"}, 105: {"c"}}


def test_same_id_known_at_another_time_is_another_event() -> None:
    assert pushed(ship(100), ship(101))[1] == [None, None]


def test_clock_going_backwards_is_refused_and_changes_nothing() -> None:
    stream, _ = pushed(ship(100))
    for move in (lambda: stream.query({"quay": "north"}, 99), lambda: stream.advance(99)):
        with pytest.raises(ValidationError, match="time_min: got 99, expected at least 100.*does not go backwards"):
            move()
    with pytest.raises(ValidationError, match="expected an integer"):
        stream.advance(100.5)  # type: ignore[arg-type]
    assert stream.query({"quay": "north"}, 100)["arrived"] == 1


@pytest.mark.parametrize("quay", ["nowhere", None, ""])
def test_unknown_or_missing_key_finds_empty_windows(quay: str | None) -> None:
    stream, _ = pushed(ship())
    answer = stream.query({"quay": quay}, 100)
    assert answer["arrived"] == 0
    assert math.isnan(answer["delay"])
    assert stream.query({}, 100)["arrived"] == 0


def test_key_of_another_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="quay: got 7, expected a value of type str"):
        pushed()[0].query({"quay": 7}, 100)


def test_event_counts_from_the_minute_it_happened_until_the_horizon_has_passed() -> None:
    stream, _ = pushed(ship(100))
    assert [stream.query({"quay": "north"}, time)["arrived"] for time in (100, 109, 110)] == [1, 1, 0]


def test_event_is_not_seen_before_it_is_known() -> None:
    stream, _ = pushed()
    before = stream.query({"quay": "north"}, 100)["arrived"]
    stream.push("ships", ship(104, event_time_min=97))
    assert (before, stream.query({"quay": "north"}, 106)["arrived"], stream.query({"quay": "north"}, 107)["arrived"]) == (0, 1, 0)


def test_batch_of_events_reports_what_it_dropped() -> None:
    stream, _ = pushed()
    assert stream.push_many("ships", [ship(), ship(), ship(id="b"), ship(id=None)]) == {"duplicate": 1, "missing": 1}
    assert stream.accepted["ships"] == 2


def test_nothing_is_remembered_once_all_has_expired() -> None:
    stream, _ = pushed()
    for time in range(100, 400):
        stream.push("ships", ship(time, quay=["north", "south", "west"][time % 3], delay_min=400 - time))
        stream.push("ships", ship(time, id="b", event_time_min=time - 10, quay="north"))
        cells = [cell for lane in stream.lanes for cell in lane.cells.values()]
        assert sum(len(cell.buckets) for cell in cells) <= 10
        assert sum(len(cell.highs.values) for cell in cells) <= 10
    fresh = Stream(DELAYS)
    fresh.accepted = stream.accepted
    for each in (stream, fresh):
        each.advance(1000)
    assert stream.save() == fresh.save()
    assert all(not lane._keys_at for lane in stream.lanes)


def test_memory_of_one_minute_does_not_grow_with_its_events() -> None:
    stream = Stream(WindowSet((TIDES,), (Window("highest", "tides", "max", 60, value="height_m"),)))
    sizes = set()
    for number in range(1000):
        stream.push("tides", {"number": number, "at_min": 5, "seen_min": 5 + number // 500, "gauge": None, "height_m": number % 19})
        (cell,) = stream.lanes[0].cells.values()
        sizes.add((len(cell.buckets), len(cell.highs.values)))
    assert sizes == {(1, 1)}


GAUGE = EventType(
    "gauge",
    (
        EventField("id", "int32"),
        EventField("event_time_min", "int32"),
        EventField("known_time_min", "int32"),
        EventField("level_m", "float64", -1e6, 1e6),
    ),
)


@pytest.mark.parametrize("aggregate", ["sum", "mean", "decay"])
def test_running_sums_do_not_drift(aggregate: Aggregate) -> None:
    half_life = 7 if aggregate == "decay" else None
    window = Window("level", "gauge", aggregate, 20, value="level_m", half_life_min=half_life)
    stream = Stream(WindowSet((GAUGE,), (window,)))
    chance = random.Random(1)  # noqa: S311 - no secret
    levels = [chance.choice([1e6, 1e-6, 0.1]) * chance.uniform(-1, 1) for _ in range(20_000)] + [1e-6] * 20
    for minute, level in enumerate(levels):
        stream.push("gauge", {"id": minute, "event_time_min": minute, "known_time_min": minute, "level_m": level})
    answer = stream.query({}, len(levels) - 1)["level"]
    step = Fraction(1, 2**20)
    exact = float(round(Fraction(1e-6) / step) * step)
    assert answer == (exact * 20 if aggregate == "sum" else exact)


def test_state_of_other_declarations_is_refused() -> None:
    other = WindowSet(DELAYS.events, DELAYS.windows[:2])
    with pytest.raises(ArtefactError, match="other declarations"):
        Stream.restore(other, pushed(ship())[0].save())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda head, body: (json.dumps({**json.loads(head), "format": 2}), body), "got format 2, expected 1"),
        (lambda head, body: ("[]", body), "got format None"),
        (lambda head, body: ("not JSON", body), "this is no saved state"),
        (lambda head, body: (head, body[:-2]), "damaged"),
        (lambda head, body: (head, body.replace("100", "101", 1)), "damaged"),
    ],
)
def test_damaged_state_or_state_of_another_format_is_refused(change: Any, message: str) -> None:
    head, body = pushed(ship())[0].save().decode().split("\n")
    with pytest.raises(ArtefactError, match=message):
        Stream.restore(DELAYS, "\n".join(change(head, body)).encode())


def test_restored_stream_remembers_ids_and_counts() -> None:
    stream, _ = pushed(ship(), ship(), ship(id="b", delay_min=None))
    restored = Stream.restore(DELAYS, stream.save())
    assert restored.push("ships", ship()) == "duplicate"
    assert restored.dropped["ships"] == {"duplicate": 2, "missing": 1}
    assert (restored.clock_min, restored.accepted["ships"]) == (100, 1)
