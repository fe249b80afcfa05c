"""Files of jobs: uploads, results, and those among the inputs that a job may name."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from web.server.disk import flush, is_full
from web.server.jobs.models import Job
from web.server.prediction.errors import Full, Malformed, Unavailable

SOURCE = "source"
RESULTS = "results"
BAD_ROWS = "results.bad.csv"
RESERVE_BYTES = 64 << 20
RESERVE_SHARE = 20
"""Uploads leave free the lesser of so many bytes and the 20th part of the disk: databases and logs live there, too."""
FORGOTTEN_S = 24 * 60 * 60
"""Files that belong to nothing are removed once they are so old."""
LONGEST_PATH = 1024
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class JobFiles:
    """The folder of data: `uploads/` holds what is still coming in, `jobs/<id>/` what belongs to a job.

    Parameters
    ----------
    data : Path
    inputs : Path or None
        Folder whose files jobs may name.
    """

    def __init__(self, data: Path, inputs: Path | None) -> None:
        self._data = data.absolute()
        self._uploads, self._jobs = self._data / "uploads", self._data / "jobs"
        self._inputs = inputs.absolute() if inputs is not None else None

    def source(self, job: Job) -> Path:
        """What a job reads; raises Malformed where it is not there, or not any more."""
        if job.source is not None:
            return self.input(job.source)
        upload = self._jobs / job.id / SOURCE
        if not upload.is_file():
            raise Malformed("the upload is no longer there: upload the file again as a new job")
        return upload

    def results(self, job: Job) -> Path:
        """Where a job's results are, or are to be."""
        return self._jobs / job.id / f"{RESULTS}.{job.format}"

    def bad_rows(self, job: Job) -> Path:
        """Where the rows are listed that could not be answered."""
        return self._jobs / job.id / BAD_ROWS

    def partial(self, job: Job) -> Path:
        """Where a run keeps what it has done so far."""
        results = self.results(job)
        return results.with_name(f"{results.name}.partial")

    def make_folder(self, job_id: str) -> Path:
        """The folder of a job, made where it is missing."""
        folder = self._jobs / job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def input(self, name: str) -> Path:
        """A file among the inputs, by its path in there; raises Malformed where there is none that may be read."""
        if self._inputs is None:
            raise Malformed("path: this server reads no files of its own (FORESHORE_BATCH_INPUTS is not set); upload the file instead")
        missing = Malformed("path: there is no such file among this server's inputs; expected its path in there, such as flights/today.csv")
        path = PurePosixPath(name)
        if len(name) > LONGEST_PATH or path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts:
            raise missing
        try:
            found = (self._inputs / path).resolve(strict=True)
            inside = found.is_relative_to(self._inputs.resolve(strict=True))  # links may lead elsewhere
        except (OSError, RuntimeError, UnicodeError) as error:
            raise missing from error
        if not inside or not found.is_file():
            raise missing
        return found

    def upload(self, job_id: str, announced_bytes: int | None, fill: Callable[[IO[bytes]], None]) -> None:
        """Take in a job's source: written aside, then put in its place; nothing is left of one that fails.

        Parameters
        ----------
        announced_bytes : int or None
            As its client says.
        fill : callable
            Writes it to a file.

        Raises
        ------
        Full
            If the disk has, or would have, too little space left.
        Refusal
            As `fill` raises it.
        """
        part = self._uploads / f"{job_id}.part"
        with _told():
            self._uploads.mkdir(parents=True, exist_ok=True)
            self.check_space(announced_bytes or 0)
        try:
            with _told(), part.open("xb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            with _told():
                folder = self.make_folder(job_id)
                part.replace(folder / SOURCE)
                for names in (folder, self._jobs, self._data):
                    flush(names)
        finally:
            part.unlink(missing_ok=True)

    def check_space(self, more_bytes: int) -> None:
        """Raise Full where so many bytes more would leave too little space."""
        free, reserve = self._space()
        if free - more_bytes < reserve:
            spare = max(0, free - reserve)
            raise Full(
                f"the server's disk has space for {spare} bytes more, expected {max(more_bytes, 1)}; remove jobs, or ask its operator"
            )

    def has_room(self) -> bool:
        """Whether a run may go on: it stops while there is still room for the database to say so."""
        free, reserve = self._space()
        return free >= reserve // 2

    def _space(self) -> tuple[int, int]:
        """Bytes that are free, and that are to be left so."""
        usage = shutil.disk_usage(self._data)
        return usage.free, min(RESERVE_BYTES, usage.total // RESERVE_SHARE)

    def remove(self, job_id: str) -> None:
        """Remove a job's files."""
        shutil.rmtree(self._jobs / job_id, ignore_errors=True)

    def remove_forgotten(self, known: Callable[[list[str]], set[str]]) -> None:
        """Remove uploads that were never finished, and folders whose job is gone.

        Parameters
        ----------
        known : callable
            From ids to those of jobs.
        """
        for part in _old(self._uploads):
            part.unlink(missing_ok=True)
        folders = {folder.name: folder for folder in _old(self._jobs)}
        for name in set(folders) - known(list(folders)):
            shutil.rmtree(folders[name], ignore_errors=True)


def _old(folder: Path) -> Iterator[Path]:
    before = time.time() - FORGOTTEN_S
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the disk as refusals."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise Full("the server's disk is full; remove jobs, or ask its operator") from error
        raise Unavailable(f"the server's folder of data can't be written ({error.strerror})") from error
