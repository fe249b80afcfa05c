"""The error tree of Foreshore's Python, and its form on the wire.

Errors cross worker and HTTP boundaries as data: a closed list of kinds, a message, and where they apply a field and a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

ERROR_KINDS = (
    "validation",
    "contract",
    "artefact",
    "network",
    "model",
    "unsupported",
    "cancelled",
    "closed",
    "internal",
)
"""Every kind of error that crosses a boundary; generated for JavaScript."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one value of one record.

    Attributes
    ----------
    row : int
        Zero-based position of the record in the request.
    field : str
        Name of the field, or "" when the record as a whole is wrong.
    got, expected : str
        The value in short form, and what the contract wants instead.
    """

    row: int
    field: str
    got: str
    expected: str

    @property
    def message(self) -> str:
        """One sentence: `departure_hour: got 27, expected an integer from 0 to 23 (row 14)`."""
        subject = f"{self.field}: " if self.field else ""
        return f"{subject}got {self.got}, expected {self.expected} (row {self.row})"

    def to_json(self) -> dict[str, Any]:
        """The problem as plain data."""
        return {**asdict(self), "message": self.message}


class ForeshoreError(Exception):
    """Base of all errors; `kind` is one of `ERROR_KINDS`."""

    kind = "internal"

    def __init__(self, message: str, *, field: str | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.row = row

    def to_json(self) -> dict[str, Any]:
        """The error as plain data, the form in which it crosses a boundary."""
        return {"kind": self.kind, "message": self.message, "field": self.field, "row": self.row, "problems": []}


class ContractError(ForeshoreError):
    """A definition is wrong: the pipeline's author has to mend it."""

    kind = "contract"


class ValidationError(ForeshoreError):
    """Records don't fit the contract; lists every problem found.

    Parameters
    ----------
    problems : sequence of Problem
        At least one, in the order of rows and fields.
    """

    kind = "validation"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        super().__init__(first.message + more, field=first.field or None, row=first.row)
        self.problems = tuple(problems)

    def to_json(self) -> dict[str, Any]:
        """The error as plain data, its problems included."""
        return {**super().to_json(), "problems": [problem.to_json() for problem in self.problems]}


class ArtefactError(ForeshoreError):
    """A file is missing, truncated, or not the one that was promised."""

    kind = "artefact"


class ModelError(ForeshoreError):
    """The model ran and gave something that the contract does not allow, or did not run."""

    kind = "model"
