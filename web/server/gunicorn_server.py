"""Gunicorn, as this server runs it. The only file that imports it: it doesn't exist on Windows."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from web.server.config import METRICS_FOLDER
from web.server.errors import ServerError
from web.server.headers import Header, security_headers
from web.server.jobs.supervision import Companion
from web.server.requestlog import LOGGER, request_line
from web.server.waiting import note_waited

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FIRST_BYTE_S = 0.1
LINGER_S = 1.0
LINGER_BYTES = 1 << 16

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

    def manage_workers(self) -> None:
        """See to the worker processes, and to the one that goes with them; called about every second."""
        super().manage_workers()
        if self.app.companion is not None:
            self.app.companion.ensure()

    def stop(self, graceful: bool = True) -> None:
        """Stop the worker processes, and the one that goes with them."""
        if self.app.companion is not None:
            self.app.companion.ask_to_stop()
        super().stop(graceful)
        if self.app.companion is not None:
            self.app.companion.wait()


class GracefulWorker(ThreadWorker):  # type: ignore[misc]  # published without types
    """Threaded worker that is neither held up by idle clients nor cut short by Ctrl+C.

    Gunicorn 27 lets a connection on which nothing comes occupy a thread for 5 s, and lingers up to 2 s on a connection
    that it closes in the loop that accepts all others. Here such a wait is short, and only ever one thread's.

    Attributes
    ----------
    early_signals
        Where signals went that came while the worker, just forked, still had the arbiter's handlers.
    """

    early_signals: SimpleQueue[int] = SimpleQueue()

    def init_signals(self) -> None:
        """Ctrl+C reaches every process of the terminal's group; only the arbiter acts on it."""
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while not self.early_signals.empty():
            if self.early_signals.get() == signal.SIGTERM:
                self.alive = False

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept, or not; a stopping worker lets go of the port and of connections that never asked for anything."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()
            for connection in self.pending_conns:
                connection.timeout = 0

    def enqueue_req(self, conn: TConn) -> None:
        """Let a thread serve what has come, and note since when it could."""
        conn.ready_at = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> object:
        """Serve one request; true if the connection is kept."""
        note_waited(time.monotonic() - conn.ready_at)
        fresh = not conn.initialized and not conn.data_ready
        if fresh and not conn.wait_for_data(FIRST_BYTE_S):
            return _DEFER
        kept = super().handle(conn)
        if not kept:
            _linger(conn.sock)
        return kept

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


def _hand_over_signals(arbiter: GracefulArbiter, worker: GracefulWorker) -> None:
    worker.early_signals = arbiter.SIG_QUEUE


def _forget_gauges(_: GracefulArbiter, worker: GracefulWorker) -> None:
    """What a process that has ended had in memory is no longer there; what it counted still is."""
    folder = os.environ.get(METRICS_FOLDER)
    if folder and os.listdir(folder):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _linger(connection: socket.socket) -> None:
    """Let the client read to the end before the connection closes (RFC 9112, 9.6), and leave nothing to wait for."""
    give_up_at = time.monotonic() + LINGER_S
    try:
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(LINGER_S)
        while connection.recv(LINGER_BYTES) and time.monotonic() < give_up_at:  # who goes on sending is cut off
            pass
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _cut(connection)


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        LOGGER.debug("connection was closed by the client: %s", error)


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
    companion
        A process that starts and stops with the server, if any.
    """

    def __init__(
        self,
        create: Callable[[], WSGIApplication],
        listener: socket.socket,
        *,
        isolation: bool,
        options: dict[str, Any],
        companion: Companion | None = None,
    ) -> None:
        self._create, self.companion = create, companion
        self._options = {"bind": f"fd://{listener.detach()}", "worker_class": GracefulWorker, "logger_class": QuietLogger}
        self._options |= {"post_fork": _hand_over_signals, "child_exit": _forget_gauges, **options}
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
