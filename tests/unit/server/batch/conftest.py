"""eta as the built site releases it, and jobs for it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.server.batch.tables import Row, flights
from web.server.batch.job import BatchJob
from web.server.prediction.catalogue import Catalogue, ReleasedPipeline

DISK_BYTES = 3 << 20

type Job = Callable[..., BatchJob]


@pytest.fixture(scope="session")
def released(dist: Path) -> ReleasedPipeline:
    return Catalogue(dist.absolute(), "stable").current().pipeline("eta")


@pytest.fixture(scope="session")
def thousand(released: ReleasedPipeline) -> list[Row]:
    """Valid flights."""
    return flights(released.pipeline.contract, 1000)


@pytest.fixture
def job(released: ReleasedPipeline, tmp_path: Path) -> Job:
    """A job for a file of that name and content."""

    def make(content: bytes | str, source: str = "flights.csv", output: str = "out.parquet", **parts: Any) -> BatchJob:
        path = tmp_path / source
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return BatchJob(path, tmp_path / output, released, **parts)

    return make


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
