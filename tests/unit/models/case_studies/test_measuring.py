"""Measuring: two small networks studied, written down, and taken from the cache the next time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from models.case_studies.measuring import measure_studies
from models.case_studies.study import Feeds, Setting
from models.segments import run_native
from packing.stage import Stages
from tests.unit.models.case_studies.small import BUILT, STUDY, TITLE


def summary(value: float) -> dict[str, float]:
    return {"median": value, "lower_quartile": value / 2, "upper_quartile": value * 2, "minimum": value / 4}


def report(models: Mapping[str, Path], feeds: Feeds, setting: Setting, tell: Callable[[str], None]) -> dict[str, Any]:
    """A measurement's form, where the second model takes half as long; every model must answer the rows."""
    measured = [
        {
            "name": name,
            "time_ms": summary(4.0 / (place + 1)),
            "ratio": summary(1 / (place + 1)),
            "load_ms": summary(3.0),
            "memory": {"peak": {"size_bytes": 2**24, "touched_bytes": 2**23}},
            "agreement": {"largest_difference": float(np.ptp(run_native(path, dict(feeds))["answers"]) * 0)},
        }
        for place, (name, path) in enumerate(models.items())
    ]
    return {
        "created": "2026-01-01T00:00:00+00:00",
        "duration_s": 1.0,
        "provider": "wasm",
        "environment": {"user_agent": "A browser", "cores": 2},
        "runs": [{"threads": threads, "batch": batch, "models": measured} for threads in (1, 2) for batch in setting.batches],
    }


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    BUILT.clear()
    return Stages(tmp_path, tmp_path / "cache", Console(file=StringIO()))


def test_studies_are_written_as_they_are_returned(stages: Stages) -> None:
    facts = measure_studies(stages, report, [STUDY])
    assert json.loads((stages.root / "models" / "case_studies" / "case_studies.json").read_text()) == json.loads(json.dumps(facts))
    (study,) = facts["studies"]
    single, half = study["models"]
    assert (single["parameters"], single["multiply_adds"]) == (96, 96)
    assert half["against_baseline"]["parameters"] == 1
    assert half["against_baseline"]["size_bytes"] == round(single["size_bytes"] / half["size_bytes"], 4) > 1
    assert study["lesson"] == f"{half['against_baseline']['size_bytes']:.2f} times smaller, 2.00 (1.00 to 4.00) times as fast"


def test_every_place_has_its_times_and_its_work(stages: Stages) -> None:
    (study,) = measure_studies(stages, report, [STUDY])["studies"]
    times = study["models"][1]["times"]
    assert [(time["threads"], time["batch"], time["multiply_adds"]) for time in times] == [(1, 1, 96), (1, 2, 192), (2, 1, 96), (2, 2, 192)]
    first = times[0]
    assert (first["input"], first["median_ms"], first["lower_quartile_ms"], first["upper_quartile_ms"]) == (TITLE, 2.0, 1.0, 4.0)
    assert first["times_as_fast"] == {"median": 2.0, "lower_quartile": 1.0, "upper_quartile": 4.0}


def test_networks_come_from_the_cache_and_times_do_not(stages: Stages) -> None:
    asked: list[str] = []

    def counting(models: Mapping[str, Path], feeds: Feeds, setting: Setting, tell: Callable[[str], None]) -> dict[str, Any]:
        asked.append(setting.title)
        return report(models, feeds, setting, tell)

    first = measure_studies(stages, counting, [STUDY])
    assert measure_studies(stages, counting, [STUDY]) == first
    assert BUILT == ["single", "half"]
    assert asked == [TITLE] * 2


def test_failed_measurement_leaves_earlier_figures(stages: Stages) -> None:
    measure_studies(stages, report, [STUDY])
    page = stages.root / "docs" / "case-studies.md"
    before = page.read_bytes()

    def failing(*_: object) -> dict[str, Any]:
        raise OSError("the page went down")

    with pytest.raises(OSError, match="went down"):
        measure_studies(stages, failing, [STUDY])
    assert page.read_bytes() == before


def test_page_shows_published_and_own_figures_side_by_side(stages: Stages) -> None:
    measure_studies(stages, report, [STUDY])
    page = (stages.root / "docs" / "case-studies.md").read_text()
    lines = page.splitlines()
    assert "> Half the bytes." in lines
    assert "|  | parameters, published | parameters, here | multiply-adds, here | file, published | file, here |" in lines
    assert any(line.startswith("| half precision | 9.6e-05 million | 96 | 96 | 0.000192 MB | ") for line in lines)
    (ratio,) = (line for line in lines if line.startswith("| half precision to single precision: file "))
    assert ratio.startswith("| half precision to single precision: file | 2.00 times less | 1.")
    assert "| half precision to single precision: time, 6 numbers, batch of 1, 1 thread |  | 2.00 times less |" in lines
    (timed,) = (line for line in lines if line.startswith("| 6 numbers, batch of 2, 1 thread |"))
    assert timed.endswith("| 2 ms (1 to 4), 0.0 billion multiply-adds a second; **2.00×** as fast (1.00 to 4.00) |")
    assert "| half precision, 6 numbers, batch of 2 | 3 ms | 17 MB | 8 MB |" in lines
    assert "- Somebody: Something, 2020, <https://example.org/>" in lines
