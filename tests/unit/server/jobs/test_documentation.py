"""The examples of docs/batch.md work against a running server, and what the documentation says of jobs is so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import models.eta.schedule
from tests.documents import blocks
from tests.root import ROOT
from tests.unit.server.jobs.working import ended, flights, schedule, table
from web.server.jobs import files, supervision
from web.server.jobs.models import STATES
from web.server.jobs.queue import DEATHS, LISTED
from web.server.jobs.requests import OPTIONS
from web.server.testing import RunningServer

PAGE = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
SERVER = PAGE.partition("\n## On the server\n")[2].partition("\n## ")[0]
OPERATION = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8").partition("\n## Jobs\n")[2].partition("\n## ")[0]
LOOKED_UP = {**flights(1)[0], "carrier": "DL", "origin": "JFK", "destination": "LAX"}

with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")


def example(start: str, server: RunningServer, folder: Path) -> dict[str, Any]:
    """What the one example with these words gets from this test's server."""
    (code,) = [code for code in blocks(SERVER, "sh") if start in code]
    command = code.replace("127.0.0.1:8000", urlsplit(server.url).netloc).replace("curl ", "curl --silent --show-error ", 1)
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=folder)
    return dict(json.loads(said.stdout))


@with_curl
def test_the_example_of_a_job_is_worked_through(working: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_bytes(table(flights(10)))
    job = example("/jobs", working, tmp_path)
    assert ended(working.url, f"/api/jobs/{job['id']}")["state"] == "done"


@with_curl
def test_the_examples_of_answers_by_key_are_answered(working: RunningServer, tmp_path: Path) -> None:
    ended(working.url, schedule(working.settings, [LOOKED_UP]))
    kept = example("/precomputed", working, tmp_path)
    assert example("/lookup", working, tmp_path)["answer"] == kept["answer"]
    (shown,) = blocks(SERVER, "text")
    assert list(kept) == re.findall(r'"(\w+)":', shown.replace('"arrival_delay_min":', ""))


def test_the_schedule_that_is_shown_is_the_one_that_there_is() -> None:
    (code,) = blocks(SERVER, "python")
    namespace: dict[str, Any] = {}
    exec(code, namespace)  # noqa: S102  # our own example
    assert namespace["SCHEDULES"] == models.eta.schedule.SCHEDULES


def test_what_is_said_of_jobs_is_so() -> None:
    words = re.sub(r"\s+", " ", SERVER)
    assert f"({', '.join(f'`{state}`' for state in STATES)})" in words
    assert all(f"| `{option}` |" in SERVER for option in OPTIONS)
    assert f"the newest {LISTED:,}" in words
    operation = re.sub(r"\s+", " ", OPERATION)
    assert "still 64 MiB (or the 20th part" in operation
    assert (files.RESERVE_BYTES, files.RESERVE_SHARE) == (64 << 20, 20)
    assert supervision.MODULE in operation
    assert "A job that three runners died of" in operation
    assert (DEATHS, supervision.SHORTEST_REST_S, supervision.LONGEST_REST_S, files.FORGOTTEN_S) == (3, 1.0, 60.0, 24 * 60 * 60)
