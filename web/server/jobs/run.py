"""One run of one job: what happens to it, from the claim until it is done, put back, or given up."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from foreshore import ForeshoreError
from web.server.batch.errors import Different, NoSpace, Occupied, Stopped, Unanswered, Unwritable
from web.server.batch.job import BatchJob, Summary, Watch
from web.server.batch.job import Progress as BatchProgress
from web.server.batch.run import run_batch
from web.server.batch.source import PARQUET
from web.server.jobs.answers import Answers
from web.server.jobs.files import JobFiles
from web.server.jobs.keys import Key
from web.server.jobs.models import CANCELLED, DONE, FAILED, Job
from web.server.jobs.queue import LeaseLostError, Progress, Queue
from web.server.prediction.catalogue import ReleasedPipeline
from web.server.prediction.errors import Refusal, Unavailable
from web.server.requestlog import LOGGER

WAIT_MS = 30_000
"""How long a job waits that the release at hand can't answer."""

type Table = Mapping[str, Sequence[Any]]
type Settle = Callable[[], None]
"""Tells the queue what has become of a job."""


class Run:
    """A job while one runner has it.

    Parameters
    ----------
    job : Job
    runner : str
    queue, answers, files
        Where the job, its answers and its files are.
    is_stopping : callable
        Whether the runner is to stop.
    """

    def __init__(self, job: Job, runner: str, queue: Queue, answers: Answers, files: JobFiles, is_stopping: Callable[[], bool]) -> None:
        self.job = job
        self._runner, self._queue, self._answers, self._files, self._is_stopping = runner, queue, answers, files, is_stopping
        self._progress: Progress | None = None
        self._is_lost = self._is_cancelled = self._is_parquet = False

    def pulse(self) -> None:
        """Renew the lease, tell how far it is, and hear whether it is to go on; called about every second by another thread."""
        try:
            progress = self._progress
            if self._queue.report(self.job.id, self._runner, progress):
                self._is_cancelled = True
        except LeaseLostError:
            self._is_lost = True

    def work(self, released: Callable[[], ReleasedPipeline]) -> Settle:
        """Work through the job; what is then to be told to the queue.

        Parameters
        ----------
        released : callable
            The job's pipeline as it is released now; raises Refusal.
        """
        try:
            return self._done(released())
        except LeaseLostError:
            return lambda: None
        except Stopped:
            return self._stopped()
        except (Unavailable, Unanswered, Occupied) as error:
            return self._later(error)
        except Unwritable as error:
            return self._failed(f"{error.message.rpartition(';')[0]}; make the job again and ask for format=parquet")
        except NoSpace:
            return self._failed("the server's disk is full; what is done is kept: once there is space, resume the job")
        except (ForeshoreError, Refusal) as error:
            return self._failed(error.message)
        except Exception as error:
            place = "".join(traceback.format_tb(error.__traceback__))  # its text may hold what stands in a cell
            LOGGER.error("unexpected error in job %s: %s\n%s", self.job.id, type(error).__name__, place)
            return self._failed("something went wrong on the server; it has been logged")

    def _done(self, released: ReleasedPipeline) -> Settle:
        variant = released.variant(self.job.variant).name
        if self.job.release not in (None, released.release):
            shutil.rmtree(self._files.partial(self.job), ignore_errors=True)
        self._queue.begin(self.job.id, self._runner, released.release, variant)
        source = self._files.source(self.job)
        self._is_parquet = _is_parquet(source)
        self._files.make_folder(self.job.id)
        try:
            summary = self._answered(source, released, variant, is_fresh=False)
        except Different:  # the file is another one by now: what was done of it is worth nothing
            self._queue.begin_anew(self.job.id, self._runner)
            summary = self._answered(source, released, variant, is_fresh=True)
        progress = Progress(1.0, summary.rows, summary.rows, summary.bad, summary.resumed, int(summary.seconds * 1000))
        return lambda: self._queue.finish(self.job.id, self._runner, DONE, progress)

    def _answered(self, source: Path, released: ReleasedPipeline, variant: str, *, is_fresh: bool) -> Summary:
        name = "the upload" if self.job.source is None else self.job.source
        job = BatchJob(source, self._files.results(self.job), released, variant, self.job.mapping, is_fresh, name)
        fields = self.job.key_fields
        watch = Watch(fields, self._keeping(Key(released.pipeline.contract, fields))) if fields else None
        return run_batch(job, self._note, self._is_over, watch)

    def _keeping(self, key: Key) -> Callable[[Table, Table], None]:
        """What keeps answers by their keys."""

        def keep(values: Table, answers: Table) -> None:
            answered = (dict(zip(answers, row, strict=True)) for row in zip(*answers.values(), strict=True))
            keyed = zip(key.of_rows(values), answered, strict=True)
            rows = [(found, answer) for found, answer in keyed if found is not None]
            self._answers.keep(self._queue, self.job.id, self._runner, rows)

        return keep

    def _note(self, progress: BatchProgress) -> None:
        if not self._files.has_room():
            raise NoSpace(str(self._files.results(self.job)))
        total = round(progress.rows / progress.share) if self._is_parquet and progress.share else None
        self._progress = Progress(progress.share, progress.rows, total, progress.bad, progress.resumed, int(progress.seconds * 1000))

    def _is_over(self) -> bool:
        return self._is_stopping() or self._is_cancelled or self._is_lost

    def _stopped(self) -> Settle:
        if self._is_lost:
            return lambda: None
        if self._is_cancelled:
            return lambda: self._queue.finish(self.job.id, self._runner, CANCELLED, self._progress)
        return lambda: self._queue.put_back(self.job.id, self._runner, self._progress)

    def _later(self, error: Unavailable | Unanswered | Occupied) -> Settle:
        """Wait for a release that can answer, or for a run that is still at it; what the model is at fault for, nothing will mend."""
        if isinstance(error, Unanswered) and error.kind != Unavailable.kind:
            return self._failed(error.message)
        LOGGER.warning("job %s waits: %s", self.job.id, type(error).__name__)
        return lambda: self._queue.put_back(self.job.id, self._runner, self._progress, WAIT_MS, storable(error.message))

    def _failed(self, message: str) -> Settle:
        return lambda: self._queue.finish(self.job.id, self._runner, FAILED, self._progress, storable(message))


def storable(text: str) -> str:
    """A text that every database takes: no NUL, no halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _is_parquet(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(len(PARQUET)) == PARQUET
