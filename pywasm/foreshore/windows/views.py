"""Feature views: streaming and historical features under one list of names, and how the host computes them.

Both are windows. A streaming one is asked at the time of the query. A historical one, over a long horizon, is asked only now and then
(every night, say), so that its values by key fit into a file: a row of training sees it as it stood at the last refresh before that row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreshore.contract import DAY_MIN, Contract
from foreshore.errors import ArtefactError, ContractError
from foreshore.store import Key, Table
from foreshore.windows.columns import Column, Columns, Ints, check_column, event_columns, joint_codes, shared_codes
from foreshore.windows.declarations import EventFieldType, EventType, Window, WindowSet, require, window_from_json
from foreshore.windows.derived import Derived, derived_columns, derived_record
from foreshore.windows.history import history
from foreshore.windows.intake import Arrivals

type Floats = NDArray[np.float32]
EVERY_KEY = "_all"
"""Name of the table of features without key fields."""
QUERY_TYPES: Mapping[str, EventFieldType] = {"category": "text", "text": "text", "time": "text", "date": "text", "int32": "int32"}
"""Which fields of a record can be keys, by dtype, and the dtype of the events' fields that they are compared with."""


@dataclass(frozen=True)
class FeatureView:
    """The features that a pipeline asks for by name.

    Parameters
    ----------
    name : str
    windows : WindowSet
        Event types, and the streaming features.
    historical : tuple of Window
        The historical features, over the same event types; `empty` is what an unknown key gives.
    refresh_min, refresh_offset_min : int
        Historical features change at times `refresh_offset_min + n * refresh_min`.
    until_min : int or None
        Time from which on they no longer change, such as the end of the training period; None: never.
    derived : tuple of Derived
        Query fields that follow from a record's fields.

    Raises
    ------
    ContractError
        If names repeat or the declarations contradict each other.
    """

    name: str
    windows: WindowSet
    historical: tuple[Window, ...] = ()
    refresh_min: int = DAY_MIN
    refresh_offset_min: int = 0
    until_min: int | None = None
    derived: tuple[Derived, ...] = ()

    def __post_init__(self) -> None:
        require(len(set(self.names)) == len(self.names), f"view {self.name}: a feature's name stands twice in {list(self.names)}")
        require(self.refresh_min > 0, f"view {self.name}: got refresh_min {self.refresh_min}, expected 1 or more")
        self.query_fields()
        names = [derived.name for derived in self.derived]
        require(len(set(names)) == len(names), f"view {self.name}: a derived field stands twice in {names}")

    @property
    def names(self) -> tuple[str, ...]:
        """All features, streaming ones first, in the order of declaration."""
        return tuple(window.name for window in (*self.windows.windows, *self.historical))

    def query_fields(self) -> dict[str, EventFieldType]:
        """The fields that a query has to carry, derived ones included, and whether they are text or int32."""
        return WindowSet(self.windows.events, (*self.windows.windows, *self.historical)).query_fields()

    def query(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """A valid record with its derived fields."""
        return derived_record(self.derived, record)

    def check(self, contract: Contract) -> None:
        """Refuse a contract whose context, clock or fields are not what this view needs; raises ContractError."""
        context = sorted(field.name for field in contract.context)
        require(context == sorted(self.names), f"view {self.name}: got context {context}, expected its features: {sorted(self.names)}")
        require(contract.clock is not None, f"view {self.name}: got no clock, expected a datetime field that says when a record is asked")
        self._check_query({field.name: field.dtype for field in contract.inputs})

    def _check_query(self, dtypes: Mapping[str, str]) -> None:
        for derived in self.derived:
            require(derived.name not in dtypes, f"view {self.name}: derived field {derived.name} is a field of the contract already")
            got = dtypes.get(derived.field)
            require(got == "time", f"view {self.name}: {derived.name} is derived from {derived.field} ({got}), expected a time field")
        known = {name: QUERY_TYPES.get(dtype) for name, dtype in dtypes.items()} | {derived.name: "text" for derived in self.derived}
        for name, wanted in self.query_fields().items():
            require(
                known.get(name) == wanted, f"view {self.name}: no {wanted} field {name} to query by; add one to the contract or derive it"
            )

    def check_table(self, table: Table) -> None:
        """Refuse a table that is none of this view's, or was made from other declarations; raises ArtefactError."""
        if table.name not in self.tables or table.signature != self.signature:
            raise ArtefactError(f"feature table {table.name}: it belongs to other declarations than view {self.name}; build it again")

    @cached_property
    def tables(self) -> dict[str, WindowSet]:
        """The historical features by table, one table for every set of key fields: its name is those of the query, joined."""
        groups: dict[str, list[Window]] = {}
        for window in self.historical:
            groups.setdefault("-".join(window.query_key) or EVERY_KEY, []).append(window)
        return {name: WindowSet(self.windows.events, tuple(group), self.windows.invalid) for name, group in groups.items()}

    def as_of(self, times_min: Ints) -> Ints:
        """The last refresh at or before each time, (Q,) int64."""
        since = np.asarray(times_min, np.int64) - self.refresh_offset_min
        refreshed = since - since % self.refresh_min + self.refresh_offset_min
        return refreshed if self.until_min is None else np.minimum(refreshed, self.until_min)

    @cached_property
    def signature(self) -> str:
        """SHA-256 of the declarations: what tables belong to."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The declarations as plain JSON data; "tables" says which table holds which features."""
        tables = {name: [window.name for window in windows.windows] for name, windows in self.tables.items()}
        plain: dict[str, Any] = json.loads(json.dumps({**asdict(self), "windows": self.windows.to_json(), "tables": tables}))
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FeatureView:
        """The view that `to_json` wrote; raises ContractError if a part is missing, unknown or wrong."""
        try:
            parts = {
                **{name: part for name, part in data.items() if name != "tables"},
                "windows": WindowSet.from_json(data["windows"]),
                "historical": tuple(map(window_from_json, data["historical"])),
                "derived": tuple(Derived(**item) for item in data["derived"]),
            }
            return cls(**parts)
        except (KeyError, TypeError) as error:
            raise ContractError(f"this is not a feature view: {error}; write it with FeatureView.to_json") from error


def training_columns(
    view: FeatureView, events: Mapping[str, Columns], queries: Columns, times_min: Ints, arrivals: Arrivals | None = None
) -> dict[str, Floats]:
    """Every feature of every row, each as it stood when that row was asked for.

    Parameters
    ----------
    view : FeatureView
    events, queries, times_min, arrivals
        As in `foreshore.windows.history`, but that `queries` need not hold derived fields; `arrivals` concern streaming features only,
        since files are made from events in good order.

    Returns
    -------
    dict of str to (Q,) float32

    Raises
    ------
    ContractError, ValidationError
        As `history` does.
    """
    queries = derived_columns(view.derived, queries)
    columns = history(view.windows, events, queries, times_min, arrivals).columns
    for windows in view.tables.values():
        columns.update(_as_refreshed(windows, events, queries, view.as_of(times_min)))
    return {name: columns[name].astype(np.float32) for name in view.names}


def _as_refreshed(windows: WindowSet, events: Mapping[str, Columns], queries: Columns, as_of: Ints) -> dict[str, Column]:
    """Columns of one table's windows at times that many queries share: each pair of key and time is computed once."""
    asked = {name: check_column(name, dtype, queries, len(as_of)) for name, dtype in windows.query_fields().items()}
    if not len(as_of):
        return {window.name: np.empty(0) for window in windows.windows}
    parts = [shared_codes([column])[0] + 1 for column in asked.values()]
    _, first, back = np.unique(joint_codes([*parts, as_of - as_of.min()]), return_index=True, return_inverse=True)
    made = history(windows, events, {name: column[first] for name, column in asked.items()}, as_of[first])
    return {name: column[back] for name, column in made.columns.items()}


def materialise(view: FeatureView, events: Mapping[str, Columns], as_of_min: int) -> tuple[Table, ...]:
    """The tables of a view at one time; see `materialise_many`."""
    return tuple(materialise_many(view, events, [as_of_min]))


def materialise_many(view: FeatureView, events: Mapping[str, Columns], as_of_min: Sequence[int]) -> list[Table]:
    """The tables of a view at several times: historical features of every key, from what was known by then.

    Parameters
    ----------
    view : FeatureView
    events : mapping of str to columns
        As in `foreshore.windows.history`; what is known after a table's time does not enter it.
    as_of_min : sequence of int
        Times at which the view refreshes.

    Returns
    -------
    list of Table
        Time by time, in the order of `view.tables`. Keys whose features are all what an unknown key gives are left out.

    Raises
    ------
    ContractError
        If it does not refresh at one of these times, or columns are not as declared.
    """
    times = np.array(as_of_min, np.int64)
    for wrong in np.flatnonzero(view.as_of(times) != times)[:1]:
        message = f"view {view.name}: got as_of_min {times[wrong]}, expected a time of refresh, such as {view.as_of(times)[wrong]}"
        raise ContractError(message)
    groups = [_tables(view, name, windows, events, times) for name, windows in view.tables.items()]
    return [table for at_one_time in zip(*groups, strict=True) for table in at_one_time]


def _tables(view: FeatureView, name: str, windows: WindowSet, events: Mapping[str, Columns], times: Ints) -> list[Table]:
    """One table at every time, by asking for every key at every time at once."""
    keys = _keys(windows, events, int(times.max(initial=0)))
    rows = len(next(iter(keys.values()))) if keys else 1
    asked = {field: np.tile(column, len(times)) for field, column in keys.items()}
    made = history(windows, events, asked, np.repeat(times, rows)).columns
    columns = {feature: column.astype(np.float32).reshape(len(times), rows) for feature, column in made.items()}
    return [
        _table(view, name, windows, keys, time, {feature: column[place] for feature, column in columns.items()})
        for place, time in enumerate(times.tolist())
    ]


def _table(
    view: FeatureView, name: str, windows: WindowSet, keys: Columns, as_of_min: int, columns: Mapping[str, Floats]
) -> Table:  # fmt: skip
    defaults = {window.name: window.empty_value for window in windows.windows}
    known = np.any([_differs(column, defaults[feature]) for feature, column in columns.items()], axis=0)
    lists = [column[known].tolist() for column in keys.values()]
    values: tuple[Key, ...] = tuple(zip(*lists, strict=True)) if lists else ((),) * int(known.sum())
    kept = {feature: column[known] for feature, column in columns.items()}
    return Table(name, view.signature, as_of_min, tuple(keys), values, kept, defaults)


def _differs(column: Floats, default: float) -> NDArray[np.bool_]:
    """Where a column tells more than the default; NaN tells as much as NaN."""
    differs: NDArray[np.bool_] = (column != np.float32(default)) & ~(np.isnan(column) & np.isnan(default))
    return differs


def _keys(windows: WindowSet, events: Mapping[str, Columns], last_min: int) -> dict[str, Column]:
    """Query fields to columns of every key that any event of the windows has, known by then, sorted."""
    fields = windows.windows[0].query_key
    if not fields:
        return {}
    sources = sorted({(window.source, window.event_key) for window in windows.windows})
    known = {source: _known_by(windows.event(source), events[source], last_min) for source, _ in sources}
    columns = [np.concatenate([known[source][key[place]] for source, key in sources]) for place in range(len(fields))]
    codes = joint_codes([shared_codes([column])[0] for column in columns])
    first = np.unique(codes, return_index=True)[1]
    first = first[codes[first] >= 0]
    return {name: column[first] for name, column in zip(fields, columns, strict=True)}


def _known_by(event: EventType, events: Columns, last_min: int) -> dict[str, Column]:
    columns = event_columns(event, events)
    known = columns[event.known_time_field] <= last_min
    return {name: column[known] for name, column in columns.items()}
