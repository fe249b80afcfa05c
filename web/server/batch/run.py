"""A batch from its file to its results, in parts: what is done stays done, and a later run goes on from there."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from foreshore import ModelError, Problem
from foreshore.sieve import Sieve, Sifted
from web.server.batch.errors import Different, Stopped, Unanswered
from web.server.batch.job import BatchJob, Progress, Summary, Watch
from web.server.batch.matching import match
from web.server.batch.models import BatchModels
from web.server.batch.parts import BadRow, Done, WorkFolder, clear, held
from web.server.batch.results import ResultTable, check_csv
from web.server.batch.source import Chunk, IsCancelled, Source, is_never_cancelled, open_source
from web.server.prediction.columns import most_rows
from web.server.prediction.errors import Refusal
from web.server.prediction.history import History
from web.server.prediction.running import Served

__all__ = ["BatchJob", "Progress", "Summary", "Watch", "run_batch"]

CHUNK_ROWS = 8192
PART_ROWS = 8 * CHUNK_ROWS
"""What a run that is ended all of a sudden has to do again, at most; and what is held in memory."""
PART_BYTES = 1 << 26
"""Of results, after which a part of wide rows ends."""
PART_PROBLEMS = 1 << 18
"""After which a part of bad rows ends: a row has as many as fields."""
HEAD_BYTES = 1 << 20
FORMAT = 1
"""Rises when what is in a work folder changes its form or its meaning."""

type OnProgress = Callable[[Progress], None]


def run_batch(
    job: BatchJob, on_progress: OnProgress = lambda _: None, is_cancelled: IsCancelled = is_never_cancelled, watch: Watch | None = None
) -> Summary:
    """Predict the rows of a file, and tell which rows can't be.

    Results go to `job.output`, bad rows to `job.bad_rows`; neither is there before both are whole. What is done of a job that did not come
    to its end is kept in `job.work_folder`; running it again goes on after that.

    Parameters
    ----------
    on_progress : callable
        Told after each chunk of rows.
    is_cancelled : callable
        Asked before each, and after each MiB that is looked through.
    watch : Watch or None
        Told of answers before they are kept.

    Raises
    ------
    BatchError
        One of `web.server.batch.errors`.
    ForeshoreError
        If the pipeline's definition is at fault.
    """
    started = time.perf_counter()
    job.check_output()
    with _refusals_told():
        source = open_source(job.source, job.title, is_cancelled)
        batch = _Batch(job, source, watch)
        with held(job.work_folder, job.name):
            if job.is_fresh:
                clear(job.work_folder)
            facts = batch.facts()
            work = WorkFolder(job.work_folder, facts)
            resumed = work.done.rows
            for done in batch.run(work, is_cancelled):
                share = source.share(done.rows)
                on_progress(Progress(done.rows, done.good, done.bad, share, resumed, time.perf_counter() - started))
            if batch.facts() != facts:
                raise Different(f"{job.title} has changed while it was read; run the job again with a fresh start")
            work.publish(job.output, job.bad_rows)
            work.remove()
    done = work.done
    return Summary(done.rows, done.good, done.bad, time.perf_counter() - started, job.pipeline.release, batch.variant.name, resumed)


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise Unanswered(refusal.message, refusal.kind) from refusal


class _Batch:
    """How the rows of one source are answered."""

    def __init__(self, job: BatchJob, source: Source, watch: Watch | None) -> None:
        self._job, self._source, self._watch = job, source, watch
        self._pipeline = job.pipeline.pipeline
        contract = self._pipeline.contract
        self._sieve = Sieve(contract, {field.name: source.reader(field) for field in contract.inputs})
        self._columns = match(contract, list(source.schema), job.mapping)
        served = set(self._columns.values())
        self._carried = [column for column in source.schema if column not in served]
        if job.output.suffix.lower() == ".csv":
            check_csv({column: source.schema[column] for column in self._carried})
        self._table = ResultTable.of(contract, self._carried)
        self.variant = job.pipeline.variant(job.variant)
        self._served = Served(job.pipeline, BatchModels(job.processor_threads))
        self._history = History(job.pipeline)
        self._chunk_rows = most_rows(contract, CHUNK_ROWS)

    def facts(self) -> dict[str, Any]:
        """What parts belong to, as JSON."""
        status = self._job.source.stat()
        return {
            "format": FORMAT,
            "pipeline": self._job.pipeline.name,
            "release": self._job.pipeline.release,
            "variant": self.variant.name,
            "columns": self._columns,
            "size_bytes": status.st_size,
            "modified_ns": status.st_mtime_ns,
            "head_sha256": _head_sha256(self._job.source),
        }

    def run(self, work: WorkFolder, is_cancelled: IsCancelled) -> Iterator[Done]:
        """Do what is not done yet, part by part; tells after each chunk how far all is."""
        before = work.done
        if before.is_last:
            yield before
            return
        part = _Part(self._nothing())
        for chunk in self._source.chunks(before.rows, self._chunk_rows):
            if part.is_full:
                part.write(work, is_last=False)
                before, part = work.done, _Part(self._nothing())
            if is_cancelled():
                raise Stopped(f"stopped after {before.rows + part.rows} rows; the same again goes on after {before.rows}, which are kept")
            self._answer(chunk, before.rows + part.rows + 1, part)
            yield Done(before.rows + part.rows, before.good + part.good, before.bad + part.bad, is_last=False)
        part.write(work, is_last=True)
        yield work.done

    def _nothing(self) -> pl.DataFrame:
        """A result without a row."""
        carried = pl.DataFrame(schema={column: self._source.schema[column] for column in self._carried}) if self._carried else None
        return self._table.frame(np.empty(0, np.int64), carried, {output.name: [] for output in self._pipeline.contract.outputs})

    def _answer(self, chunk: Chunk, first_row: int, part: _Part) -> None:
        spoilt = [problem.row for problem in chunk.spoilt]
        sifted = self._sieve.sift({field: chunk.cells(column) for field, column in self._columns.items()}, chunk.rows, spoilt)
        problems = sorted([*chunk.spoilt, *sifted.problems], key=lambda problem: problem.row)
        part.rows += chunk.rows
        part.bad += len({problem.row for problem in problems})
        part.bad_rows += [_told(problem, first_row) for problem in problems]
        if len(sifted.rows):
            part.take(self._results(chunk, sifted, first_row))

    def _results(self, chunk: Chunk, sifted: Sifted, first_row: int) -> pl.DataFrame:
        columns = self._history.complete(sifted.columns, sifted.texts, self._columns)
        outputs = self._served.run(self.variant, self._served.layout.columns(columns))
        numbers = sifted.rows + first_row
        try:
            answers = self._pipeline.decode_columns(outputs)
        except ModelError as error:
            row = "" if error.row is None else f"row {numbers[error.row]}: "
            raise Unanswered(f"{self._job.title}: {row}{error.message.rpartition(' (row')[0] or error.message}", error.kind) from error
        if self._watch is not None:
            self._watch.tell({name: self._values(chunk, sifted, name) for name in self._watch.fields}, answers)
        carried = chunk.frame(self._carried, sifted.rows) if self._carried else None
        return self._table.frame(numbers, carried, answers)

    def _values(self, chunk: Chunk, sifted: Sifted, name: str) -> list[Any]:
        """Wire values of a field in the good rows."""
        if name not in self._columns:
            return [None] * len(sifted.rows)
        read = self._source.reader(next(field for field in self._pipeline.contract.inputs if field.name == name))
        cells, known = chunk.cells(self._columns[name]), dict[Any, Any]()
        found = [cells[row] for row in sifted.rows.tolist()]
        for cell in found:
            if cell not in known:  # what fits a field has a hash; most values stand in many rows
                known[cell] = read(cell)
        return [known[cell] for cell in found]


class _Part:
    """The part at hand: `rows` of the file, of which so many are `bad`."""

    def __init__(self, nothing: pl.DataFrame) -> None:
        self._frames = [nothing]
        self.bad_rows: list[BadRow] = []
        self.rows = self.bad = 0
        self._size_bytes = 0.0

    @property
    def good(self) -> int:
        """How many rows are not bad."""
        return self.rows - self.bad

    @property
    def is_full(self) -> bool:
        """Whether it is as much as is done, or held, at once."""
        return self.rows >= PART_ROWS or self._size_bytes >= PART_BYTES or len(self.bad_rows) >= PART_PROBLEMS

    def take(self, results: pl.DataFrame) -> None:
        """Hold results until it is written."""
        self._frames.append(results)
        self._size_bytes += results.estimated_size()

    def write(self, work: WorkFolder, *, is_last: bool) -> None:
        """Make it durable."""
        work.add(pl.concat(self._frames), self.bad_rows, Done(self.rows, self.good, self.bad, is_last))


def _told(problem: Problem, first_row: int) -> BadRow:
    return first_row + problem.row, problem.field, f"got {problem.got}, expected {problem.expected}"


def _head_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(HEAD_BYTES)).hexdigest()
