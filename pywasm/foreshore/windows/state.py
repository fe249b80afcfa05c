"""A stream's memory as bytes, and back.

Totals are not saved: they are added up again from the minutes that they are totals of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from foreshore.errors import ArtefactError
from foreshore.windows.cells import NEVER, Cell, Staircase

if TYPE_CHECKING:
    from foreshore.windows.declarations import WindowSet
    from foreshore.windows.stream import Stream
    from foreshore.windows.totals import LaneTotals

FORMAT = 1
"""Rises when the form of a state, or the meaning of what is in it, changes."""


def save(stream: Stream) -> bytes:
    """A stream's state; equal streams have equal states."""
    memory = {
        "clock": None if stream.clock == NEVER else stream.clock,
        "accepted": stream.accepted,
        "dropped": {name: dict(sorted(counts.items())) for name, counts in sorted(stream.dropped.items())},
        "ids": {name: [[known, sorted(ids)] for known, ids in sorted(feed.ids.items())] for name, feed in stream.feeds.items()},
        "lanes": [_lane(lane) for lane in stream.lanes],
    }
    body = json.dumps(memory, separators=(",", ":"))
    head = {"format": FORMAT, "windows": stream.windows.signature, "sha256": hashlib.sha256(body.encode()).hexdigest()}
    return f"{json.dumps(head)}\n{body}".encode()


def _lane(lane: LaneTotals) -> list[Any]:
    cells = [
        [key, _buckets(cell), [cell.latest_min, cell.latest], _stairs(cell.highs), _stairs(cell.lows)] for key, cell in lane.cells.items()
    ]
    return sorted(cells, key=lambda cell: json.dumps(cell[0]))


def _buckets(cell: Cell) -> list[list[int]]:
    return [[minute, count, value] for minute, (count, value) in sorted(cell.buckets.items())]


def _stairs(stairs: Staircase) -> list[list[int]]:
    return [stairs.minutes, stairs.values]


def load(stream: Stream, state: bytes) -> None:
    """Fill a new stream with a saved state; raises ArtefactError (see `Stream.restore`)."""
    memory = _memory(state, stream.windows)
    clock = NEVER if memory["clock"] is None else memory["clock"]
    stream.clock = clock
    stream.accepted = memory["accepted"]
    stream.dropped = memory["dropped"]
    for name, feed in stream.feeds.items():
        feed.ids.update((known, set(ids)) for known, ids in memory["ids"][name])
    for lane, cells in zip(stream.lanes, memory["lanes"], strict=True):
        _load_lane(lane, cells, clock)


def _memory(state: bytes, windows: WindowSet) -> dict[str, Any]:
    """The checked body of a state."""
    head_line, _, body = state.partition(b"\n")
    head = _head(head_line)
    if head.get("format") != FORMAT:
        raise ArtefactError(
            f"saved windows: got format {head.get('format')!r}, expected {FORMAT}; replay the recent events into a new stream"
        )
    if head.get("windows") != windows.signature:
        raise ArtefactError("saved windows: they belong to other declarations than these; replay the recent events into a new stream")
    if head.get("sha256") != hashlib.sha256(body).hexdigest():
        raise ArtefactError("saved windows: the state is damaged; replay the recent events into a new stream")
    memory: dict[str, Any] = json.loads(body)
    return memory


def _head(line: bytes) -> Mapping[str, Any]:
    try:
        head = json.loads(line)
    except ValueError as error:
        raise ArtefactError("saved windows: this is no saved state; write it with Stream.save") from error
    return head if isinstance(head, dict) else {}


def _load_lane(lane: LaneTotals, cells: Iterable[list[Any]], clock: int) -> None:
    for key, buckets, latest, highs, lows in cells:
        cell = lane.make()
        cell.latest_min, cell.latest = latest
        cell.highs.minutes, cell.highs.values = highs
        cell.lows.minutes, cell.lows.values = lows
        lane.restore(tuple(key) if isinstance(key, list) else key, cell, buckets, clock)
