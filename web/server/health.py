"""Whether the folder `dist` holds a release that can be served."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from web.server.errors import DistError

REBUILD = "run python3 build.py build"


def current_release(dist: Path, channel: str) -> str:
    """Id of the release that `channel` points to, once its manifest and files are found to be there.

    Sizes of the files are compared, not their hashes: it is cheap enough to be asked every few seconds, and a browser
    checks every hash anyway.

    Raises
    ------
    DistError
        With the reason, when the folder, the channel, the manifest or one of its files is missing or damaged.
    """
    manifest = read_manifest(dist, channel)
    release = str(manifest["id"])
    _check_sizes(dist, manifest.get("files"), f"releases/{release}/release.json")
    return release


def read_manifest(dist: Path, channel: str) -> Mapping[str, Any]:
    """The manifest of the release that `channel` points to, its hash checked.

    Raises
    ------
    DistError
        With the reason, when the folder, the channel or the manifest is missing or damaged.
    """
    if not dist.is_dir():
        raise DistError(f"there is no built site: {REBUILD}")
    pointer = _read_object(dist, f"channels/{channel}.json")
    manifest_path = _text(pointer, "manifest", f"channels/{channel}.json")
    manifest = _read_object(dist, manifest_path, sha256=_text(pointer, "sha256", f"channels/{channel}.json"))
    release = _text(manifest, "id", manifest_path)
    if release != pointer.get("release"):
        raise DistError(f"{manifest_path}: got id {release}, expected {pointer.get('release')}: {REBUILD}")
    return manifest


def _read_object(dist: Path, name: str, sha256: str | None = None) -> Mapping[str, Any]:
    try:
        content = _inside(dist, name).read_bytes()
        parsed = json.loads(content)
    except OSError as error:
        raise DistError(f"{name} can't be read ({error.strerror}): {REBUILD}") from error
    except ValueError as error:
        raise DistError(f"{name} is not JSON: {REBUILD}") from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise DistError(f"{name} does not match the hash in its channel: {REBUILD}")
    if not isinstance(parsed, dict):
        raise DistError(f"{name} is not a JSON object: {REBUILD}")
    return parsed


def _inside(dist: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise DistError(f"a release names {name!r}, which lies outside the site: {REBUILD}")
    return dist / path


def _text(mapping: Mapping[str, Any], key: str, source: str) -> str:
    value = mapping.get(key)
    if not isinstance(value, str):
        raise DistError(f"{source}: got {key} {value!r}, expected text: {REBUILD}")
    return value


def _check_sizes(dist: Path, files: object, source: str) -> None:
    if not isinstance(files, dict):
        raise DistError(f"{source} lists no files: {REBUILD}")
    for name, entry in files.items():
        expected = entry.get("size_bytes") if isinstance(entry, dict) else None
        try:
            found = _inside(dist, name).stat().st_size
        except OSError as error:
            raise DistError(f"{name} can't be read ({error.strerror}): {REBUILD}") from error
        if found != expected:
            raise DistError(f"{name}: got {found} bytes, expected {expected}: {REBUILD}")
