"""The server as a process: starting, refusing to start, many clients, stopping."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.server.small_site import FILES, ask, connect, write_site
from web.server.errors import AddressError, ConfigError, DistError
from web.server.listening import listen
from web.server.serve import THREADS, serve
from web.server.testing import ROOT, STOP_LIMIT_S, RunningServer, ServerProcessError, running_server, server_process

LARGE = 48 << 20  # more than the socket buffers of both ends hold


@pytest.fixture(scope="module")
def large_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a file that takes a while to read; no test changes it."""
    content = os.urandom(1 << 20) * (LARGE >> 20)
    return write_site(tmp_path_factory.mktemp("large") / "dist", files={"index.html": b"start", "assets/large-0000.bin": content})


def children_of(process: subprocess.Popen[str]) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def begin_download(server: RunningServer) -> http.client.HTTPResponse:
    """A download of which only the beginning has been read."""
    connection = connect(server.url)
    connection.sendall(b"GET /assets/large-0000.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    response = http.client.HTTPResponse(connection)
    response.begin()
    assert len(response.read(1000)) == 1000
    connection.close()  # the response keeps its own hold of the connection
    return response


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("engine", ["gunicorn", "werkzeug"])
def test_stopping_finishes_what_is_being_sent(large_dist: Path, number: signal.Signals, engine: str) -> None:
    with server_process(large_dist, "--engine", engine) as server:
        response = begin_download(server)
        server.process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)
        with pytest.raises(OSError):  # noqa: PT011  # refused or reset, by how far it has got
            ask(server.url, "/")
        assert 1000 + len(response.read()) == LARGE
        assert server.process.wait(STOP_LIMIT_S) == 0
        assert "Traceback" not in server.log()


def test_ctrl_c_in_a_terminal_finishes_what_is_being_sent(large_dist: Path) -> None:
    """There the signal reaches the worker processes as well."""
    with server_process(large_dist) as server:
        response = begin_download(server)
        workers = children_of(server.process)
        for worker in workers:
            os.kill(worker, signal.SIGINT)
        assert ask(server.url, "/").status == 200
        assert children_of(server.process) == workers
        server.process.send_signal(signal.SIGINT)
        assert 1000 + len(response.read()) == LARGE
        assert server.process.wait(STOP_LIMIT_S) == 0


def test_a_second_ctrl_c_does_not_wait(large_dist: Path) -> None:
    with server_process(large_dist) as server:
        response = begin_download(server)
        server.process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(STOP_LIMIT_S) == 0
        with pytest.raises((http.client.IncompleteRead, OSError)):
            response.read()


def test_stopping_while_it_starts_forgets_no_worker(small_dist: Path) -> None:
    command = [sys.executable, "-m", "web.server", "--dist", str(small_dist), "--port", "0", "--workers", "4"]
    command += ["--log-level", "debug"]  # Gunicorn then tells of each worker
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Serving at ")
        process.terminate()
        _, errors = process.communicate(timeout=STOP_LIMIT_S)
        assert process.returncode == 0
        assert errors.count("Worker exiting") == errors.count("Booting worker") > 0


def test_the_port_is_free_after_stopping(small_dist: Path) -> None:
    with server_process(small_dist) as server:
        kept_alive = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        kept_alive.request("GET", "/")
        kept_alive.getresponse().read()
        assert server.stop() == 0
        port = urlsplit(server.url).port
        assert port is not None
        listen("127.0.0.1", port, stall_limit_s=1).close()
        kept_alive.close()


def test_no_process_is_left_behind(small_dist: Path) -> None:
    with server_process(small_dist, "--workers", "2") as server:
        while len(children := children_of(server.process)) < 2:
            threading.Event().wait(0.01)
        assert server.stop() == 0
        assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_a_port_in_use_is_named(small_dist: Path, url: str) -> None:
    port = urlsplit(url).port
    assert port is not None
    with pytest.raises(AddressError) as caught:
        serve(small_dist, port=port)
    assert str(caught.value) == f"port {port} on 127.0.0.1 is in use: stop what holds it or choose another with --port"


def test_the_command_line_says_it_in_one_line(small_dist: Path, url: str) -> None:
    command = [sys.executable, "-m", "web.server", "--dist", str(small_dist), "--port", str(urlsplit(url).port)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("port ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("127.0.0.1", 70_000, "port 70000 on 127.0.0.1 can't be listened on"),
        ("192.0.2.1", 0, "192.0.2.1 is not an address of this machine: choose another with --host"),
        ("no such host", 0, "'no such host' is not an address to listen on"),
    ],
)
def test_an_address_that_cannot_be_had_is_named(host: str, port: int, message: str) -> None:
    with pytest.raises(AddressError) as caught:
        listen(host, port, stall_limit_s=1)
    assert str(caught.value).startswith(message)


def test_a_missing_site_is_named(tmp_path: Path) -> None:
    with pytest.raises(DistError, match="run python3 build.py build"):
        serve(tmp_path / "dist")


def test_no_workers_are_too_few(small_dist: Path) -> None:
    with pytest.raises(ConfigError, match="got 0 workers"):
        serve(small_dist, workers=0)


def test_a_server_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServerProcessError, match="run python3 build.py build"), running_server(tmp_path / "dist"):
        pass


def test_a_client_that_stalls_in_its_request_is_dropped(small_dist: Path) -> None:
    with server_process(small_dist, "--stall-limit", "1") as server, ExitStack() as stack:
        for _ in range(THREADS):
            connection = stack.enter_context(connect(server.url))
            connection.sendall(b"GET / HTTP/1.1\r\nHost")
        assert ask(server.url, "/").status == 200
        assert connection.recv(1) == b""
        assert "Traceback" not in server.log()


def test_clients_that_take_nothing_do_not_hold_the_server(large_dist: Path) -> None:
    with server_process(large_dist, "--stall-limit", "1") as server, ExitStack() as stack:
        for _ in range(THREADS):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((urlsplit(server.url).hostname, urlsplit(server.url).port))
            connection.sendall(b"GET /assets/large-0000.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        assert ask(server.url, "/").status == 200
        assert "Traceback" not in server.log()


def threads_of(server: RunningServer) -> int:
    """Threads of the worker processes."""
    return sum(len(list(Path(f"/proc/{child}/task").iterdir())) for child in children_of(server.process))


def test_many_clients_keep_their_connections_and_few_threads_serve_them(small_dist: Path) -> None:
    clients, rounds = 200, 5
    expected = FILES["assets/eta-fp32-9c0d.onnx"]
    with server_process(small_dist, "--log-level", "warning") as server, ExitStack() as stack:
        netloc = urlsplit(server.url).netloc
        connections = [http.client.HTTPConnection(netloc, timeout=60) for _ in range(clients)]
        for connection in connections:
            stack.callback(connection.close)
        sockets: set[int] = set()

        def read(connection: http.client.HTTPConnection) -> bool:
            connection.request("GET", "/assets/eta-fp32-9c0d.onnx")
            body = connection.getresponse().read()
            assert connection.sock is not None  # the server kept the connection
            sockets.add(connection.sock.getsockname()[1])
            return body == expected

        with ThreadPoolExecutor(20) as pool:
            for _ in range(rounds):
                assert all(pool.map(read, connections))
        assert len(sockets) == clients
        assert threads_of(server) <= THREADS + 1


def test_idle_connections_do_not_keep_others_waiting(small_dist: Path) -> None:
    with server_process(small_dist) as server, ExitStack() as stack:
        for _ in range(6):  # as many as a browser opens ahead of need
            stack.enter_context(connect(server.url))
        assert ask(server.url, "/").status == 200
        assert server.stop() == 0


def test_gunicorn_runs_the_factory_with_settings_from_the_environment(small_dist: Path, tmp_path: Path) -> None:
    listener = listen("127.0.0.1", 0, stall_limit_s=30)
    port = listener.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread", "--threads", "4"]
    command += ["--bind", f"fd://{listener.fileno()}", "web.server.app:create_app()"]
    environment = os.environ | {"FORESHORE_DIST": str(small_dist), "FORESHORE_ISOLATION": "0", "PYTHONPATH": str(ROOT)}
    with listener, (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()], stderr=log, cwd=tmp_path)
        try:
            answer = ask(f"http://127.0.0.1:{port}", "/arrivals/")
        finally:
            process.terminate()
            assert process.wait(STOP_LIMIT_S) == 0
    assert answer.body == FILES["arrivals/index.html"]
    assert "cross-origin-embedder-policy" not in answer.headers
    assert 'path="/arrivals/" status=200' in (tmp_path / "log").read_text()


def test_the_site_may_live_under_a_path(small_dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/demo")
    with running_server(small_dist) as url:
        assert ask(url, "/demo/arrivals/").body == FILES["arrivals/index.html"]
        assert ask(url, "/demo/assets/ort-3c4d.wasm").headers["cache-control"].endswith("immutable")
        assert ask(url, "/demo/arrivals").headers["location"] == "arrivals/"
        assert b'href="/demo/"' in ask(url, "/demo/nowhere", headers={"Accept": "text/html"}).body


@pytest.mark.parametrize("path", ["/", "/assets/eta-fp32-9c0d.onnx", "/healthz", "/nowhere"])
def test_werkzeug_answers_as_gunicorn_does(small_dist: Path, url: str, path: str) -> None:
    with server_process(small_dist, "--engine", "werkzeug") as server:
        other = ask(server.url, path, headers={"Accept-Encoding": "br"})
        assert server.stop() == 0
        assert all(" method=GET " in line for line in server.log().splitlines())
    same = ask(url, path, headers={"Accept-Encoding": "br"})
    ignored = {"server", "date", "connection"}
    assert other.status == same.status
    assert set(other.headers) - ignored == set(same.headers) - ignored
    if path != "/healthz":
        assert other.body == same.body


def test_addresses_of_ipv6_are_written_in_brackets(small_dist: Path) -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("this machine has no IPv6")
    with running_server(small_dist, host="::1") as url:
        assert url.startswith("http://[::1]:")
        assert ask(url, "/").status == 200


def test_two_threads_may_start_servers_at_once(small_dist: Path) -> None:
    urls: list[str] = []

    def start() -> None:
        with running_server(small_dist) as url:
            urls.append(url)
            ask(url, "/")

    starters = [threading.Thread(target=start) for _ in range(2)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(set(urls)) == 2
