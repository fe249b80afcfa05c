"""The feature store's files: values by key, computed on the host as of some time, read on any device.

A file is one line of JSON, padded to a multiple of eight bytes, and columns of little-endian float32 one after another. The line says what
they are, of which declarations, as of when, and the hash of what follows.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.errors import ArtefactError, ContractError

type Key = tuple[Any, ...]
"""Texts and integers, one a key field."""
type Floats = NDArray[np.float32]

FORMAT = 1
"""Rises when the form of a file, or the meaning of what is in it, changes."""
ALIGNMENT = 8
"""Bytes; lets JavaScript lay a Float32Array over the columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Historical features of every key.

    Parameters
    ----------
    name : str
        Unique in its view.
    signature : str
        SHA-256 of the declarations that the values follow from.
    as_of_min : int
        Minutes since 1970-01-01 UTC; nothing known later entered.
    key_fields : tuple of str
        Query fields.
    keys : tuple of tuples
        N of them, each with a text or an integer a key field.
    columns : dict of str to (N,) float32
    defaults : dict of str to float
        What an unknown key gives, by column.

    Raises
    ------
    ContractError
        If lengths or names differ between the parts.
    """

    name: str
    signature: str
    as_of_min: int
    key_fields: tuple[str, ...]
    keys: tuple[Key, ...]
    columns: dict[str, Floats]
    defaults: dict[str, float]
    _rows: dict[Key, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._rows.update((key, row) for row, key in enumerate(self.keys))
        fits = all(len(key) == len(self.key_fields) for key in self.keys) and len(self._rows) == len(self.keys)
        if not fits or list(self.columns) != list(self.defaults) or any(len(column) != len(self.keys) for column in self.columns.values()):
            raise ContractError(f"table {self.name}: got parts that do not fit, expected a value a key in every column, keys once each")

    def row(self, record: Mapping[str, Any]) -> int | None:
        """Where the values of a record's key stand; None if the key is unknown or a part of it missing."""
        return self._rows.get(tuple(record.get(name) for name in self.key_fields))

    def rows(self, keys: Sequence[tuple[Any, ...]]) -> NDArray[np.int64]:
        """Where the values of many keys stand, (N,); -1 where a key is unknown."""
        places = self._rows
        return np.array([places.get(key, -1) for key in keys], np.int64)

    def lookup(self, record: Mapping[str, Any]) -> dict[str, float]:
        """The features of a record's key; the defaults where there is no such key."""
        row = self.row(record)
        if row is None:
            return self.defaults.copy()
        return {name: float(column[row]) for name, column in self.columns.items()}

    def to_bytes(self) -> bytes:
        """The table as a file; the same table gives the same bytes."""
        payload = b"".join(column.astype("<f4").tobytes() for column in self.columns.values())
        head = {
            "format": FORMAT,
            "table": self.name,
            "signature": self.signature,
            "as_of_min": self.as_of_min,
            "key_fields": self.key_fields,
            "keys": [[key[place] for key in self.keys] for place in range(len(self.key_fields))],
            "columns": [{"name": name, "default": None if math.isnan(value) else value} for name, value in self.defaults.items()],
            "rows": len(self.keys),
        }
        line = _line({**head, "sha256": _sha256(head, payload)})
        return line + b" " * (-(len(line) + 1) % ALIGNMENT) + b"\n" + payload

    @classmethod
    def from_bytes(cls, content: bytes) -> Table:
        """The table that `to_bytes` wrote.

        Raises
        ------
        ArtefactError
            If the file is damaged, cut short or of another format.
        """
        line, _, payload = content.partition(b"\n")
        head = _head(line)
        if head.pop("sha256", None) != _sha256(head, payload):
            raise ArtefactError("feature table: it is damaged or cut short; load it again")
        rows, names = head["rows"], [column["name"] for column in head["columns"]]
        values = np.frombuffer(payload, "<f4").astype(np.float32).reshape(len(names), rows)
        return cls(
            head["table"],
            head["signature"],
            head["as_of_min"],
            tuple(head["key_fields"]),
            _keys(head["keys"], rows),
            dict(zip(names, values, strict=True)),
            {column["name"]: math.nan if column["default"] is None else column["default"] for column in head["columns"]},
        )


def _line(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()


def _sha256(head: Mapping[str, Any], payload: bytes) -> str:
    """Hash of all that a file holds but this hash itself."""
    return hashlib.sha256(_line(head) + payload).hexdigest()


def _head(line: bytes) -> dict[str, Any]:
    try:
        head = json.loads(line)
    except ValueError as error:
        raise ArtefactError("this is no feature table; write it with Table.to_bytes, and load it whole") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        got = head.get("format") if isinstance(head, dict) else None
        raise ArtefactError(f"feature table: got format {got!r}, expected {FORMAT}; build the release again")
    return head


def _keys(parts: Sequence[Sequence[str | int]], rows: int) -> tuple[Key, ...]:
    return tuple(zip(*parts, strict=True)) if parts else ((),) * rows
