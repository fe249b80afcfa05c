"""Schedules: when a pipeline works through which table by itself, as data of its card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any

from foreshore.contract import NAME, Contract
from foreshore.errors import ContractError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CRON = (("minute", 0, 59, ()), ("hour", 0, 23, ()), ("day of the month", 1, 31, ()), ("month", 1, 12, MONTHS), ("weekday", 0, -1, WEEKDAYS))
"""What each word of a cron expression says, its least and greatest number, and its names; weekdays have names alone, because programs
disagree on which of them is 0."""
ITEM = re.compile(r"(?:\*|([a-z]+|[0-9]{1,2})(?:-([a-z]+|[0-9]{1,2}))?)(?:/([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One table that is worked through again and again.

    Parameters
    ----------
    name : str
        snake_case, unique in the pipeline.
    cron : str
        Minute, hour, day of the month, month and weekday, UTC: "15 8 * * mon-fri". `*`, lists, ranges and steps; weekdays by name.
    input : str
        Path among the inputs of the server.
    key : tuple of str
        Fields whose values identify a row; its answer is kept under them.
    variant : str or None
        None: the one that visitors get.

    Raises
    ------
    ContractError
        If a part makes no sense.
    """

    name: str
    cron: str
    input: str
    key: tuple[str, ...]
    variant: str | None = None

    def __post_init__(self) -> None:
        self._require(bool(NAME.fullmatch(self.name)), "expected a snake_case name of 1 to 64 characters")
        _check_cron(self)
        path = PurePosixPath(self.input)
        inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts and self.input.isprintable()
        self._require(inside, f"got the input {self.input!r}, expected a path among the server's inputs, such as flights/today.csv")
        unique = bool(self.key) and len(set(self.key)) == len(self.key)
        self._require(unique, f"got the key {list(self.key)}, expected names of fields, each once")

    def _require(self, holds: bool, message: str) -> None:
        if not holds:
            raise ContractError(f"schedule {self.name!r}: {message}")

    def check(self, contract: Contract, variants: tuple[str, ...] | None) -> None:
        """Raise ContractError where a schedule does not fit a contract and, unless they are None, the variants of its model."""
        able = [field.name for field in contract.inputs]
        self._require(not contract.image_fields, f"pipeline {contract.name} takes images, which tables don't hold")
        self._require(set(self.key) <= set(able), f"got the key {list(self.key)}, expected some of {able}")
        known = variants is None or self.variant is None or self.variant in variants
        self._require(known, f"got the variant {self.variant!r}, expected one of {list(variants or ())}")

    def to_json(self) -> dict[str, Any]:
        """The schedule as a card holds it."""
        variant = {} if self.variant is None else {"variant": self.variant}
        return {"name": self.name, "cron": self.cron, "input": self.input, "key": list(self.key), **variant}

    @classmethod
    def from_json(cls, data: object) -> Schedule:
        """The schedule that `to_json` wrote; raises ContractError."""
        names = {field.name for field in fields(cls)}
        if not isinstance(data, Mapping) or not names - {"variant"} <= set(data) <= names:
            raise ContractError(f"schedules: expected objects of {', '.join(sorted(names))} (variant may be left out)")
        texts = all(isinstance(data[name], str) for name in ("name", "cron", "input"))
        key, variant = data["key"], data.get("variant")
        listed = isinstance(key, list | tuple) and all(isinstance(name, str) for name in key)
        if not texts or not listed or not isinstance(variant, str | None):
            raise ContractError("schedules: expected texts, and a list of names of fields as the key")
        return cls(data["name"], data["cron"], data["input"], tuple(key), variant)


def checked_schedules(schedules: object, contract: Contract, variants: tuple[str, ...] | None = None) -> tuple[Schedule, ...]:
    """The schedules that a card lists under "schedules"; raises ContractError where one is wrong.

    Parameters
    ----------
    schedules : list of mappings
        As `Schedule.to_json` gives them.
    contract : Contract
    variants : tuple of str or None
        Names of the variants that the card lists; None where they are not all known yet.
    """
    if not isinstance(schedules, list | tuple):
        raise ContractError("schedules: expected a list")
    found = tuple(each if isinstance(each, Schedule) else Schedule.from_json(each) for each in schedules)
    names = [each.name for each in found]
    if len(set(names)) < len(names):
        raise ContractError(f"contract {contract.name}: a schedule's name stands twice in {names}")
    for each in found:
        each.check(contract, variants)
    return found


def _check_cron(schedule: Schedule) -> None:
    words = schedule.cron.split()
    if len(words) != len(CRON):
        raise ContractError(f"schedule {schedule.name!r}: got {len(words)} words in the cron {schedule.cron!r}, expected {len(CRON)}")
    for word, (part, low, high, names) in zip(words, CRON, strict=True):
        if not all(_fits(item, low, high, names) for item in word.split(",")):
            wanted = f"names such as {names[0]}" if high < low else f"numbers from {low} to {high}"
            raise ContractError(
                f"schedule {schedule.name!r}: got the {part} {word!r}, expected *, {wanted}, or lists, ranges or steps of them"
            )


def _fits(item: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    match = ITEM.fullmatch(item)
    if match is None:
        return False
    first, last, step = match.groups()
    ends = [_place(word, low, high, names) for word in (first, last) if word is not None]
    ordered = None not in ends and ends == sorted(ends, key=lambda end: -1 if end is None else end)
    stepped = step is None or (0 < int(step) <= max(high, len(names) - 1) and (first is None or last is not None))
    return ordered and stepped


def _place(word: str, low: int, high: int, names: tuple[str, ...]) -> int | None:
    """Where a number or a name stands among those that may stand there."""
    if word in names:
        return low + names.index(word)
    return int(word) if word.isdecimal() and low <= int(word) <= high else None
