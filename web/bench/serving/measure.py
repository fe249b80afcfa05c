"""What is measured of serving: a bare loop of ONNX Runtime, the same model over HTTP, with and without joining requests, and overload."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foreshore import Pipeline, load_pipeline
from foreshore.records import Column
from packing.errors import BuildError
from web.bench.serving.load import request_bytes
from web.server.prediction.catalogue import Catalogue, ModelFile
from web.server.prediction.protocol import HEADER_LENGTH, NAMES
from web.server.prediction.sessions import open_session
from web.server.testing import ROOT, RunningServer, server_process

CONCURRENCY = (1, 2, 4, 8, 16, 32, 64)
JOINED_CONCURRENCY = 16
OVERLOAD_CONCURRENCY = 64
OVERLOAD_ROWS = 2000
BARE_ROWS = (1, 8, 32, 256)
WARM_UP_S = 0.5
TICKS_PER_S = 100
"""Of the times in /proc, on every Linux that there is (USER_HZ)."""

type Tell = Callable[[str], None]
type Measured = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """The example record of a pipeline, as the different clients send it.

    Parameters
    ----------
    pipeline : Pipeline
    """

    pipeline: Pipeline

    @property
    def record(self) -> dict[str, Any]:
        """The contract's examples."""
        return {field.name: field.example for field in self.pipeline.contract.fields if field.example is not None}

    def requests(self) -> dict[str, bytes]:
        """Requests by what they are called: one row each."""
        name = self.pipeline.contract.name
        infer, predict = f"/v2/models/{name}/infer", f"/api/pipelines/{name}/predict"
        return {
            "record": request_bytes(predict, json.dumps(self.record).encode()),
            "tensors, JSON": request_bytes(infer, json.dumps({"inputs": self._tensors(binary=False)[0]}).encode()),
            "tensors, binary": self._binary(infer),
        }

    def many(self, rows: int) -> bytes:
        """One request of many records."""
        return request_bytes(f"/api/pipelines/{self.pipeline.contract.name}/predict", json.dumps([self.record] * rows).encode())

    def columns(self, rows: int) -> dict[str, Column]:
        """Columns of N equal rows."""
        return self.pipeline.encode([self.record] * rows)

    def _binary(self, path: str) -> bytes:
        inputs, payload = self._tensors(binary=True)
        head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
        return request_bytes(path, head + payload, {HEADER_LENGTH: str(len(head))})

    def _tensors(self, *, binary: bool) -> tuple[list[dict[str, Any]], bytes]:
        """The columns that the record fills; those that it lacks are left out."""
        inputs, payload = [], b""
        for name, column in self.columns(1).items():
            if column.dtype == np.float32 and np.isnan(column).all():
                continue
            content: dict[str, Any] = {"data": column.tolist()}
            if binary:
                payload += column.tobytes()
                content = {"parameters": {"binary_data_size": column.nbytes}}
            inputs.append({"name": name, "shape": [1], "datatype": NAMES[column.dtype], **content})
        return inputs, payload


def measure(dist: Path, name: str, seconds: float, workers: int, tell: Tell) -> Measured:
    """All that is measured of one pipeline.

    Parameters
    ----------
    dist : Path
        The built site.
    name : str
        Of a pipeline whose default variant has a graph.
    seconds : float
        How long each load lasts.
    workers : int
        Processes of the server.
    tell : callable
        Shown what is going on.

    Raises
    ------
    BuildError
        If an answer is neither a 200 nor a 429.
    """
    question = Question(load_pipeline(name))
    tell("onnxruntime alone …")
    report: Measured = {
        "pipeline": name,
        "workers": workers,
        "seconds": seconds,
        "bare": bare(released_graph(dist, name), question, seconds),
    }
    report["http"] = list(_rising(dist, question, seconds, workers, tell))
    report["joining"] = [_joined(dist, question, seconds, rows, tell) for rows in (1, 256)]
    report["overload"] = _overload(dist, question, seconds, workers, tell)
    _check([*report["http"], *report["joining"], report["overload"]])
    return report


def released_graph(dist: Path, name: str) -> ModelFile:
    """The graph of a pipeline's default variant."""
    return Catalogue(dist, "stable").current().pipeline(name).variant(None).default


def bare(file: ModelFile, question: Question, seconds: float) -> list[Measured]:
    """A loop around one session on one thread: the most that a server could answer with one of its processes."""
    session = open_session(file, 1)
    names = [each.name for each in session.get_inputs()]
    measured = []
    for rows in BARE_ROWS:
        columns = question.columns(rows)
        feeds = {name: columns[name] for name in names}
        session.run(None, feeds)
        runs, started, used = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - started < seconds:
            session.run(None, feeds)
            runs += 1
        took = time.perf_counter() - started
        measured.append(
            {"rows": rows, "runs_per_s": runs / took, "rows_per_s": runs * rows / took, "cpu_us": (time.process_time() - used) / runs * 1e6}
        )
    return measured


def _rising(dist: Path, question: Question, seconds: float, workers: int, tell: Tell) -> Iterator[Measured]:
    with server_process(dist, "--workers", str(workers)) as server:
        for kind, request in question.requests().items():
            for connections in CONCURRENCY:
                tell(f"{kind}, {connections} at once …")
                yield {"kind": kind, **loaded(server, request, connections, seconds)}


def _joined(dist: Path, question: Question, seconds: float, rows: int, tell: Tell) -> Measured:
    tell(f"batches of up to {rows} …")
    request = question.requests()["tensors, binary"]
    with server_process(dist, settings={"FORESHORE_BATCH_ROWS": str(rows)}) as server:
        return {"batch_rows": rows, **loaded(server, request, JOINED_CONCURRENCY, seconds), "requests_per_run": _requests_per_run(server)}


def _overload(dist: Path, question: Question, seconds: float, workers: int, tell: Tell) -> Measured:
    tell("overload …")
    with server_process(dist, "--workers", str(workers)) as server:
        return {"rows": OVERLOAD_ROWS, **loaded(server, question.many(OVERLOAD_ROWS), OVERLOAD_CONCURRENCY, seconds)}


def loaded(server: RunningServer, request: bytes, connections: int, seconds: float) -> Measured:
    """What a server does under one load, and what it costs the processor."""
    port = int(server.url.rpartition(":")[2])
    plan = {"port": port, "request": request.hex(), "connections": connections, "seconds": seconds, "warm_up_s": WARM_UP_S}
    with _watched(server) as used:
        command = [sys.executable, "-m", "web.bench.serving.load"]
        ended = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, cwd=ROOT, check=False)
    if ended.returncode:
        raise BuildError(f"the load generator failed: {ended.stderr[-500:]}\n{server.log()[-500:]}")
    return summary(json.loads(ended.stdout), connections, used["server_s"], WARM_UP_S + seconds)


def summary(measured: Measured, connections: int, server_s: float, lasted_s: float) -> Measured:
    """Rates and percentiles of a load."""
    statuses: Mapping[str, int] = measured["statuses"]
    latencies = measured["latencies_ms"]
    count = sum(statuses.values())
    return {
        "connections": connections,
        "statuses": statuses,
        "requests_per_s": statuses.get("200", 0) / measured["seconds"],
        "server_cpu_us": server_s / max(1.0, count / measured["seconds"] * lasted_s) * 1e6,
        **{f"p{share}_ms": percentile(latencies, share) for share in (50, 95, 99)},
    }


def percentile(ascending: list[float], share: int) -> float | None:
    """The value that `share` percent of sorted values do not exceed (nearest rank); None of none.

    Examples
    --------
    >>> percentile([1.0, 2.0, 3.0, 4.0], 50)
    2.0
    """
    return ascending[max(0, -(-len(ascending) * share // 100) - 1)] if ascending else None


@contextmanager
def _watched(server: RunningServer) -> Iterator[dict[str, float]]:
    """Processor time that the server's processes use while this lasts; 0 where the system does not tell."""
    used = {"server_s": 0.0}
    before = _server_s(server.process.pid)
    yield used
    used["server_s"] = _server_s(server.process.pid) - before


def _server_s(pid: int) -> float:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    children = listing.read_text().split() if listing.exists() else []
    fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
    return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS_PER_S


def _requests_per_run(server: RunningServer) -> float:
    """How many requests ran together on average, as the server counts it."""
    import urllib.request

    with urllib.request.urlopen(f"{server.url}/metrics") as answer:  # noqa: S310  # our own server
        lines = answer.read().decode().splitlines()
    totals = {
        key: sum(float(line.split()[-1]) for line in lines if line.startswith(f"foreshore_batch_requests_{key}"))
        for key in ("sum", "count")
    }
    return totals["sum"] / max(1.0, totals["count"])


def _check(loads: list[Measured]) -> None:
    for load in loads:
        if wrong := sorted(set(load["statuses"]) - {"200", "429"}):
            raise BuildError(f"serving: got answers of status {', '.join(wrong)} under load, expected 200, or 429 beyond what can be done")
