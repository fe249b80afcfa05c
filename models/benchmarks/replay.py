"""A log of events and queries, replayed and timed; runs wherever `foreshore` does."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from foreshore.windows import Stream, WindowSet

type Entry = tuple[str, dict[str, Any]]
"""An event type's name and an event, or "" and a query with its "time_min"."""
type Quantiles = dict[str, dict[str, float]]


def replay(log_json: str, runs: int) -> str:
    """Replay a log several times, each in a new stream.

    Parameters
    ----------
    log_json : str
        {"windows": …, "log": [[source, record], …]}.
    runs : int

    Returns
    -------
    str
        JSON: events a second without and with the queries between them (`events_per_s`, `events_per_s_with_queries`, a number a run);
        of single calls the median, the 99th percentile and the slowest in microseconds (`push_us`, `query_us`: "p50", "p99", "max", each
        a number a run); and the SHA-256 of all answers.
    """
    data = json.loads(log_json)
    windows = WindowSet.from_json(data["windows"])
    log: list[Entry] = [(source, record) for source, record in data["log"]]
    events = [entry for entry in log if entry[0]]
    return json.dumps(
        {
            "events": len(events),
            "queries": len(log) - len(events),
            "events_per_s": [len(events) / _timed(windows, events) for _ in range(runs)],
            "events_per_s_with_queries": [len(events) / _timed(windows, log) for _ in range(runs)],
            **_single_calls([_single(windows, log) for _ in range(runs)]),
            "answers_sha256": _answers(windows, log),
        }
    )


def _timed(windows: WindowSet, log: list[Entry]) -> float:
    """Seconds for the whole log."""
    stream = Stream(windows)
    push, query = stream.push, stream.query
    started = time.perf_counter()
    for source, record in log:
        if source:
            push(source, record)
        else:
            query(record, record["time_min"])
    return time.perf_counter() - started


def _single_calls(runs: list[Quantiles]) -> dict[str, dict[str, list[float]]]:
    return {call: {name: [run[call][name] for run in runs] for name in quantiles} for call, quantiles in runs[0].items()}


def _single(windows: WindowSet, log: list[Entry]) -> Quantiles:
    """What one call takes, by quantile, in microseconds."""
    stream = Stream(windows)
    times: dict[str, list[int]] = {"push_us": [], "query_us": []}
    for source, record in log:
        started = time.perf_counter_ns()
        if source:
            stream.push(source, record)
        else:
            stream.query(record, record["time_min"])
        times["push_us" if source else "query_us"].append(time.perf_counter_ns() - started)
    return {name: _quantiles(sorted(taken)) for name, taken in times.items()}


def _quantiles(ordered: list[int]) -> dict[str, float]:
    if not ordered:
        return {}
    return {
        "p50": ordered[len(ordered) // 2] / 1000,
        "p99": ordered[len(ordered) * 99 // 100] / 1000,
        "max": ordered[-1] / 1000,
    }


def _answers(windows: WindowSet, log: list[Entry]) -> str:
    """One hash over every answer, the same wherever the answers are the same to the last bit."""
    stream = Stream(windows)
    digest = hashlib.sha256()
    for source, record in log:
        if source:
            stream.push(source, record)
        else:
            digest.update(repr(list(stream.query(record, record["time_min"]).values())).encode())
    return digest.hexdigest()
