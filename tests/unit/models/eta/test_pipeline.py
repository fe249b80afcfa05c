"""Features of a flight: calendars, clocks, places and delays, in NumPy and as a graph."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import MISSING_INT, ValidationError
from models.eta.news import DELAYS, GAPS
from models.eta.pipeline import (
    ARRIVAL_KNOTS,
    CONTRACT,
    DEPARTURE_KNOTS,
    FEATURE_NAMES,
    PIPELINE,
    WEEKDAYS,
    features,
    scheduled_departure_min,
    scheduled_duration_min,
    weekday,
)
from models.eta.tables import CARRIERS, DESTINATIONS, ORIGINS
from models.eta.windows import VIEW
from models.lowering import lower
from tests.contract.records import valid_records

FLIGHT = {
    "date": "2013-10-05",
    "carrier": "DL",
    "origin": "JFK",
    "destination": "LAX",
    "scheduled_departure": "08:30",
    "scheduled_arrival": "11:45",
    "departure_delay_min": 12,
}


def named(**changes: Any) -> dict[str, float]:
    """Features of `FLIGHT` with changes, by name."""
    row = PIPELINE.prepare([{**FLIGHT, **changes}])["features"][0]
    return dict(zip(FEATURE_NAMES, row.tolist(), strict=True))


def duration(**changes: Any) -> int:
    return int(scheduled_duration_min(PIPELINE.encode([{**FLIGHT, **changes}]))[0])


def group(values: dict[str, float], prefix: str) -> dict[str, float]:
    return {name: value for name, value in values.items() if name.startswith(prefix)}


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_weekday_is_the_calendars(day: date) -> None:
    assert weekday((day - date(1970, 1, 1)).days) == day.weekday()


def test_one_hot_groups_name_what_the_record_says() -> None:
    values = named()
    groups = {
        "carrier_DL": [f"carrier_{code}" for code, _ in CARRIERS],
        "origin_JFK": [f"origin_{code}" for code, _ in ORIGINS],
        "weekday_saturday": [f"weekday_{day}" for day in WEEKDAYS],
    }

    for chosen, names in groups.items():
        assert {name: values[name] for name in names} == {name: float(name == chosen) for name in names}


@pytest.mark.parametrize(
    "knots", [("departure_near_", "scheduled_departure", DEPARTURE_KNOTS), ("arrival_near_", "scheduled_arrival", ARRIVAL_KNOTS)]
)
def test_every_minute_lies_between_two_knots_of_the_clock(knots: tuple[str, str, int]) -> None:
    prefix, field, count = knots
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]
    rows = PIPELINE.prepare([{**FLIGHT, field: time} for time in times])["features"]
    shares = rows[:, [name.startswith(prefix) for name in FEATURE_NAMES]]
    turns = np.exp(2j * np.pi * np.arange(24 * 60) / (24 * 60))

    assert shares.shape[1] == count
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert ((shares > 0).sum(axis=1) <= 2).all()
    assert np.abs(np.angle(shares @ turns[:: 24 * 60 // count] / turns)).max() < 0.02


def test_a_minute_to_midnight_is_near_midnight() -> None:
    assert named(scheduled_departure="23:59")["departure_near_00h"] == pytest.approx(119 / 120)
    assert named(scheduled_departure="00:00")["departure_near_00h"] == 1


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({"scheduled_departure": "08:30", "scheduled_arrival": "11:45"}, 6 * 60 + 15),
        ({"destination": "BOS", "scheduled_departure": "22:50", "scheduled_arrival": "00:05"}, 75),
        ({"destination": "LAX", "scheduled_departure": "21:00", "scheduled_arrival": "00:20"}, 6 * 60 + 20),
        ({"destination": "SJU", "date": "2013-12-01", "scheduled_departure": "23:59", "scheduled_arrival": "04:40"}, 3 * 60 + 41),
        ({"destination": "SJU", "date": "2013-07-01", "scheduled_departure": "23:59", "scheduled_arrival": "03:40"}, 3 * 60 + 41),
        ({"destination": "HNL", "date": "2013-12-01", "scheduled_departure": "10:00", "scheduled_arrival": "16:00"}, 11 * 60),
        ({"destination": "HNL", "date": "2013-07-01", "scheduled_departure": "10:00", "scheduled_arrival": "15:00"}, 11 * 60),
        ({"destination": "PHX", "date": "2013-07-01", "scheduled_departure": "10:00", "scheduled_arrival": "12:00"}, 5 * 60),
        ({"destination": "PHX", "date": "2013-01-15", "scheduled_departure": "10:00", "scheduled_arrival": "13:00"}, 5 * 60),
    ],
)
def test_scheduled_duration_minds_clocks_and_midnight(changes: dict[str, str], minutes: int) -> None:
    assert duration(**changes) == minutes


@pytest.mark.parametrize(("day", "minutes"), [("2013-03-09", 240), ("2013-03-10", 300), ("2013-11-02", 300), ("2013-11-03", 240)])
def test_arizona_keeps_its_clocks_when_new_york_changes(day: str, minutes: int) -> None:
    assert duration(destination="PHX", date=day, scheduled_departure="10:00", scheduled_arrival="12:00") == minutes


def test_absurd_schedules_stay_within_what_was_learned() -> None:
    slack = [named(scheduled_arrival=f"{hour:02}:00")["schedule_slack"] for hour in range(24)]

    assert (min(slack), max(slack)) == (-1.5, 1.5)


def test_schedule_slack_grows_by_the_minute() -> None:
    assert named(scheduled_arrival="11:46")["schedule_slack"] - named()["schedule_slack"] == pytest.approx(1 / 30)


@pytest.mark.parametrize(
    ("delay", "ramps"),
    [(-30, [0, 0, 0, 0]), (-10, [0.5, 0, 0, 0]), (0, [1, 0, 0, 0]), (15, [1, 0.5, 0, 0]), (60, [1, 1, 0.5, 0]), (165, [1, 1, 1, 0.5])],
)
def test_delay_rises_through_its_ramps(delay: int, ramps: list[float]) -> None:
    values = named(departure_delay_min=delay)

    assert [*group(values, "delay_ramp_").values()] == ramps
    assert (values["delay_missing"], values["delay_min"]) == (0, delay)


def test_a_missing_delay_is_told_from_none() -> None:
    missing, punctual = named(departure_delay_min=None), named(departure_delay_min=0)

    assert (missing["delay_missing"], missing["delay_min"]) == (1, 0)
    assert {name for name in FEATURE_NAMES if missing[name] != punctual[name]} == {"delay_missing"}


@pytest.mark.parametrize(("day", "time", "utc"), [("2013-10-05", "08:30", "2013-10-05T12:30"), ("2013-12-31", "20:00", "2014-01-01T01:00")])
def test_departures_are_placed_in_universal_time(day: str, time: str, utc: str) -> None:
    minutes = scheduled_departure_min(PIPELINE.encode([{**FLIGHT, "date": day, "scheduled_departure": time}]))[0]

    assert minutes == datetime.fromisoformat(f"{utc}+00:00").timestamp() / 60


def test_a_question_ahead_of_departure_says_how_far() -> None:
    values = named(departure_delay_min=None, asked_at="2013-10-05T11:00Z")

    assert (values["asked_any_time"], values["asked_ahead"], values["asked_hours_ahead"]) == (0, 1, 0.5)
    assert not any(group(values, "waited_ramp_").values())
    assert values["delay_min"] == 0


def test_a_flight_that_is_waited_for_is_as_late_as_that() -> None:
    values = named(departure_delay_min=None, asked_at="2013-10-05T13:00Z")

    assert (values["asked_any_time"], values["asked_ahead"], values["delay_missing"]) == (0, 0, 1)
    assert [*group(values, "waited_ramp_").values()] == pytest.approx([1, 1 / 3, 0])
    assert values["delay_min"] == 30


def test_once_a_flight_has_left_the_time_of_the_question_no_longer_matters() -> None:
    assert named(asked_at="2013-10-05T14:00Z") == named(asked_at=None)


def test_questions_asked_absurdly_early_count_as_early_as_was_learned() -> None:
    early = named(departure_delay_min=None, asked_at="2013-10-01T00:00Z")

    assert early["asked_hours_ahead"] == 2


def test_nothing_known_is_flagged_and_else_silent() -> None:
    values = named()

    assert values["no_news"] == 1
    assert all(values[f"{name}_missing"] == 1 for name in GAPS)
    assert not any(values[f"{name}_squashed"] or values[f"{name}_long"] for name in DELAYS)


@pytest.mark.parametrize(("delay", "squashed", "long"), [(30.0, 0.5, 0.25), (-10.0, -0.25, -10 / 120), (600.0, 600 / 630, 2.0)])
def test_news_of_delays_is_fine_where_they_are_short_and_bounded_where_long(delay: float, squashed: float, long: float) -> None:
    values = named(origin_departure_delay_60=delay)

    assert values["origin_departure_delay_60_squashed"] == pytest.approx(squashed)
    assert values["origin_departure_delay_60_long"] == pytest.approx(long)
    assert values["origin_departure_delay_60_missing"] == 0


def test_counts_are_shares_of_many() -> None:
    assert named(origin_departures_60=20)["origin_departures_60_share"] == 0.5
    assert named(origin_departures_60=0)["no_news"] == 0


def test_context_is_what_the_view_offers_with_words_for_people() -> None:
    assert [field.name for field in CONTRACT.context] == list(VIEW.names)
    assert len({field.title for field in CONTRACT.context}) == len(CONTRACT.context)


def test_an_absent_delay_is_a_missing_one() -> None:
    record = {name: value for name, value in FLIGHT.items() if name != "departure_delay_min"}

    assert PIPELINE.encode([record])["departure_delay_min"].tolist() == [MISSING_INT]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("destination", "LHR", "one of ABQ"),
        ("destination", "LGA", "one of ABQ"),
        ("date", "2014-01-01", "a date as YYYY-MM-DD from 2013-01-01 to 2013-12-31"),
        ("departure_delay_min", 1441, "an integer from -120 to 1440 min or null"),
        ("departure_delay_min", "12", "an integer"),
        ("scheduled_departure", "24:00", "a time as HH:MM"),
    ],
)
def test_what_the_model_cannot_know_is_refused_at_its_field(field: str, value: Any, expected: str) -> None:
    with pytest.raises(ValidationError, match=expected) as caught:
        PIPELINE.prepare([{**FLIGHT, field: value}])

    assert caught.value.field == field


def test_categories_are_labelled_for_people() -> None:
    fields = {field.name: {category.value: category.label for category in field.categories} for field in CONTRACT.fields}

    assert fields["origin"]["JFK"] == "JFK - New York, John F. Kennedy"
    assert fields["carrier"]["B6"] == "B6 - JetBlue Airways"
    assert fields["destination"]["SFO"] == "SFO - San Francisco"
    assert len(fields["destination"]) == len(DESTINATIONS) == len({airport.name for airport in DESTINATIONS})


@given(valid_records(CONTRACT))
def test_every_feature_but_the_delay_stays_within_one_int8_scale(records: list[dict[str, Any]]) -> None:
    values = PIPELINE.prepare(records)["features"]

    assert values.shape == (len(records), len(FEATURE_NAMES))
    assert np.abs(values[:, :-1]).max() <= 2


@given(valid_records(CONTRACT))
def test_a_flights_features_do_not_depend_on_its_company(records: list[dict[str, Any]]) -> None:
    together = PIPELINE.prepare(records)["features"]
    alone = np.concatenate([PIPELINE.prepare([record])["features"] for record in records])

    np.testing.assert_array_equal(together, alone)


@cache
def lowered() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(lower(PIPELINE).SerializeToString(), providers=["CPUExecutionProvider"])


@given(valid_records(CONTRACT))
def test_features_as_a_graph_are_those_of_numpy_bit_for_bit(records: list[dict[str, Any]]) -> None:
    columns = PIPELINE.encode(records)

    np.testing.assert_array_equal(lowered().run(["features"], columns)[0], features(columns)["features"])
