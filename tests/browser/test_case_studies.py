"""The command that measures case studies, on small networks in a real browser."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import build
from models.case_studies import measuring
from tests.unit.models.case_studies.small import STUDY
from web.bench.variants import default_threads

TOLERANCE = 1e-2
"""Half precision on the host against what the browser makes of it."""


def test_command_measures_networks_in_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "STUDIES", (STUDY,))
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    with ThreadPoolExecutor(1) as apart:  # other tests hold a Playwright open in their thread
        apart.submit(build.compress, build.parser().parse_args(["compress", "--case-studies"])).result()
    facts = json.loads((tmp_path / "models" / "case_studies" / "case_studies.json").read_text())
    assert "Chrome" in facts["environment"]["user_agent"]
    for model in facts["studies"][0]["models"]:
        places = [(time["threads"], time["batch"]) for time in model["times"]]
        assert places == [(threads, batch) for threads in default_threads() for batch in (1, 2)]
        for time in model["times"]:
            assert 0 < time["lower_quartile_ms"] <= time["median_ms"] <= time["upper_quartile_ms"]
            assert time["touched_memory_bytes"] <= time["peak_memory_bytes"] < 2**32
            assert time["largest_difference_to_host"] < TOLERANCE
    assert "single precision" in (tmp_path / "docs" / "case-studies.md").read_text()
