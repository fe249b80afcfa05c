"""Runs the server: on this machine while developing, or for real.

`python -m web.server --help` shows the options.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from web.server.app import create_app
from web.server.config import LOG_LEVELS, METRICS_FOLDER, Config
from web.server.errors import ConfigError, DistError, ServerError
from web.server.jobs.supervision import Companion, accompanied
from web.server.listening import listen

ENGINES = ("auto", "gunicorn", "werkzeug")
KEEPALIVE_S = 5
STALL_LIMIT_S = 30
# A browser holds six connections, some of them idle: a thread each, so that none waits for another.
THREADS = 16
EVERY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  # recognised, not chosen
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    dist: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    isolation: bool = True,
    log_level: str = "info",
    workers: int = 1,
    stall_limit_s: int = STALL_LIMIT_S,
    engine: str = "auto",
) -> None:
    """Serve the built site in `dist` until SIGTERM or SIGINT; requests in flight are finished first.

    Prints the site's URL once it listens. What the parameters don't say is read from the environment (see `Config`).

    Parameters
    ----------
    port
        0 takes any free one.
    isolation
        False leaves out COOP and COEP, as a host would that can't send them.
    workers
        Processes; each has its threads.
    stall_limit_s
        A client that stalls within a request for so long is dropped.
    engine
        "gunicorn", "werkzeug" (for machines without Gunicorn, such as Windows), or "auto": the better one that is there.

    Raises
    ------
    ServerError
        With what to do about it: no built site, a port in use, a setting that makes no sense.
    """
    if not dist.is_dir():
        raise DistError(f"there is no built site at {dist}: run python3 build.py build")
    if workers < 1 or stall_limit_s < 1:
        raise ConfigError(f"got {workers} workers and a stall limit of {stall_limit_s} s, expected at least 1 of each")
    config = replace(Config.from_environment(os.environ), dist=dist.absolute(), isolation=isolation, log_level=log_level)
    with listen(host, port, stall_limit_s=stall_limit_s) as listener:
        _say_how_far_isolation_goes(config, host)
        if _engine(engine) == "gunicorn":
            with _metrics_folder(config):
                _serve_by_gunicorn(config, listener, host, workers)
        else:
            _serve_by_werkzeug(config, listener, host)


@contextmanager
def _metrics_folder(config: Config) -> Iterator[None]:
    """A folder where all processes count (see `web.server.prediction.metrics`), unless there is one already."""
    if METRICS_FOLDER in os.environ or not (config.predictions and config.metrics):
        yield
        return
    process, folder = os.getpid(), tempfile.mkdtemp(prefix="foreshore-metrics-")
    os.environ[METRICS_FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == process:  # the worker processes, forked from this one, leave here too
            del os.environ[METRICS_FOLDER]
            shutil.rmtree(folder, ignore_errors=True)


def _say_how_far_isolation_goes(config: Config, host: str) -> None:
    if config.isolation and host not in LOOPBACK:
        _say("Browsers on other machines need HTTPS in front of this server to use threads; without it, they use one.")


def _engine(name: str) -> str:
    if name != "auto":
        return name
    if sys.platform != "win32" and importlib.util.find_spec("gunicorn") is not None:
        return "gunicorn"
    _say("Gunicorn is not available here: serving with Werkzeug, which is meant for development.")
    return "werkzeug"


def _serve_by_gunicorn(config: Config, listener: socket.socket, host: str, workers: int) -> None:
    from web.server.gunicorn_server import GunicornServer

    url = _url(listener, host)
    options: dict[str, Any] = {
        "workers": workers,
        "threads": THREADS,
        "keepalive": KEEPALIVE_S,
        "loglevel": "info" if config.log_level == "debug" else "warning",
        "control_socket_disable": True,
        "when_ready": lambda _: _say(f"Serving at {url}"),
    }
    companion = _companion(config)
    GunicornServer(lambda: create_app(config), listener, isolation=config.isolation, options=options, companion=companion).run()


def _serve_by_werkzeug(config: Config, listener: socket.socket, host: str) -> None:
    from web.server.werkzeug_server import make_werkzeug_server

    url = _url(listener, host)
    server = make_werkzeug_server(create_app(config), listener, host)
    listener.close()  # the server has its own hold of it, and lets go when it stops
    _say(f"Serving at {url}")
    with accompanied(_companion(config)):
        server.serve_forever()  # until it is told to stop; then it closes itself


def _companion(config: Config) -> Companion | None:
    """The runner of jobs, where jobs are taken."""
    return Companion(config) if config.takes_jobs else None


def _url(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    name = "127.0.0.1" if host in EVERY_ADDRESS else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Command line of the server; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        serve(**vars(options))
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m web.server",
        description="Serve the built site.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--dist", type=Path, default=Path("dist"), help="folder that the build wrote")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port, 0 for any free one")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--no-isolation", dest="isolation", action="store_false", help="leave out COOP and COEP")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="at info, one line a request")
    parser.add_argument("--stall-limit", dest="stall_limit_s", type=int, default=STALL_LIMIT_S, help="in seconds")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="what accepts connections")
    return parser
