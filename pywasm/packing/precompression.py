"""Precompression: the brotli form in which a site's files are sent."""

from __future__ import annotations

import brotli

WINDOW_BITS = 24
LARGE_BYTES = 1 << 20
"""Above this brotli runs at quality 9: on 14 MB of wasm quality 11 takes half a minute for another 4%."""
WEIGHTS = ".onnx"
"""Large files of them at quality 5: on 18 MB quality 9 takes three seconds for another 0.01%, quality 11 half a minute for 1%."""


def precompressed(content: bytes, ending: str) -> bytes:
    """A file's brotli form, by its size and the ending of its name."""
    return bytes(brotli.compress(content, quality=_quality(len(content), ending), lgwin=WINDOW_BITS))


def _quality(size_bytes: int, ending: str) -> int:
    if size_bytes <= LARGE_BYTES:
        return 11
    return 5 if ending == WEIGHTS else 9
