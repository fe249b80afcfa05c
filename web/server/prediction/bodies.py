"""Reading a request's body: no more of it than is allowed, and for no longer than is allowed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from web.server.prediction.errors import Malformed, Slow, TooLarge, Unsupported

CHUNK_BYTES = 1 << 20


class Patience:
    """Ends connections whose body takes too long, however steadily it trickles in, or out.

    Parameters
    ----------
    limit_s : float
    how : int
        What of the connection is shut down then, as `socket.socket.shutdown` takes it.
    """

    def __init__(self, limit_s: float, how: int = socket.SHUT_RD) -> None:
        self._limit_s, self._how = limit_s, how
        self._waiting: dict[int, tuple[socket.socket, float]] = {}
        self._lock = threading.Lock()
        self._watcher: threading.Thread | None = None

    @contextmanager
    def limit(self, connection: socket.socket | None) -> Iterator[None]:
        """Give up on `connection` if this lasts too long; raises Slow then."""
        if connection is None:
            yield
            return
        give_up_at = time.monotonic() + self._limit_s
        slow = Slow(f"the body did not arrive within {self._limit_s:g} s, or stalled")
        try:
            with self._watched(connection, give_up_at):
                yield
        except OSError as error:
            raise slow from error
        except Exception as error:  # the WSGI server's own, for chunks that are none
            raise Malformed(f"the body can't be read: {type(error).__name__}") from error
        if time.monotonic() > give_up_at:
            raise slow

    def each(self, parts: Iterable[bytes], connection: socket.socket | None) -> Iterator[bytes]:
        """Parts of a body that is sent to `connection`, given up where one takes too long."""
        for part in parts:
            with nullcontext() if connection is None else self._watched(connection, time.monotonic() + self._limit_s):
                yield part

    @contextmanager
    def _watched(self, connection: socket.socket, give_up_at: float) -> Iterator[None]:
        with self._lock:
            self._waiting[id(connection)] = (connection, give_up_at)
            self._ensure_watcher()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(id(connection), None)

    def _ensure_watcher(self) -> None:
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="patience", daemon=True)
            self._watcher.start()

    def _watch(self) -> None:
        while True:
            time.sleep(min(1.0, self._limit_s / 4))
            now = time.monotonic()
            with self._lock:
                overdue = [connection for connection, give_up_at in self._waiting.values() if give_up_at < now]
            for connection in overdue:
                with suppress(OSError):
                    connection.shutdown(self._how)


def connection_of(environ: Mapping[str, Any]) -> socket.socket | None:
    """What a request came by, where its server tells."""
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


def read_body(environ: Mapping[str, Any], limit_bytes: int, patience: Patience) -> bytes:
    """The body of a request.

    Raises
    ------
    TooLarge
        If it has more than `limit_bytes`; one that announces more is not read.
    Slow
        If it did not arrive in time.
    Unsupported
        If it is compressed.
    Malformed
        If its end is missing.
    """
    length = announced_bytes(environ, limit_bytes)
    with patience.limit(connection_of(environ)):
        body = _read(environ["wsgi.input"], limit_bytes + 1 if length is None else length)
    if length is None and len(body) > limit_bytes:
        raise TooLarge(f"the body has more than {limit_bytes} bytes; send fewer rows at a time")
    if length is not None and len(body) < length:
        raise Malformed(f"the body ended after {len(body)} of {length} bytes")
    return body


def announced_bytes(environ: Mapping[str, Any], limit_bytes: int) -> int | None:
    """How large the body of a request is, as far as its client says so; raises TooLarge and Unsupported as `read_body` does."""
    if (encoding := environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()) not in ("", "identity"):
        raise Unsupported(f"Content-Encoding: got {encoding[:20]!r}, expected none; send the body as it is")
    announced = environ.get("CONTENT_LENGTH") or None
    length = int(announced) if announced is not None else None
    if length is not None and length > limit_bytes:
        raise TooLarge(f"the body has {length} bytes, expected at most {limit_bytes}; send fewer rows at a time")
    return length


def stream_body(environ: Mapping[str, Any], limit_bytes: int, patience: Patience) -> Iterator[bytes]:
    """The body of a request in parts, each of which must arrive in time; raises as `read_body` does."""
    length = announced_bytes(environ, limit_bytes)
    got, wanted = 0, limit_bytes + 1 if length is None else length
    while got < wanted:
        with patience.limit(connection_of(environ)):
            part = _read(environ["wsgi.input"], min(CHUNK_BYTES, wanted - got))
        if not part:
            break
        got += len(part)
        if got > limit_bytes:
            raise TooLarge(f"the body has more than {limit_bytes} bytes; send fewer rows at a time")
        yield part
    if length is not None and got < length:
        raise Malformed(f"the body ended after {got} of {length} bytes")


def discard_body(environ: Mapping[str, Any], limit_bytes: int, patience: Patience) -> None:
    """Read what is left of a body that nobody wants, so that the connection can be kept; not one that is too large, or too slow."""
    announced = environ.get("CONTENT_LENGTH") or "0"
    if int(announced) <= limit_bytes:
        with suppress(Slow, Malformed), patience.limit(connection_of(environ)):
            while environ["wsgi.input"].read(CHUNK_BYTES):
                pass


def _read(stream: Any, size: int) -> bytes:
    """Up to `size` bytes; fewer only where the stream ends."""
    if size <= CHUNK_BYTES:
        return bytes(stream.read(size))
    parts, missing = [], size
    while missing and (part := stream.read(min(missing, CHUNK_BYTES))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
