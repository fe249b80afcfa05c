"""What the gate finds: one execution's numbers beside the host's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packing.errors import BuildError

type Tensors = dict[str, NDArray[Any]]


class VerificationError(BuildError):
    """Executions of a pipeline disagree; it must not be released."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One execution held to the host's.

    Attributes
    ----------
    execution, what : str
        What ran, and what of it was compared: "features", the variant whose answers they are, or a part of the context.
    values : int
        How many numbers were compared.
    deviation : float
        The largest `abs(a - b) / max(1, abs(b))`.
    tolerance : float
        How large it may be.
    worst : dict or None
        Where it is: `name` of the feature or output, `record`, `got`, `expected`; None where all are equal.
    passed : bool
        Whether the deviation is within the tolerance.
    """

    execution: str
    what: str
    values: int
    deviation: float
    tolerance: float
    worst: dict[str, Any] | None
    passed: bool

    def sentence(self, name: str) -> str:
        """The worst case of a pipeline's execution, for whoever has to mend it."""
        worst = self.worst or {}
        return (
            f"pipeline {name}, {self.execution} ({self.what}), {worst.get('name')}: got {worst.get('got')}, expected "
            f"{worst.get('expected')} as on the host; deviation {self.deviation:.3g}, allowed {self.tolerance:g}; "
            f"record {json.dumps(worst.get('record'))}"
        )


def compare(
    tolerance: float, execution: str, what: str, got: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]],
    records: Sequence[Any],
) -> Comparison:  # fmt: skip
    """Hold numbers, (N, …) each by name, to the host's; what is not a number on one side alone deviates infinitely."""
    worst, deviation, where = None, 0.0, ("", 0)
    for name, reference in expected.items():
        each = _deviations(np.asarray(got[name], np.float64), np.asarray(reference, np.float64))
        place = int(np.argmax(each)) if each.size else 0
        if each.size and each.flat[place] > deviation:
            deviation, where = float(each.flat[place]), (name, place)
    if deviation:
        worst = _worst(*where, got, expected, records)
    count = sum(column.size for column in expected.values())
    return Comparison(execution, what, count, deviation, tolerance, worst, deviation <= tolerance)


def _worst(name: str, place: int, got: Mapping[str, Any], expected: Mapping[str, Any], records: Sequence[Any]) -> dict[str, Any]:
    """Where numbers differ the most; a row's numbers have names of their own, or are counted."""
    reference = np.asarray(expected[name])
    row, inner = divmod(place, reference[0].size)
    told = np.asarray(got[name]).flat[place] if np.shape(got[name]) == reference.shape else np.nan
    shown = f"{name}[{inner}]" if reference.ndim > 1 else name
    return {"name": shown, "record": shortened(records[row]), "got": float(told), "expected": float(reference.flat[place])}


def shortened(record: Any) -> Any:
    """A record without the data of its images."""
    if not isinstance(record, Mapping):
        return record
    return {name: value | {"data": "…"} if isinstance(value, dict) and "data" in value else value for name, value in record.items()}


def _deviations(got: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    if got.shape != expected.shape:
        return np.full(expected.shape, np.inf)
    both_missing = np.isnan(got) & np.isnan(expected)
    with np.errstate(invalid="ignore"):
        each = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    return np.where(both_missing | (got == expected), 0.0, np.where(np.isnan(each), np.inf, each))


def accepted(answer: Mapping[str, Any], who: str) -> Any:
    """What an execution answered; VerificationError if it refused."""
    if "error" in answer:
        raise VerificationError(f"{who} refused what the host accepts: {answer['error']['message']}")
    return answer.get("ok")
