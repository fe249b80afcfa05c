"""How long a request has waited for a thread, where the server that runs the application knows it."""

from __future__ import annotations

import threading


class _Waited(threading.local):
    seconds = 0.0


_WAITED = _Waited()


def note_waited(seconds: float) -> None:
    """Say that what this thread serves next has waited so long for it."""
    _WAITED.seconds = seconds


def waited_s() -> float:
    """Seconds that the request which this thread serves has waited for it; 0 where nobody said."""
    return _WAITED.seconds
