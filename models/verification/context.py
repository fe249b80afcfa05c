"""A view's executions, held to one another: the log's whole history in arrays decides, streams and tables have to give the same bits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore import MISSING_INT, Pipeline
from foreshore.contract import DAY_MIN, utc_text
from foreshore.live import Live
from foreshore.store import Table
from foreshore.windows import REASONS, Arrivals, EventField, EventType, FeatureView, materialise_many, training_columns
from foreshore.windows.columns import FITS, Column, Columns
from foreshore.windows.derived import derived_columns
from foreshore.windows.intake import take_in
from models.tables import read_tables, write_tables
from models.verification.browser import BrowserExecutions
from models.verification.comparisons import Comparison, VerificationError, accepted, compare
from models.verification.logs import DrawnLog, Event, draw_log
from models.verification.records import draw_records

EXACT = 0.0
"""Tolerance of what has to agree to the last bit."""
SHIPPED_QUESTIONS = 400
NEVER = -(2**62)

type Context = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Reference:
    """What the host says of a drawn log, computed over all of it at once.

    Attributes
    ----------
    context : mapping of str to (Q,) float32
        Every feature of every question.
    outcomes : (N,) int64
        Of every event: its reason's place in `REASONS`, or `FITS`.
    tables : list of Table
        The tables of all refreshes that the questions look back to.
    """

    context: Context
    outcomes: NDArray[np.int64]
    tables: list[Table]


def context_comparisons(pipeline: Pipeline, history: Path | None, browser: BrowserExecutions, seed: int) -> list[Comparison]:
    """Every execution of a pipeline's view held to the host's history; none for a pipeline without a view.

    Parameters
    ----------
    pipeline : Pipeline
        Open in the browser's Pyodide.
    history : Path or None
        The folder of tables that the release ships, where it ships some.
    browser : BrowserExecutions
    seed : int
        Of the log that is drawn.

    Raises
    ------
    VerificationError
        If an execution refuses what another accepts, or the view has historical features and the release no tables.
    """
    view = pipeline.view
    if view is None:
        return []
    log = draw_log(pipeline, seed)
    reference = refer(pipeline, view, log)
    compared = [*_in_python(pipeline, log, reference), *_in_pyodide(pipeline, log, reference, browser)]
    if not view.historical:
        return compared
    if history is None:
        name = pipeline.contract.name
        raise VerificationError(
            f"pipeline {name}: got historical features and no tables, expected a models/{name}/history.py that writes them"
        )
    return [*compared, _in_javascript(pipeline, log, reference, browser), _shipped(pipeline, history, browser, seed)]


def refer(pipeline: Pipeline, view: FeatureView, log: DrawnLog) -> Reference:
    """The vectorised answers to a drawn log."""
    rows = {event.name: _rows(log, event) for event in view.windows.events}
    events = {event.name: _columns(event.fields, [log.events[row][1] for row in rows[event.name]]) for event in view.windows.events}
    times = np.array(log.times_min, np.int64)
    due, asked = places(view, log)
    arrivals = Arrivals({name: due[own] for name, own in rows.items()}, asked)
    queries = derived_columns(view.derived, _queries(view, pipeline, log.records))
    codes = take_in(view.windows, events, times, arrivals).codes
    outcomes = outcome_codes(log.defects)
    for name, own in rows.items():
        outcomes[own] = codes[name]
    refreshes = np.unique(view.as_of(times)).tolist() if view.historical else []
    return Reference(training_columns(view, events, queries, times, arrivals), outcomes, materialise_many(view, events, refreshes))


def _rows(log: DrawnLog, event: EventType) -> NDArray[np.int64]:
    """Which events of a log are of a type, those that no column could hold left out."""
    pairs = zip(log.events, log.defects, strict=True)
    return np.array([row for row, ((source, _), defect) in enumerate(pairs) if source == event.name and defect is None], np.int64)


def _columns(fields: Iterable[EventField], records: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    return {field.name: _column(field.dtype, [record.get(field.name) for record in records]) for field in fields}


def _column(dtype: str, values: Sequence[Any]) -> Column:
    if dtype == "text":
        return np.array([value or "" for value in values], np.str_)
    if dtype == "float64":
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return np.array([MISSING_INT if value is None else value for value in values], np.int32)


def _queries(view: FeatureView, pipeline: Pipeline, records: Sequence[Mapping[str, Any]]) -> Columns:
    """Query fields, and those from which others are derived, as columns."""
    dtypes = {**dict.fromkeys((derived.field for derived in view.derived), "text"), **view.query_fields()}
    names = {field.name for field in pipeline.contract.fields}
    return {name: _column(dtype, [record[name] for record in records]) for name, dtype in dtypes.items() if name in names}


def places(view: FeatureView, log: DrawnLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each event and each question stand in the log.

    A question waits for the events that come next as long as they were known by its time; so an event comes before the questions whose
    time the latest of the known times up to it has not passed.
    """
    due = np.maximum.accumulate([_due(view, event) for event in log.events])
    times = np.array(log.times_min, np.int64)
    before_event = np.searchsorted(times, due, side="left")
    before_question = np.searchsorted(due, times, side="right")
    return np.arange(len(due)) + before_event, np.arange(len(times)) + before_question


def _due(view: FeatureView, event: Event) -> int:
    """An event's known time; for one that has none to read, at once."""
    source, record = event
    declared = next((each for each in view.windows.events if each.name == source), None)
    if declared is None or not isinstance(record, Mapping):
        return NEVER
    known = record.get(declared.known_time_field)
    low, high = declared.field(declared.known_time_field).bounds
    return known if type(known) is int and low <= known <= high else NEVER


def _in_python(pipeline: Pipeline, log: DrawnLog, reference: Reference) -> list[Comparison]:
    tables = [Table.from_bytes(table.to_bytes()) for table in reference.tables]
    filled, intake = Live(pipeline, tables).follow(log.events, log.records)
    return _held("stream and tables in Python", filled, intake["outcomes"], reference, log, _names(pipeline))


def _in_pyodide(pipeline: Pipeline, log: DrawnLog, reference: Reference, browser: BrowserExecutions) -> list[Comparison]:
    """The stream in Pyodide, saved half-way, forgotten and restored."""
    assert pipeline.view is not None
    name, half = pipeline.contract.name, len(log.records) // 2
    due, asked = places(pipeline.view, log)
    cut = int(np.searchsorted(due, asked[half - 1]))
    first = accepted(browser.follow(name, log.events[:cut], log.records[:half], restart=True), "Pyodide")
    state = browser.save_windows(name)
    browser.restart_windows(name)
    accepted(browser.restore_windows(name, state), "Pyodide")
    second = accepted(browser.follow(name, log.events[cut:], log.records[half:]), "Pyodide")
    browser.restart_windows(name)
    outcomes = first["intake"]["outcomes"] + second["intake"]["outcomes"]
    names = [window.name for window in pipeline.view.windows.windows]
    return _held("stream in Pyodide, saved and restored", first["records"] + second["records"], outcomes, reference, log, names)


def _in_javascript(pipeline: Pipeline, log: DrawnLog, reference: Reference, browser: BrowserExecutions) -> Comparison:
    """Tables of the log's own history, as a page looks them up."""
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), reference.tables)
        filled = _looked_up(pipeline, Path(folder), log.records, browser)
    return _context("tables in JavaScript", "historical features", filled, reference.context, log.records, _historical(pipeline))


def _shipped(pipeline: Pipeline, history: Path, browser: BrowserExecutions, seed: int) -> Comparison:
    """The tables of the release, for keys that they know and others, at their times, just before and long after."""
    tables = read_tables(history)
    records = _shipped_questions(pipeline, [table.as_of_min for table in tables], seed)
    names = _historical(pipeline)
    expected = context_columns(Live(pipeline, tables).fill(records), names)
    filled = _looked_up(pipeline, history, records, browser)
    return _context("released tables in JavaScript", "historical features", filled, expected, records, names)


def _shipped_questions(pipeline: Pipeline, times_min: Sequence[int], seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    later = random.choice([-1, 0, *range(1, 3 * DAY_MIN, 100)], SHIPPED_QUESTIONS)
    around = random.choice(np.array(times_min or [0], np.int64), SHIPPED_QUESTIONS) + later
    names, clock = [field.name for field in pipeline.contract.fields], str(pipeline.contract.clock)
    drawn = draw_records(pipeline.contract, SHIPPED_QUESTIONS, seed)
    return [{name: record[name] for name in names} | {clock: utc_text(time)} for record, time in zip(drawn, around.tolist(), strict=True)]


def _looked_up(
    pipeline: Pipeline, folder: Path, records: Sequence[Mapping[str, Any]], browser: BrowserExecutions
) -> list[Mapping[str, Any]]:  # fmt: skip
    assert pipeline.view is not None
    return browser.fill_from_tables(pipeline.view.to_json(), pipeline.contract.clock, folder, records)


def _names(pipeline: Pipeline) -> list[str]:
    return [field.name for field in pipeline.contract.context]


def _historical(pipeline: Pipeline) -> list[str]:
    assert pipeline.view is not None
    return [window.name for window in pipeline.view.historical]


def _held(
    execution: str, filled: Sequence[Mapping[str, Any]], outcomes: Sequence[str | None], reference: Reference, log: DrawnLog,
    names: Sequence[str],
) -> list[Comparison]:  # fmt: skip
    """What questions were told, and what became of every event."""
    got, expected = {"outcome": outcome_codes(outcomes)}, {"outcome": reference.outcomes}
    taken = compare(EXACT, execution, "events taken or dropped", got, expected, log.events)
    return [_context(execution, "context", filled, reference.context, log.records, names), taken]


def _context(
    execution: str, what: str, filled: Sequence[Mapping[str, Any]], expected: Context, records: Sequence[Mapping[str, Any]],
    names: Sequence[str],
) -> Comparison:  # fmt: skip
    return compare(EXACT, execution, what, context_columns(filled, names), {name: expected[name] for name in names}, records)


def outcome_codes(outcomes: Sequence[str | None]) -> NDArray[np.int64]:
    """Of events' outcomes: the reason's place in `REASONS`, or `FITS` where there is none."""
    return np.array([FITS if outcome is None else REASONS.index(outcome) for outcome in outcomes], np.int64)


def context_columns(filled: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Context:
    """Features of records that carry them, (N,) float32 by name; NaN where they are missing."""
    return {name: np.array([np.nan if record[name] is None else record[name] for record in filled], np.float32) for name in names}
