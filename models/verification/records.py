"""Random records drawn from a contract, its bounds and gaps among them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from foreshore import Contract, Field
from foreshore.contract import DAY_MIN, days_since_epoch, utc_text

type Draw = Callable[[Field, np.random.Generator], Any]

MISSING_SHARE = 0.25
"""Of the values that may be missing."""
BOUND_SHARE = 0.1
"""Of the values that have bounds: drawn from the bounds themselves, where errors sit."""
WIDE = 1_000_000
"""How far numbers go where the contract sets no bound."""
YEARS_OF_TIMES = days_since_epoch("2010-01-01"), days_since_epoch("2020-01-01")
"""Days between which times are drawn that have no bounds."""
LETTERS = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- ")
LONGEST = 8
"""Characters of a text that is drawn."""
SIDES = (1, 2, 7, 64, 300, 1025)
"""Between these neighbours image sides are drawn; those from the last on are averaged over boxes."""
PATCHES = 5
"""An image is so many rows and columns of random colours, stretched: noise in every pixel would be grey to any model."""


def draw_records(contract: Contract, count: int, seed: int) -> list[dict[str, Any]]:
    """Valid records in wire form; the same for the same seed."""
    random = np.random.default_rng(seed)
    return [{field.name: _value(field, random) for field in contract.inputs} for _ in range(count)]


def _value(field: Field, random: np.random.Generator) -> Any:
    if field.nullable and random.random() < MISSING_SHARE:
        return None
    return _DRAWS[field.dtype](field, random)


def _number(field: Field, random: np.random.Generator) -> float:
    low, high = _bounds(field, -WIDE, WIDE)
    if random.random() < BOUND_SHARE:
        return float(random.choice([low, high]))
    return float(np.clip(np.float32(random.uniform(low, high)), low, high))


def _integer(field: Field, random: np.random.Generator, low: int = -WIDE, high: int = WIDE) -> int:
    least, most = (int(bound) for bound in _bounds(field, low, high))
    return int(random.choice([least, most])) if random.random() < BOUND_SHARE else int(random.integers(least, most, endpoint=True))


def _bounds(field: Field, low: float, high: float) -> tuple[float, float]:
    least, most = field.bounds
    return low if least is None else least, high if most is None else most


def _date(field: Field, random: np.random.Generator) -> str:
    days = _integer(field, random, 0, 50 * 365)
    return utc_text(days * DAY_MIN)[:10]


def _time(field: Field, random: np.random.Generator) -> str:
    minutes = _integer(field, random, 0, 24 * 60 - 1)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _datetime(field: Field, random: np.random.Generator) -> str:
    first, last = YEARS_OF_TIMES
    minutes = _integer(field, random, first * DAY_MIN, last * DAY_MIN)
    return utc_text(minutes)


def _text(field: Field, random: np.random.Generator) -> str:
    return "".join(random.choice(LETTERS, random.integers(1, LONGEST, endpoint=True)))


def _image(field: Field, random: np.random.Generator) -> dict[str, Any]:
    """Every fourth not opaque; long ones are thin."""
    place = random.integers(len(SIDES) - 1)
    longer = int(random.integers(SIDES[place], SIDES[place + 1], endpoint=True))
    shorter = int(random.integers(1, max(1, min(longer, 30_000 // longer)), endpoint=True))
    width, height = (longer, shorter) if random.random() < 0.5 else (shorter, longer)
    colours = random.integers(0, 256, (PATCHES, PATCHES, 4 if random.random() < MISSING_SHARE else 3))
    rows, columns = (np.arange(side) * PATCHES // side for side in (height, width))
    data = colours[rows][:, columns].astype(np.uint8).tobytes()
    return {"width": width, "height": height, "data": base64.b64encode(data).decode()}


_DRAWS: Mapping[str, Draw] = {
    "float32": _number,
    "int32": _integer,
    "bool": lambda field, random: bool(random.integers(2)),
    "category": lambda field, random: field.categories[random.integers(len(field.categories))].value,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "text": _text,
    "image": _image,
}
