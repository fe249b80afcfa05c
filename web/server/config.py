"""The settings of the server, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from web.server.errors import ConfigError

ENVIRONMENT_PREFIX = "FORESHORE_"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class Config:
    """Settings of the server.

    Attributes
    ----------
    dist
        Folder that the build wrote.
    isolation
        Whether pages are cross-origin isolated (COOP and COEP). Without it browsers withhold shared memory, and with
        it threads: only for looking at the page as a plain host would serve it.
    channel
        Channel whose release `/healthz` checks.
    log_level
        One of `LOG_LEVELS`; requests are logged at "info".
    max_body_bytes
        Requests that announce a larger body are refused unread.
    """

    dist: Path = Path("dist")
    isolation: bool = True
    channel: str = "stable"
    log_level: str = "info"
    max_body_bytes: int = 1 << 20

    def __post_init__(self) -> None:
        if self.log_level not in LOG_LEVELS:
            raise ConfigError(f"log_level: got {self.log_level!r}, expected one of {', '.join(LOG_LEVELS)}")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", self.channel):
            raise ConfigError(f"channel: got {self.channel!r}, expected lower-case letters and digits, such as stable")
        if self.max_body_bytes < 0:
            raise ConfigError(f"max_body_bytes: got {self.max_body_bytes}, expected 0 or more")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Config from variables such as `FORESHORE_DIST`; what is not set keeps its default.

        Parameters
        ----------
        environment
            Usually `os.environ`. `FORESHORE_` and the name of an attribute in capitals; `FORESHORE_ISOLATION` takes
            1 or 0.

        Raises
        ------
        ConfigError
            If a value can't be read or makes no sense.

        Examples
        --------
        >>> Config.from_environment({"FORESHORE_ISOLATION": "0"}).isolation
        False
        """
        settings = {
            name: _read(environment[ENVIRONMENT_PREFIX + name.upper()], name, reader)
            for name, reader in _READERS.items()
            if ENVIRONMENT_PREFIX + name.upper() in environment
        }
        return cls(**settings)  # type: ignore[arg-type]  # each reader gives the type of its attribute


def _read(text: str, name: str, reader: Callable[[str], object]) -> object:
    try:
        return reader(text)
    except ValueError as error:
        raise ConfigError(f"{ENVIRONMENT_PREFIX}{name.upper()}: got {text!r}, expected {error}") from error


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("1 or 0")
    return text == "1"


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number, 0 or more")
    return int(text)


_READERS: dict[str, Callable[[str], object]] = {
    "dist": Path,
    "isolation": _switch,
    "channel": str,
    "log_level": str.lower,
    "max_body_bytes": _count,
}
