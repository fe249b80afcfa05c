"""Images as records carry them, for hypothesis: sound ones, and some that are nearly."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st

SIDES = st.integers(1, 12)
LONG_SIDES = st.integers(1020, 5000)
"""Around and beyond what is averaged over boxes."""


@st.composite
def images(draw: st.DrawFn, sides: st.SearchStrategy[int] = SIDES) -> dict[str, Any]:
    """An image that is taken, opaque or not."""
    width, height, channels = draw(sides), draw(SIDES), draw(st.sampled_from([3, 4]))
    width, height = draw(st.sampled_from([(width, height), (height, width)]))
    pattern = draw(st.binary(min_size=1, max_size=64))
    size = width * height * channels
    data = (pattern * -(-size // len(pattern)))[:size]
    return {"width": width, "height": height, "data": base64.b64encode(data).decode()}


def near_images() -> st.SearchStrategy[Any]:
    """Images with one part exchanged, or without one."""
    sizes = st.sampled_from([0, -1, 1.5, 3.0, True, "4", None, 2**31, 40_000_001, 1e300])
    texts = st.sampled_from(["", "AAAA", "AAA=", "=AAA", "AA==", "A", "AAAAA", "!!!!", "AAAA" * 9, "😀😀😀😀", None, 7, [1]]) | st.text(
        max_size=8
    )
    changes = st.fixed_dictionaries({}, optional={"width": sizes, "height": sizes, "data": texts})
    changed = st.builds(lambda image, change: {**image, **change}, images(), changes)
    lacking = st.builds(
        lambda image, name: {key: value for key, value in image.items() if key != name}, images(), st.sampled_from(["width", "data"])
    )
    return changed | lacking
