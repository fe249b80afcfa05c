"""Windows over event streams: declared once, executed one event at a time or over a whole history.

`Stream` runs in the browser and on a server, `history` trains; they agree to the last bit. A `FeatureView` adds historical features, which
`materialise` puts into tables; `foreshore.live` asks for both kinds by name.
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
from foreshore.windows.derived import Derived
from foreshore.windows.history import History, history
from foreshore.windows.intake import Arrivals
from foreshore.windows.stream import Stream
from foreshore.windows.views import FeatureView, materialise, materialise_many, training_columns

__all__ = [
    "REASONS",
    "Arrivals",
    "Derived",
    "EventField",
    "EventType",
    "FeatureView",
    "Filter",
    "History",
    "Key",
    "Stream",
    "Window",
    "WindowSet",
    "history",
    "materialise",
    "materialise_many",
    "training_columns",
]
