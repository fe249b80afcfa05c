"""Schedules: each due time makes one job, whoever runs it, and its answers are there by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select

from tests.unit.server.jobs.working import KEY, LOOKUP, flights, record_of, table, wait_for, with_schedules
from tests.unit.server.prediction.asking import post
from tests.unit.server.small_site import ask
from web.server.config import Config
from web.server.jobs.database import Database
from web.server.jobs.files import JobFiles
from web.server.jobs.models import Firing
from web.server.jobs.queue import Queue
from web.server.jobs.schedules import Schedules
from web.server.prediction.catalogue import Catalogue
from web.server.testing import server_process

NIGHTLY = {"name": "nightly", "cron": "15 8 * * *", "input": "eta/flights.csv", "key": list(KEY)}
HOURLY = {**NIGHTLY, "name": "hourly", "cron": "0 * * * *", "input": "missing.csv"}


class Clock:
    """A time that a test decides on."""

    def __init__(self, text: str) -> None:
        self.now = 0.0
        self.set(text)

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


class Runner:
    """The schedules of one runner, with connections of its own."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.database = Database(config)
        self.queue = Queue(self.database, config)
        assert config.data is not None
        files = JobFiles(config.data, config.batch_inputs)
        catalogue = Catalogue(config.dist, "stable")
        self.schedules = Schedules(catalogue.current, self.database, self.queue, files, clock)

    def fire(self) -> list[tuple[str, str]]:
        """Fire what is due; all jobs that there then are, by schedule and source."""
        self.schedules.fire_due()
        return sorted((str(job.schedule), str(job.source)) for job in self.queue.jobs("anybody"))

    def firings(self) -> list[tuple[str, str, str | None]]:
        with self.database.reading() as session:
            found = session.scalars(select(Firing).order_by(Firing.due_ms))
            return [(each.schedule, f"{datetime.fromtimestamp(each.due_ms / 1000, UTC):%Y-%m-%dT%H:%M}", each.skipped) for each in found]


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-27T08:14:59")


@pytest.fixture
def config(dist: Path, tmp_path: Path, settings_of_both: dict[str, str]) -> Config:
    site = with_schedules(dist, tmp_path / "dist", [NIGHTLY])
    (tmp_path / "inputs" / "eta").mkdir()
    (tmp_path / "inputs" / "eta" / "flights.csv").write_bytes(table(flights(10)))
    return Config.from_environment(settings_of_both | {"FORESHORE_DIST": str(site)})


@pytest.fixture
def runners(config: Config, clock: Clock) -> Iterator[list[Runner]]:
    runners = [Runner(config, clock) for _ in range(2)]
    yield runners
    for runner in runners:
        runner.database.close()


def test_day_of_the_month_and_weekday_have_both_to_be() -> None:
    friday = CronTrigger.from_crontab("0 8 13 * fri", UTC)
    due = friday.get_next_fire_time(None, datetime(2026, 3, 14, tzinfo=UTC))
    assert due == datetime(2026, 11, 13, 8, tzinfo=UTC)


def test_a_due_time_makes_one_job_though_there_are_several_runners(runners: list[Runner], clock: Clock) -> None:
    one, other = runners
    assert one.fire() == []
    job = ("nightly", "eta/flights.csv")
    clock.set("2026-11-27T08:15:00")
    assert [one.fire(), one.fire(), other.fire()] == [[job]] * 3
    clock.set("2026-11-28T08:14:59")
    assert [one.fire(), other.fire()] == [[job]] * 2
    clock.set("2026-11-28T08:16:30")
    assert [other.fire(), one.fire()] == [[job] * 2] * 2
    assert one.firings() == [("nightly", "2026-11-27T08:15", None), ("nightly", "2026-11-28T08:15", None)]


def test_a_runner_that_starts_late_makes_up_for_the_last_due_time_alone(config: Config, clock: Clock) -> None:
    for start, jobs in (("2026-11-27T09:16:00", 0), ("2026-11-27T09:14:00", 1), ("2026-11-27T08:15:00", 1)):
        clock.set(start)
        late = Runner(config, clock)
        assert len(late.fire()) == jobs
        late.database.close()


def test_schedules_that_make_no_sense_are_not_run_and_the_log_says_why(
    dist: Path, tmp_path: Path, settings: dict[str, str], clock: Clock, said: list[str]
) -> None:
    site = with_schedules(dist, tmp_path / "dist", [HOURLY, {**NIGHTLY, "cron": "7 99 * * *"}])
    clock.set("2026-11-27T12:00:30")
    runner = Runner(Config.from_environment(settings | {"FORESHORE_DIST": str(site)}), clock)
    assert (runner.fire(), runner.firings()) == ([], [])
    runner.database.close()
    assert [line.partition(", expected")[0] for line in said] == [
        "pipeline eta: its schedules can't be run: schedule 'nightly': got the hour '99'"
    ]


def test_a_missing_table_is_skipped_with_its_reason(config: Config, runners: list[Runner], clock: Clock, said: list[str]) -> None:
    assert config.batch_inputs is not None
    (config.batch_inputs / "eta" / "flights.csv").unlink()
    clock.set("2026-11-27T08:15:10")
    assert [runner.fire() for runner in runners] == [[], []]
    reason = "path: there is no such file among this server's inputs; expected its path in there, such as flights/today.csv"
    assert said == [f"schedule nightly of eta, due 2026-11-27T08:15Z: skipped: {reason}"]
    assert runners[0].firings() == [("nightly", "2026-11-27T08:15", reason)]


def test_a_server_runs_its_schedules_and_looks_their_answers_up(dist: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    """A runner makes up for the minute that is past, so that none has to be waited for."""
    site = with_schedules(dist, tmp_path / "dist", [{**NIGHTLY, "cron": "* * * * *", "input": "flights.csv", "variant": "int8"}])
    (tmp_path / "inputs" / "flights.csv").write_bytes(table(flights(20)))
    with server_process(site, settings=settings) as server:

        def look() -> Any:
            status, answer = post(server.url, LOOKUP, record_of(flights(1)[0]))
            assert status == 200
            return answer["precomputed"] and answer

        answer = wait_for(look)
        job = json.loads(ask(server.url, f"/api/jobs/{answer['job']}").body)
        assert (job["schedule"], job["source"], job["variant"]) == ("nightly", "flights.csv", "int8")
        assert answer["answer"] == post(server.url, "/api/pipelines/eta/predict?variant=int8", record_of(flights(1)[0]))[1]["answer"]
