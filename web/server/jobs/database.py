"""The database of jobs: SQLite unless a URL names another, with the same tables and the same promises."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from web.server.config import Config
from web.server.jobs.models import SCHEMA, Base, Schema
from web.server.prediction.errors import Full, Unavailable
from web.server.requestlog import LOGGER

FILE = "jobs.sqlite3"
BUSY_MS = 30_000
"""How long one process waits for another that writes."""
BUSY_PAUSE_S = 0.05
UNUSABLE = "the database can't be used now; the server's log says why"
OPEN_AGAIN_S = 1.0
POOL_TIMEOUT_S = 5
POSTGRESQL = {"connect_timeout": "5", "tcp_user_timeout": "10000", "options": "-c statement_timeout=10000"}
"""Parameters of connections: in seconds, milliseconds and milliseconds, how long one waits for the database."""
PATIENT = "SET LOCAL statement_timeout = 600000"
CREATING = 0x666F7265
"""Key of PostgreSQL's advisory lock under which tables are made."""
IMMEDIATE = "foreshore_immediate"
WITHOUT_VALUES = OperationalError
"""Errors of connections, of locks and of disks; the texts of others may repeat what someone has typed."""


class Database:
    """Sessions of the database that a configuration names.

    Parameters
    ----------
    config : Config
        With a folder of data.

    Raises
    ------
    Unavailable, Full
        From every method, where the database can't be reached, or has no space.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._made: Engine | None = None
        self._not_before = 0.0
        self._sessions: dict[bool, sessionmaker[Session]] = {}

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing."""
        with self._session(immediate=False) as session:
            yield session

    @contextmanager
    def writing(self, *, patient: bool = False) -> Iterator[Session]:
        """A session whose changes become durable together when this ends, or not at all.

        In SQLite it is the only writer from its beginning on, so that what it has read still holds when it writes. It begins here, which
        may take until others have written, and not with its first statement: clocks are to be read within.

        Parameters
        ----------
        patient : bool
            Whether statements may take minutes: answers by key are removed by the million.
        """
        with self._session(immediate=True) as session:
            if session.connection().dialect.name == "postgresql" and patient:
                session.execute(text(PATIENT))
            yield session

    def close(self) -> None:
        """Let go of all connections."""
        if self._made is not None:
            self._made.dispose()

    @contextmanager
    def _session(self, immediate: bool) -> Iterator[Session]:
        with _told(), self._maker(immediate).begin() as session:
            yield session

    def _maker(self, immediate: bool) -> sessionmaker[Session]:
        with self._lock:
            if self._made is None:
                engine = self._made = self._opened()
                kinds = {kind: engine.execution_options(**{IMMEDIATE: kind}) for kind in (False, True)}
                self._sessions = {kind: sessionmaker(bound, expire_on_commit=False) for kind, bound in kinds.items()}
            return self._sessions[immediate]

    def _opened(self) -> Engine:
        """Who waited while it could not be opened is told at once, instead of waiting in turns."""
        if time.monotonic() < self._not_before:
            raise Unavailable(UNUSABLE)
        try:
            return _opened(self._config)
        except Exception:
            self._not_before = time.monotonic() + OPEN_AGAIN_S
            raise


def _opened(config: Config) -> Engine:
    assert config.data is not None
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        url = make_url(config.database or f"sqlite:///{(config.data / FILE).absolute()}")
    except (OSError, ArgumentError) as error:
        raise Unavailable(
            f"the folder of data or the URL of the database is of no use ({type(error).__name__}): see the settings"
        ) from error
    engine = _engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        _create_tables(engine)
    except Exception:
        engine.dispose()
        raise
    return engine


def _engine(url: URL) -> Engine:
    if url.drivername.startswith("sqlite"):
        return create_engine(url)
    url = url.update_query_dict({**POSTGRESQL, **url.query})  # what the URL itself says goes first
    return create_engine(url, pool_pre_ping=True, pool_timeout=POOL_TIMEOUT_S)


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Let readers and one writer go on side by side. Of processes that ask for it first, at once, SQLite turns some down unwaited."""
    give_up_at = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(BUSY_PAUSE_S)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(IMMEDIATE) else "BEGIN")


def _create_tables(engine: Engine) -> None:
    """Make the tables that are missing, one process at a time; raises Unavailable where they are of another schema."""
    with engine.execution_options(**{IMMEDIATE: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATING})
        Base.metadata.create_all(connection)
        found = connection.scalar(select(Schema.version))
        if found is None:
            connection.execute(insert(Schema).values(version=SCHEMA))
        elif found != SCHEMA:
            raise Unavailable(
                f"the database holds jobs of schema {found}, expected {SCHEMA}; name another database or remove its foreshore_ tables"
            )


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database as refusals; the log has more of them than who asked."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = str(cause).partition("\n")[0] if isinstance(error, WITHOUT_VALUES) else "see its own log"
        LOGGER.error("database: %s: %s", type(cause).__name__, reason)
        if "full" in str(cause) or "No space left" in str(cause):
            raise Full("the database has no space left: free some and ask again") from error
        raise Unavailable(UNUSABLE) from error


def insertion(session: Session, table: type[Base]) -> Any:
    """An INSERT that knows what to do where a row is there already; both databases write it alike."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


def now_ms() -> int:
    """Now, in milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000
