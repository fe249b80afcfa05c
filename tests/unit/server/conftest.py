"""A small site and a server process for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.server.small_site import SECRET, write_site
from web.server.testing import RunningServer, server_process


@pytest.fixture(scope="session")
def small_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site that no test changes, with a secret beside it."""
    parent = tmp_path_factory.mktemp("site")
    (parent / "secret.txt").write_text(SECRET)
    return write_site(parent / "dist")


@pytest.fixture(scope="session")
def server(small_dist: Path) -> Iterator[RunningServer]:
    """A server process for it."""
    with server_process(small_dist) as running:
        yield running


@pytest.fixture(scope="session")
def url(server: RunningServer) -> str:
    """Where it answers."""
    return server.url


@pytest.fixture
def own_dist(tmp_path: Path) -> Path:
    """A small site that the test may change."""
    return write_site(tmp_path / "dist")
