"""What a request for a prediction is refused for.

Refusal
├── Malformed      400  it can't be read, or does not fit the model's tensors
├── Unauthorised   401  it carries no key that is known
├── Unknown        404  there is no such pipeline, version, variant or job
├── Slow           408  its body did not arrive in time
├── Conflict       409  what it is about is not in a state for it
├── TooLarge       413  it holds more bytes or rows than are taken
├── Unsupported    415  it is written in a form that is not read here
├── Misfit         422  its records don't fit the contract
├── Busy           429  there is more to do than can be done now
├── Faulty         500  the model or its definition is at fault
├── Unavailable    503  what the release promises can't be loaded
├── Late           504  the answer took too long
└── Full           507  there is no space left to keep it
"""

from __future__ import annotations

from typing import Any

from foreshore.errors import ArtefactError, ForeshoreError, ValidationError


class Refusal(Exception):  # noqa: N818  # it is the answer to a request, not a fault of ours
    """Why there is no prediction.

    Attributes
    ----------
    status : int
        Of the HTTP answer.
    kind : str
        One of `foreshore.ERROR_KINDS`.
    retry_after_s : int or None
        When it may be worth asking again.
    """

    status = 500
    kind = "internal"
    retry_after_s: int | None = None

    def __init__(self, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s if retry_after_s is not None else self.retry_after_s

    def to_json(self) -> dict[str, Any]:
        """The refusal in the form of `ForeshoreError.to_json`."""
        return {"kind": self.kind, "message": self.message, "field": None, "row": None, "problems": []}


class Malformed(Refusal):
    """It can't be read, or does not fit the model's tensors."""

    status, kind = 400, "validation"


class Unauthorised(Refusal):
    """It carries no key that is known."""

    status, kind = 401, "unsupported"


class Unknown(Refusal):
    """There is no such pipeline, version or variant."""

    status, kind = 404, "contract"


class Slow(Refusal):
    """Its body did not arrive in time."""

    status, kind = 408, "network"


class Conflict(Refusal):
    """What it is about is not in a state for it."""

    status, kind = 409, "unsupported"


class TooLarge(Refusal):
    """It holds more bytes or rows than are taken."""

    status, kind = 413, "validation"


class Unsupported(Refusal):
    """It is written in a form that is not read here."""

    status, kind = 415, "unsupported"


class Misfit(Refusal):
    """Its records don't fit the contract; `error` lists every problem."""

    status, kind = 422, "validation"

    def __init__(self, error: ValidationError) -> None:
        super().__init__(error.message)
        self.error = error

    def to_json(self) -> dict[str, Any]:
        """The problems as the page shows them."""
        return self.error.to_json()


class Busy(Refusal):
    """There is more to do than can be done now."""

    status, kind, retry_after_s = 429, "network", 1


class Faulty(Refusal):
    """The model or its definition is at fault."""

    status, kind = 500, "model"


class Unavailable(Refusal):
    """What the release promises can't be loaded."""

    status, kind, retry_after_s = 503, "artefact", 1


class Late(Refusal):
    """The answer took too long."""

    status, kind, retry_after_s = 504, "network", 1


class Full(Refusal):
    """There is no space left to keep it."""

    status, kind = 507, "internal"


def refusal_of(error: ForeshoreError) -> Refusal:
    """The refusal that an error of a pipeline amounts to."""
    if isinstance(error, ValidationError):
        return Misfit(error)
    return Unavailable(error.message) if isinstance(error, ArtefactError) else Faulty(error.message)
