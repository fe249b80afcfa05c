"""Situations: who is asked about when, and that nothing of the future is known then."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from foreshore import MISSING_INT
from models.eta.lessons import Log, examinations, lessons
from models.eta.quality import FURTHER_SITUATIONS, SITUATIONS
from models.eta.situations import (
    HISTORICAL_NAMES,
    STREAMING_NAMES,
    Flights,
    after_departure,
    ahead,
    ask,
    at_scheduled_departure,
    in_the_air,
)


@pytest.fixture(scope="module")
def completed(week: pl.DataFrame) -> Flights:
    return Flights.read(week.filter(pl.col("arrival_delay_min").is_not_null()))


def test_before_departure_the_delay_is_unknown_and_after_it_is_known(completed: Flights, log: Log) -> None:
    before, after = (ask(completed, moment(completed), log) for moment in (at_scheduled_departure, after_departure))

    assert (before.columns["departure_delay_min"] == MISSING_INT).all()
    assert (after.columns["departure_delay_min"] == completed.departure).all()
    assert (before.actual == completed.actual).all()


def test_only_flights_that_have_not_left_are_waited_for(completed: Flights) -> None:
    waited = ahead(completed, np.full(len(completed), -30))

    assert (completed.departure[waited.rows] > 30).all()
    assert len(waited.rows) == (completed.departure > 30).sum()
    assert (waited.times == completed.scheduled[waited.rows] + 30).all()


def test_questions_in_the_air_are_asked_between_departure_and_arrival(completed: Flights) -> None:
    asked = in_the_air(completed, np.linspace(0, 0.999, len(completed)))

    assert (asked.times >= completed.scheduled + completed.departure).all()
    assert (asked.times <= completed.landing + completed.actual).all()


def test_what_happens_later_changes_no_answer(completed: Flights, log: Log) -> None:
    moment = after_departure(completed)
    noon = int(np.median(moment.times))
    cut = {source: {name: column[columns["known_time_min"] <= noon] for name, column in columns.items()} for source, columns in log.items()}
    early = moment.times <= noon
    whole, partly = (ask(completed, moment, each).of(early) for each in (log, cut))

    for name in (*STREAMING_NAMES, *HISTORICAL_NAMES):
        np.testing.assert_array_equal(whole.columns[name], partly.columns[name])
    assert np.isfinite(whole.columns["origin_departure_delay_60"]).mean() > 0.9


def test_an_arrival_delay_counts_at_arrival_not_at_departure(completed: Flights, log: Log) -> None:
    asked = ask(completed, after_departure(completed), log)
    own = np.isclose(asked.columns["aircraft_arrival_delay_last_720"], asked.actual)

    assert own.mean() < 0.1


def test_windows_can_be_forgotten(completed: Flights, log: Log) -> None:
    without = ask(completed, at_scheduled_departure(completed), log).without(STREAMING_NAMES)

    assert all(np.isnan(without.columns[name]).all() for name in STREAMING_NAMES)
    assert not np.isnan(without.columns["route_arrival_delay_28d"]).all()


def test_lessons_hold_every_situation_the_same_every_time(completed: Flights, log: Log) -> None:
    first, again = lessons(completed, log), lessons(completed, log)

    for name, column in first.before.columns.items():
        np.testing.assert_array_equal(column, again.before.columns[name])
    asked = first.before.columns["asked_at"]
    assert 0.2 < (asked == MISSING_INT).mean() < 0.8
    assert np.isnan(first.before.columns["origin_departures_60"]).mean() > 0.1
    assert (first.after.columns["departure_delay_min"] != MISSING_INT).all()


def test_lessons_of_a_segment_are_its_flights(completed: Flights, log: Log) -> None:
    own = lessons(completed, log).of("origin", 1)

    for part in (own.before, own.after, own.scheduled, own.left):
        assert len(part.actual)
        assert (part.columns["origin"] == 1).all()


def test_examinations_are_named_as_quality_names_them(completed: Flights, log: Log) -> None:
    assert set(examinations(completed, log)) == {*SITUATIONS, *FURTHER_SITUATIONS}
