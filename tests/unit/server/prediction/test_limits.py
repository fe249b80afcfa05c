"""Limits: of size, of time, of keys and of clients; and that the server outlives those who meet them."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from foreshore import Pipeline
from tests.unit.server.prediction.asking import INFER, PREDICT, post, tensors
from tests.unit.server.small_site import ask, connect
from tests.unit.server.test_serve import children_of
from web.server.testing import STOP_LIMIT_S, RunningServer, server_process

GIB = 1 << 30
KEY = "k3y-of-this-test"


def announced(path: str, size: int, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {size}", *lines, "", ""]).encode()


def answer_of(connection: socket.socket) -> tuple[int, Any]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())


@contextmanager
def trickling(connections: Sequence[socket.socket]) -> Iterator[None]:
    """Send blanks over connections, one at a time, until one of them is closed."""
    stopped = threading.Event()

    def trickle() -> None:
        while not stopped.wait(0.1):
            for connection in connections:
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    trickler = threading.Thread(target=trickle)
    trickler.start()
    try:
        yield
    finally:
        stopped.set()
        trickler.join()


@pytest.mark.parametrize("path", [INFER, PREDICT])
def test_a_body_of_a_gigabyte_is_refused_unread(asked: str, path: str) -> None:
    with connect(asked) as connection:
        connection.sendall(announced(path, GIB))
        status, error = answer_of(connection)
    assert status == 413
    assert (error.get("error") or error["message"]).startswith(f"the body has {GIB} bytes, expected at most {16 << 20}")


def test_one_request_holds_few_photos_however_small(asked: str) -> None:
    grey = {"photo": {"width": 1, "height": 1, "data": "f39/"}}
    status, error = post(asked, PREDICT.replace("eta", "see"), [grey] * 14)
    assert status == 413
    assert error["message"] == "got 14 records, expected at most 13; send several requests"
    assert post(asked, PREDICT.replace("eta", "see"), [grey] * 2)[0] == 200


def peak_bytes(server: RunningServer) -> int:
    """The most memory that a worker process has had."""
    (child,) = children_of(server.process)
    line = next(line for line in Path(f"/proc/{child}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def test_a_gigabyte_in_chunks_is_kept_no_further_than_the_limit(dist: Path, flight: dict[str, Any]) -> None:
    chunk = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with server_process(dist, settings={"FORESHORE_MAX_PREDICT_BYTES": "100000", "FORESHORE_MAX_UPLOAD_S": "4"}) as server:
        assert post(server.url, PREDICT, flight)[0] == 200
        before = peak_bytes(server)
        with connect(server.url) as connection:
            connection.sendall(head)
            with suppress(OSError):  # the server may hang up on the rest
                for _ in range(GIB // len(chunk)):
                    connection.sendall(chunk)
        assert peak_bytes(server) - before < 32 << 20
        with connect(server.url) as connection:
            connection.sendall(head + chunk)
            status, error = answer_of(connection)
        assert (status, error["message"]) == (413, "the body has more than 100000 bytes; send fewer rows at a time")
        assert post(server.url, PREDICT, flight)[0] == 200


def test_too_many_rows_are_refused(dist: Path, eta: Pipeline, flight: dict[str, Any]) -> None:
    with server_process(dist, settings={"FORESHORE_MAX_ROWS": "3"}) as server:
        assert post(server.url, PREDICT, [flight] * 3)[0] == 200
        status, error = post(server.url, PREDICT, [flight] * 4)
        assert (status, error["message"]) == (413, "got 4 records, expected at most 3; send several requests")
        status, error = post(server.url, INFER, {"inputs": tensors(eta.encode([flight] * 4))})
        assert (status, error) == (413, {"error": "got 4 rows, expected at most 3; send several requests"})


def test_a_body_that_trickles_in_is_given_up_and_the_site_answers_meanwhile(dist: Path) -> None:
    settings = {"FORESHORE_MAX_UPLOAD_S": "1", "FORESHORE_MAX_IN_FLIGHT": "12"}
    with server_process(dist, settings=settings) as server, ExitStack() as stack:
        slow = [stack.enter_context(connect(server.url)) for _ in range(12)]
        for connection in slow:
            connection.sendall(announced(PREDICT, 1000) + b"{")
        with trickling(slow):
            assert ask(server.url, "/").status == 200  # though every place for predictions is taken
            status, error = answer_of(slow[0])
        assert (status, error["message"]) == (408, "the body did not arrive within 1 s, or stalled")
        assert post(server.url, PREDICT, {})[0] == 422
        assert "Traceback" not in server.log()


def test_a_client_that_leaves_in_its_body_is_no_error(asked: str, predicting: RunningServer) -> None:
    with connect(asked) as connection:
        connection.sendall(announced(PREDICT, 1000) + b"{")
    assert ask(asked, "/v2/health/live").status == 200
    assert "Traceback" not in predicting.log()


def test_keys_are_asked_for_where_there_are_some(dist: Path, flight: dict[str, Any]) -> None:
    settings = {"FORESHORE_API_KEYS": hashlib.sha256(KEY.encode()).hexdigest()}
    with server_process(dist, settings=settings) as server:
        status, error = post(server.url, PREDICT, flight)
        assert (status, error["message"]) == (401, "got no key that is known, expected the header Authorization: Bearer KEY")
        assert post(server.url, PREDICT, flight, {"Authorization": f"Bearer {KEY}"})[0] == 200
        for path in ("/v2/models/eta", "/metrics", "/api/pipelines"):
            refused = ask(server.url, path)
            assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert ask(server.url, path, headers={"Authorization": f"Bearer {KEY}"}).status == 200
        for path in ("/v2/health/live", "/v2/health/ready", "/api/", "/api/openapi.json", "/"):
            assert ask(server.url, path).status == 200
        assert json.loads(ask(server.url, "/api/openapi.json").body)["security"] == [{"key": []}]


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(dist: Path, flight: dict[str, Any]) -> None:
    with server_process(dist, settings={"FORESHORE_REQUESTS_PER_MINUTE": "5", "FORESHORE_TRUSTED_PROXIES": "1"}) as server:
        mine, theirs = ({"X-Forwarded-For": f"192.0.2.{number}", "Content-Type": "application/json"} for number in (1, 2))
        assert [post(server.url, PREDICT, flight, mine)[0] for _ in range(6)] == [200] * 5 + [429]
        refused = ask(server.url, PREDICT, "POST", mine, json.dumps(flight).encode())
        assert 1 <= int(refused.headers["retry-after"]) <= 12
        assert post(server.url, PREDICT, flight, theirs)[0] == 200


def test_more_than_can_be_done_is_refused_and_what_was_accepted_is_answered(dist: Path, eta: Pipeline, flight: dict[str, Any]) -> None:
    settings = {"FORESHORE_MAX_IN_FLIGHT": "2", "FORESHORE_MAX_ROWS": "20000"}
    body = json.dumps([flight] * 8000).encode()
    with server_process(dist, settings=settings) as server, ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: ask(server.url, PREDICT, "POST", {}, body), range(10)))
        assert {answer.status for answer in answers} == {200, 429}
        assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status == 429)
        assert all(len(json.loads(answer.body)["answers"]) == 8000 for answer in answers if answer.status == 200)
        assert post(server.url, PREDICT, flight)[0] == 200


@pytest.mark.parametrize("engine", ["gunicorn", "werkzeug"])
def test_stopping_answers_what_was_accepted(dist: Path, flight: dict[str, Any], engine: str) -> None:
    body = json.dumps([flight] * 5000).encode()
    with server_process(dist, "--engine", engine) as server, connect(server.url) as connection:
        assert post(server.url, PREDICT, flight)[0] == 200  # the model is loaded
        connection.sendall(announced(PREDICT, len(body)) + body[:-1])
        threading.Event().wait(0.5)  # the server reads the body, and lacks its end
        os.kill(server.process.pid, signal.SIGTERM)
        threading.Event().wait(0.5)
        connection.sendall(body[-1:])
        status, answer = answer_of(connection)
        assert (status, len(answer["answers"])) == (200, 5000)
        assert server.process.wait(STOP_LIMIT_S) == 0
        assert "Traceback" not in server.log()


def test_a_refusal_leaves_the_connection_usable(dist: Path, flight: dict[str, Any]) -> None:
    body = json.dumps([flight] * 2000)
    with server_process(dist, settings={"FORESHORE_REQUESTS_PER_MINUTE": "1"}) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        statuses, ports = [], set()
        for _ in range(3):
            connection.request("POST", PREDICT, body)
            response = connection.getresponse()
            response.read()
            assert connection.sock is not None  # the server kept it
            statuses.append(response.status)
            ports.add(connection.sock.getsockname()[1])
        connection.close()
    assert (statuses, len(ports)) == ([200, 429, 429], 1)


def test_other_origins_are_let_in_only_where_they_are_named(dist: Path, asked: str, flight: dict[str, Any]) -> None:
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    assert not any(name.startswith("access-control") for name in ask(asked, "/v2/health/live", headers=preflight).headers)
    assert ask(asked, PREDICT, "OPTIONS", preflight).status == 405
    with server_process(dist, settings={"FORESHORE_CORS_ORIGINS": "https://a.example, https://b.example:8443"}) as server:
        allowed = ask(server.url, PREDICT, "OPTIONS", preflight)
        assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (204, "https://a.example")
        assert "Authorization" in allowed.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in allowed.headers
        answered = ask(server.url, PREDICT, "POST", {"Origin": "https://a.example"}, json.dumps(flight).encode())
        assert (answered.status, answered.headers["access-control-allow-origin"]) == (200, "https://a.example")
        other = ask(server.url, PREDICT, "OPTIONS", preflight | {"Origin": "https://c.example"})
        assert "access-control-allow-origin" not in other.headers
        assert "access-control-allow-origin" not in ask(server.url, "/", headers=preflight).headers


def test_predictions_can_be_left_out(dist: Path) -> None:
    with server_process(dist, settings={"FORESHORE_PREDICTIONS": "0"}) as server:
        assert [ask(server.url, path).status for path in ("/v2", "/api/", "/metrics", "/")] == [404, 404, 404, 200]
        assert ask(server.url, PREDICT, "POST", body=b"{}").status == 405
