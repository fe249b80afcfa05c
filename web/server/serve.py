"""Runs the server: on this machine while developing, or for real.

`python -m web.server --help` shows the options.
"""

from __future__ import annotations

import argparse
import errno
import importlib.util
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from web.server.app import create_app
from web.server.config import LOG_LEVELS, Config
from web.server.errors import AddressError, DistError, ServerError

BACKLOG = 1024
KEEPALIVE_S = 15
# A browser holds six connections, some of them idle: a thread each, so that none waits for another.
THREADS = 16


def serve(
    dist: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    isolation: bool = True,
    log_level: str = "info",
    workers: int = 1,
    engine: str = "auto",
) -> None:
    """Serve the built site in `dist` until SIGTERM or SIGINT; requests in flight are finished first.

    Prints the site's URL once it listens.

    Parameters
    ----------
    port
        0 takes any free one.
    isolation
        False leaves out COOP and COEP, as a host would that can't send them.
    workers
        Processes; each has its threads.
    engine
        "gunicorn", "werkzeug" (for machines without Gunicorn, such as Windows), or "auto": the better one that is there.

    Raises
    ------
    ServerError
        With what to do about it: no built site, a port in use, a setting that makes no sense.
    """
    if not dist.is_dir():
        raise DistError(f"there is no built site at {dist}: run python3 build.py build")
    config = Config(dist=dist.absolute(), isolation=isolation, log_level=log_level)
    with listen(host, port) as listener:
        if _engine(engine) == "gunicorn":
            _serve_by_gunicorn(config, listener, host, workers)
        else:
            _serve_by_werkzeug(config, listener, host)


def listen(host: str, port: int) -> socket.socket:
    """Socket that listens at `host` and `port`.

    Raises
    ------
    AddressError
        If the address is in use, not this machine's, or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise AddressError(f"{host}:{port} is not an address to listen on ({error}): check --host and --port") from error
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise AddressError(_explain(error, host, port)) from error
    return listener


def _explain(error: OSError | OverflowError, host: str, port: int) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: stop what holds it or choose another with --port"
    if code == errno.EACCES:
        return f"port {port} on {host} is not allowed: choose one above 1023 with --port"
    if code == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: choose another with --host"
    return f"port {port} on {host} can't be listened on ({error}): choose another with --port"


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

    def announce(_: object) -> None:
        _say(f"Serving at {url}")

    options: dict[str, Any] = {
        "workers": workers,
        "threads": THREADS,
        "keepalive": KEEPALIVE_S,
        "loglevel": "debug" if config.log_level == "debug" else "warning",
        "control_socket_disable": True,
        "when_ready": announce,
    }
    try:
        GunicornServer(lambda: create_app(config), listener, isolation=config.isolation, options=options).run()
    except SystemExit as stop:
        if not stop.code:
            raise
        raise ServerError(f"Gunicorn stopped with status {stop.code}: its reason is above") from stop


def _serve_by_werkzeug(config: Config, listener: socket.socket, host: str) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class QuietHandler(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            """Requests are logged by the application."""

    url = _url(listener, host)
    server = make_server(host, 0, create_app(config), threaded=True, request_handler=QuietHandler, fd=listener.fileno())
    server.daemon_threads = False  # type: ignore[attr-defined]  # closing it then waits for requests in flight

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    _say(f"Serving at {url}")
    server.serve_forever()  # ends by KeyboardInterrupt, and closes the server


def _url(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Command line of the server; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m web.server", description="Serve the built site.")
    parser.add_argument("--dist", type=Path, default=Path("dist"), help="folder that the build wrote (default: dist)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port, 0 for any free one (default: 8000)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--no-isolation", action="store_true", help="leave out COOP and COEP")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="info")
    parser.add_argument("--engine", choices=("auto", "gunicorn", "werkzeug"), default="auto")
    options = parser.parse_args(arguments)
    try:
        serve(
            options.dist,
            options.host,
            options.port,
            isolation=not options.no_isolation,
            log_level=options.log_level,
            workers=options.workers,
            engine=options.engine,
        )
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
