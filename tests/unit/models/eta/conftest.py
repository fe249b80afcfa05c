"""The flights, the committed artefacts and the recorded cases that the tests of eta share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import polars as pl
import pytest

from models.eta import data
from models.eta.events import events, timed
from models.eta.lessons import Log
from models.eta.pipeline import CONTRACT
from models.segments import SegmentedModel

FOLDER = Path(data.__file__).parent
WEEK = [f"2013-10-0{day}" for day in range(1, 8)]


@pytest.fixture(scope="session")
def flights() -> pl.DataFrame:
    """Every flight of the data set."""
    return data.read_flights(data.fetch_archive())


@pytest.fixture(scope="session")
def week(flights: pl.DataFrame) -> pl.DataFrame:
    """The flights of the first week of the test, with their times."""
    return timed(flights.filter(pl.col("date").is_in(WEEK)))


@pytest.fixture(scope="session")
def log(week: pl.DataFrame) -> Log:
    """What happened in that week."""
    return events(week)


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
    """The committed variants' models for all."""
    return {name: onnx.load(FOLDER / "artefacts" / f"{name}.onnx") for name in ("fp32", "int8")}


@pytest.fixture(scope="session")
def released(card: dict[str, Any]) -> dict[str, SegmentedModel]:
    """The committed variants, segments included."""
    return {
        variant["name"]: SegmentedModel.of_variant(CONTRACT, variant, lambda file: FOLDER / "artefacts" / file)
        for variant in card["variants"]
    }
