"""A real server for tests: its own process, a free port, a clean stop."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from web.server.config import METRICS_FOLDER

ROOT = Path(__file__).resolve().parents[2]
ANNOUNCEMENT = "Serving at "
START_LIMIT_S = 60.0
STOP_LIMIT_S = 40.0


class ServerProcessError(RuntimeError):
    """The server process ended before it answered; the message holds what it wrote."""


@dataclass(frozen=True)
class RunningServer:
    """A server process that answers at `url`, with `settings` beside the defaults."""

    url: str
    process: subprocess.Popen[str]
    log_file: IO[str]
    settings: Mapping[str, str]

    def log(self) -> str:
        """What the server has written to stderr so far."""
        return Path(self.log_file.name).read_text(encoding="utf-8")

    def stop(self) -> int:
        """Ask it to stop, wait until it has, and give its exit status."""
        self.process.terminate()
        return self.process.wait(STOP_LIMIT_S)


@contextmanager
def running_server(dist: Path, isolation: bool = True, host: str = "127.0.0.1") -> Iterator[str]:
    """URL, without a slash at its end, of a Gunicorn that serves `dist` while the context lasts.

    Parameters
    ----------
    isolation
        False serves without COOP and COEP.

    Raises
    ------
    ServerProcessError
        If the server did not come up.
    """
    with server_process(dist, *([] if isolation else ["--no-isolation"]), host=host) as server:
        yield server.url


@contextmanager
def server_process(
    dist: Path, *options: str, host: str = "127.0.0.1", settings: Mapping[str, str] | None = None
) -> Iterator[RunningServer]:
    """Server process with further command-line `options` and `settings` (variables of `Config`), stopped when the context ends."""
    command = [sys.executable, "-m", "web.server", "--dist", str(dist), "--host", host, "--port", "0", *options]
    environment = _environment() | dict(settings or {})
    with tempfile.NamedTemporaryFile("w+", suffix=".log", encoding="utf-8") as log_file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log_file, text=True, env=environment)
        try:
            server = RunningServer(_announced_url(process, log_file), process, log_file, dict(settings or {}))
            _wait_until_it_answers(server)
            yield server
        finally:
            _end(process)


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FORESHORE_", METRICS_FOLDER))}
    paths: Sequence[str] = [str(ROOT), str(ROOT / "pywasm"), *filter(None, [inherited.get("PYTHONPATH")])]
    return inherited | {"PYTHONPATH": os.pathsep.join(paths)}


def _announced_url(process: subprocess.Popen[str], log_file: IO[str]) -> str:
    assert process.stdout is not None  # it is a pipe
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(ANNOUNCEMENT):
            return line.removeprefix(ANNOUNCEMENT).strip()
    status = process.wait(STOP_LIMIT_S)
    written = "".join(said) + Path(log_file.name).read_text(encoding="utf-8")
    raise ServerProcessError(f"the server ended with status {status} before it listened:\n{written}")


def _wait_until_it_answers(server: RunningServer) -> None:
    """Any status will do: a test may well serve a broken site."""
    give_up_at = time.monotonic() + START_LIMIT_S
    while time.monotonic() < give_up_at:
        try:
            urllib.request.urlopen(f"{server.url}/healthz", timeout=START_LIMIT_S).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            if server.process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise ServerProcessError(f"{server.url} did not answer:\n{server.log()}")


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdout is not None:
            process.stdout.close()
