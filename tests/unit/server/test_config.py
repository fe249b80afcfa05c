"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.server.config import Config
from web.server.errors import ConfigError


def test_nothing_set_gives_the_defaults() -> None:
    assert Config.from_environment({"PATH": "/bin", "FORESHORE": "x"}) == Config()


def test_every_setting_can_be_set() -> None:
    environment = {
        "FORESHORE_DIST": "/srv/site",
        "FORESHORE_ISOLATION": "0",
        "FORESHORE_CHANNEL": "beta",
        "FORESHORE_LOG_LEVEL": "WARNING",
        "FORESHORE_MAX_BODY_BYTES": "10",
    }
    assert Config.from_environment(environment) == Config(Path("/srv/site"), False, "beta", "warning", 10)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("FORESHORE_ISOLATION", "maybe", "FORESHORE_ISOLATION: got 'maybe', expected 1 or 0"),
        ("FORESHORE_MAX_BODY_BYTES", "1 MB", "FORESHORE_MAX_BODY_BYTES: got '1 MB', expected a whole number, 0 or more"),
        ("FORESHORE_MAX_BODY_BYTES", "-1", "FORESHORE_MAX_BODY_BYTES: got '-1', expected a whole number, 0 or more"),
        ("FORESHORE_LOG_LEVEL", "loud", "log_level: got 'loud', expected one of debug, info, warning, error, critical"),
        ("FORESHORE_CHANNEL", "../x", "channel: got '../x', expected lower-case letters and digits, such as stable"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_environment({name: value})
    assert str(caught.value) == message
