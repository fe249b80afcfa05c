"""What a batch has done so far, on disk: parts that are there whole or not at all, and the job that they belong to.

A part is a folder, written aside, flushed and renamed: its results, its bad rows and how far it goes come into being in one step. So
nothing is repeated or lost, whenever the process, or the machine, ends.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from web.server.batch.errors import Different, Occupied, told_when_full
from web.server.disk import flush, is_full

try:
    import fcntl
except ImportError:  # Windows, where two runs at once are the caller's to avoid
    fcntl = None  # type: ignore[assignment]

type BadRow = tuple[int, str, str]
"""Number of the row, field, reason."""

JOB, PART, GOOD, BAD, LOCK = "job.json", "part.json", "good.parquet", "bad.csv", "lock"
BAD_HEADER = ("row", "field", "reason")
ASIDE = ".aside"


@dataclass(frozen=True, slots=True)
class Done:
    """How far a part goes: `rows` of the file after those before it, of which so many are good and bad; whether it is the last."""

    rows: int
    good: int
    bad: int
    is_last: bool


class WorkFolder:
    """The parts of one job.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    facts : mapping
        What the job is, as JSON: parts of another are refused.

    Raises
    ------
    Different
        If what is there belongs to another job.
    NoSpace
        If the disk is full.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any]) -> None:
        self._folder = folder
        self._check(facts)
        for leftover in folder.glob(f"part-*{ASIDE}"):
            shutil.rmtree(leftover)
        self.parts = list(self._whole())

    @property
    def done(self) -> Done:
        """All parts together."""
        rows, good, bad = (sum(getattr(part, name) for part in self.parts) for name in ("rows", "good", "bad"))
        return Done(rows, good, bad, is_last=bool(self.parts) and self.parts[-1].is_last)

    def add(self, frame: pl.DataFrame, bad_rows: Sequence[BadRow], done: Done) -> None:
        """Write the next part; raises NoSpace."""
        part = self._folder / _name(len(self.parts))
        aside = part.with_name(part.name + ASIDE)
        try:
            with told_when_full(aside):
                aside.mkdir()
                _write(aside / GOOD, _parquet(frame))
                _write(aside / BAD, _csv(bad_rows))
                _write(aside / PART, json.dumps(asdict(done)).encode())
                aside.rename(part)
                flush(self._folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        self.parts.append(done)

    def results(self) -> pl.LazyFrame:
        """The results of all parts, in order."""
        return pl.scan_parquet([self._folder / _name(number) / GOOD for number in range(len(self.parts))], glob=False)

    def publish(self, results: Path, bad_rows: Path) -> None:
        """Write results, in the form that the path's ending says, and bad rows of all parts; both take their places once both are whole.

        Raises
        ------
        NoSpace
            If the disk is full.
        Different
            If a part is damaged.
        """
        with self._aside(results, "whole") as whole, self._aside(bad_rows, "bad") as bad:  # the results take theirs last
            with told_when_full(bad_rows):
                self._write_bad_rows(bad)
            with told_when_full(results):
                self._write_results(whole, results.suffix.lower())

    def remove(self) -> None:
        """Remove it all."""
        with suppress(OSError):
            clear(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_bad_rows(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write(_csv([BAD_HEADER]))
            for number in range(len(self.parts)):
                with (self._folder / _name(number) / BAD).open("rb") as part:
                    shutil.copyfileobj(part, file)
            file.flush()
            os.fsync(file.fileno())

    def _write_results(self, path: Path, ending: str) -> None:
        try:
            results = self.results()
            if ending == ".csv":
                results.sink_csv(path)
            else:
                results.sink_parquet(path)
        except PolarsError as error:
            if is_full(error):
                raise
            raise Different(f"a part in {self._folder} is damaged ({str(error).splitlines()[0]}): delete it to begin anew") from error
        flush(path)

    @contextmanager
    def _aside(self, path: Path, name: str) -> Iterator[Path]:
        """A file that takes the place of `path` once it is whole."""
        aside = self._folder / name
        try:
            yield aside
            with told_when_full(path):
                aside.replace(path)
                flush(path.parent)
        finally:
            aside.unlink(missing_ok=True)

    def _check(self, facts: Mapping[str, Any]) -> None:
        path = self._folder / JOB
        if not path.is_file():
            clear(self._folder)  # nobody knows what parts without a job are of
            with told_when_full(path):
                aside = path.with_name(JOB + ASIDE)
                _write(aside, json.dumps(facts, indent=1).encode())
                aside.replace(path)
                flush(self._folder)
            return
        found = _read(path)
        differing = [f"{name} was {found.get(name)}, is {facts[name]}" for name in facts if found.get(name) != facts[name]]
        if differing:
            raise Different(
                f"{self._folder} holds parts of another job ({'; '.join(differing)}): delete it to begin anew, or ask for a fresh run"
            )

    def _whole(self) -> Iterator[Done]:
        number = 0
        while (self._folder / _name(number)).is_dir():
            yield Done(**_read(self._folder / _name(number) / PART))
            number += 1


@contextmanager
def held(folder: Path, name: str = "") -> Iterator[None]:
    """Hold a work folder, made if it is not there; raises Occupied, which tells of `name` if one is given, where another process does."""
    with told_when_full(folder):
        folder.mkdir(exist_ok=True)
        file = (folder / LOCK).open("w")
    with file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                at = f"on {name}" if name else f"in {folder}"
                raise Occupied(f"another run is at work {at}; wait until it is done, or stop it") from error
        yield


def clear(folder: Path) -> None:
    """Remove all of a folder that is held but its lock; first what says whose it is, so that nobody takes up what an end of this leaves."""
    (folder / JOB).unlink(missing_ok=True)
    flush(folder)
    for child in folder.iterdir():
        if child.is_dir():
            shutil.rmtree(child)
        elif child.name != LOCK:
            child.unlink()


def _name(number: int) -> str:
    return f"part-{number:06}"


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise Different(f"{path} can't be read ({error}): delete {path.parent} to begin anew") from error


def _parquet(frame: pl.DataFrame) -> bytes:
    written = io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
