"""A plain static host for tests: it knows nothing of the site, can serve it under a sub-path, and can fail on purpose."""

from __future__ import annotations

import mimetypes
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

type Trouble = Literal["drop", "tamper", "shorten", "unavailable", "missing"]
"""drop: the connection ends half-way. tamper: one byte differs. shorten: the last half is not there. unavailable: 503. missing: 404."""

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}


@dataclass
class StaticHost:
    """Serves `folder` at `url`; set `troubles` and `down` while it runs.

    Attributes
    ----------
    troubles
        Pattern of a path to what goes wrong there.
    troubled_times
        How often something goes wrong before it heals by itself; None is always.
    down
        Every connection is dropped without an answer.
    goes_down_after
        Pattern of a path; once that was asked for, the host is down in the middle of it.
    requests
        Paths asked for, in order.
    """

    folder: Path
    prefix: str = ""
    headers: Sequence[tuple[str, str]] = ()
    troubles: dict[str, Trouble] = field(default_factory=dict)
    troubled_times: int | None = None
    down: bool = False
    goes_down_after: str | None = None
    requests: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Address of the site's root, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def trouble(self, path: str) -> Trouble | None:
        """What goes wrong with a path this time, if anything."""
        trouble = next((trouble for pattern, trouble in self.troubles.items() if re.search(pattern, path)), None)
        if trouble is None or self.troubled_times is None:
            return trouble
        self.troubled_times -= 1
        return trouble if self.troubled_times >= 0 else None

    def file(self, path: str) -> Path | None:
        """The file at a path, or None."""
        if not path.startswith(f"{self.prefix}/"):
            return None
        file = self.folder / path.removeprefix(f"{self.prefix}/")
        if path.endswith("/"):
            file = file / "index.html"
        return file if file.is_file() else None


@contextmanager
def static_host(folder: Path, prefix: str = "", headers: Sequence[tuple[str, str]] = ()) -> Iterator[StaticHost]:
    """A host on a free port of the loopback interface, stopped when the context ends."""
    host = StaticHost(folder, prefix, headers)
    handler = type("Handler", (_Handler,), {"host": host})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        host.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    host: ClassVar[StaticHost]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.host.requests.append(path)
        self.close_connection = True
        if self.host.down:
            return
        with suppress(BrokenPipeError, ConnectionResetError):  # the browser may leave
            self._answer(path)

    def _answer(self, path: str) -> None:
        trouble, file = self.host.trouble(path), self.host.file(path)
        if self.host.goes_down_after and re.search(self.host.goes_down_after, path):
            trouble, self.host.down = "drop", True
        if trouble == "unavailable":
            return self._send(503, b"")
        if file is None or trouble == "missing":
            return self._send(404, b"")
        content = file.read_bytes()
        if trouble == "tamper":
            content = content[:-1] + bytes([content[-1] ^ 1])
        if trouble == "shorten":
            content = content[: len(content) // 2]
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return self._send(200, content, kind, cut=trouble == "drop")

    def _send(self, status: int, content: bytes, kind: str = "text/plain", cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        for name, value in self.host.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)

    def log_message(self, *_words: Any) -> None:
        """Say nothing: tests read `requests`."""
