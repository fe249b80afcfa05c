"""What the tests of every engine need of a page, whichever program drives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

PATIENCE_S = 120.0
"""How long to wait for something a page does. Generous: it bounds a hang, it measures nothing."""

POLL_S = 0.05


class Driver(Protocol):
    """One open tab."""

    def goto(self, url: str) -> None:
        """Open an address and wait until it has loaded."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""

    def click(self, selector: str) -> None:
        """Click as a user would."""

    def screenshot(self, path: Path) -> None:
        """Write a PNG of what is shown."""

    def errors(self) -> list[str]:
        """Console errors and uncaught exceptions so far; empty where the driver has no way to know."""

    def close(self) -> None:
        """End the browser and whatever was started for it."""


def until[T](ask: Callable[[], T], what: str, timeout_s: float = PATIENCE_S) -> T:
    """The first true answer of `ask`.

    Raises
    ------
    TimeoutError
        If there was none in `timeout_s`; it tells the last answer.
    """
    deadline = time.monotonic() + timeout_s
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout_s} s, last answer {answer!r}")
        time.sleep(POLL_S)
    return answer
