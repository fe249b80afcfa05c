"""Werkzeug's server, for machines without Gunicorn."""

from __future__ import annotations

import signal
import socket
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
    """Server on `listener` that stops, as by Ctrl+C, at SIGTERM too."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    return PatientServer(host, 0, application, QuietHandler, fd=listener.fileno())
