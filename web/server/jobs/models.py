"""What is stored of jobs: the same tables in SQLite and in PostgreSQL.

Moments are milliseconds since 1970-01-01 UTC, which both keep alike.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = 1
"""Rises when the tables change; a database of another one is refused."""
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ENDED = (DONE, FAILED, CANCELLED)


class Base(DeclarativeBase):
    """Base of all tables."""


class Schema(Base):
    """The one row that says which tables these are."""

    __tablename__ = "foreshore_schema"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Job(Base):
    """One table to be answered.

    Attributes
    ----------
    number
        For rows of other tables, which are many.
    id
        For clients, who can't guess it.
    owner
        Name of the key that made it; None where nobody needed one, and of schedules.
    variant, mapping, key
        As they were asked for; `key` is the names of fields, sorted, with commas between, "" where no answers are kept by key.
    source
        Path among the inputs; None: it was uploaded.
    runner, lease_ms
        Whose it is until when, while it runs.
    not_before_ms
        It isn't to be claimed before.
    deaths
        Runners that died of it since it last got on.
    share
        Of the file, 0 to 1, that has been read.
    rows_total
        None where it is not known.
    resumed_rows
        Rows that runs before the last one had done.
    running_ms
        How long the last run has taken so far.
    release, used_variant
        What answers.
    """

    __tablename__ = "foreshore_jobs"
    __table_args__ = (Index("foreshore_jobs_by_state", "state", "created_ms"), Index("foreshore_jobs_by_pipeline", "pipeline", "state"))

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    owner: Mapped[str | None] = mapped_column(String(16))
    pipeline: Mapped[str] = mapped_column(String(64))
    schedule: Mapped[str | None] = mapped_column(String(64))
    variant: Mapped[str | None] = mapped_column(String(128))
    mapping: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    key: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str | None] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16), default=QUEUED)
    cancelling: Mapped[bool] = mapped_column(default=False)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    started_ms: Mapped[int | None] = mapped_column(BigInteger)
    finished_ms: Mapped[int | None] = mapped_column(BigInteger)
    not_before_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    runner: Mapped[str | None] = mapped_column(String(64))
    lease_ms: Mapped[int | None] = mapped_column(BigInteger)
    deaths: Mapped[int] = mapped_column(default=0)
    share: Mapped[float] = mapped_column(default=0.0)
    rows_done: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_total: Mapped[int | None] = mapped_column(BigInteger)
    bad_rows: Mapped[int] = mapped_column(BigInteger, default=0)
    resumed_rows: Mapped[int] = mapped_column(BigInteger, default=0)
    running_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    release: Mapped[str | None] = mapped_column(String(64))
    used_variant: Mapped[str | None] = mapped_column(String(128))
    error: Mapped[str | None] = mapped_column(Text)

    @property
    def key_fields(self) -> tuple[str, ...]:
        """Names of the fields that identify a row; empty where no answers are kept."""
        return tuple(self.key.split(",")) if self.key else ()


class Prediction(Base):
    """The answer to one row of a job, by its key; it counts once the job is done.

    Attributes
    ----------
    key_hash
        As `web.server.jobs.keys.Key` gives it.
    answer
        JSON.
    """

    __tablename__ = "foreshore_predictions"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the key is where the row is: half the size

    job_number: Mapped[int] = mapped_column(ForeignKey(Job.number, ondelete="CASCADE"), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    answer: Mapped[str] = mapped_column(Text)


class Firing(Base):
    """One due time of a schedule, and what came of it: a job, or the reason why there is none."""

    __tablename__ = "foreshore_firings"

    pipeline: Mapped[str] = mapped_column(String(64), primary_key=True)
    schedule: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    job_id: Mapped[str | None] = mapped_column(String(32))
    skipped: Mapped[str | None] = mapped_column(Text)
