"""Windows over event streams: declared once, executed one event at a time or over a whole history.

`Stream` runs in the browser and on a server, `history` trains; they agree to the last bit.
"""

from foreshore.windows.declarations import (
    REASONS,
    EventField,
    EventType,
    Filter,
    Key,
    Window,
    WindowSet,
)
from foreshore.windows.history import History, history
from foreshore.windows.intake import Arrivals
from foreshore.windows.stream import Stream

__all__ = [
    "REASONS",
    "Arrivals",
    "EventField",
    "EventType",
    "Filter",
    "History",
    "Key",
    "Stream",
    "Window",
    "WindowSet",
    "history",
]
