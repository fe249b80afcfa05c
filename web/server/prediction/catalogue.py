"""What is served: the pipelines of the release that a channel points to, and no others."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from foreshore import Contract, ForeshoreError, Pipeline, load_pipeline
from web.server.errors import DistError
from web.server.health import read_manifest
from web.server.prediction.errors import Unavailable, Unknown

LOOK_AGAIN_S = 1.0
"""A new release is served this long after it was put in place."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model of a release.

    Attributes
    ----------
    name : str
        Path in the site; it holds a hash, so that no two models share one.
    joined : bool
        Whether it takes columns: the lowered features are part of it. If not, it takes the feature tensors.
    """

    name: str
    path: Path
    sha256: str
    size_bytes: int
    joined: bool

    def read(self) -> bytes:
        """Its bytes; raises Unavailable where they are not those that were released."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise Unavailable(f"{self.name} can't be read ({error.strerror}): the release was replaced or is damaged") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise Unavailable(f"{self.name} is not the file that was released: run python3 build.py build")
        return content


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a pipeline's model: a file for all, and those that segments have of their own, by code."""

    name: str
    default: ModelFile
    by_code: Mapping[int, ModelFile]


@dataclass(frozen=True)
class ReleasedPipeline:
    """A pipeline as it was released.

    Attributes
    ----------
    release : str
        Id of the release, which is the version of all its models.
    entry : mapping
        The pipeline's part of the manifest.
    files : mapping
        The manifest's files: sha256 and size by path.
    """

    name: str
    release: str
    dist: Path
    entry: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]

    @cached_property
    def pipeline(self) -> Pipeline:
        """Its definition; raises Unavailable where the code at hand is not the one that was released."""
        try:
            pipeline = load_pipeline(self.name)
        except ForeshoreError as error:
            raise Unavailable(error.message) from error
        if pipeline.contract != self.contract:
            raise Unavailable(f"pipeline {self.name}: its code is not that of release {self.release}; build, then start the server again")
        return pipeline

    @cached_property
    def contract(self) -> Contract:
        """Its contract, as it was released."""
        return Contract.from_json(self.entry["contract"])

    @property
    def versions(self) -> tuple[str, str]:
        """What its version may be called: the release, or the contract's version."""
        return self.release, str(self.entry["contract"]["version"])

    @cached_property
    def variants(self) -> dict[str, Variant]:
        """Its variants by name."""
        return {listed["name"]: self._variant(listed) for listed in self.entry["variants"]}

    def variant(self, name: str | None) -> Variant:
        """A variant, by default the one that visitors get; raises Unknown."""
        wanted = self.entry["default_variant"] if name is None else name
        if not isinstance(wanted, str) or wanted not in self.variants:
            raise Unknown(f"pipeline {self.name}: there is no such variant, expected one of {', '.join(self.variants)}")
        return self.variants[wanted]

    def folder(self, key: str) -> str | None:
        """Path of one of its folders, such as "history"; None where it has none."""
        return self.entry.get(key)

    def _variant(self, listed: Mapping[str, Any]) -> Variant:
        codes = {value: code for code, value in enumerate(self.contract.segment_values)}
        segments = listed.get("segments", {})
        return Variant(listed["name"], self._model(listed), {codes[value]: self._model(each) for value, each in segments.items()})

    def _model(self, listed: Mapping[str, Any]) -> ModelFile:
        name = listed.get("graph", listed["file"])
        file = self.files[name]
        return ModelFile(name, self.dist / name, file["sha256"], file["size_bytes"], "graph" in listed)


@dataclass(frozen=True)
class Release:
    """The pipelines of one release; `reason` says why there are none."""

    id: str | None
    pipelines: Mapping[str, ReleasedPipeline]
    reason: str = ""

    def pipeline(self, name: str, version: str | None = None) -> ReleasedPipeline:
        """A pipeline by name; raises Unknown, or Unavailable where there is no release."""
        if self.id is None:
            raise Unavailable(self.reason)
        if name not in self.pipelines:
            raise Unknown(
                f"there is no such pipeline, expected one of {', '.join(self.pipelines) or 'none: this release has no pipelines'}"
            )
        found = self.pipelines[name]
        if version is not None and version not in found.versions:
            raise Unknown(f"pipeline {name}: there is no such version, expected {' or '.join(found.versions)}")
        return found


class Catalogue:
    """The release that a channel points to, read again when the channel's file changes.

    Parameters
    ----------
    dist : Path
        The built site.
    channel : str
    clock : callable
        Seconds that only rise.
    """

    def __init__(self, dist: Path, channel: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._dist, self._channel, self._clock = dist, channel, clock
        self._lock = threading.Lock()
        self._stamp: object = None
        self._release = Release(None, {}, "nothing has been read yet")
        self._next_look = -1.0

    def current(self) -> Release:
        """The release to serve now."""
        if self._clock() >= self._next_look:
            with self._lock:
                self._look()
        return self._release

    def _look(self) -> None:
        if self._clock() < self._next_look:
            return  # another thread has just looked
        stamp = _stamp(self._dist / "channels" / f"{self._channel}.json")
        if stamp is None or stamp != self._stamp:
            self._release = self._read()
            self._stamp = stamp
        self._next_look = self._clock() + LOOK_AGAIN_S

    def _read(self) -> Release:
        try:
            manifest = read_manifest(self._dist, self._channel)
        except DistError as error:
            return Release(None, {}, str(error))
        release, files = manifest["id"], manifest.get("files", {})
        listed = sorted(manifest.get("pipelines", {}).items())
        return Release(release, {name: ReleasedPipeline(name, release, self._dist, entry, files) for name, entry in listed})


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
