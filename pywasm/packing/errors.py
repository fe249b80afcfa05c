"""The error tree of the build; each message says what was wrong and what to do."""

from __future__ import annotations


class BuildError(Exception):
    """A stage failed; the previous build is untouched."""


class FetchError(BuildError):
    """No source gave the bytes that were asked for."""


class HashMismatchError(FetchError):
    """A source gave other bytes than the pinned hash names."""


class ToolError(BuildError):
    """A command that the build calls failed or is missing."""
