"""The windows' meaning spelt out, event by event and in fractions, without regard to speed."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from foreshore.windows import EventType, Filter, Window, WindowSet
from foreshore.windows.lanes import decay_weights
from tests.unit.foreshore.windows.executions import Entry

HOLDS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def spelt_out(declared: WindowSet, log: Sequence[Entry]) -> list[dict[str, float]]:
    """The answers that both executions have to give."""
    clock = -math.inf
    taken: list[tuple[str, dict[str, Any]]] = []
    identities = set()
    answers = []
    for source, entry in log:
        if not source:
            clock = max(clock, entry["time_min"])
            answers.append({window.name: _window(declared, window, entry, taken) for window in declared.windows})
            continue
        event = declared.event(source)
        known = entry[event.known_time_field]
        identity = (source, entry[event.id_field], known)
        bad = not _fits(event, entry) or known < clock - event.lateness_min or identity in identities
        if not bad:
            identities.add(identity)
            taken.append((source, entry))
            clock = max(clock, known)
    return answers


def _absent(value: Any) -> bool:
    return value is None or value != value


def _fits(event: EventType, entry: Mapping[str, Any]) -> bool:
    for field in event.fields:
        value = entry[field.name]
        if _absent(value):
            if not field.nullable:
                return False
        elif field.dtype == "text":
            if field.categories and value not in field.categories:
                return False
        elif not field.bounds[0] <= value <= field.bounds[1]:
            return False
    return bool(entry[event.event_time_field] <= entry[event.known_time_field])


def _window(declared: WindowSet, window: Window, query: Mapping[str, Any], taken: Sequence[Entry]) -> float:
    event = declared.event(window.source)
    seen = []
    for entry in (entry for source, entry in taken if source == window.source):
        minute = entry[event.event_time_field]
        recent = query["time_min"] - window.horizon_min < minute <= query["time_min"]
        mine = all(entry[key.event_field] is not None and entry[key.event_field] == query[key.query_field] for key in window.key)
        if mine and recent and all(_meets(item, entry) for item in window.where):
            value = 0 if window.value is None else entry[window.value]
            if not _absent(value):
                seen.append((minute, Fraction(value)))
    return _aggregate(window, seen)


def _meets(condition: Filter, entry: Mapping[str, Any]) -> bool:
    value = entry[condition.field]
    return not _absent(value) and bool(HOLDS[condition.comparison](value, condition.constant))


def _aggregate(window: Window, seen: list[tuple[int, Any]]) -> float:
    if not seen:
        return window.empty_value
    values = [value for _, value in seen]
    if window.aggregate == "decay":
        half_life = window.half_life_min or 0
        table = decay_weights(half_life)
        weights = [Fraction(table[minute % half_life]) * Fraction(2) ** (minute // half_life) for minute, _ in seen]
        return float(sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights))
    newest = max(minute for minute, _ in seen)
    return float(
        {
            "count": len(seen),
            "rate": Fraction(len(seen) * 60, window.horizon_min),
            "sum": sum(values),
            "mean": sum(values) / Fraction(len(seen)),
            "min": min(values),
            "max": max(values),
            "last": [value for minute, value in seen if minute == newest][-1],
        }[window.aggregate]
    )
