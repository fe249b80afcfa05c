"""Pipelines in CPython and in Pyodide, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foreshore import Pipeline, load_pipeline, pipeline_names
from tests.browsers import ROOT
from tests.contract.pyodide_host import PyodideHost
from tests.golden import artefacts_of, golden_cases


@pytest.fixture(scope="session")
def pyodide(dist: Path) -> Iterator[PyodideHost]:
    """The site's own Pyodide, in Node."""
    host = PyodideHost(dist)
    yield host
    host.close()


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
