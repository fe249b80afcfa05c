"""Werkzeug's server, for machines without Gunicorn."""

from __future__ import annotations

import signal
import socket
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class QuietHandler(WSGIRequestHandler):
    """Handler that leaves logging requests to the application."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # the name is Werkzeug's
        """Say nothing."""


class PatientServer(ThreadedWSGIServer):
    """Server whose closing waits for requests in flight."""

    daemon_threads = False


def make_werkzeug_server(application: WSGIApplication, listener: socket.socket, host: str) -> PatientServer:
    """Server on `listener` that stops gracefully at SIGTERM and at Ctrl+C; a second Ctrl+C doesn't wait."""
    server = PatientServer(host, 0, application, QuietHandler, fd=listener.fileno())

    def stop(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=server.shutdown).start()  # it waits for the loop that this handler interrupts

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return server
