"""Schedules of the released pipelines: each due time makes one job, whoever of several runners comes first.

When a schedule is due, APScheduler's trigger says. Its scheduler is not used: what it calls is not told which due time it is called for,
and that is what keeps two runners from doing the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import update
from sqlalchemy.orm import Session

from foreshore import ForeshoreError
from foreshore.schedules import Schedule, checked_schedules
from web.server.jobs.database import Database, insertion
from web.server.jobs.files import JobFiles
from web.server.jobs.models import Firing
from web.server.jobs.queue import Queue, Request, new_id
from web.server.prediction.catalogue import Release, ReleasedPipeline
from web.server.prediction.errors import Busy, Malformed
from web.server.requestlog import LOGGER

CATCH_UP = timedelta(hours=1)
"""A due time that nobody was there for is made up for by a runner that starts so much later, or sooner; the last one of each schedule."""


class Schedules:
    """The schedules of the current release.

    Parameters
    ----------
    current : callable
        The release to serve now.
    database : Database
    queue : Queue
    files : JobFiles
    clock : callable
        Seconds since 1970-01-01 UTC.
    """

    def __init__(
        self, current: Callable[[], Release], database: Database, queue: Queue, files: JobFiles, clock: Callable[[], float] = time.time
    ) -> None:
        self._current, self._database, self._queue, self._files, self._clock = current, database, queue, files, clock
        self._triggers: Mapping[tuple[str, str], tuple[Schedule, CronTrigger]] = {}
        self._read_for: str | None = None
        self._looked_at = self._now() - CATCH_UP

    def fire_due(self) -> None:
        """Make the jobs that have become due since the last call; raises Refusal where the database can't be used."""
        self._read()
        now = self._now()
        for (pipeline, _), (schedule, trigger) in self._triggers.items():
            due = _last_due(trigger, self._looked_at, now)
            if due is not None:
                self._fire(pipeline, schedule, due)
        self._looked_at = now

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _read(self) -> None:
        release = self._current()
        if release.id != self._read_for:
            self._triggers = {(pipeline, schedule.name): (schedule, trigger) for pipeline, schedule, trigger in _of_release(release)}
            self._read_for = release.id

    def _fire(self, pipeline: str, schedule: Schedule, due: datetime) -> None:
        what = f"schedule {schedule.name} of {pipeline}, due {due:%Y-%m-%dT%H:%MZ}"
        due_ms, job_id = int(due.timestamp() * 1000), new_id()
        with self._database.writing() as session:
            row = {"pipeline": pipeline, "schedule": schedule.name, "due_ms": due_ms}
            first = insertion(session, Firing).values(row).on_conflict_do_nothing().returning(Firing.due_ms)
            if session.execute(first).first() is None:
                return  # another runner was there first
            skipped = self._queued(session, _asked(pipeline, schedule), job_id)
            own = [getattr(Firing, name) == value for name, value in row.items()]
            session.execute(update(Firing).where(*own).values({"skipped": skipped} if skipped else {"job_id": job_id}))
        if skipped:
            LOGGER.warning("%s: skipped: %s", what, skipped)
        else:
            LOGGER.info("%s: job %s", what, job_id)

    def _queued(self, session: Session, asked: Request, job_id: str) -> str:
        """Why a job can't be queued; "" where it is."""
        try:
            self._files.input(str(asked.source))
            self._queue.add_within(session, asked, job_id)
        except (Malformed, Busy) as reason:
            return reason.message
        return ""


def _asked(pipeline: str, schedule: Schedule) -> Request:
    form = "parquet" if schedule.input.endswith(".parquet") else "csv"
    key = ",".join(sorted(schedule.key))
    return Request(pipeline, form, variant=schedule.variant, key=key, source=schedule.input, schedule=schedule.name)


def _of_release(release: Release) -> Iterator[tuple[str, Schedule, CronTrigger]]:
    """Every schedule of a release that makes sense; of others the log says why they don't."""
    for name, released in release.pipelines.items():
        try:
            for schedule in _of_pipeline(released):
                yield name, schedule, CronTrigger.from_crontab(schedule.cron, UTC)
        except (ForeshoreError, ValueError) as error:
            LOGGER.error("pipeline %s: its schedules can't be run: %s", name, error)


def _of_pipeline(released: ReleasedPipeline) -> tuple[Schedule, ...]:
    contract = released.contract
    return checked_schedules(released.entry.get("schedules", []), contract, tuple(released.variants))


def _last_due(trigger: CronTrigger, after: datetime, until: datetime) -> datetime | None:
    """The last due time later than one moment and not later than another; None where there is none."""
    last: datetime | None = None
    due = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while due is not None and due <= until:
        last = due
        due = trigger.get_next_fire_time(due, due)
    return last
