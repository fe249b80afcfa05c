"""Servers that take jobs, over both databases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from packing.databases import find_postgresql
from tests.postgresql import Cluster, running_cluster
from tests.unit.server.jobs.working import flights, table
from web.server.requestlog import LOGGER
from web.server.testing import RunningServer, server_process

DATABASES = ("sqlite", "postgresql")


class Listener(logging.Handler):
    """A handler that keeps what is said."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the log says, from warnings on."""
    listener, level = Listener(), LOGGER.level
    LOGGER.addHandler(listener)
    LOGGER.setLevel(logging.WARNING)
    yield listener.said
    LOGGER.setLevel(level)
    LOGGER.removeHandler(listener)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this session's own."""
    programs = find_postgresql()
    if programs is None:
        pytest.skip("PostgreSQL was not found; python3 build.py test installs it on Debian as root")
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Settings of a server that takes jobs, with a folder of its own, and inputs beside it."""
    (tmp_path / "inputs").mkdir()
    return {"FORESHORE_DATA": str(tmp_path / "data"), "FORESHORE_BATCH_INPUTS": str(tmp_path / "inputs"), "FORESHORE_JOB_LEASE_S": "2"}


@pytest.fixture(params=DATABASES)
def settings_of_both(request: pytest.FixtureRequest, settings: dict[str, str]) -> dict[str, str]:
    """The same for each database."""
    if request.param == "sqlite":
        return settings
    cluster: Cluster = request.getfixturevalue("cluster")
    return {**settings, "FORESHORE_DATABASE": cluster.new_database()}


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that jobs may name, with some beside them that they may not."""
    parent = tmp_path_factory.mktemp("jobs")
    folder = parent / "inputs"
    (folder / "flights").mkdir(parents=True)
    content = table(flights(100))
    for file in (folder / "flights" / "today.csv", parent / "secret.csv"):
        file.write_bytes(content)
    (folder / "inside.csv").symlink_to("flights/today.csv")
    (folder / "outside.csv").symlink_to(parent / "secret.csv")
    (folder / "elsewhere").symlink_to(parent)
    return folder


@pytest.fixture(scope="session", params=DATABASES)
def working(request: pytest.FixtureRequest, dist: Path, inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that takes jobs, which many tests share."""
    settings = {"FORESHORE_DATA": str(tmp_path_factory.mktemp("data")), "FORESHORE_BATCH_INPUTS": str(inputs)}
    if request.param == "postgresql":
        settings["FORESHORE_DATABASE"] = request.getfixturevalue("cluster").new_database()
    with server_process(dist, settings=settings) as running:
        yield running


@pytest.fixture
def url(working: RunningServer) -> str:
    """Where it answers."""
    return working.url


type Serve = Callable[[Mapping[str, str]], Any]
