"""Pipelines in CPython and in Pyodide, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foreshore import Pipeline, load_pipeline, pipeline_names
from models.verification.browser import BrowserExecutions
from tests.golden import artefacts_of, golden_cases
from tests.root import ROOT


@pytest.fixture(scope="session")
def pyodide(dist: Path, release: dict[str, Any]) -> Iterator[BrowserExecutions]:
    """The site's own Pyodide, in Node."""
    executions = BrowserExecutions(ROOT / "web" / "verification" / "executions.js", dist / release["entry"]["pyodide_folder"])
    yield executions
    executions.close()


@pytest.fixture(params=pipeline_names(ROOT / "models"))
def name(request: pytest.FixtureRequest) -> str:
    """Every pipeline in turn."""
    return str(request.param)


@pytest.fixture
def pipeline(name: str) -> Pipeline:
    return load_pipeline(name)


@pytest.fixture
def artefacts(name: str) -> Path:
    """The committed models, card and golden cases."""
    return artefacts_of(name)


@pytest.fixture
def golden(name: str) -> dict[str, Any]:
    """The recorded inputs and outputs of training."""
    return golden_cases(name)


@pytest.fixture
def card(artefacts: Path) -> dict[str, Any]:
    return dict(json.loads((artefacts / "card.json").read_text(encoding="utf-8")))


@pytest.fixture
def pyodide_folder(dist: Path, release: dict[str, Any]) -> Path:
    """The release's Pyodide."""
    return dist / str(release["entry"]["pyodide_folder"])


type Start = Callable[[Path, Path], BrowserExecutions]
"""From a folder of JavaScript and one of Pyodide to their executions."""


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[BrowserExecutions] = []

    def start_one(web: Path, pyodide: Path) -> BrowserExecutions:
        started.append(BrowserExecutions(web / "verification" / "executions.js", pyodide))
        return started[-1]

    yield start_one
    for each in started:
        each.close()
