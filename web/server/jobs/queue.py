"""The queue: jobs from their making to their end, each step one transaction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from web.server.config import Config
from web.server.jobs.database import Database, now_ms
from web.server.jobs.models import CANCELLED, ENDED, FAILED, QUEUED, RUNNING, Firing, Job, Prediction
from web.server.prediction.errors import Busy, Conflict, Unknown

JOB_ID = re.compile(r"[0-9a-f]{32}")
LISTED = 1000
DEATHS = 3
"""So many runners may die of a job, one after the other and without getting on, before it is given up."""
DAY_MS = 24 * 60 * 60 * 1000
QUEUE_RETRY_S = 30
SLICE = 1000
"""So many ids are named at once: databases take no more than some thousands."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a job is to do.

    Attributes
    ----------
    pipeline, variant, mapping, key, source, format, owner, schedule
        As in `web.server.jobs.models.Job`.
    """

    pipeline: str
    format: str
    variant: str | None = None
    mapping: Mapping[str, str] | None = None
    key: str = ""
    source: str | None = None
    owner: str | None = None
    schedule: str | None = None

    def job(self, job_id: str, created_ms: int) -> Job:
        """The job as it is queued."""
        return Job(
            id=job_id,
            owner=self.owner,
            pipeline=self.pipeline,
            schedule=self.schedule,
            variant=self.variant,
            mapping=dict(self.mapping) if self.mapping else None,
            key=self.key,
            source=self.source,
            format=self.format,
            created_ms=created_ms,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has got; as in `web.server.jobs.models.Job`."""

    share: float = 0.0
    rows_done: int = 0
    rows_total: int | None = None
    bad_rows: int = 0
    resumed_rows: int = 0
    running_ms: int = 0


class LeaseLostError(Exception):
    """Another runner has the job, or nobody wants it any more."""


class Queue:
    """Jobs in a database.

    Parameters
    ----------
    database : Database
    config : Config
    clock : callable
        Milliseconds since 1970-01-01 UTC.
    """

    def __init__(self, database: Database, config: Config, clock: Callable[[], int] = now_ms) -> None:
        self._database, self._config, self._clock = database, config, clock
        self._lease_ms = config.job_lease_s * 1000

    # ---- those who ask

    def check_room(self) -> None:
        """Raise Busy where as many jobs wait as may."""
        with self._database.reading() as session:
            self._check_room(session)

    def add(self, request: Request, job_id: str | None = None) -> Job:
        """Queue a job; raises Busy where as many wait as may."""
        with self._database.writing() as session:
            return self.add_within(session, request, job_id or new_id())

    def add_within(self, session: Session, request: Request, job_id: str) -> Job:
        """The same as part of a transaction."""
        self._check_room(session)
        job = request.job(job_id, self._clock())
        session.add(job)
        return job

    def _check_room(self, session: Session) -> None:
        waiting = session.scalar(select(func.count()).select_from(Job).where(Job.state == QUEUED)) or 0
        if waiting >= self._config.queued_jobs:
            raise Busy(f"{waiting} jobs wait to be run, and no more may; ask again later", QUEUE_RETRY_S)

    def jobs(self, owner: str | None) -> list[Job]:
        """The newest jobs that one may be told of, the newest first: without a key none, since whoever has an id has the job."""
        newest = select(Job).where(told_to(owner)).order_by(Job.created_ms.desc(), Job.id).limit(LISTED)
        with self._database.reading() as session:
            return [] if owner is None else list(session.scalars(newest))

    def job(self, job_id: str, owner: str | None) -> Job:
        """A job; raises Unknown where there is none, or it is another's."""
        with self._database.reading() as session:
            return _found(session.scalar(select(Job).where(Job.id == checked_id(job_id), visible_to(owner))))

    def cancel(self, job_id: str, owner: str | None) -> Job:
        """Let a job end before it is done: at once where it waits, after the chunk at hand where it runs."""
        with self._database.writing() as session:
            job = _own(session, job_id, owner)
            if job.state == QUEUED:
                _end(job, CANCELLED, self._clock())
            elif job.state == RUNNING:
                job.cancelling = True
        return job

    def resume(self, job_id: str, owner: str | None) -> Job:
        """Queue a job again that failed or was cancelled; it goes on where it stopped."""
        with self._database.writing() as session:
            job = _own(session, job_id, owner)
            if job.state not in (FAILED, CANCELLED):
                raise Conflict(f"the job's state is {job.state}, expected {FAILED} or {CANCELLED}")
            self._check_room(session)
            job.state, job.error, job.finished_ms, job.deaths, job.not_before_ms = QUEUED, None, None, 0, 0
        return job

    def remove(self, job_id: str, owner: str | None) -> None:
        """Forget a job and its answers; raises Conflict while it runs."""
        with self._database.writing(patient=True) as session:
            job = _own(session, job_id, owner)
            if job.state == RUNNING:
                raise Conflict("the job runs: cancel it, and remove it when its state has changed")
            session.delete(job)

    # ---- runners

    def claim(self, runner: str) -> Job | None:
        """The job that waits for longest, now this runner's: one that is queued, or whose runner is heard of no more."""
        with self._database.reading() as session:
            if session.scalar(select(Job.id).where(_claimable(self._clock())).limit(1)) is None:
                return None
        with self._database.writing() as session:
            now = self._clock()  # to begin to write may have taken a while
            oldest = select(Job).where(_claimable(now)).order_by(Job.created_ms, Job.id).limit(1).with_for_update(skip_locked=True)
            while (job := session.scalars(oldest).first()) is not None:
                if self._is_to_run(job, now):
                    job.state, job.runner, job.lease_ms = RUNNING, runner, now + self._lease_ms
                    job.started_ms = job.started_ms or now
                    break
                session.flush()
        return job

    def _is_to_run(self, job: Job, now: int) -> bool:
        job.deaths += job.state == RUNNING
        if job.state == RUNNING and job.cancelling:
            _end(job, CANCELLED, now)
        elif job.deaths >= DEATHS:
            _end(job, FAILED, now)
            job.error = f"{job.deaths} runners ended while they ran it, without an error: perhaps the machine lacks memory"
        return job.state not in ENDED

    def begin(self, job_id: str, runner: str, release: str, variant: str) -> None:
        """Note what answers; answers of another release are forgotten. Raises LeaseLostError."""
        with self._database.writing(patient=True) as session:
            before = session.scalar(select(Job.release).where(Job.id == job_id))
            self._update(session, job_id, runner, {"release": release, "used_variant": variant, "error": None})
            if before not in (None, release):
                session.execute(delete(Prediction).where(Prediction.job_number == _number_of(job_id)))

    def begin_anew(self, job_id: str, runner: str) -> None:
        """Forget the answers that were kept; raises LeaseLostError."""
        with self._database.writing(patient=True) as session:
            self._update(session, job_id, runner, {})
            session.execute(delete(Prediction).where(Prediction.job_number == _number_of(job_id)))

    def report(self, job_id: str, runner: str, progress: Progress | None) -> bool:
        """Renew a lease and note progress, if there is any yet; whether the job is to be cancelled. Raises LeaseLostError."""
        moved = progress is not None and progress.rows_done > progress.resumed_rows
        with self._database.writing() as session:
            return self._update(session, job_id, runner, _columns(progress) | ({"deaths": 0} if moved else {}))

    def finish(self, job_id: str, runner: str, state: str, progress: Progress | None, error: str | None = None) -> None:
        """End a job; raises LeaseLostError."""
        with self._database.writing() as session:
            self._update(session, job_id, runner, _columns(progress) | self._ended(state, error))

    def put_back(self, job_id: str, runner: str, progress: Progress | None, wait_ms: int = 0, error: str | None = None) -> None:
        """Let a job wait again, for another run to go on with it; one that is to be cancelled ends. Raises LeaseLostError."""
        with self._database.writing() as session:
            is_cancelled = self._update(session, job_id, runner, _columns(progress))
            again = {"state": QUEUED, "runner": None, "lease_ms": None, "not_before_ms": self._clock() + wait_ms, "error": error}
            self._update(session, job_id, runner, self._ended(CANCELLED) if is_cancelled else again)

    def hold(self, session: Session, job_id: str, runner: str) -> int:
        """Make what a session writes depend on this runner's having the job; the job's number. Raises LeaseLostError."""
        self._update(session, job_id, runner, {})
        return session.scalars(select(Job.number).where(Job.id == job_id)).one()

    def _ended(self, state: str, error: str | None = None) -> dict[str, Any]:
        return {"state": state, "finished_ms": self._clock(), "runner": None, "lease_ms": None, "cancelling": False, "error": error}

    def _update(self, session: Session, job_id: str, runner: str, values: Mapping[str, Any]) -> bool:
        own = (Job.id == job_id, Job.runner == runner, Job.state == RUNNING)
        renewed = {"lease_ms": self._clock() + self._lease_ms, **values}
        cancelling = session.execute(update(Job).where(*own).values(**renewed).returning(Job.cancelling)).scalar()
        if cancelling is None:
            raise LeaseLostError(job_id)
        return bool(cancelling)

    # ---- what is over

    def remove_old(self) -> list[str]:
        """Forget jobs that ended long ago, with their answers, and old firings; the ids of those jobs."""
        with self._database.writing(patient=True) as session:
            before = self._clock() - self._config.job_days * DAY_MS
            session.execute(delete(Firing).where(Firing.due_ms < before))
            old = list(session.scalars(select(Job.id).where(Job.state.in_(ENDED), Job.finished_ms < before)))
            for some in batched(old, SLICE):
                session.execute(delete(Job).where(Job.id.in_(some)))
        return old

    def known(self, ids: list[str]) -> set[str]:
        """Those of some ids that are of jobs."""
        with self._database.reading() as session:
            return {found for some in batched(ids, SLICE) for found in session.scalars(select(Job.id).where(Job.id.in_(some)))}

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._database.reading() as session:
            return dict(list(session.execute(select(Job.state, func.count()).group_by(Job.state))))


def _claimable(now: int) -> ColumnElement[bool]:
    """Whether a job may be claimed: it is queued, or its runner is heard of no more."""
    orphaned = and_(Job.state == RUNNING, Job.lease_ms < now)
    return or_(and_(Job.state == QUEUED, Job.not_before_ms <= now), orphaned)


def _number_of(job_id: str) -> ScalarSelect[int]:
    return select(Job.number).where(Job.id == job_id).scalar_subquery()


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(16)


def visible_to(owner: str | None) -> ColumnElement[bool]:
    """Whether one who has a job's id may see it: its own, and those that nobody owns."""
    return or_(Job.owner.is_(None), Job.owner == owner) if owner is not None else Job.owner.is_(None)


def told_to(owner: str | None) -> ColumnElement[bool]:
    """Whether one is told of a job without having its id: its own, and those that schedules made."""
    return or_(Job.schedule.is_not(None), Job.owner == owner) if owner is not None else Job.schedule.is_not(None)


def _own(session: Session, job_id: str, owner: str | None) -> Job:
    """A job that one may change: its own alone, and never one that a schedule made."""
    whose = Job.owner == owner if owner is not None else Job.owner.is_(None)
    own = select(Job).where(Job.id == checked_id(job_id), whose, Job.schedule.is_(None))
    return _found(session.scalar(own.with_for_update()))


def checked_id(job_id: str) -> str:
    """An id, where it is one at all: not every text may be asked of every database. Raises Unknown."""
    if not JOB_ID.fullmatch(job_id):
        _found(None)
    return job_id


def _found(job: Job | None) -> Job:
    if job is None:
        raise Unknown("there is no such job, or it belongs to another key")
    return job


def _end(job: Job, state: str, now: int) -> None:
    job.state, job.finished_ms, job.cancelling, job.runner, job.lease_ms = state, now, False, None, None


def _columns(progress: Progress | None) -> dict[str, Any]:
    return {} if progress is None else asdict(progress)
