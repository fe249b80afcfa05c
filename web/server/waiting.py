"""How long a request has waited for a thread, where the server that runs the application knows it."""

from __future__ import annotations

import threading
import time


class _Waiting(threading.local):
    since: float | None = None


_WAITING = _Waiting()


def note_waiting(since: float) -> None:
    """Say that what this thread serves next could have been served from `since` on (`time.monotonic()`)."""
    _WAITING.since = since


def waited_s() -> float:
    """Seconds since the request that this thread serves could be served; 0 where nobody said."""
    return 0.0 if _WAITING.since is None else time.monotonic() - _WAITING.since
