"""Settings from the environment."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from web.server.config import COUNTS, SIZES, Config
from web.server.errors import ConfigError


def test_nothing_set_gives_the_defaults() -> None:
    assert Config.from_environment({"PATH": "/bin", "FORESHORE": "x"}) == Config()


def test_every_setting_can_be_set() -> None:
    numbers = (*COUNTS[1:], *SIZES)
    environment = {f"FORESHORE_{name.upper()}": str(place) for place, name in enumerate(numbers, start=1)}
    environment |= {
        "FORESHORE_DIST": "/srv/site",
        "FORESHORE_ISOLATION": "0",
        "FORESHORE_CHANNEL": "beta",
        "FORESHORE_LOG_LEVEL": "WARNING",
        "FORESHORE_MAX_BODY_BYTES": "10",
        "FORESHORE_PREDICTIONS": "0",
        "FORESHORE_METRICS": "0",
        "FORESHORE_API_KEYS": f"{'0' * 64}, {'a' * 64}",
        "FORESHORE_CORS_ORIGINS": "https://example.org,http://127.0.0.1:3000",
        "FORESHORE_DATA": "/srv/data",
        "FORESHORE_DATABASE": "postgresql+psycopg://owner@/jobs",
        "FORESHORE_BATCH_INPUTS": "/srv/inputs",
    }
    assert {name.removeprefix("FORESHORE_").lower() for name in environment} == {field.name for field in fields(Config)}
    assert Config.from_environment(environment) == Config(
        Path("/srv/site"),
        False,
        "beta",
        "warning",
        10,
        predictions=False,
        metrics=False,
        api_keys=("0" * 64, "a" * 64),
        cors_origins=("https://example.org", "http://127.0.0.1:3000"),
        data=Path("/srv/data"),
        database="postgresql+psycopg://owner@/jobs",
        batch_inputs=Path("/srv/inputs"),
        **{name: place for place, name in enumerate(numbers, start=1)},
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("FORESHORE_ISOLATION", "maybe", "FORESHORE_ISOLATION: got 'maybe', expected 1 or 0"),
        ("FORESHORE_MAX_BODY_BYTES", "1 MB", "FORESHORE_MAX_BODY_BYTES: got '1 MB', expected a whole number, 0 or more"),
        ("FORESHORE_MAX_BODY_BYTES", "-1", "FORESHORE_MAX_BODY_BYTES: got '-1', expected a whole number, 0 or more"),
        ("FORESHORE_MAX_ROWS", "0", "max_rows: got 0, expected 1 or more"),
        ("FORESHORE_API_KEYS", "my-key", "api_keys: number 1 is not SHA-256 of a key in 64 hexadecimal digits"),
        ("FORESHORE_CORS_ORIGINS", "https://a.example/,x", "cors_origins: number 1 is not an origin such as https://example.org"),
        ("FORESHORE_DATABASE", "mysql://user:secret@host/x", "database: expected sqlite:///path or postgresql+psycopg://user@host/name"),
        ("FORESHORE_DATA", "", "FORESHORE_DATA: got '', expected a folder"),
        ("FORESHORE_JOB_DAYS", "0", "job_days: got 0, expected 1 or more"),
        ("FORESHORE_LOG_LEVEL", "loud", "log_level: got 'loud', expected one of debug, info, warning, error, critical"),
        ("FORESHORE_CHANNEL", "../x", "channel: got '../x', expected lower-case letters and digits, such as stable"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_environment({name: value})
    assert str(caught.value) == message
