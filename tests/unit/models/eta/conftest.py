"""The flights, the committed artefacts and the recorded cases that the tests of eta share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import polars as pl
import pytest

from models.eta import data

FOLDER = Path(data.__file__).parent


@pytest.fixture(scope="session")
def flights() -> pl.DataFrame:
    """Every flight of the data set."""
    return data.read_flights(data.fetch_archive())


@pytest.fixture(scope="session")
def split(flights: pl.DataFrame) -> data.Split:
    """Training and test flights."""
    return data.split(flights)


@pytest.fixture(scope="session")
def card() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "artefacts" / "card.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "artefacts" / "golden.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def models() -> dict[str, onnx.ModelProto]:
    """The committed variants."""
    return {name: onnx.load(FOLDER / "artefacts" / f"{name}.onnx") for name in ("fp32", "int8")}
