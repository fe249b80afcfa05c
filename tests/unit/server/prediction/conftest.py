"""A real server that answers predictions of the built site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foreshore import Pipeline, load_pipeline
from web.server.testing import RunningServer, server_process


@pytest.fixture(scope="session")
def predicting(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server process with the defaults, which takes jobs."""
    with server_process(dist, settings={"FORESHORE_DATA": str(tmp_path_factory.mktemp("data"))}) as running:
        yield running


@pytest.fixture(scope="session")
def asked(predicting: RunningServer) -> str:
    """Where it answers."""
    return predicting.url


@pytest.fixture(scope="session")
def eta() -> Pipeline:
    return load_pipeline("eta")


@pytest.fixture(scope="session")
def flight(eta: Pipeline) -> dict[str, Any]:
    """A record that validates: the contract's examples."""
    return {field.name: field.example for field in eta.contract.fields}
