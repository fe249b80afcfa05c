"""Fields and features: what visitors are asked, and what the model sees of it. Both become yours."""

import math
from collections.abc import Mapping
from typing import Any

from array_api_compat import array_namespace

from foreshore import Category, Contract, Field, Output, Pipeline, Tensor

SKIES = (Category("clear", "Clear"), Category("cloudy", "Cloudy"), Category("rain", "Rain"))
FEATURES = ("temperature", "warmth", "humid_warmth", "wind", "wind_missing", "daylight", *(sky.value for sky in SKIES))

CONTRACT = Contract(
    name="new_pipeline",
    version=1,
    title="New pipeline",
    description="The temperature that people feel: an example, learned from invented weather.",
    fields=(
        Field("temperature_c", "float32", "Air temperature", unit="°C", minimum=-20, maximum=50, example=31.5),
        Field("humidity_percent", "float32", "Relative humidity", unit="%", minimum=0, maximum=100, example=70),
        Field("wind_m_s", "float32", "Wind", unit="m/s", minimum=0, maximum=60, nullable=True, example=3),
        Field("sky", "category", "Sky", categories=SKIES, example="clear"),
        Field("time", "time", "Time of day", example="14:30"),
    ),
    features=(Tensor("features", "float32", ("N", len(FEATURES))),),
    predictions=(Tensor("apparent_temperature", "float32", ("N", 1)),),
    outputs=(Output("feels_like_c", "apparent_temperature", "Feels like", unit="°C", decimals=1),),
    tolerance=1e-4,
)


def features(columns: Mapping[str, Any]) -> dict[str, Any]:
    """(N, F) float32, one column for each of FEATURES."""
    xp = array_namespace(columns["temperature_c"])
    temperature, humidity, wind = columns["temperature_c"] / 50, columns["humidity_percent"] / 100, columns["wind_m_s"]
    missing = xp.isnan(wind)
    warmth = xp.exp(temperature * 3 - 3)
    daylight = xp.clip(xp.sin(xp.astype(columns["time"] - 360, xp.float32) * (math.pi / 720)), 0.0, 1.0)
    wind = xp.clip(xp.where(missing, 0.0, wind) / 10, 0.0, 2.0)
    numbers = (temperature, warmth, humidity * warmth, wind, xp.astype(missing, xp.float32), daylight)
    skies = columns["sky"][:, None] == xp.arange(len(SKIES), dtype=xp.int32)[None, :]
    return {"features": xp.concat([xp.stack(numbers, axis=1), xp.astype(skies, xp.float32)], axis=1)}


PIPELINE = Pipeline(CONTRACT, features)
