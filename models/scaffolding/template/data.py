"""Data: records as visitors will enter them, and what was true of each. Yours take the place of `measurements`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

type Records = list[dict[str, Any]]
type Truth = NDArray[np.float64]

SEED = 7
ROWS = 20_000
TRAIN_ROWS = 16_000
SOURCE = "invented, after Steadman (1994)"
LICENCE = "CC0-1.0"
SUN_C = {"clear": 4.0, "cloudy": 1.0, "rain": 0.0}
"""What the sun at its highest adds."""


def measurements() -> tuple[Records, Truth]:
    """Invented weather and what it feels like, °C; every third wind is unknown. Training sees the first `TRAIN_ROWS`."""
    draw = np.random.default_rng(SEED)
    temperature, humidity, minute = draw.uniform(-20, 50, ROWS), draw.uniform(0, 100, ROWS), draw.integers(1440, size=ROWS)
    wind, sky = draw.gamma(2, 1.5, ROWS), draw.choice(list(SUN_C), ROWS)
    vapour = humidity / 100 * 6.105 * np.exp(17.27 * temperature / (237.7 + temperature))
    sun = np.array([SUN_C[name] for name in sky]) * np.sin(np.pi * (minute - 360) / 720).clip(0)
    felt = temperature + 0.33 * vapour - 0.7 * wind - 4 + sun
    columns = {
        "temperature_c": temperature.tolist(),
        "humidity_percent": humidity.tolist(),
        "wind_m_s": [each if known else None for each, known in zip(wind.tolist(), draw.uniform(size=ROWS) > 1 / 3, strict=True)],
        "sky": sky.tolist(),
        "time": [f"{each // 60:02}:{each % 60:02}" for each in minute.tolist()],
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)], felt
