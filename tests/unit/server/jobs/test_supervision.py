"""The process that goes with the server: it is started again where it ends, not too often, and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.server.jobs.working import wait_for, with_schedules
from web.server.config import Config
from web.server.jobs import supervision
from web.server.jobs.supervision import PARENT, Companion
from web.server.testing import ROOT

STUBBORN = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"


class Clock:
    """Seconds that a test decides on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def ended(companion: Companion) -> bool:
    return companion.pid is None


def test_one_that_ends_at_once_is_started_ever_more_seldom(tmp_path: Path) -> None:
    clock, starts = Clock(), tmp_path / "starts"
    program = f"open({str(starts)!r}, 'a').write('x')"
    companion = Companion(Config(data=tmp_path), [sys.executable, "-c", program], clock)
    moments = []
    for second in range(200):
        clock.now = float(second)
        before = starts.read_text() if starts.exists() else ""
        companion.ensure()
        if companion._process is not None:
            wait_for(lambda: ended(companion))
            moments += [second] * (len(starts.read_text()) - len(before))
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert moments[0] == 0
    assert gaps == sorted(gaps)
    assert gaps[0] <= 4
    assert gaps[-1] >= 60


def test_one_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "STOP_S", 0.2)
    companion = Companion(Config(data=tmp_path), [sys.executable, "-c", STUBBORN])
    companion.ensure()
    pid = companion.pid
    assert pid is not None
    wait_for(lambda: b"600" in Path(f"/proc/{pid}/cmdline").read_bytes())
    companion.ask_to_stop()
    companion.wait()
    assert companion.pid is None
    companion.ensure()
    assert companion.pid is None


def runner(environment: dict[str, str]) -> subprocess.Popen[str]:
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'pywasm'}"}
    command = [sys.executable, "-m", "web.server.jobs.runner"]
    return subprocess.Popen(command, env=paths | environment, stderr=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.mark.parametrize("environment", [{}, {"FORESHORE_DATA": ""}, {"FORESHORE_DATA": "data", "FORESHORE_PREDICTIONS": "0"}])
def test_a_runner_without_a_folder_says_so(environment: dict[str, str]) -> None:
    with runner(environment) as process:
        _, errors = process.communicate()
    assert process.returncode == 1
    assert errors.startswith("FORESHORE_DATA: got ")
    assert errors.count("\n") == 1


def test_a_runner_alone_stops_when_it_is_told_and_when_its_parent_is_another(dist: Path, tmp_path: Path) -> None:
    environment = {"FORESHORE_DATA": str(tmp_path), "FORESHORE_DIST": str(dist)}
    with runner(environment) as process:
        wait_for(lambda: (tmp_path / "jobs.sqlite3").exists())
        process.send_signal(signal.SIGTERM)
        assert process.communicate()[1] == ""
    assert process.returncode == 0
    with runner(environment | {PARENT: str(os.getpid() + 1)}) as process:
        assert process.communicate()[1] == ""
    assert process.returncode == 0


def test_a_runner_starts_anew_with_another_release(dist: Path, tmp_path: Path) -> None:
    site = with_schedules(dist, tmp_path / "dist", [])
    channel = site / "channels" / "stable.json"
    with runner({"FORESHORE_DATA": str(tmp_path / "data"), "FORESHORE_DIST": str(site)}) as process:
        wait_for(lambda: (tmp_path / "data" / "jobs.sqlite3").exists())
        aside = tmp_path / "stable.json"
        aside.write_bytes((dist / "channels" / "stable.json").read_bytes())
        aside.replace(channel)
        assert process.stderr is not None
        assert process.stderr.readline().endswith("there is another release: starting anew\n")
        assert process.poll() is None
        wait_for(lambda: b"runner" in Path(f"/proc/{process.pid}/cmdline").read_bytes())
        process.terminate()
        assert process.wait() in (0, -signal.SIGTERM)  # the latter where it has hardly begun
