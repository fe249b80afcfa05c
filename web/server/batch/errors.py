"""What keeps a batch from running to its end. Bad rows are no such thing: they are told beside the results.

BatchError
├── Unreadable    the file as a whole can't be read as a table
├── Unmatched     a field has no column, or a mapping names what there is not
├── Unwritable    the results can't be written in that form, or there
├── Occupied      another run is at work on the same output
├── NoSpace       the disk is full; what is done stays
├── Different     what is done belongs to another file, release, variant or mapping
├── Unanswered    the release can't answer: its files, its models or its definitions are at fault
└── Stopped       it was cancelled; what is done stays
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PolarsError

from foreshore import ForeshoreError
from web.server.disk import is_full


class BatchError(ForeshoreError):
    """A batch ended before its time; the message says what to do."""

    kind = "validation"


class Unreadable(BatchError):  # noqa: N818  # these are named as the server's refusals are
    """The file as a whole can't be read as a table."""


class Unmatched(BatchError):  # noqa: N818
    """A field has no column, or a mapping names what there is not."""


class Unwritable(BatchError):  # noqa: N818
    """The results can't be written in that form, or there."""


class Occupied(BatchError):  # noqa: N818
    """Another run is at work on the same output."""


class NoSpace(BatchError):  # noqa: N818
    """The disk is full."""

    kind = "artefact"


class Different(BatchError):  # noqa: N818
    """What is done belongs to another file, release, variant or mapping."""


class Unanswered(BatchError):  # noqa: N818
    """The release can't answer.

    Parameters
    ----------
    kind : str
        One of `foreshore.ERROR_KINDS`: of what it was refused for.
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class Stopped(BatchError):  # noqa: N818
    """It was cancelled."""

    kind = "cancelled"


@contextmanager
def told_when_full(path: Path) -> Iterator[None]:
    """Raise NoSpace where writing fails for want of space."""
    try:
        yield
    except (OSError, PolarsError) as error:
        if not is_full(error):
            raise
        raise NoSpace(
            f"there is no space left to write {path}; make some, then run the same again: it goes on after the last part that was written"
        ) from error
