"""The two executions of windows, run on a log of records; needs nothing but foreshore, so that Pyodide can run it too."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foreshore.windows import Arrivals, EventType, History, Stream, WindowSet, history

type Entry = tuple[str, dict[str, Any]]
"""("ships" or "tides", an event) or ("", a query with its "time_min")."""


def run_stream(stream: Stream, log: Sequence[Entry]) -> list[dict[str, float]]:
    """The stream's answers to the queries of a log."""
    answers = []
    for source, entry in log:
        if source:
            stream.push(source, entry)
        else:
            answers.append(stream.query(entry, entry["time_min"]))
    return answers


MISSING: Mapping[str, Any] = {"int32": -(2**31), "float64": math.nan, "text": ""}
DTYPES: Mapping[str, Any] = {"int32": np.int32, "float64": np.float64, "text": "<U8"}


def columns_of(event: EventType, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Records as columns, what is missing in column form."""
    return {
        field.name: np.array(
            [MISSING[field.dtype] if record[field.name] is None else record[field.name] for record in records], DTYPES[field.dtype]
        )
        for field in event.fields
    }


def run_history(declared: WindowSet, log: Sequence[Entry], in_log_order: bool = True) -> History:
    """The vectorised answers to the queries of a log."""
    places: dict[str, list[int]] = {"ships": [], "tides": [], "": []}
    for place, (source, _) in enumerate(log):
        places[source].append(place)
    events = {event.name: columns_of(event, [log[place][1] for place in places[event.name]]) for event in declared.events}
    asked = [log[place][1] for place in places[""]]
    queries = {
        "quay": np.array([query["quay"] or "" for query in asked], "<U8"),
        "other_quay": np.array([query["other_quay"] for query in asked], "<U8"),
        "pilot": np.array([-(2**31) if query["pilot"] is None else query["pilot"] for query in asked], np.int32),
    }
    times = np.array([query["time_min"] for query in asked], np.int64)
    arrivals = Arrivals({name: np.array(places[name], np.int64) for name in events}, np.array(places[""], np.int64))
    return history(declared, events, queries, times, arrivals if in_log_order else None)


def answers_of_both(cases_json: str) -> str:
    """Answers of stream and history, as JSON, to cases `[[declarations, log], …]` given as JSON."""
    both = []
    for declarations, log in json.loads(cases_json):
        declared = WindowSet.from_json(declarations)
        offline = run_history(declared, log)
        both.append([run_stream(Stream(declared), log), {name: column.tolist() for name, column in offline.columns.items()}])
    return json.dumps(both)
