"""Keys: the values of some fields that identify a row, in the one form in which they are compared."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from foreshore import Contract
from foreshore.contract import Field
from foreshore.records import FLOAT32_MAX
from web.server.prediction.errors import Malformed


class Key:
    """Fields of a contract whose values identify a row.

    Parameters
    ----------
    contract : Contract
    names : sequence of str
        Of fields, in any order.

    Raises
    ------
    Malformed
        If there is none, one stands twice, or is none of the contract's.
    """

    def __init__(self, contract: Contract, names: Sequence[str]) -> None:
        known = {field.name: field for field in contract.inputs if field.dtype != "image"}
        unknown = [name for name in names if name not in known]
        if unknown or not names or len(set(names)) < len(names):
            raise Malformed(f"key: got {len(names)} names, {len(unknown)} of them unknown, expected some of {', '.join(known)}, each once")
        self.names = tuple(sorted(names))
        self._prefix = f"{contract.name}\0"
        self._fields = [(name, _reader(known[name])) for name in self.names]

    def of(self, record: Mapping[str, Any]) -> bytes | None:
        """The key of a record of wire values, (32,) bytes; None where a value is none of its field.

        A field that the record lacks is missing, which is a value like any other.
        """
        try:
            values = [(name, None if record.get(name) is None else read(record[name])) for name, read in self._fields]
        except (ValueError, TypeError, OverflowError):
            return None
        text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(f"{self._prefix}{text}".encode()).digest()


def _reader(field: Field) -> Callable[[Any], str | float | bool]:
    return _READERS.get(field.dtype, _text)


def _integer(value: Any) -> int:
    number = _number(value)
    if not number.is_integer():
        raise ValueError("not an integer")
    return int(number)


def _single(value: Any) -> float:
    """A number as its column holds it."""
    number = _number(value)
    if abs(number) > FLOAT32_MAX:
        raise ValueError("not a number of single precision")
    return float(np.float32(number)) + 0.0  # of the two zeros, one


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not a truth value")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


_READERS: Mapping[str, Callable[[Any], str | float | bool]] = {
    "float32": _single,
    "int32": _integer,
    "bool": _truth,
}
