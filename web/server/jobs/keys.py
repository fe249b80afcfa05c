"""Keys: the values of some fields that identify a row, in the one form in which they are compared."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from foreshore import Contract
from foreshore.records import FLOAT32_MAX
from web.server.prediction.errors import Malformed

HASH_BYTES = 16

type Reader = Callable[[Any], str | float | bool]


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
        self._prefix = f"{contract.name}\0{','.join(self.names)}\0"
        self._readers = [(name, _READERS.get(known[name].dtype, _text)) for name in self.names]

    def of(self, record: Mapping[str, Any]) -> bytes | None:
        """The key of a record of wire values, (16,) bytes; None where a value is none of its field.

        A field that the record lacks is missing, which is a value like any other.
        """
        return next(self.of_rows({name: [record.get(name)] for name in self.names}))

    def of_rows(self, values: Mapping[str, Sequence[Any]]) -> Iterator[bytes | None]:
        """The keys of N rows, given as N wire values by field; values that repeat are read once."""
        texts = [_texts(read, values[name]) for name, read in self._readers]
        for row in zip(*texts, strict=True):
            text = None if None in row else "".join((self._prefix, *row))
            yield None if text is None else hashlib.blake2b(text.encode(), digest_size=HASH_BYTES).digest()


def _texts(read: Reader, values: Sequence[Any]) -> Iterator[str | None]:
    """Each value as JSON and the end of a line, which JSON never holds; None for what is no value of the field."""
    known: dict[tuple[type, Any], str | None] = {}
    for value in values:
        identity = (type(value), value if isinstance(value, str | int | float) else None)
        if identity not in known:
            known[identity] = _text_of(read, value)
        yield known[identity]


def _text_of(read: Reader, value: Any) -> str | None:
    try:
        return json.dumps(None if value is None else read(value)) + "\n"
    except (ValueError, TypeError, OverflowError):
        return None


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


_READERS: Mapping[str, Reader] = {
    "float32": _single,
    "int32": _integer,
    "bool": _truth,
}
