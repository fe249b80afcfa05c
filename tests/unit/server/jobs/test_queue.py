"""The queue, over both databases: each job is one runner's at a time, and none is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from web.server.config import Config
from web.server.jobs.answers import Answers
from web.server.jobs.database import Database
from web.server.jobs.models import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Schema
from web.server.jobs.queue import DAY_MS, DEATHS, LeaseLostError, Progress, Queue, Request
from web.server.prediction.errors import Busy, Conflict, Unavailable, Unknown

ETA = Request("eta", "csv")
LEASE_MS = 2000


class Clock:
    """Moments that a test decides on."""

    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def config(settings_of_both: dict[str, str]) -> Config:
    return Config.from_environment(settings_of_both | {"FORESHORE_QUEUED_JOBS": "60"})


@pytest.fixture
def open_queue(config: Config) -> Iterator[Callable[[], Queue]]:
    """Queues of the same jobs, each with connections of its own, as processes have."""
    opened: list[Database] = []

    def new() -> Queue:
        opened.append(Database(config))
        return Queue(opened[-1], config, clock)

    clock = Clock()
    new.clock = clock  # type: ignore[attr-defined]
    yield new
    for database in opened:
        database.close()


@pytest.fixture
def queue(open_queue: Callable[[], Queue]) -> Queue:
    return open_queue()


@pytest.fixture
def clock(open_queue: Callable[[], Queue]) -> Clock:
    found: Clock = open_queue.clock  # type: ignore[attr-defined]
    return found


def test_many_runners_share_jobs_and_never_one(open_queue: Callable[[], Queue]) -> None:
    queue = open_queue()
    made = {queue.add(ETA).id for _ in range(40)}

    def work(name: str) -> list[str]:
        own, claimed = open_queue(), []
        while (job := own.claim(name)) is not None:
            claimed.append(job.id)
            own.finish(job.id, name, DONE, Progress(1.0, 1, 1))
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claimed = [job for jobs in pool.map(work, "abcd") for job in jobs]
    assert (len(claimed), set(claimed)) == (40, made)
    assert queue.counts() == {DONE: 40}


def test_the_oldest_goes_first(queue: Queue, clock: Clock) -> None:
    for moment in (30, 10, 20):
        clock.now = moment
        queue.add(Request("eta", "csv", source=str(moment)))
    clock.now = 100
    assert [job.source for job in iter(lambda: queue.claim("a"), None)] == ["10", "20", "30"]


def test_a_job_whose_runner_is_heard_of_no_more_is_anothers(queue: Queue, clock: Clock) -> None:
    made = queue.add(ETA)
    assert queue.claim("a") is not None
    clock.now += LEASE_MS
    assert queue.claim("b") is None
    assert queue.report(made.id, "a", Progress(0.5, 10)) is False
    clock.now += LEASE_MS + 1
    found = queue.claim("b")
    assert found is not None
    assert (found.id, found.runner, found.rows_done, found.deaths) == (made.id, "b", 10, 1)
    for say in (
        lambda: queue.report(made.id, "a", Progress()),
        lambda: queue.finish(made.id, "a", DONE, Progress()),
        lambda: queue.put_back(made.id, "a", None),
        lambda: queue.begin(made.id, "a", "release", "fp32"),
    ):
        with pytest.raises(LeaseLostError):
            say()
    assert queue.job(made.id, None).state == RUNNING


def test_answers_of_a_runner_that_has_lost_its_job_are_not_kept(queue: Queue, clock: Clock, config: Config) -> None:
    made = queue.add(Request("eta", "csv", key="carrier"))
    queue.claim("a")
    clock.now += LEASE_MS + 1
    queue.claim("b")
    database = Database(config)
    with pytest.raises(LeaseLostError):
        Answers(database).keep(queue, made.id, "a", [(bytes(16), {"size": 1})])
    Answers(database).keep(queue, made.id, "b", [(bytes(16), {"size": 2}), (bytes(16), {"size": 3})])
    Answers(database).keep(queue, made.id, "b", [(bytes(16), {"size": 4})])
    database.close()


def test_a_job_of_which_runners_die_is_given_up_unless_it_gets_on(queue: Queue, clock: Clock) -> None:
    made = queue.add(ETA)
    for death in range(DEATHS + 1):
        found = queue.claim(f"runner {death}")
        assert found is not None
        if death == 0:
            queue.report(made.id, "runner 0", Progress(0.1, 10))
        clock.now += LEASE_MS + 1
        if death == DEATHS - 1:
            break
    assert queue.claim("last") is None
    found = queue.job(made.id, None)
    assert (found.state, found.error) == (
        FAILED,
        f"{DEATHS} runners ended while they ran it, without an error: perhaps the machine lacks memory",
    )
    queue.resume(made.id, None)
    assert queue.claim("another") is not None
    queue.report(made.id, "another", Progress(0.2, 30, resumed_rows=10))
    assert queue.job(made.id, None).deaths == 0


def test_a_job_that_is_put_back_waits_as_long_as_is_said(queue: Queue, clock: Clock) -> None:
    made = queue.add(ETA)
    queue.claim("a")
    queue.put_back(made.id, "a", Progress(0.5, 7), 1000, "no release")
    assert queue.claim("a") is None
    found = queue.job(made.id, None)
    assert (found.state, found.rows_done, found.error) == (QUEUED, 7, "no release")
    clock.now += 1000
    assert queue.claim("b") is not None


def test_cancelling_reaches_jobs_that_wait_that_run_and_whose_runner_died(queue: Queue, clock: Clock) -> None:
    waiting, running, orphan = (queue.add(ETA) for _ in range(3))
    ids = {waiting.id, running.id, orphan.id}
    first, second = queue.claim("a"), queue.claim("b")
    assert first is not None
    assert second is not None
    (left,) = ids - {first.id, second.id}
    assert queue.cancel(left, None).state == CANCELLED
    assert queue.cancel(first.id, None).state == RUNNING
    assert queue.report(first.id, "a", Progress()) is True
    queue.finish(first.id, "a", CANCELLED, None)
    queue.cancel(second.id, None)
    clock.now += LEASE_MS + 1
    assert queue.claim("c") is None
    assert queue.counts() == {CANCELLED: 3}


def test_a_job_that_is_to_be_cancelled_ends_instead_of_waiting_again(queue: Queue) -> None:
    made = queue.add(ETA)
    queue.claim("a")
    queue.cancel(made.id, None)
    queue.put_back(made.id, "a", Progress(0.5, 7), 1000, "no release")
    found = queue.job(made.id, None)
    assert (found.state, found.cancelling, found.rows_done, found.error, found.runner) == (CANCELLED, False, 7, None, None)
    queue.resume(made.id, None)
    assert queue.claim("b") is not None


def test_a_lease_lasts_from_when_the_job_could_be_claimed(settings: dict[str, str]) -> None:
    """Another process may write for longer than a lease lasts, and SQLite has one writer at a time."""
    config, clock = Config.from_environment(settings), Clock()
    with closing(Database(config)) as database, closing(Database(config)) as other, ThreadPoolExecutor(1) as pool:
        queue = Queue(database, config, clock)
        made = queue.add(ETA)
        with other.writing():
            claimed = pool.submit(queue.claim, "a")
            with pytest.raises(TimeoutError):
                claimed.result(0.3)
            clock.now += 10 * LEASE_MS
        job = claimed.result()
    assert job is not None
    assert (job.id, job.lease_ms) == (made.id, clock.now + LEASE_MS)


def test_very_many_ids_may_be_asked_about(queue: Queue) -> None:
    made = queue.add(ETA)
    assert queue.known([*(f"{number:032x}" for number in range(70_000)), made.id]) == {made.id}


def test_keys_own_their_jobs_and_who_has_an_id_sees_those_that_nobody_owns(queue: Queue) -> None:
    mine, theirs, nobodys = (queue.add(Request("eta", "csv", owner=owner)) for owner in ("me", "them", None))
    assert {job.id for job in queue.jobs("me")} == {mine.id}
    assert queue.jobs(None) == []
    for act in (queue.job, queue.cancel, queue.resume, queue.remove):
        with pytest.raises(Unknown, match="there is no such job, or it belongs to another key"):
            act(theirs.id, "me")
    assert queue.job(nobodys.id, "me").id == nobodys.id
    with pytest.raises(Unknown):
        queue.remove(nobodys.id, "me")
    queue.remove(mine.id, "me")
    with pytest.raises(Unknown):
        queue.job(mine.id, "me")


def test_what_a_schedule_made_is_seen_and_changed_by_nobody(queue: Queue) -> None:
    made = queue.add(Request("eta", "csv", source="x.csv", schedule="nightly"))
    assert [job.id for job in queue.jobs("me")] == [made.id]
    for owner in ("me", None):
        assert queue.job(made.id, owner).id == made.id
        for act in (queue.cancel, queue.resume, queue.remove):
            with pytest.raises(Unknown, match="there is no such job, or it belongs to another key"):
                act(made.id, owner)


def test_jobs_are_listed_the_newest_first(queue: Queue, clock: Clock) -> None:
    for moment in (30, 10, 20):
        clock.now = moment
        queue.add(Request("eta", "csv", source=str(moment), owner="me"))
    assert [job.source for job in queue.jobs("me")] == ["30", "20", "10"]


def test_what_runs_is_not_removed(queue: Queue) -> None:
    made = queue.add(ETA)
    queue.claim("a")
    with pytest.raises(Conflict, match="the job runs: cancel it"):
        queue.remove(made.id, None)


def test_no_more_jobs_wait_than_may(queue: Queue) -> None:
    for _ in range(60):
        queue.add(ETA)
    with pytest.raises(Busy, match="60 jobs wait to be run, and no more may") as caught:
        queue.add(ETA)
    assert caught.value.retry_after_s == 30
    queue.claim("a")
    queue.add(ETA)


def test_jobs_that_ended_long_ago_are_forgotten_with_their_answers(queue: Queue, clock: Clock, config: Config) -> None:
    old, running, recent = (queue.add(Request("eta", "csv", key="carrier", owner="me")) for _ in range(3))
    assert {found.id for name in "abc" if (found := queue.claim(name))} == {old.id, running.id, recent.id}
    database = Database(config)
    claimed = {job.runner: job.id for job in queue.jobs("me")}
    Answers(database).keep(queue, claimed["a"], "a", [(bytes(16), {"size": 1})])
    queue.finish(claimed["a"], "a", DONE, Progress())
    clock.now += DAY_MS
    queue.finish(claimed["c"], "c", DONE, Progress())
    clock.now += 6 * DAY_MS + 1
    assert queue.remove_old() == [claimed["a"]]
    assert queue.remove_old() == []
    assert queue.known([claimed["a"], claimed["b"], claimed["c"]]) == {claimed["b"], claimed["c"]}
    database.close()


def test_a_database_of_other_tables_is_refused(queue: Queue, config: Config) -> None:
    queue.add(ETA)
    database = Database(config)
    with database.writing() as session:
        session.query(Schema).update({"version": 99})
    database.close()
    with pytest.raises(Unavailable, match="the database holds jobs of schema 99, expected 1"):
        Queue(Database(config), config).counts()


def test_many_processes_may_make_the_tables_at_once(config: Config) -> None:
    databases = [Database(config) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda database: Queue(database, config).counts(), databases))
    assert counted == [{}] * 8
    for database in databases:
        database.close()


@pytest.mark.parametrize("url", ["postgresql+psycopg://owner@/x?host=/nowhere", "sqlite:////nowhere/at/all.sqlite3"])
def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path, url: str) -> None:
    config = Config(data=tmp_path, database=url)
    with pytest.raises(Unavailable, match="the database can't be used now; the server's log says why"):
        Queue(Database(config), config).counts()
    assert os.listdir(tmp_path) == []
