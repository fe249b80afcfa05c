"""Jobs outlive the server: whatever ends it, they go on where they were, and come to the same."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.server.jobs.working import (
    KEY,
    LOOKUP,
    create,
    created,
    ended,
    flights,
    record_of,
    results,
    show,
    table,
    wait_for,
    with_schedules,
)
from tests.unit.server.prediction.asking import post
from tests.unit.server.small_site import ask
from tests.unit.server.test_serve import children_of
from web.server.testing import STOP_LIMIT_S, RunningServer, server_process

ROWS = flights(900)
BAD = {**ROWS[0], "carrier": "XX"}
TIMES = 160
"""So often the table has its rows: several parts of a batch, which take a few seconds."""


def begin(server: RunningServer, query: Mapping[str, str] | None = None, times: int = TIMES) -> str:
    return created(create(server.url, table([*ROWS, BAD], times), query))


def first_part(settings: dict[str, str], job: str) -> Any:
    """The first part that is done, once it is."""
    folder = Path(settings["FORESHORE_DATA"]) / "jobs" / job.rpartition("/")[2]
    return wait_for(lambda: list(folder.glob("*.partial/part-*[0-9]")))


def assert_whole(server: RunningServer, job: str, times: int = TIMES) -> None:
    """Hold a job's results to those of a run that nothing interrupted: its rows repeat, and so must its answers."""
    state = ended(server.url, job)
    assert (state["state"], state["rows_done"], state["bad_rows"]) == ("done", 901 * times, times)
    found = results(server.url, job)
    rows = [row for row in range(901 * times) if row % 901 != 900]
    assert found["row"].to_list() == [row + 1 for row in rows]
    assert found["flight"].to_list() == [int(ROWS[row % 901]["flight"]) for row in rows]
    minutes = found["arrival_delay_min"].to_numpy().reshape(times, 900)
    assert abs(minutes - minutes[0]).max() < 1e-4
    alone = results(server.url, created_alone(server))["arrival_delay_min"].to_numpy()
    assert abs(minutes[0] - alone).max() < 1e-4
    bad = ask(server.url, f"{job}/bad-rows").body.decode().splitlines()
    assert [int(line.partition(",")[0]) for line in bad[1:]] == [901 * time for time in range(1, times + 1)]


def created_alone(server: RunningServer) -> str:
    job = created(create(server.url, table(ROWS)))
    assert ended(server.url, job)["state"] == "done"
    return job


def told_of(path: Path) -> bytes:
    """What the system tells of a process or thread; nothing of one that has just ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def is_running(process: int) -> bool:
    """Whether there is such a process, and it has not just ended."""
    return bool(told_of(Path(f"/proc/{process}/cmdline")))


def runner_of(server: RunningServer) -> int:
    """The process that works through jobs."""

    def look() -> int | None:
        threads = Path(f"/proc/{server.process.pid}/task").glob("*/children")
        children = [child for thread in threads for child in told_of(thread).split()]
        found = [int(child) for child in children if b"web.server.jobs.runner" in told_of(Path(f"/proc/{int(child)}/cmdline"))]
        return found[0] if found else None

    return int(wait_for(look))


def test_a_job_goes_on_after_the_whole_server_was_killed(dist: Path, settings_of_both: dict[str, str]) -> None:
    assert_survives(dist, settings_of_both, signal.SIGKILL)


def test_a_job_goes_on_after_the_server_was_stopped(dist: Path, settings: dict[str, str]) -> None:
    assert_survives(dist, settings, signal.SIGTERM)


def assert_survives(dist: Path, settings: dict[str, str], number: signal.Signals) -> None:
    with server_process(dist, settings=settings) as server:
        job = begin(server, {"key": ",".join(KEY)})
        first_part(settings, job)
        children = children_of(server.process)
        server.process.send_signal(number)
        if number == signal.SIGKILL:
            for child in children:
                os.kill(child, signal.SIGKILL)
        assert server.process.wait(STOP_LIMIT_S) == (0 if number == signal.SIGTERM else -number)
        wait_for(lambda: not any(is_running(child) for child in children))
    with server_process(dist, settings=settings) as server:
        assert show(server.url, job)["state"] in ("queued", "running")
        looked_up = f"{LOOKUP}?job={job.rpartition('/')[2]}"
        assert post(server.url, looked_up, record_of(ROWS[0]))[1]["precomputed"] is False  # answers count once the job is done
        assert_whole(server, job)
        assert post(server.url, looked_up, record_of(ROWS[0]))[1]["precomputed"] is True
        assert show(server.url, job)["rows_done"] == 901 * TIMES


def test_a_job_begins_anew_with_another_release(dist: Path, settings: dict[str, str], tmp_path: Path) -> None:
    before = with_schedules(dist, tmp_path / "before", [])
    nightly = {"name": "nightly", "cron": "0 0 1 1 *", "input": "x.csv", "key": ["carrier"]}
    after = with_schedules(dist, tmp_path / "after", [nightly])
    with server_process(before, settings=settings) as server:
        job = begin(server)
        first_part(settings, job)
        released = show(server.url, job)["release"]
        assert server.stop() == 0
    with server_process(after, settings=settings) as server:
        assert_whole(server, job)
        assert show(server.url, job)["release"] not in (None, released)


def test_a_runner_that_is_killed_is_started_again_and_goes_on(dist: Path, settings: dict[str, str]) -> None:
    with server_process(dist, settings=settings) as server:
        job = begin(server)
        first_part(settings, job)
        runner = runner_of(server)
        os.kill(runner, signal.SIGKILL)
        assert wait_for(lambda: (found := runner_of(server)) != runner and found)
        assert_whole(server, job)
        assert "the runner of jobs ended after " in server.log()
        assert server.stop() == 0


def test_a_runner_does_not_outlive_its_server(dist: Path, settings: dict[str, str]) -> None:
    with server_process(dist, settings=settings) as server:
        runner = runner_of(server)
        workers = children_of(server.process)
        server.process.kill()
        server.process.wait()
        for worker in workers:
            if worker != runner:
                os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not is_running(runner))


def test_a_job_that_is_cancelled_stops_and_can_be_resumed(dist: Path, settings: dict[str, str]) -> None:
    long = 4 * TIMES  # some seconds' work: the runner looks once a second whether a job is cancelled
    with server_process(dist, settings=settings) as server:
        job = begin(server, times=long)
        first_part(settings, job)
        assert json.loads(ask(server.url, f"{job}/cancel", "POST", body=b"").body)["cancelling"] is True
        assert ask(server.url, job, "DELETE").status == 409
        state = ended(server.url, job)
        assert (state["state"], state["cancelling"]) == ("cancelled", False)
        assert 0 < state["rows_done"] < 901 * long
        assert ask(server.url, f"{job}/results").status == 409
        assert ask(server.url, f"{job}/resume", "POST", body=b"").status == 202
        assert_whole(server, job, long)


def test_progress_is_told_while_it_runs(dist: Path, settings: dict[str, str]) -> None:
    frame = pl.concat([pl.DataFrame(ROWS)] * (4 * TIMES))  # some seconds' work, told once a second
    inputs = Path(settings["FORESHORE_BATCH_INPUTS"])
    frame.write_parquet(inputs / "flights.parquet")
    with server_process(dist, settings=settings) as server:
        job = created(
            ask(server.url, "/api/pipelines/eta/jobs", "POST", {"Content-Type": "application/json"}, b'{"path": "flights.parquet"}')
        )
        seen: list[dict[str, Any]] = []
        while (state := show(server.url, job))["state"] in ("queued", "running"):
            seen.append(state)
            threading.Event().wait(0.1)
    told = [state for state in seen if state["rows_done"]]
    assert state["state"] == "done"
    assert told
    assert all(abs(each["rows_total"] - len(frame)) <= 1 and 0 < each["share"] <= 1 for each in told)
    assert all(each["rows_per_s"] > 0 and each["seconds_left"] >= 0 for each in told)
    assert [each["rows_done"] for each in told] == sorted(each["rows_done"] for each in told)


@pytest.mark.parametrize("engine", ["werkzeug"])
def test_other_servers_have_a_runner_too(dist: Path, settings: dict[str, str], engine: str) -> None:
    with server_process(dist, "--engine", engine, settings=settings) as server:
        created_alone(server)
        runner = runner_of(server)
        assert server.stop() == 0
        assert not Path(f"/proc/{runner}").exists()
