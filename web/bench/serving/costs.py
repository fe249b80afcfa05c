"""What an answer takes of a server's processor: asked for over HTTP, and as a row of a batch job.

The page's section on costs shows the result beside what it measures on the visitor's device.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from packing.errors import BuildError
from web.bench.serving.load import request_bytes
from web.bench.serving.measure import loaded
from web.server.batch.run import BatchJob, run_batch
from web.server.prediction.catalogue import Catalogue, ReleasedPipeline
from web.server.testing import RunningServer, server_process

AT_ONCE = 16
ROUNDS = {"quick": 5, "full": 9}
ROWS = 65_536
FORMAT = 1

type Tell = Callable[[str], None]
type Record = Mapping[str, Any]
type Measured = dict[str, Any]


def measure_costs(dist: Path, tell: Tell, *, quick: bool) -> Measured:
    """What answers take, for every variant of every pipeline whose records fit into a table.

    Parameters
    ----------
    dist : Path
        The built site.
    tell : callable
        Shown what is going on.
    quick : bool
        5 rounds, not 9.

    Returns
    -------
    dict
        As `web/app/batch/costs-state.js` declares it: microseconds of one processor, with the quartiles of the rounds, and rates of the
        whole machine.

    Raises
    ------
    BuildError
        If a row or a request is not answered.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    rounds = ROUNDS["quick" if quick else "full"]
    release = Catalogue(dist, "stable").current()
    pipelines = {}
    with server_process(dist, "--workers", str(cores)) as server, tempfile.TemporaryDirectory() as scratch:
        for name, released in release.pipelines.items():
            records = golden_records(dist, released)
            if records:
                measure = Measurement(released, records, server, Path(scratch), rounds)
                pipelines[name] = {variant: measure.of(variant, tell) for variant in released.variants}
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": cores, "processor": platform.machine(), "system": platform.system()},
        "workers": cores,
        "rounds": rounds,
        "rows": ROWS,
        "pipelines": pipelines,
    }


def golden_records(dist: Path, released: ReleasedPipeline) -> list[Record]:
    """Recorded inputs of a pipeline; none where a table can't hold them."""
    if any(field["dtype"] == "image" for field in released.entry["contract"]["fields"]):
        return []
    records: list[Record] = json.loads((dist / released.entry["golden"]).read_bytes())["records"]
    return records


class Measurement:
    """Measures the variants of one pipeline.

    Parameters
    ----------
    released : ReleasedPipeline
    records : sequence of mappings
        Real ones; each round asks them in turn.
    server : RunningServer
    scratch : Path
        A folder for files.
    rounds : int
    """

    def __init__(self, released: ReleasedPipeline, records: Sequence[Record], server: RunningServer, scratch: Path, rounds: int) -> None:
        self._released, self._records, self._server, self._rounds = released, records, server, rounds
        self._file = scratch / f"{released.name}.csv"
        write_table(self._file, records, ROWS)

    def of(self, variant: str, tell: Tell) -> Measured:
        """What one variant takes; batch and online take turns, after a round that warms up."""
        batch, online = [], []
        for place in range(self._rounds + 1):
            tell(f"{self._released.name} {variant}: round {place} of {self._rounds} …")
            turn = (self._batch(variant), self._online(variant, 1.0))
            if place:
                batch.append(turn[0])
                online.append(turn[1])
        return {
            "batch": {"rows_per_s": middle(batch, "rows_per_s"), "cpu_us": spread(batch, "cpu_us")},
            "online": {
                "at_once": AT_ONCE,
                "answers_per_s": middle(online, "requests_per_s"),
                "p50_ms": middle(online, "p50_ms"),
                "cpu_us": spread(online, "server_cpu_us"),
            },
        }

    def _batch(self, variant: str) -> Measured:
        job = BatchJob(self._file, self._file.with_name("results.csv"), self._released, variant, is_fresh=True)
        started, used = time.perf_counter(), time.process_time()
        summary = run_batch(job)
        seconds, processor_s = time.perf_counter() - started, time.process_time() - used
        if summary.good != ROWS:
            raise BuildError(f"{self._released.name}: got {summary.bad} bad rows among recorded cases, expected none; see {job.bad_rows}")
        return {"rows_per_s": ROWS / seconds, "cpu_us": processor_s / ROWS * 1e6}

    def _online(self, variant: str, seconds: float) -> Measured:
        record = self._records[0]
        path = f"/api/pipelines/{self._released.name}/predict?variant={variant}"
        measured = loaded(self._server, request_bytes(path, json.dumps(record).encode()), AT_ONCE, seconds)
        if set(measured["statuses"]) - {"200", "429"}:
            raise BuildError(f"{path}: got statuses {measured['statuses']}, expected 200")
        return measured


def write_table(path: Path, records: Sequence[Record], rows: int) -> None:
    """Write records, over and over, as a CSV file with a header."""
    names = list(dict.fromkeys(itertools.chain.from_iterable(records)))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([_cell(record.get(name)) for name in names] for record in _repeated(records, rows))


def _repeated(records: Sequence[Record], rows: int) -> Iterator[Record]:
    return itertools.islice(itertools.cycle(records), rows)


def _cell(value: object) -> str:
    """A wire value as a cell holds it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def middle(rounds: Sequence[Measured], key: str) -> float:
    """The median, to four digits that matter."""
    return spread(rounds, key)["median"]


def spread(rounds: Sequence[Measured], key: str) -> dict[str, float]:
    """Median and quartiles of rounds.

    Examples
    --------
    >>> spread([{"ms": 1.0}, {"ms": 2.0}, {"ms": 4.0}], "ms")
    {'median': 2.0, 'low': 1.5, 'high': 3.0}
    """
    low, median, high = np.percentile([each[key] for each in rounds], [25, 50, 75]).tolist()
    return {name: float(f"{value:.4g}") for name, value in (("median", median), ("low", low), ("high", high))}
