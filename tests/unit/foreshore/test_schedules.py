"""Schedules as data: what is taken, what is refused, and that those who run them agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from foreshore import ContractError, load_pipeline
from foreshore.schedules import MONTHS, WEEKDAYS, Schedule, checked_schedules

NIGHTLY = {"name": "nightly", "cron": "15 8 * * *", "input": "eta/flights.csv", "key": ["carrier", "origin"]}
CONTRACT = load_pipeline("eta").contract


def words(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Words of a cron expression."""
    numbers = list(range(low, high + 1))
    ends = st.lists(st.sampled_from(range(len(numbers or names))), min_size=2, max_size=2).map(sorted)
    shown = [names[place] if names else str(numbers[place]) for place in range(len(names or numbers))]
    ranges = ends.map(lambda pair: f"{shown[pair[0]]}-{shown[pair[1]]}")
    steps = st.integers(1, len(shown) - 1).map(lambda step: f"*/{step}")
    items = st.sampled_from(shown) | ranges | st.just("*") | (steps if not names else st.nothing())
    return st.lists(items, min_size=1, max_size=3).map(",".join)


CRONS = st.tuples(words(0, 59), words(0, 23), words(1, 31), words(1, 12) | words(1, 12, MONTHS), words(0, -1, WEEKDAYS)).map(" ".join)


@given(CRONS)
def test_what_is_taken_can_be_run(cron: str) -> None:
    schedule = Schedule.from_json({**NIGHTLY, "cron": cron})
    trigger = CronTrigger.from_crontab(schedule.cron, UTC)
    due = trigger.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC))
    assert due is None or due.tzinfo == UTC


def test_a_schedule_is_read_as_it_was_written() -> None:
    schedule = Schedule.from_json(NIGHTLY)
    assert schedule == Schedule("nightly", "15 8 * * *", "eta/flights.csv", ("carrier", "origin"))
    assert schedule.to_json() == NIGHTLY
    assert Schedule.from_json({**NIGHTLY, "variant": "int8"}).to_json() == {**NIGHTLY, "variant": "int8"}
    assert checked_schedules([NIGHTLY], CONTRACT, ("fp32",)) == (schedule,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "At night"}, "schedule 'At night': expected a snake_case name"),
        ({"cron": "15 8 * *"}, "schedule 'nightly': got 4 words in the cron '15 8 * *', expected 5"),
        ({"cron": "60 8 * * *"}, "schedule 'nightly': got the minute '60', expected *, numbers from 0 to 59"),
        ({"cron": "15 24 * * *"}, "got the hour '24'"),
        ({"cron": "15 8 0 * *"}, "got the day of the month '0'"),
        ({"cron": "15 8 * 13 *"}, "got the month '13'"),
        ({"cron": "15 8 * * 1"}, "got the weekday '1', expected *, names such as mon"),
        ({"cron": "15 8 * * fri-mon"}, "got the weekday 'fri-mon'"),
        ({"cron": "30-10 8 * * *"}, "got the minute '30-10'"),
        ({"cron": "*/0 8 * * *"}, "got the minute '*/0'"),
        ({"cron": "5/10 8 * * *"}, "got the minute '5/10'"),
        ({"cron": "1,,2 8 * * *"}, "got the minute '1,,2'"),
        ({"input": "/etc/passwd"}, "got the input '/etc/passwd', expected a path among the server's inputs"),
        ({"input": "../x.csv"}, "got the input '../x.csv'"),
        ({"input": ""}, "got the input ''"),
        ({"key": []}, "got the key []"),
        ({"key": ["carrier", "carrier"]}, "got the key ['carrier', 'carrier']"),
        ({"key": ["nobody"]}, "got the key ['nobody'], expected some of ['date', "),
        ({"variant": "nobody"}, "got the variant 'nobody', expected one of ['fp32']"),
        ({"key": "carrier"}, "schedules: expected texts, and a list of names of fields as the key"),
        ({"cron": 5}, "schedules: expected texts"),
        ({"when": "now"}, "schedules: expected objects of cron, input, key, name, variant"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError) as caught:
        checked_schedules([{**NIGHTLY, **change}], CONTRACT, ("fp32",))
    assert message in caught.value.message


def test_names_stand_once_and_lists_are_lists() -> None:
    with pytest.raises(ContractError, match="a schedule's name stands twice in"):
        checked_schedules([NIGHTLY, NIGHTLY], CONTRACT)
    wrongs: tuple[object, ...] = ({}, "x", None)
    for wrong in wrongs:
        with pytest.raises(ContractError, match="schedules: expected a list"):
            checked_schedules(wrong, CONTRACT)
    with pytest.raises(ContractError, match="takes images, which tables don't hold"):
        checked_schedules([{**NIGHTLY, "key": ["photo"]}], load_pipeline("see").contract)
