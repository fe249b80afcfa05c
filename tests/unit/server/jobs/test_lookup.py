"""Answers by key: computed ahead where they were, online where they were not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.server.jobs.working import (
    KEY,
    LOOKUP,
    PRECOMPUTED,
    create,
    created,
    ended,
    flights,
    record_of,
    results_on_disk,
    schedule,
    show,
    table,
)
from tests.unit.server.prediction.asking import PREDICT, post
from tests.unit.server.small_site import ask

ROWS = flights(90)


@pytest.fixture(scope="module")
def kept(working: Any) -> tuple[str, str]:
    """A server, and a job of a schedule, whose answers it keeps for all."""
    job = schedule(working.settings, ROWS)
    assert ended(working.url, job)["state"] == "done"
    return working.url, job


def asked_by(flight: dict[str, Any]) -> str:
    return f"{PRECOMPUTED}?" + "&".join(f"{name}={flight[name]}" for name in KEY)


def test_a_record_gets_the_answer_that_was_computed_ahead(kept: tuple[str, str], working: Any) -> None:
    url, job = kept
    by_row = dict(results_on_disk(working.settings, job).select("row", "arrival_delay_min").iter_rows())
    for row in (1, 50, 90):
        status, answer = post(url, LOOKUP, record_of(ROWS[row - 1]))
        assert (status, answer["precomputed"], answer["answer"]) == (200, True, {"arrival_delay_min": by_row[row]})
        assert (f"/api/jobs/{answer['job']}", answer["variant"]) == (job, "fp32")
        assert answer["release"] == show(url, job)["release"]


def test_the_answer_tells_its_age(kept: tuple[str, str]) -> None:
    url, job = kept
    answer = post(url, LOOKUP, record_of(ROWS[0]))[1]
    assert answer["as_of"] == show(url, job)["created_at"]
    age_s = (datetime.now(UTC) - datetime.fromisoformat(answer["as_of"])).total_seconds()
    assert 0 < answer["age_s"] <= age_s + 0.01
    assert post(url, f"{LOOKUP}?max_age_s=0", record_of(ROWS[0]))[1]["precomputed"] is False
    assert post(url, f"{LOOKUP}?max_age_s={age_s + 60}", record_of(ROWS[0]))[1]["precomputed"] is True


def test_what_was_not_computed_ahead_is_answered_online_and_says_so(kept: tuple[str, str]) -> None:
    url, _ = kept
    other = {**record_of(ROWS[0]), "carrier": "WN"}
    status, answer = post(url, LOOKUP, other)
    assert (status, answer["precomputed"], answer["age_s"]) == (200, False, 0)
    assert answer["answer"] == post(url, PREDICT, other)[1]["answer"]
    assert abs((datetime.now(UTC) - datetime.fromisoformat(answer["as_of"])).total_seconds()) < 60


def test_another_variant_is_not_answered_by_what_one_has_computed(kept: tuple[str, str]) -> None:
    url, _ = kept
    assert post(url, f"{LOOKUP}?variant=fp32", record_of(ROWS[0]))[1]["precomputed"] is True
    answer = post(url, f"{LOOKUP}?variant=int8", record_of(ROWS[0]))[1]
    assert (answer["precomputed"], answer["variant"]) == (False, "int8")
    assert post(url, f"{LOOKUP}?variant=nobody", record_of(ROWS[0]))[0] == 404


def test_the_key_alone_finds_the_answer(kept: tuple[str, str]) -> None:
    url, _ = kept
    answer = json.loads(ask(url, asked_by(ROWS[3])).body)
    looked_up = post(url, LOOKUP, record_of(ROWS[3]))[1]
    assert {name: answer[name] for name in ("answer", "as_of", "job", "precomputed")} == {
        name: looked_up[name] for name in ("answer", "as_of", "job", "precomputed")
    }
    assert set(answer) == {"answer", "as_of", "age_s", "release", "variant", "job", "precomputed"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("carrier=WN&origin=JFK&destination=LAX", 404),
        ("carrier=DL&origin=JFK", 404),
        ("", 400),
        ("carrier=DL&nobody=1", 400),
        ("carrier=DL&carrier=UA", 400),
        ("flight=1", 400),
        ("date=2013-10-05", 404),
        ("departure_delay_min=soon", 404),
    ],
)
def test_other_keys_find_nothing(kept: tuple[str, str], query: str, status: int) -> None:
    answer = ask(kept[0], f"{PRECOMPUTED}?{query}")
    assert (answer.status, set(json.loads(answer.body))) == (status, {"kind", "message", "field", "row", "problems"})


def test_the_newest_job_answers_and_of_one_job_the_last_row(kept: tuple[str, str], working: Any) -> None:
    url, older = kept
    first, second = ({**ROWS[7], "departure_delay_min": delay} for delay in ("200", "300"))
    job = schedule(working.settings, [first, second], "int8")
    assert ended(url, job)["state"] == "done"
    answer = json.loads(ask(url, asked_by(ROWS[7])).body)
    assert f"/api/jobs/{answer['job']}" == job
    assert answer["answer"]["arrival_delay_min"] == results_on_disk(working.settings, job)["arrival_delay_min"][1]
    of_older = f"{asked_by(ROWS[7])}&job={older.rpartition('/')[2]}"
    assert f"/api/jobs/{json.loads(ask(url, of_older).body)['job']}" == older


def test_what_nobody_owns_answers_those_alone_who_have_its_id(kept: tuple[str, str]) -> None:
    """A visitor's upload with a coarse key would otherwise answer everybody's records."""
    url, scheduled = kept
    upload = created(create(url, table([{**ROWS[0], "departure_delay_min": "900"}]), {"key": "carrier"}))
    assert ended(url, upload)["state"] == "done"
    job = upload.rpartition("/")[2]
    other = {**record_of(ROWS[0]), "origin": "EWR", "destination": "HNL"}
    assert f"/api/jobs/{post(url, LOOKUP, record_of(ROWS[0]))[1]['job']}" == scheduled
    assert post(url, LOOKUP, other)[1]["precomputed"] is False
    assert ask(url, f"{PRECOMPUTED}?carrier={ROWS[0]['carrier']}").status == 404
    assert json.loads(ask(url, f"{PRECOMPUTED}?carrier={ROWS[0]['carrier']}&job={job}").body)["job"] == job
    assert post(url, f"{LOOKUP}?job={job}", other)[1]["job"] == job
    assert post(url, f"{LOOKUP}?job={'0' * 32}", record_of(ROWS[0]))[1]["precomputed"] is False
    assert [post(url, f"{LOOKUP}?job={job_id}", other)[0] for job_id in ("", "%00", job[1:])] == [404] * 3


def test_a_record_that_does_not_fit_is_refused_though_its_key_is_known(kept: tuple[str, str]) -> None:
    url, _ = kept
    for wrong in ({"date": "2031-01-01"}, {"departure_delay_min": "soon"}, {"nobody": 1}):
        record = {**record_of(ROWS[0]), **wrong}
        assert post(url, LOOKUP, record) == post(url, PREDICT, record)
        assert post(url, LOOKUP, record)[0] == 422


def test_values_are_compared_as_cells_are_read(working: Any) -> None:
    rows = [{**ROWS[0], "scheduled_departure": "8:30", "departure_delay_min": "12.0", "tail": " NA "}]
    job = created(create(working.url, table(rows), {"key": "scheduled_departure,departure_delay_min,tail"}))
    assert ended(working.url, job)["state"] == "done"
    for query in (
        "scheduled_departure=08:30&departure_delay_min=12&tail=+NA+",
        "tail=%20NA%20&scheduled_departure=8:30:00&departure_delay_min=1.2e1",
    ):
        found = ask(working.url, f"{PRECOMPUTED}?{query}&job={job.rpartition('/')[2]}")
        assert json.loads(found.body).get("job") == job.rpartition("/")[2]


def test_what_is_not_one_record_is_refused(kept: tuple[str, str]) -> None:
    url, _ = kept
    assert [post(url, LOOKUP, body)[0] for body in ([record_of(ROWS[0])], "x", None, b"{")] == [400] * 4
    assert post(url, LOOKUP, {"carrier": "XX"})[0] == 422
    assert [post(url, f"{LOOKUP}?max_age_s={age}", record_of(ROWS[0]))[0] for age in ("-1", "nan", "inf", "old", "")] == [400] * 5
