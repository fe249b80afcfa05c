"""What a slow client or a slow database may hold of a server, and for how long."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.postgresql import Cluster
from tests.unit.server.jobs.working import CREATE, LOOKUP, PRECOMPUTED, flights, record_of, table
from web.server.app import create_app
from web.server.config import Config
from web.server.jobs.database import POSTGRESQL, Database, _engine
from web.server.jobs.endpoints import DOWNLOADS
from web.server.jobs.files import JobFiles
from web.server.jobs.models import DONE
from web.server.jobs.queue import Progress, Queue, Request
from web.server.prediction.bodies import Patience

CONTENT = b"row,arrival_delay_min\r\n1,2.5\r\n"


def client_of(config: Config) -> FlaskClient:
    """Clients of an application without a runner beside it."""
    return create_app(config).test_client()


def done_job(config: Config) -> str:
    """The address of a job that is done."""
    assert config.data is not None
    with closing(Database(config)) as database:
        queue = Queue(database, config)
        job = queue.add(Request("eta", "csv"))
        queue.claim("runner")
        queue.finish(job.id, "runner", DONE, Progress(1.0, 1, 1))
    files = JobFiles(config.data, None)
    files.make_folder(job.id)
    files.results(job).write_bytes(CONTENT)
    return f"/api/jobs/{job.id}"


@pytest.fixture
def config(dist: Path, tmp_path: Path) -> Config:
    return Config(dist=dist, data=tmp_path / "data", log_level="critical")


def test_so_many_downloads_are_sent_at_once_and_no_more(config: Config) -> None:
    client, job = client_of(config), done_job(config)
    with ExitStack() as stack:
        sent = [stack.enter_context(closing(client.get(f"{job}/results"))) for _ in range(DOWNLOADS)]
        assert [answer.status_code for answer in sent] == [200] * DOWNLOADS
        assert [client.get(f"{job}/{path}").status_code for path in ("results", "bad-rows")] == [429, 429]
        sent[0].close()
        again = stack.enter_context(closing(client.get(f"{job}/results")))
        assert (again.status_code, again.content_length, again.data) == (200, len(CONTENT), CONTENT)
    for _ in range(2 * DOWNLOADS):
        with closing(client.head(f"{job}/results")) as answer:
            assert answer.status_code == 200
        assert client.get(f"{job[:-1]}x/results").status_code == 404


def test_who_asks_for_jobs_holds_a_place(dist: Path, tmp_path: Path) -> None:
    config = Config(dist=dist, data=tmp_path / "data", log_level="critical", max_in_flight=1)
    client, job = client_of(config), done_job(config)
    asked = [("GET", "/api/jobs"), ("GET", job), ("DELETE", job), ("POST", f"{job}/cancel"), ("POST", f"{job}/resume")]
    asked += [("GET", f"{job}/results"), ("GET", f"{job}/bad-rows"), ("GET", f"{PRECOMPUTED}?carrier=DL"), ("POST", LOOKUP)]
    with closing(client.get(f"{job}/results")):
        for method, path in asked:
            assert client.open(path, method=method).status_code == 429, path
        assert client.post(CREATE, data=table(flights(1)), content_type="text/csv").status_code == 429
    assert client.get(job).status_code == 200


def test_lookup_answers_online_where_the_database_is_away(dist: Path, tmp_path: Path) -> None:
    away = Config(dist=dist, data=tmp_path, log_level="critical", database="postgresql+psycopg://owner@/x?host=/nowhere")
    client = client_of(away)
    answer = client.post(LOOKUP, json=record_of(flights(1)[0]))
    assert (answer.status_code, json.loads(answer.data)["precomputed"]) == (200, False)
    assert [client.get(path).status_code for path in (f"/api/jobs/{'0' * 32}", f"{PRECOMPUTED}?carrier=DL")] == [503, 503]


def connected() -> tuple[socket.socket, socket.socket]:
    """Both ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        return client, listener.accept()[0]


def send(server: socket.socket, limit_s: float, parts: int) -> bool:
    """Whether all parts of a mebibyte could be sent."""
    try:
        for part in Patience(limit_s, socket.SHUT_RDWR).each((bytes(1 << 20) for _ in range(parts)), server):
            server.sendall(part)
    except OSError:
        return False
    return True


def test_a_client_that_takes_a_body_too_slowly_is_given_up() -> None:
    client, server = connected()
    stopped = threading.Event()

    def trickle() -> None:
        while not stopped.wait(0.02) and client.recv(100):
            pass

    with client, server:
        reader = threading.Thread(target=trickle)
        reader.start()
        try:
            assert send(server, 0.3, 32) is False
        finally:
            stopped.set()
            reader.join()


def test_a_client_that_takes_each_part_in_time_may_take_long() -> None:
    client, server = connected()
    with client, server:
        reader = threading.Thread(target=lambda: [stopped.wait(0.01) for _ in iter(lambda: client.recv(1 << 18), b"")])
        stopped = threading.Event()
        reader.start()
        assert send(server, 0.3, 16) is True
        server.close()
        reader.join()


def test_statements_of_postgresql_end_in_time_and_those_that_remove_much_later(tmp_path: Path, cluster: Cluster) -> None:
    config = Config(data=tmp_path, database=cluster.new_database())
    with closing(Database(config)) as database:
        for session_of, limit in ((database.reading, "10s"), (database.writing, "10s"), (lambda: database.writing(patient=True), "10min")):
            with session_of() as session:
                assert session.scalar(text("SHOW statement_timeout")) == limit
        with database.reading() as session:
            assert session.scalar(text("SHOW statement_timeout")) == "10s"


def test_what_the_url_of_a_database_says_itself_goes_first() -> None:
    engine = _engine(make_url("postgresql+psycopg://owner@/x?connect_timeout=9"))
    assert dict(engine.url.query) == {**POSTGRESQL, "connect_timeout": "9"}


def test_the_names_of_an_upload_are_made_sure_of_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: set[int] = set()
    flush: Callable[[int], None] = os.fsync

    def noting(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        flush(descriptor)

    def fill(file: IO[bytes]) -> None:
        file.write(b"x")

    monkeypatch.setattr(os, "fsync", noting)
    JobFiles(tmp_path, None).upload("a", 1, fill)
    folder = tmp_path / "jobs" / "a"
    assert {path.stat().st_ino for path in (folder / "source", folder, folder.parent, tmp_path)} <= flushed
