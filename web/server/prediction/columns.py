"""Columns on their way into a graph: what each may hold, and rows of many requests side by side.

Nearly all inputs of a pipeline's graph are (N,) int32 or float32. They travel as two blocks, a row an input, so that checking, joining and
splitting cost the same for three inputs as for thirty. What has another form (pixels, say) travels beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore import MISSING_INT, Contract
from foreshore.encoding import encoding_table
from foreshore.images import IMAGE_SIDE
from web.server.prediction.errors import Malformed

type Array = NDArray[Any]

INT32 = np.iinfo(np.int32)
FLOAT32_MAX = float(np.finfo(np.float32).max)
MOST_FEATURES = 1 << 21
"""Numbers that the features of one run may hold: 8 MiB. What a network computes between its layers is many times that."""
CODED = {"bool": (0, 1), "time": (0, 24 * 60 - 1)}
"""Bounds of columns whose dtype alone says them."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a graph.

    Attributes
    ----------
    name : str
    dtype : numpy dtype
    shape : tuple of int
        -1 where any size fits; the first axis is N.
    nullable : bool
        Whether it may be left out, or lack values.
    low, high : float
        Inclusive bounds of its values.
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    nullable: bool = False
    low: float = -np.inf
    high: float = np.inf

    @property
    def expectation(self) -> str:
        """What it wants, in words."""
        noun = "an integer" if self.dtype.kind in "iu" else "a finite number"
        bounded = f" from {_plain(self.low)} to {_plain(self.high)}" if np.isfinite(self.low) or np.isfinite(self.high) else ""
        missing = f", or {MISSING_INT if self.dtype.kind == 'i' else 'NaN'} (in JSON: null) where it is missing" if self.nullable else ""
        return noun + bounded + missing

    @property
    def is_plain(self) -> bool:
        """Whether it travels in a block."""
        return len(self.shape) == 1 and self.dtype in (np.dtype(np.int32), np.dtype(np.float32))


def _plain(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else str(bound)


@dataclass(frozen=True, slots=True)
class Columns:
    """The inputs of N rows.

    Attributes
    ----------
    ints : (I, N) int32
    floats : (F, N) float32
    others : dict of (N, …) arrays
    """

    ints: NDArray[np.int32]
    floats: NDArray[np.float32]
    others: dict[str, Array]

    @property
    def rows(self) -> int:
        """N."""
        return self.ints.shape[1]

    @property
    def form(self) -> tuple[tuple[int, ...], ...]:
        """What must be equal for rows to stand side by side: the inner shapes of what is not in a block."""
        return tuple(array.shape[1:] for array in self.others.values())

    def take(self, chosen: NDArray[np.bool_]) -> Columns:
        """Some of the rows."""
        others = {name: array[chosen] for name, array in self.others.items()}
        return Columns(self.ints[:, chosen], self.floats[:, chosen], others)

    @staticmethod
    def join(parts: Sequence[Columns]) -> Columns:
        """Rows of several one after another; their forms are equal."""
        if len(parts) == 1:
            return parts[0]
        others = {name: np.concatenate([part.others[name] for part in parts]) for name in parts[0].others}
        ints, floats = (np.concatenate(blocks, axis=1) for blocks in zip(*((part.ints, part.floats) for part in parts), strict=True))
        return Columns(ints, floats, others)


class Layout:
    """The inputs of one pipeline's graph, and where each travels.

    Parameters
    ----------
    inputs : sequence of Input
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.inputs = tuple(inputs)
        self.by_name = {each.name: each for each in inputs}
        self.ints = _Block([each for each in inputs if each.is_plain and each.dtype.kind == "i"], np.int32, MISSING_INT)
        self.floats = _Block([each for each in inputs if each.is_plain and each.dtype.kind == "f"], np.float32, np.nan)
        self.others = tuple(each for each in inputs if not each.is_plain)

    def columns(self, given: Mapping[str, Array]) -> Columns:
        """Columns of arrays that are known to be right."""
        return self._filled(given, len(next(iter(given.values()))))

    def checked(self, given: Mapping[str, Array], rows: int) -> Columns:
        """Columns of arrays that a client sent, N rows each.

        Raises
        ------
        Malformed
            If one that may not be missing is missing, or a value lies out of bounds.
        """
        lacking = [each.name for each in self.inputs if not each.nullable and each.name not in given]
        if lacking:
            raise Malformed(f"inputs: got none of {', '.join(lacking)}, expected every input that may not be missing")
        columns = self._filled(given, rows)
        self.ints.check(columns.ints)
        self.floats.check(columns.floats)
        return columns

    def _filled(self, given: Mapping[str, Array], rows: int) -> Columns:
        others = {each.name: given[each.name] for each in self.others}
        return Columns(self.ints.fill(given, rows), self.floats.fill(given, rows), others)

    def feeds(self, columns: Columns) -> dict[str, Array]:
        """Arrays by name, as a session takes them."""
        return {**self.ints.named(columns.ints), **self.floats.named(columns.floats), **columns.others}

    def column(self, columns: Columns, name: str) -> NDArray[np.int32]:
        """One int32 column, (N,)."""
        row: NDArray[np.int32] = columns.ints[self.ints.places[name]]
        return row


class _Block:
    """Inputs of one dtype, a row each."""

    def __init__(self, inputs: Sequence[Input], dtype: type, missing: float) -> None:
        self.inputs, self.dtype, self.missing = inputs, dtype, missing
        self.places = {each.name: place for place, each in enumerate(inputs)}
        self._low = np.array([[each.low] for each in inputs], np.float64)
        self._high = np.array([[each.high] for each in inputs], np.float64)
        self._nullable = np.array([[each.nullable] for each in inputs], bool)

    def fill(self, given: Mapping[str, Array], rows: int) -> Array:
        block: Array = np.full((len(self.inputs), rows), self.missing, self.dtype)
        for place, each in enumerate(self.inputs):
            if each.name in given:
                block[place] = given[each.name]
        return block

    def check(self, block: Array) -> None:
        if not self.inputs:
            return
        missing = np.isnan(block) if self.dtype is np.float32 else block == self.missing
        wrong = ~((block >= self._low) & (block <= self._high)) & ~(missing & self._nullable)
        if wrong.any():
            place, row = np.argwhere(wrong)[0].tolist()
            each = self.inputs[place]
            raise Malformed(f"{each.name}: got {block[place, row]!s}, expected {each.expectation} (row {row})")

    def named(self, block: Array) -> dict[str, Array]:
        return dict(zip(self.places, block, strict=True))


def bounded(contract: Contract, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Input:
    """An input with the bounds that its contract gives a column of its name."""
    if name in {f"{field.name}_{side}" for field in contract.image_fields for side in ("height", "width")}:
        return Input(name, dtype, shape, low=1, high=IMAGE_SIDE)
    entry = next((each for each in encoding_table(contract)["fields"] if each["name"] == name), None)
    if entry is None or entry.get("column") != dtype.name:
        return Input(name, dtype, shape)
    low, high = CODED.get(entry["dtype"], (entry["low"], entry["high"]))
    if entry["codes"]:
        low, high = 0, len(entry["codes"]) - 1
    limit = FLOAT32_MAX if dtype.kind == "f" else float(INT32.max)
    return Input(name, dtype, shape, entry["nullable"], -limit if low is None else low, limit if high is None else high)


def most_rows(contract: Contract, wanted: int) -> int:
    """How many rows may run together: so many as wanted, or fewer where each has many features, as photos have.

    Examples
    --------
    >>> from foreshore import load_pipeline
    >>> [most_rows(load_pipeline(name).contract, 10_000) for name in ("eta", "see")]
    [10000, 13]
    """
    sizes = [math.prod(size for size in tensor.shape if isinstance(size, int)) for tensor in contract.features]
    return max(1, min(wanted, MOST_FEATURES // sum(sizes)))
