"""Historical features of records, from the tables of the release: what the page adds on the device, the server adds here."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.contract import MISSING_INT, minutes_since_epoch
from foreshore.live import Live
from foreshore.store import Table
from web.server.prediction.catalogue import ReleasedPipeline
from web.server.prediction.errors import Unavailable

INDEX = "index.json"

type Column = Any


class History:
    """Columns of records, filled in from the tables of their times.

    Parameters
    ----------
    released : ReleasedPipeline
    """

    def __init__(self, released: ReleasedPipeline) -> None:
        self._released, self._pipeline = released, released.pipeline
        folder = released.folder("history")
        self._live = Live(self._pipeline) if folder and self._pipeline.view and self._pipeline.contract.clock else None
        self._folder = folder or ""
        self._entries = self._index() if self._live else {}
        self._loaded: set[str] = set()
        self._lock = threading.Lock()

    def columns(self, records: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
        """Columns of records; raises ValidationError as `Pipeline.encode` does, and Unavailable where a table is damaged."""
        if self._live is None:
            return self._pipeline.encode(records)
        for time in self._times(records):
            self._load_newest(time)
        return self._live.columns(records)

    def complete(
        self, columns: Mapping[str, Column], texts: Mapping[str, Sequence[str | None]], given: Collection[str]
    ) -> dict[str, Column]:
        """Columns of rows of a table (see `foreshore.sieve.Sifted`), filled in: what rows carry, `given` names, stays.

        Raises
        ------
        Unavailable
            If a table is damaged.
        ContractError
            If a value lies outside the bounds that the contract gives it.
        """
        if self._live is None or set(given).issuperset(window.name for window in self._live.view.historical):
            return dict(columns)
        self._load_all(columns[self._live.clock_field])
        historical = self._live.historical(columns, texts)
        return {**columns, **{name: column for name, column in historical.items() if name not in given}}

    def _load_all(self, times_min: NDArray[np.int32]) -> None:
        """Load the tables that answer at any of these times: one time of each between two refreshes stands for all."""
        refreshes = np.array(sorted({entry["as_of_min"] for entries in self._entries.values() for entry in entries}), np.int64)
        since, first = np.unique(np.searchsorted(refreshes, times_min, side="right"), return_index=True)
        missing = [None] if (times_min == MISSING_INT).any() else []
        for time in [*missing, *(int(times_min[place]) for known, place in zip(since, first, strict=True) if known)]:
            self._load_newest(time)

    def _times(self, records: object) -> set[int | None]:
        """When those records are asked that lack something; what is wrong with them is left to the validator."""
        assert self._live is not None
        names, clock = self._live.view.names, self._live.clock_field
        given = [record for record in records if isinstance(record, Mapping)] if isinstance(records, list | tuple) else []
        return {_time(record.get(clock)) for record in given if any(name not in record for name in names)}

    def _load_newest(self, time: int | None) -> None:
        """Load the tables that answer at a time, unless they are there."""
        assert self._live is not None
        for entries in self._entries.values():
            there = [entry for entry in entries if time is None or entry["as_of_min"] <= time]
            newest = max(there, key=lambda entry: int(entry["as_of_min"]), default=None)
            if newest and newest["file"] not in self._loaded:
                with self._lock:
                    self._live.load(Table.from_bytes(self._read(newest["file"])))
                    self._loaded.add(newest["file"])

    def _index(self) -> dict[str, list[dict[str, Any]]]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for entry in json.loads(self._read(INDEX))["tables"]:
            groups.setdefault(entry["table"], []).append(entry)
        return groups

    def _read(self, name: str) -> bytes:
        path = self._folder + name
        try:
            content = (self._released.dist / path).read_bytes()
        except OSError as error:
            raise Unavailable(f"{path} can't be read ({error.strerror}): the release was replaced or is damaged") from error
        if hashlib.sha256(content).hexdigest() != self._released.files[path]["sha256"]:
            raise Unavailable(f"{path} is not the file that was released: run python3 build.py build")
        return content


def _time(value: object) -> int | None:
    try:
        return minutes_since_epoch(value) if isinstance(value, str) else None
    except ValueError:
        return None
