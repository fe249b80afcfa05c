"""Gunicorn, as this server runs it. The only file that imports it: it doesn't exist on Windows."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

from web.server.errors import ServerError
from web.server.headers import Header, security_headers
from web.server.requestlog import LOGGER, request_line

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REFUSALS = {
    "LimitRequestLine": (414, "URI Too Long"),
    "LimitRequestHeaders": (431, "Request Header Fields Too Large"),
    "ExpectationFailed": (417, "Expectation Failed"),
    "UnsupportedTransferCoding": (501, "Not Implemented"),
}


class QuietLogger(Logger):  # type: ignore[misc]  # published without types
    """Gunicorn's log without the tracebacks of clients that stalled until they were dropped."""

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log the exception being handled."""
        if isinstance(sys.exception(), BlockingIOError):
            LOGGER.debug("dropped a client that stalled")
        else:
            super().exception(msg, *args, **kwargs)


class GracefulArbiter(Arbiter):  # type: ignore[misc]  # published without types
    """Arbiter for which Ctrl+C means what SIGTERM means; a second one doesn't wait for requests in flight."""

    def handle_int(self) -> None:
        """Stop gracefully."""
        self.handle_term()


class GracefulWorker(ThreadWorker):  # type: ignore[misc]  # published without types
    """Threaded worker that leaves Ctrl+C to the arbiter and refuses malformed requests with our own headers."""

    def init_signals(self) -> None:
        """Ctrl+C reaches every process of the terminal's group: here it must not cut requests short."""
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what never became a request; its text goes neither into the answer nor into the log."""
        ours = isinstance(exc, (InvalidResponseHeader, InvalidResponseHeaderName))
        malformed = isinstance(exc, ParseException) and not ours
        status, phrase = REFUSALS.get(type(exc).__name__, (400, "Bad Request")) if malformed else (500, "Internal Server Error")
        if malformed:
            LOGGER.info(request_line("OTHER", "", status, 0, 0.0))
        else:
            LOGGER.error("unexpected error", exc_info=exc)
        try:
            client.sendall(_refusal(status, phrase, self.app.refusal_headers))
        except OSError as error:
            LOGGER.debug("client left before it was refused: %s", error)


def _refusal(status: int, phrase: str, headers: tuple[Header, ...]) -> bytes:
    lines = [f"HTTP/1.1 {status} {phrase}", "Connection: close", "Content-Length: 0", "Cache-Control: no-store"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


class GunicornServer(BaseApplication):  # type: ignore[misc]  # published without types
    """Gunicorn serving what `create` makes, on a socket that listens already.

    Parameters
    ----------
    create
        Makes the application, once in each worker process.
    listener
        Bound and listening; Gunicorn closes it.
    isolation
        Whether answers to malformed requests carry COOP and COEP.
    options
        Gunicorn's settings by name.
    """

    def __init__(self, create: Callable[[], WSGIApplication], listener: socket.socket, *, isolation: bool, options: dict[str, Any]) -> None:
        self._create = create
        self._options = {"bind": f"fd://{listener.detach()}", "worker_class": GracefulWorker, "logger_class": QuietLogger}
        self._options |= options
        self.refusal_headers = security_headers(isolation=isolation)
        super().__init__()

    def load_config(self) -> None:
        """Give Gunicorn our options; neither its files nor its environment variables are read."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Application of one worker."""
        return self._create()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises
        ------
        ServerError
            If Gunicorn ended otherwise.
        SystemExit
            In the worker processes, which are forked from this one.
        """
        process = os.getpid()
        try:
            GracefulArbiter(self).run()
        except SystemExit as stop:
            if os.getpid() != process:
                raise
            if stop.code:
                raise ServerError(f"Gunicorn stopped with status {stop.code}: the lines above say why") from stop
