"""Pipelines in CPython and in Pyodide, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foreshore import Pipeline, load_pipeline, pipeline_names
from models.verification.browser import BrowserExecutions
from tests.browsers import ROOT
from tests.golden import artefacts_of, golden_cases


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
