"""Answers by key: what jobs computed ahead of the questions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from foreshore import Contract
from web.server.jobs.database import Database
from web.server.jobs.keys import Key
from web.server.jobs.models import DONE, Job, Prediction
from web.server.jobs.queue import Queue, told_to, visible_to

_ENCODER = json.JSONEncoder(separators=(",", ":"))
ONE_BY_ONE = (
    "INSERT INTO foreshore_predictions (job_number, key_hash, answer) VALUES (?, ?, ?) "
    "ON CONFLICT (job_number, key_hash) DO UPDATE SET answer = excluded.answer"
)
ALL_AT_ONCE = (
    "INSERT INTO foreshore_predictions (job_number, key_hash, answer) "
    "SELECT %s, kept.key_hash, kept.answer FROM unnest(%s::bytea[], %s::text[]) AS kept (key_hash, answer) "
    "ON CONFLICT (job_number, key_hash) DO UPDATE SET answer = excluded.answer"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the answers there are may be given.

    Attributes
    ----------
    pipeline, release : str
    owner : str or None
        Who asks: its own jobs count, and those that schedules made.
    variant : str or None
        None: whichever answered.
    since_ms : int
        Older ones don't count.
    job : str or None
        The one job that counts, which may be nobody's: who has its id may have its answers.
    """

    pipeline: str
    release: str
    owner: str | None
    variant: str | None = None
    since_ms: int = 0
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that was there."""

    answer: Any
    as_of_ms: int
    release: str
    variant: str
    job: str

    def to_json(self, now_ms: int) -> dict[str, Any]:
        """The answer as it is given, with its age."""
        about = {"release": self.release, "variant": self.variant, "job": self.job, "precomputed": True}
        return {"answer": self.answer, "as_of": moment(self.as_of_ms), "age_s": age_s(self.as_of_ms, now_ms), **about}


class Answers:
    """Answers in a database.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, contract: Contract, record: Mapping[str, Any], wanted: Wanted) -> Stored | None:
        """The newest answer to a record, by whichever fields jobs have kept answers by; None where there is none."""
        with self._database.reading() as session:
            keys = [Key(contract, names.split(",")) for names in session.scalars(select(Job.key).where(*_counts(wanted)).distinct())]
            return _newest(session, [found for key in keys if (found := key.of(record)) is not None], wanted)

    def find_by(self, key: Key, record: Mapping[str, Any], wanted: Wanted) -> Stored | None:
        """The newest answer that was kept under just these fields and values; None where there is none."""
        found = key.of(record)
        with self._database.reading() as session:
            return None if found is None else _newest(session, [found], wanted)

    def keep(self, queue: Queue, job_id: str, runner: str, answers: Iterable[tuple[bytes, Any]]) -> None:
        """Keep answers by their keys; of those with one key, the last. Raises LeaseLostError, and then keeps none."""
        encoded = [(key, _ENCODER.encode(answer)) for key, answer in sorted(dict(answers).items(), key=itemgetter(0))]
        with self._database.writing() as session:
            number = queue.hold(session, job_id, runner)
            if encoded:
                _insert(session, number, encoded)


def _counts(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Which jobs' answers may be given."""
    current = [Job.state == DONE, Job.pipeline == wanted.pipeline, Job.release == wanted.release, Job.key != ""]
    variant = [] if wanted.variant is None else [Job.used_variant == wanted.variant]
    whose = [told_to(wanted.owner)] if wanted.job is None else [Job.id == wanted.job, visible_to(wanted.owner)]
    return [*current, *variant, *whose, Job.created_ms >= wanted.since_ms]


def _newest(session: Session, keys: list[bytes], wanted: Wanted) -> Stored | None:
    if not keys:
        return None
    query = select(Prediction.answer, Job).join(Job, Job.number == Prediction.job_number)
    ordered = query.where(Prediction.key_hash.in_(keys), *_counts(wanted)).order_by(Job.created_ms.desc(), Job.id)
    found = session.execute(ordered.limit(1)).first()
    if found is None:
        return None
    answer, job = found
    return Stored(json.loads(answer), job.created_ms, str(job.release), str(job.used_variant), job.id)


def _insert(session: Session, number: int, rows: Sequence[tuple[bytes, str]]) -> None:
    """Keep rows, in the place of those with the same key; in the driver's own form, because there are very many."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(ALL_AT_ONCE, (number, [key for key, _ in rows], [answer for _, answer in rows]))
    else:
        connection.exec_driver_sql(ONE_BY_ONE, [(number, key, answer) for key, answer in rows])


def moment(milliseconds: int) -> str:
    """A moment as ISO 8601 in UTC.

    Examples
    --------
    >>> moment(1_385_000_000_123)
    '2013-11-21T02:13:20.123Z'
    """
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age_s(since_ms: int, now_ms: int) -> float:
    """Seconds between two moments; never negative, though clocks be set back."""
    return max(0, now_ms - since_ms) / 1000
