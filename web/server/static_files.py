"""The built site over HTTP: which file answers a path, in which encoding, whole, in part, or not at all.

WhiteNoise lists the folder, finds the precompressed twins and the media types; this module adds what it leaves out:
quality values of `Accept-Encoding`, lists of entity tags, `If-Range`, and a folder that a rebuild swaps under us.

References
----------
RFC 9110: 8.8.3 (entity tags differ by coding), 12.5.3 (Accept-Encoding), 13.1 (conditions), 14 (ranges).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from werkzeug.datastructures import Accept
from werkzeug.http import http_date, parse_accept_header, parse_range_header
from werkzeug.sansio.http import is_resource_modified
from whitenoise import WhiteNoise
from whitenoise.responders import Redirect, Response, SlicedFile

from web.server.headers import REVALIDATED, Header, cache_control

MEDIA_TYPES = {"license": "text/plain", ".onnx": "application/octet-stream", ".webmanifest": "application/manifest+json"}
# Instructions to static hosts, which don't hand them out either.
UNSERVED = frozenset({"/_headers", "/_redirects"})
UNLISTED_IDENTITY = 0.001  # identity is always acceptable unless refused, but what the client names comes first


class StaleFileError(Exception):
    """The file on disk is no longer the one that the index describes."""


@dataclass(frozen=True)
class Representation:
    """One encoding of a file, and the stamp that tells whether the disk still holds it."""

    path: str
    encoding: str
    size_bytes: int
    stamp: tuple[int, int, int]
    etag: str
    modified: datetime
    headers: tuple[Header, ...]

    def open(self) -> BinaryIO:
        """File at its first byte; raises StaleFileError if it changed since it was indexed."""
        handle = open(self.path, "rb")  # noqa: SIM115  # the WSGI server closes it
        if stamp_of(os.fstat(handle.fileno())) == self.stamp:
            return handle
        handle.close()
        raise StaleFileError(self.path)

    def confirm(self) -> None:
        """Raise StaleFileError if the file changed since it was indexed."""
        if stamp_of(os.stat(self.path)) != self.stamp:
            raise StaleFileError(self.path)


def stamp_of(status: os.stat_result) -> tuple[int, int, int]:
    """What changes whenever a file is replaced or rewritten: inode, modification time, size."""
    return status.st_ino, status.st_mtime_ns, status.st_size


class DistFile:
    """A file of the site with its precompressed twins."""

    def __init__(self, path: str, headers: list[Header], stats: Mapping[str, os.stat_result], etag: str | None) -> None:
        modified = int(stats[path].st_mtime)
        status = stats[path]
        tag = etag or f"{status.st_mtime_ns:x}-{status.st_size:x}"
        shared = [*headers, ("Last-Modified", http_date(modified)), ("Accept-Ranges", "bytes")]
        twins = {"identity": path, "br": path + ".br", "gzip": path + ".gz"}
        found = {encoding: twin for encoding, twin in twins.items() if twin in stats}
        if len(found) > 1:
            shared.append(("Vary", "Accept-Encoding"))
        self.representations = [_represent(twin, encoding, stats[twin], tag, modified, shared) for encoding, twin in found.items()]

    def get_response(self, method: str, environ: Mapping[str, Any]) -> Response:
        """Answer to a GET or HEAD: 200, 206, 304 or 416.

        Raises
        ------
        StaleFileError, OSError
            If the file was replaced or removed since it was indexed.
        """
        chosen = self._choose(environ)
        if _is_unmodified(chosen, environ):
            chosen.confirm()
            return Response(HTTPStatus.NOT_MODIFIED, _not_modified_headers(chosen), None)
        if method == "HEAD":
            chosen.confirm()
            return Response(HTTPStatus.OK, _full_headers(chosen), None)
        handle = chosen.open()
        span = _requested_span(chosen, environ)
        if span is None:
            return Response(HTTPStatus.OK, _full_headers(chosen), handle)
        return _partial(chosen, handle, span)

    def _choose(self, environ: Mapping[str, Any]) -> Representation:
        """Smallest representation that the client likes best; the plain bytes for ranges, and if it likes none."""
        plain = self.representations[0]
        if environ.get("HTTP_RANGE"):
            return plain
        accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"), Accept)
        rated = [(_quality(accepted, each.encoding), -each.size_bytes, each) for each in self.representations]
        return max((entry for entry in rated if entry[0] > 0), key=lambda entry: entry[:2], default=(0, 0, plain))[2]


def _represent(path: str, encoding: str, status: os.stat_result, tag: str, modified: int, shared: list[Header]) -> Representation:
    identity = encoding == "identity"
    etag = f'"{tag}"' if identity else f'"{tag}-{encoding}"'
    headers = [*shared, ("ETag", etag), *([] if identity else [("Content-Encoding", encoding)])]
    moment = datetime.fromtimestamp(modified, UTC)
    return Representation(path, encoding, status.st_size, stamp_of(status), etag, moment, tuple(headers))


def _quality(accepted: Accept, encoding: str) -> float:
    quality = accepted.quality(encoding)
    if encoding == "identity" and not any(value in ("identity", "*") for value, _ in accepted):
        return UNLISTED_IDENTITY
    return float(quality)


def _is_unmodified(chosen: Representation, environ: Mapping[str, Any]) -> bool:
    return not is_resource_modified(
        http_if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
        http_if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
        etag=chosen.etag,
        last_modified=None if environ.get("HTTP_IF_NONE_MATCH") else chosen.modified,
    )


def _requested_span(chosen: Representation, environ: Mapping[str, Any]) -> tuple[int, int] | None:
    """First byte and the one after the last, or None where the whole file is the answer; empty if out of reach."""
    requested = parse_range_header(environ.get("HTTP_RANGE"))
    if requested is None or requested.units != "bytes" or len(requested.ranges) != 1:
        return None
    if not _same_as_before(chosen, environ):
        return None
    start, stop = requested.ranges[0]
    size = chosen.size_bytes
    first = max(size + start, 0) if start < 0 else start
    return first, size if stop is None else min(stop, size)


def _same_as_before(chosen: Representation, environ: Mapping[str, Any]) -> bool:
    """RFC 9110 13.1.5: the strong tag or the exact date that the client got with the part it has."""
    return environ.get("HTTP_IF_RANGE", chosen.etag) in (chosen.etag, http_date(chosen.modified))


def _partial(chosen: Representation, handle: BinaryIO, span: tuple[int, int]) -> Response:
    first, stop = span
    if first >= stop:
        handle.close()
        headers = [("Content-Range", f"bytes */{chosen.size_bytes}"), ("Content-Length", "0")]
        return Response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers, None)
    headers = [
        *chosen.headers,
        ("Content-Range", f"bytes {first}-{stop - 1}/{chosen.size_bytes}"),
        ("Content-Length", str(stop - first)),
    ]
    return Response(HTTPStatus.PARTIAL_CONTENT, headers, SlicedFile(handle, first, stop - 1))


def _full_headers(chosen: Representation) -> list[Header]:
    return [*chosen.headers, ("Content-Length", str(chosen.size_bytes))]


def _not_modified_headers(chosen: Representation) -> list[Header]:
    """RFC 9110 15.4.5: what a 200 would have said about caching; nothing about a body that isn't sent."""
    kept = {"Cache-Control", "ETag", "Last-Modified", "Vary"}
    return [header for header in chosen.headers if header[0] in kept]


class FolderRedirect(Redirect):  # type: ignore[misc]  # published without types
    """The way to a folder's canonical address, relative so that the site can live under a sub-path."""

    def get_response(self, method: str, environ: Mapping[str, Any]) -> Response:
        """302 that keeps the query."""
        query = environ.get("QUERY_STRING", "")
        headers = [(name, f"{value}?{query}" if query and name == "Location" else value) for name, value in self.response.headers]
        return Response(self.response.status, [*headers, ("Content-Length", "0")], None)


class DistIndex(WhiteNoise):  # type: ignore[misc]  # published without types
    """Every path of one state of the folder `dist`, and what answers it; empty if there is no such folder.

    Attributes
    ----------
    folder
        Tells this state of the folder from those that replace it; None if there was none.

    Raises
    ------
    StaleFileError, OSError
        If the folder was replaced while it was read.
    """

    def __init__(self, dist: Path | None = None) -> None:
        super().__init__(None, max_age=None, allow_all_origins=False, mimetypes=MEDIA_TYPES, index_file=True)
        self.folder = folder_stamp(dist) if dist is not None else None
        if self.folder is not None:
            self.add_files(str(dist))
        if dist is not None and folder_stamp(dist) != self.folder:
            raise StaleFileError(str(dist))

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        """List what is under `root`; one unreadable entry does not hide the rest of the site."""
        stats = dict(_stats_under(root))
        for path in stats:
            self.add_file_to_dictionary(prefix + path[len(root) :].replace(os.sep, "/"), path, stat_cache=stats)

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Mapping[str, os.stat_result]) -> None:
        """List one file, unless it is hidden, meant for static hosts, or no file at all."""
        if url not in UNSERVED and "/." not in url and stat.S_ISREG(stat_cache[path].st_mode):
            super().add_file_to_dictionary(url, path, stat_cache=stat_cache)

    def get_static_file(self, path: str, url: str, stat_cache: Mapping[str, os.stat_result]) -> DistFile:
        """What answers `url` with the file at `path`."""
        caching = cache_control(url)
        headers = [("Content-Type", self._media_type(path)), ("Cache-Control", caching)]
        return DistFile(path, headers, stat_cache, _content_tag(path) if caching == REVALIDATED else None)

    def redirect(self, from_url: str, to_url: str) -> FolderRedirect:
        """Redirect between the spellings of a folder's address."""
        location = "./" if from_url.startswith(to_url) else to_url.rstrip("/").rpartition("/")[2] + "/"
        return FolderRedirect(location, headers={"Cache-Control": REVALIDATED})

    def _media_type(self, path: str) -> str:
        media_type = self.media_types.get_type(path)
        return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else str(media_type)


def folder_stamp(folder: Path) -> tuple[int, int] | None:
    """What differs between a folder and the one that replaces it under its name; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns) if stat.S_ISDIR(status.st_mode) else None


def _stats_under(root: str) -> Iterator[tuple[str, os.stat_result]]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            with suppress(OSError):  # a link to nowhere, or a file deleted since
                yield path, os.stat(path)


def _content_tag(path: str) -> str | None:
    """Entity tag from the bytes: builds may clamp modification times, and what is revalidated must not look unchanged."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]
    except PermissionError:
        return None  # whoever asks for this one file is told; the others are served
