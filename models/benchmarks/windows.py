"""How fast windows are: `python -m models.benchmarks.windows [--pyodide FOLDER] [--json FILE]`, with pywasm on the path.

Prints, and writes as JSON if asked to: the vectorised history of all flights of 2013, the stream over a month of them in this Python, and
the same in the Pyodide of a built site, whose answers must be the same to the last bit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from foreshore.windows import training_columns
from foreshore.windows.columns import Columns
from models.benchmarks.pyodide import call_in_pyodide
from models.benchmarks.replay import replay
from models.benchmarks.report import windows_table
from models.eta.events import column, events, queries, timed_flights
from models.eta.windows import VIEW
from packing.errors import BuildError

STREAMED_FROM_MIN = 15887 * 24 * 60
"""2013-07-01 UTC, the month with the most flights."""
STREAMED_MIN = 31 * 24 * 60

type Results = dict[str, Any]
type Tell = Callable[[str], None]


class AnswersDifferError(BuildError):
    """CPython and Pyodide gave different answers to the same events and questions."""


@dataclass(frozen=True, slots=True)
class Flights:
    """Events and questions of all flights.

    Attributes
    ----------
    events : dict
        Columns of departures and of arrivals, in order of time.
    queries : dict
        Columns of query fields, a row a flight.
    times_min : (Q,) int64
        Scheduled departures, the times of the questions.
    """

    events: Mapping[str, Columns]
    queries: Columns
    times_min: NDArray[np.int64]

    @classmethod
    def read(cls) -> Flights:
        """Those of the data set; raises FetchError if it cannot be had."""
        flights = timed_flights().sort("scheduled_departure_min", maintain_order=True)
        return cls(events(flights), queries(flights), column(flights, "scheduled_departure_min").astype(np.int64))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pyodide", type=Path, help="folder with pyodide.mjs, such as dist/assets/pyodide-…")
    parser.add_argument("--runs", type=int, default=5, help="how often each part is run; medians count")
    parser.add_argument("--json", type=Path, help="where to write the results")
    options = parser.parse_args()
    results = measure(Flights.read(), options.runs, options.pyodide)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    Console().print(windows_table(results))
    try:
        check_answers(results)
    except AnswersDifferError as error:
        sys.exit(str(error))


def measure(flights: Flights, runs: int, pyodide: Path | None, tell: Tell = lambda _: None) -> Results:
    """How fast every feature of all flights is computed at once, and how fast a month of events passes through the windows.

    Parameters
    ----------
    flights : Flights
    runs : int
        How often each part is run.
    pyodide : Path, optional
        Folder with `pyodide.mjs`.
    tell : callable
        Told which part is being run.

    Returns
    -------
    dict
        "history": "queries", "features", "events", and "seconds", one number a run; "cpython" and, given a Pyodide, "pyodide": as
        `models.benchmarks.replay.replay` gives them.
    """
    tell("Windows: the history of all flights")
    results: Results = {"history": _history(flights, runs)}
    log = log_json(flights)
    tell("Windows: a month of events in CPython")
    results["cpython"] = json.loads(replay(log, runs))
    if pyodide is not None:
        tell("Windows: the same month in Pyodide")
        results["pyodide"] = json.loads(call_in_pyodide(pyodide, "models.benchmarks.replay", "replay", log, runs))
    return results


def check_answers(results: Results) -> None:
    """Raise AnswersDifferError where CPython and Pyodide answered differently."""
    hashes = {name: results[name]["answers_sha256"] for name in ("cpython", "pyodide") if name in results}
    if len(set(hashes.values())) > 1:
        raise AnswersDifferError(f"windows: got answers {hashes}, expected the same everywhere; compare those of models.benchmarks.replay")


def _history(flights: Flights, runs: int) -> Results:
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        columns = training_columns(VIEW, flights.events, flights.queries, flights.times_min)
        seconds.append(time.perf_counter() - started)
    counts = {name: len(columns["known_time_min"]) for name, columns in flights.events.items()}
    return {"queries": len(flights.times_min), "features": len(columns), "events": counts, "seconds": seconds}


def log_json(flights: Flights) -> str:
    """A month of events and queries in the order of time, as `replay` reads them."""
    entries: list[tuple[int, int, str, dict[str, Any]]] = []
    for source, columns in flights.events.items():
        entries.extend((record["known_time_min"], 0, source, record) for record in _rows(columns, columns["known_time_min"]))
    queries = {**flights.queries, "time_min": flights.times_min}
    entries.extend((record["time_min"], 1, "", record) for record in _rows(queries, flights.times_min))
    entries.sort(key=lambda entry: entry[:2])
    return json.dumps({"windows": VIEW.windows.to_json(), "log": [entry[2:] for entry in entries]})


def _rows(columns: Mapping[str, Any], times: Any) -> list[dict[str, Any]]:
    month = np.flatnonzero((times >= STREAMED_FROM_MIN) & (times < STREAMED_FROM_MIN + STREAMED_MIN))
    lists = [[value if value != "" else None for value in column[month].tolist()] for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]


if __name__ == "__main__":
    main()
