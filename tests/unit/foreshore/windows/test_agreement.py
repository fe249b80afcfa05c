"""One meaning, two executions: the stream and the vectorised history against each other and against the meaning spelt out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore.windows import Stream, Window, WindowSet
from tests.unit.foreshore.windows.executions import Entry, run_history, run_stream
from tests.unit.foreshore.windows.logs import every_window, logs, long_log, window_sets
from tests.unit.foreshore.windows.meaning import spelt_out

RESOLUTION = 1e-9
"""Fixed point: values of up to 30 are held to 2**-35, sums of up to 25 of them are within this of the exact ones."""

DECAY_ROUNDING = 1e-13
"""Decayed means of values and weights of many digits: history adds them up in float64, the stream exactly (see `DECAY_BITS`)."""


def rounding(window: Window) -> float:
    """How far apart the two executions may be: not at all, unless a decayed mean's sums exceed the 53 bits of a float64."""
    exact = window.aggregate != "decay" or (window.value == "delay_min" and window.horizon_min <= 10 * (window.half_life_min or 0))
    return 0.0 if exact else DECAY_ROUNDING * 30


def same(left: float, right: float, tolerance: float = 0.0) -> bool:
    return (math.isnan(left) and math.isnan(right)) or abs(left - right) <= tolerance


@settings(max_examples=400)
@given(window_sets(), logs())
def test_history_gives_what_the_stream_gave(declared: WindowSet, log: list[Entry]) -> None:
    stream = Stream(declared)
    online = run_stream(stream, log)
    offline = run_history(declared, log)
    assert (offline.accepted, offline.dropped) == (stream.accepted, stream.dropped)
    for row, answer in enumerate(online):
        for window, (name, value) in zip(declared.windows, answer.items(), strict=True):
            assert same(value, offline.columns[name][row], rounding(window)), (name, row, value, offline.columns[name][row])


@settings(max_examples=400)
@given(window_sets(), logs())
def test_stream_gives_what_windows_mean(declared: WindowSet, log: list[Entry]) -> None:
    for answer, meant in zip(run_stream(Stream(declared), log), spelt_out(declared, log), strict=True):
        for name, value in answer.items():
            assert same(value, meant[name], RESOLUTION), (name, value, meant[name])


@settings(max_examples=150)
@given(window_sets(), logs())
def test_history_without_arrivals_replays_events_as_they_became_known(declared: WindowSet, log: list[Entry]) -> None:
    def place(entry: Entry) -> tuple[int, bool, bool]:
        source, record = entry
        known = record["time_min"] if not source else record[declared.event(source).known_time_field]
        return known, not source, source == "tides"

    in_order = sorted(log, key=place)
    online = run_stream(Stream(declared), in_order)
    offline = run_history(declared, in_order, in_log_order=False)
    for row, answer in enumerate(online):
        for window, (name, value) in zip(declared.windows, answer.items(), strict=True):
            assert same(value, offline.columns[name][row], rounding(window)), (name, row)


@settings(max_examples=150)
@given(window_sets(), logs(), st.data())
def test_saved_and_restored_stream_goes_on_as_if_nothing_had_happened(declared: WindowSet, log: list[Entry], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    whole = Stream(declared)
    expected = run_stream(whole, log)
    first = Stream(declared)
    answers = run_stream(first, log[:cut])
    second = Stream.restore(declared, first.save())
    answers += run_stream(second, log[cut:])
    assert repr(answers) == repr(expected)
    assert second.save() == whole.save()
    assert (second.accepted, second.dropped, second.clock_min) == (whole.accepted, whole.dropped, whole.clock_min)


@pytest.mark.parametrize("seed", range(3))
def test_all_agree_on_every_aggregate_over_a_long_disorderly_log(seed: int) -> None:
    declared, log = every_window(), long_log(seed, 400)
    stream = Stream(declared)
    online, offline, meant = run_stream(stream, log), run_history(declared, log), spelt_out(declared, log)
    assert (offline.accepted, offline.dropped) == (stream.accepted, stream.dropped)
    assert min(stream.dropped["ships"].values()) > 10, "late and repeated events are among them"
    for row, answer in enumerate(online):
        for window, (name, value) in zip(declared.windows, answer.items(), strict=True):
            assert same(value, offline.columns[name][row], rounding(window)), (name, row)
            assert same(value, meant[row][name], RESOLUTION), (name, row)
