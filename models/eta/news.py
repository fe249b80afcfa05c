"""News: how the windows' values enter the model's features.

Written like the pipeline itself against the Python Array API, one exactly rounded operation at a time, so that every execution gives
the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from array_api_compat import array_namespace

from models.eta.windows import CONTEXT

type Array = Any
"""An array of any Array API namespace."""

COUNTS = tuple(field.name for field in CONTEXT if not field.unit)
DELAYS = tuple(field.name for field in CONTEXT if field.unit)
GAPS = (
    "origin_departure_delay_60",
    "origin_departure_delay_decay_180",
    "airline_departure_delay_here_120",
    "airline_departure_delay_here_last_180",
    "destination_departure_delay_180",
    "origin_arrival_delay_120",
    "airline_arrival_delay_120",
    "airline_arrival_delay_decay_180",
    "destination_arrival_delay_180",
    "aircraft_arrival_delay_last_720",
    "route_arrival_delay_28d",
    "airline_departure_delay_28d",
    "hour_departure_delay_28d",
)
"""Windows whose absence tells something of its own; the others are missing together with one of these."""
MANY = 20.0
"""How many events make a count of one half."""
SHORT_MIN = 30.0
"""Which delay is squashed to one half."""
LONG_MIN = 120.0
"""What long delays are a multiple of, up to two of them."""

NEWS_NAMES = (
    "no_news",
    *(f"{name}_share" for name in COUNTS),
    *(f"{name}_squashed" for name in DELAYS),
    *(f"{name}_long" for name in DELAYS),
    *(f"{name}_missing" for name in GAPS),
)
"""What stands in each column of `news`."""


def news(columns: Mapping[str, Array]) -> Array:
    """Features of what the windows know.

    Parameters
    ----------
    columns : mapping of str to (N,) float32
        The context, NaN where it is missing.

    Returns
    -------
    (N, len(NEWS_NAMES)) float32
        Within -1 to 2; nothing missing.
    """
    xp = array_namespace(columns[DELAYS[0]])
    counts, delays = _stacked(xp, columns, COUNTS), _stacked(xp, columns, DELAYS)
    known_counts, known_delays = _known(xp, counts), _known(xp, delays)
    return xp.concat(
        [
            _flags(xp, counts[:, :1]),
            known_counts / (known_counts + MANY),
            known_delays / (xp.abs(known_delays) + SHORT_MIN),
            xp.clip(known_delays / LONG_MIN, -1.0, 2.0),
            _flags(xp, _stacked(xp, columns, GAPS)),
        ],
        axis=1,
    )


def _stacked(xp: Any, columns: Mapping[str, Array], names: tuple[str, ...]) -> Array:
    return xp.concat([columns[name][:, None] for name in names], axis=1)


def _known(xp: Any, values: Array) -> Array:
    return xp.where(xp.isnan(values), xp.asarray(0.0, dtype=xp.float32), values)


def _flags(xp: Any, values: Array) -> Array:
    return xp.astype(xp.isnan(values), xp.float32)
