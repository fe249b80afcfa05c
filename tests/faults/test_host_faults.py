"""Faults of the machine that builds and serves: a full disk, a port in use, nothing to serve."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.release import Site, write_site
from packing.errors import BuildError
from packing.hashing import files_under, sha256_of
from tests.root import ROOT

SMALL_DISK_BYTES = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system of limited size")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def site(content: bytes) -> Site:
    return Site({"index.html": b"<!doctype html>", "assets/model-0.onnx": content})


def contents(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): sha256_of(file) for file in files_under(folder)}


def test_a_full_disk_leaves_the_previous_site_as_it_was(small_disk: Path, tmp_path: Path) -> None:
    dist = small_disk / "dist"
    write_site(site(os.urandom(SMALL_DISK_BYTES // 4)), {"pipelines": {}}, "first", tmp_path / "twins", dist)
    before = contents(dist)

    with pytest.raises(BuildError, match=r"No space left on device.*previous build in .* is untouched"):
        write_site(site(os.urandom(SMALL_DISK_BYTES)), {"pipelines": {}}, "second", tmp_path / "twins", dist)

    assert contents(dist) == before
    assert [path.name for path in small_disk.iterdir()] == ["dist"]


def test_a_site_that_fits_again_replaces_the_previous_one(small_disk: Path, tmp_path: Path) -> None:
    dist = small_disk / "dist"
    for key in ("first", "second", "third"):
        write_site(site(os.urandom(SMALL_DISK_BYTES // 4)), {"pipelines": {}}, key, tmp_path / "twins", dist)

    assert [path.name for path in small_disk.iterdir()] == ["dist"]


def serve(*options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "pywasm")])}
    command = [sys.executable, "-m", "web.server", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_port_in_use_is_named_with_what_to_do(dist: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = serve("--dist", str(dist), "--port", str(port))

    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_missing_site_is_named_with_what_to_do(tmp_path: Path) -> None:
    ended = serve("--dist", str(tmp_path / "nothing"), "--port", "0")

    assert ended.returncode == 1
    assert "build.py" in ended.stderr
    assert "Traceback" not in ended.stderr
