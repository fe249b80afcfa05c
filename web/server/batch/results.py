"""The columns of a result: the row's number, what the file carries beside the fields, and the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from numpy.typing import NDArray

from foreshore import Contract, Output
from web.server.batch.errors import Unwritable

ROW = "row"
TAKEN = "predicted_"
CARRIED = "carried_"
RANKED: Mapping[str, pl.DataType] = {"label": pl.String(), "index": pl.Int64(), "score": pl.Float64()}
"""What is told of the first of a ranking."""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """What each column of a result is called.

    Attributes
    ----------
    carried : mapping of str to str
        Columns of the file to what they are called here: the same, unless that is `row`.
    outputs : sequence of (Output, str)
        Each output, with what its column, or its columns' names begin with, is called here.
    """

    carried: Mapping[str, str]
    outputs: Sequence[tuple[Output, str]]

    @classmethod
    def of(cls, contract: Contract, columns: Sequence[str]) -> ResultTable:
        """The result of a contract with these columns carried through."""
        names = {ROW, *columns}
        carried = {column: _free(column, CARRIED, names) if column == ROW else column for column in columns}
        taken = {ROW, *carried.values()}
        return cls(carried, [(output, _output_name(output, taken)) for output in contract.outputs])

    def frame(self, rows: NDArray[Any], carried: pl.DataFrame | None, answers: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
        """The result of N rows.

        Parameters
        ----------
        rows : (N,) int64
            Their numbers in the file.
        carried : DataFrame or None
            Columns of the file; None where none is carried.
        answers : mapping of str to sequence
            As `Pipeline.decode_columns` gives them.
        """
        parts = [pl.DataFrame({ROW: pl.Series(rows, dtype=pl.Int64)})]
        parts += [carried.rename(dict(self.carried))] if carried is not None else []
        parts += [pl.DataFrame([series]) for output, name in self.outputs for series in _series(output, name, answers[output.name])]
        return pl.concat(parts, how="horizontal")


def check_csv(schema: Mapping[str, pl.DataType]) -> None:
    """Raise Unwritable for columns that a CSV file can't hold."""
    for column, dtype in schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Duration, pl.Object):
            raise Unwritable(f"column {column}: got {dtype}, which CSV can't hold; write to a name that ends in .parquet")


def _free(name: str, prefix: str, taken: set[str]) -> str:
    while name in taken:
        name = prefix + name
    return name


def _output_name(output: Output, taken: set[str]) -> str:
    name = output.name
    while any(full in taken for full in _full_names(output, name)):
        name = TAKEN + name
    taken.update(_full_names(output, name))
    return name


def _full_names(output: Output, name: str) -> list[str]:
    return [f"{name}_{part}" for part in RANKED] if output.labels else [name]


def _series(output: Output, name: str, answers: Sequence[Any]) -> list[pl.Series]:
    if not output.labels:
        return [pl.Series(name, answers, pl.Float64)]
    return [pl.Series(f"{name}_{part}", [ranking[0][part] for ranking in answers], dtype) for part, dtype in RANKED.items()]
