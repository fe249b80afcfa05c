"""One line on stderr for each request: method, path, status, bytes, milliseconds, and nothing else that a client sent.

No query, no body, no header: whatever a visitor types can't reach the log. The path is cut and escaped, so that it
can neither fill the log nor forge a line of it.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from whitenoise.string_utils import decode_path_info

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOGGER = logging.getLogger("foreshore.server")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
LONGEST_PATH = 200


def write_to_stderr(level: str) -> None:
    """Let the server's log go to stderr from `level` on; calling it again only changes the level."""
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False
    if not LOGGER.handlers:
        handler = logging.StreamHandler(sys.stderr)
        formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
        LOGGER.addHandler(handler)


def printable_path(path: str) -> str:
    r"""`path` as a JSON string in ASCII, of bounded length.

    Examples
    --------
    >>> print(printable_path("/a\n\"b"))
    "/a\n\"b"
    """
    shown = path if len(path) <= LONGEST_PATH else path[:LONGEST_PATH] + "..."
    return json.dumps(shown)


def request_line(method: str, path: str, status: int, size_bytes: int, duration_ms: float) -> str:
    """What the log says about one request.

    Examples
    --------
    >>> request_line("GET", "/arrivals/", 200, 5120, 1.2345)
    'method=GET path="/arrivals/" status=200 bytes=5120 ms=1.23'
    """
    known = method if method in METHODS else "OTHER"
    return f"method={known} path={printable_path(path)} status={status} bytes={size_bytes} ms={duration_ms:.2f}"


@dataclass
class _Exchange:
    """One request on its way; logged once, when its response is done or given up."""

    method: str
    path: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 500
    announced_bytes: int = 0

    def note(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status = int(status.split(" ", 1)[0])
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        bodiless = self.method == "HEAD" or self.status == 304
        self.announced_bytes = int(lengths[0]) if lengths and not bodiless else 0

    def finish(self, size_bytes: int) -> None:
        duration_ms = (time.perf_counter() - self.started) * 1000
        LOGGER.info(request_line(self.method, self.path, self.status, size_bytes, duration_ms))


class _CountedBody:
    """A response's body that counts its bytes and has the exchange logged when it is closed."""

    def __init__(self, body: Iterable[bytes], exchange: _Exchange) -> None:
        self._body = body
        self._exchange = exchange
        self._size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            self._size_bytes += len(chunk)
            yield chunk

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._exchange.finish(self._size_bytes)


class RequestLog:
    """WSGI application that logs every request it passes to `application`."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        exchange = _Exchange(environ["REQUEST_METHOD"], decode_path_info(environ.get("PATH_INFO", "")))

        def noting(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
        ) -> Any:
            exchange.note(status, headers)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        body = self._application(environ, noting)
        wrapper = environ.get("wsgi.file_wrapper")
        if wrapper is not None and isinstance(body, wrapper):
            return _logging_file(body, exchange)
        return _CountedBody(body, exchange)


def _logging_file(body: Any, exchange: _Exchange) -> Iterable[bytes]:
    """`body` itself, logged when closed: servers send a file by sendfile(2) only if it is still their own wrapper."""
    close = body.close

    def close_and_log() -> None:
        try:
            close()
        finally:
            exchange.finish(exchange.announced_bytes)

    body.close = close_and_log
    return body  # type: ignore[no-any-return]  # the WSGI server's own class
