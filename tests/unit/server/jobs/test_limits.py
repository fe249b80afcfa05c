"""Limits of jobs: of keys, of size, of time, of space, of how many wait."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.unit.server.jobs.working import (
    CREATE,
    KEY,
    LOOKUP,
    create,
    create_of_path,
    created,
    ended,
    flights,
    record_of,
    results,
    show,
    table,
    wait_for,
)
from tests.unit.server.prediction.asking import PREDICT, post
from tests.unit.server.prediction.test_limits import GIB, announced, answer_of, trickling
from tests.unit.server.small_site import ask, connect
from web.server.app import create_app
from web.server.config import Config
from web.server.jobs.database import Database
from web.server.jobs.queue import Queue
from web.server.testing import server_process

MINE, THEIRS = "a-key-of-this-test", "another-key-of-this-test"


def files_under(folder: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file() and "jobs.sqlite3" not in path.name)


def test_without_a_folder_there_are_no_jobs(dist: Path) -> None:
    client = create_app(Config(dist=dist, log_level="critical")).test_client()
    for path, method in ((CREATE, "POST"), ("/api/jobs", "GET"), ("/api/jobs/x", "DELETE"), (LOOKUP, "POST")):
        answer = client.open(path, method=method)
        told = "jobs are not offered here; FORESHORE_DATA, a folder for them, offers them"
        assert (answer.status_code, json.loads(answer.data)["message"]) == (404, told)
    assert not [path for path in json.loads(client.get("/api/openapi.json").data)["paths"] if "job" in path]


def test_keys_own_their_jobs_and_their_answers(dist: Path, settings: dict[str, str]) -> None:
    hashes = ",".join(hashlib.sha256(key.encode()).hexdigest() for key in (MINE, THEIRS))
    mine, theirs = ({"Authorization": f"Bearer {key}"} for key in (MINE, THEIRS))
    with server_process(dist, settings=settings | {"FORESHORE_API_KEYS": hashes}) as server:
        assert create(server.url, table(flights(3))).status == 401
        job = created(create(server.url, table(flights(3)), {"key": ",".join(KEY)}, mine))
        assert ended(server.url, job, mine)["state"] == "done"
        for path, method in (
            ("", "GET"),
            ("/results", "GET"),
            ("/bad-rows", "GET"),
            ("/cancel", "POST"),
            ("/resume", "POST"),
            ("", "DELETE"),
        ):
            answer = ask(server.url, f"{job}{path}", method, theirs, b"" if method == "POST" else None)
            assert (answer.status, ask(server.url, f"{job}{path}", method).status) == (404, 401), path
        assert json.loads(ask(server.url, "/api/jobs", headers=theirs).body) == {"jobs": []}
        record = record_of(flights(1)[0])
        assert [post(server.url, LOOKUP, record, key)[1]["precomputed"] for key in (mine, theirs)] == [True, False]
        assert ask(server.url, job, "DELETE", mine).status == 204


def test_what_one_types_is_not_logged(dist: Path, settings: dict[str, str]) -> None:
    with server_process(dist, settings=settings) as server:
        rows = [{**row, "tail": "TYPED1", "TYPED2": "TYPED3"} for row in flights(3)] + [
            {**flights(1)[0], "carrier": "TYPED4", "TYPED2": ""}
        ]
        job = created(create(server.url, table(rows), {"key": "tail", "mapping": '{"tail": "tail"}'}))
        assert ended(server.url, job)["bad_rows"] == 1
        create_of_path(server.url, "TYPED5")
        create(server.url, b"TYPED6")
        ask(server.url, "/api/pipelines/eta/precomputed?tail=TYPED7")
        ended(server.url, created(create(server.url, b"TYPED8,TYPED9\nTYPED10,TYPED11\n")))
        assert server.stop() == 0
        assert "TYPED" not in server.log()
        assert f"{job[len('/api/jobs/') :]} of eta: begun" in server.log()


def test_a_body_of_a_gigabyte_and_more_is_refused_unread(working: Any) -> None:
    with connect(working.url) as connection:
        connection.sendall(announced(CREATE, GIB + 1, "Content-Type: text/csv"))
        status, error = answer_of(connection)
    assert (status, error["message"]) == (413, f"the body has {GIB + 1} bytes, expected at most {GIB}; send fewer rows at a time")


def test_uploads_beyond_the_limit_leave_nothing(dist: Path, settings: dict[str, str]) -> None:
    with server_process(dist, settings=settings | {"FORESHORE_MAX_UPLOAD_BYTES": "2000000"}) as server:
        with connect(server.url) as connection:
            head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            connection.sendall(head + (b"100000\r\n" + bytes(1 << 20) + b"\r\n") * 2 + b"0\r\n\r\n")
            status, error = answer_of(connection)
        assert (status, error["message"]) == (413, "the body has more than 2000000 bytes; send fewer rows at a time")
        with connect(server.url) as connection:
            connection.sendall(announced(CREATE, 1_500_000, "Content-Type: text/csv") + bytes(1_200_000))
        with closing(Database(Config.from_environment(settings))) as database:
            assert Queue(database, Config.from_environment(settings)).counts() == {}
        wait_for(lambda: files_under(settings["FORESHORE_DATA"]) == [])  # the second client has left, as the server notices in a moment
        job = created(create(server.url, table(flights(20))))
        assert ended(server.url, job)["state"] == "done"
        assert "Traceback" not in server.log()


def test_uploads_that_trickle_in_are_given_up_and_keep_nobody_from_predictions(dist: Path, settings: dict[str, str]) -> None:
    with server_process(dist, settings=settings | {"FORESHORE_MAX_UPLOAD_S": "1"}) as server, ExitStack() as stack:
        slow = [stack.enter_context(connect(server.url)) for _ in range(2)]
        for connection in slow:
            connection.sendall(announced(CREATE, 5000, "Content-Type: text/csv") + b"carrier")
        wait_for(lambda: len(files_under(settings["FORESHORE_DATA"])) == 2)
        refused = create(server.url, table(flights(2)))
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert post(server.url, PREDICT, record_of(flights(1)[0]))[0] == 200
        with trickling(slow):
            status, error = answer_of(slow[0])
        assert (status, error["message"]) == (408, "the body did not arrive within 1 s, or stalled")
        wait_for(lambda: files_under(settings["FORESHORE_DATA"]) == [])


def test_no_more_jobs_are_taken_than_may_wait(small_dist: Path, dist: Path, settings: dict[str, str]) -> None:
    """An application without a runner beside it: what is queued stays so."""
    config = Config.from_environment(
        settings | {"FORESHORE_DIST": str(dist), "FORESHORE_QUEUED_JOBS": "2", "FORESHORE_LOG_LEVEL": "critical"}
    )
    client = create_app(config).test_client()
    answers = [client.post(CREATE, data=table(flights(2)), content_type="text/csv") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].headers["Retry-After"] == "30"
    assert len(files_under(settings["FORESHORE_DATA"])) == 2
    assert client.post(f"/api/jobs/{answers[0].json['id']}/cancel").json["state"] == "cancelled"  # type: ignore[index]
    assert client.post(CREATE, data=table(flights(2)), content_type="text/csv").status_code == 202


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can't be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_refuses_uploads_and_loses_no_job(dist: Path, small_disk: Path, settings: dict[str, str]) -> None:
    rows = flights(900)
    with server_process(dist, settings=settings | {"FORESHORE_DATA": str(small_disk)}) as server:
        refused = create(server.url, bytes(5 << 20))
        assert refused.status == 507
        assert json.loads(refused.body)["message"].startswith("the server's disk has space for ")
        job = created(create(server.url, table(rows, times=30)))  # 1.6 MB, and so are its parts
        filling = small_disk / "filling"
        with filling.open("wb", buffering=0) as file:
            while shutil.disk_usage(small_disk).free > 90_000:
                file.write(bytes(4096))
        state = ended(server.url, job)
        assert (state["state"], state["error"]) == (
            "failed",
            "the server's disk is full; what is done is kept: once there is space, resume the job",
        )
        assert ask(server.url, "/healthz").status == 200
        assert create(server.url, table(flights(2))).status == 507
        filling.unlink()
        assert ask(server.url, f"{job}/resume", "POST", body=b"").status == 202
        assert ended(server.url, job)["state"] == "done"
        assert len(results(server.url, job)) == 900 * 30
        assert show(server.url, job)["error"] is None
