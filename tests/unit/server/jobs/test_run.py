"""One run of a job that can't come to its end: whether it waits or fails, and what the log says of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.server.jobs.working import flights
from web.server.batch.parts import held
from web.server.config import Config
from web.server.jobs.answers import Answers
from web.server.jobs.database import Database
from web.server.jobs.files import JobFiles
from web.server.jobs.models import FAILED, QUEUED, Job
from web.server.jobs.queue import Queue, Request
from web.server.jobs.run import Run
from web.server.prediction.catalogue import Catalogue


class Runner:
    """What one run needs, in a folder of its own."""

    def __init__(self, config: Config) -> None:
        assert config.data is not None
        self.database = Database(config)
        self.queue = Queue(self.database, config)
        self.files = JobFiles(config.data, None)
        self._catalogue = Catalogue(config.dist, "stable")

    def upload(self, frame: pl.DataFrame) -> Job:
        """A job over a table, claimed."""
        job = self.queue.add(Request("eta", "csv"))
        written = io.BytesIO()
        frame.write_parquet(written)
        self.files.upload(job.id, None, lambda file: file.writelines([written.getvalue()]))
        return job

    def run(self) -> Job:
        """What has become of the job that waits."""
        job = self.queue.claim("runner")
        assert job is not None
        run = Run(job, "runner", self.queue, Answers(self.database), self.files, lambda: False)
        run.work(lambda: self._catalogue.current().pipeline("eta"))()
        return self.queue.job(job.id, None)


@pytest.fixture
def runner(dist: Path, tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(Config(dist=dist, data=tmp_path / "data"))
    yield runner
    runner.database.close()


def test_results_that_csv_cannot_hold_fail_the_job_with_what_to_ask_for(runner: Runner, said: list[str]) -> None:
    runner.upload(pl.DataFrame(flights(2)).with_columns(TYPED=pl.Series([[1], [2]])))
    job = runner.run()
    told = "column TYPED: got List(Int64), which CSV can't hold; make the job again and ask for format=parquet"
    assert (job.state, job.error) == (FAILED, told)
    assert not any("TYPED" in line for line in said)


def test_a_job_that_another_run_is_at_work_on_waits(runner: Runner, said: list[str]) -> None:
    made = runner.upload(pl.DataFrame(flights(2)))
    with held(runner.files.partial(made)):
        job = runner.run()
    assert (job.state, job.error) == (QUEUED, "another run is at work on the upload; wait until it is done, or stop it")
    assert job.not_before_ms > job.created_ms
    assert said == [f"job {made.id} waits: Occupied"]


def test_an_upload_that_is_gone_fails_its_job(runner: Runner) -> None:
    made = runner.upload(pl.DataFrame(flights(2)))
    runner.files.source(made).unlink()
    job = runner.run()
    assert (job.state, job.error) == (FAILED, "the upload is no longer there: upload the file again as a new job")


def test_what_stands_in_a_cell_is_not_logged_with_an_unexpected_error(
    runner: Runner, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("TYPED".lower())

    monkeypatch.setattr("web.server.jobs.run.run_batch", fail)
    runner.upload(pl.DataFrame(flights(2)))
    assert runner.run().error == "something went wrong on the server; it has been logged"
    (line,) = said
    assert "RuntimeError" in line
    assert "in _answered" in line
    assert "typed" not in line
