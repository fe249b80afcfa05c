"""Settings: frozen dataclasses as plain JSON and back, refused by name where they are wrong."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from models.compression.errors import RecipeError


def to_json(settings: Any) -> dict[str, Any]:
    """A technique's settings as plain data."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


def from_json[Settings](kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Settings from plain data.

    Raises
    ------
    RecipeError
        If a setting is unknown, missing, of another type, or out of range.
    """
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    if unknown := sorted(set(values) - set(known)):
        raise RecipeError(f"{kind.__name__}: got the setting {unknown[0]!r}, expected some of {known}; mend the recipe")
    made = {name: _value(f"{kind.__name__}.{name}", hints[name], value) for name, value in values.items()}
    try:
        return kind(**made)
    except TypeError as error:
        raise RecipeError(
            f"{kind.__name__}: got {dict(values)}, expected every setting that has no default ({error}); mend the recipe"
        ) from error


def within(name: str, value: float, low: float, high: float) -> None:
    """Hold a setting to its range, ends included; raises RecipeError."""
    if not low <= value <= high:
        raise RecipeError(f"{name}: got {value}, expected {low} to {high}; mend the recipe")


def _value(name: str, hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple and isinstance(value, list | tuple):
        return tuple(_value(name, get_args(hint)[0], item) for item in value)
    accepted = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if float in accepted and type(value) is int:
        return float(value)
    if type(value) not in accepted and not (value is None and type(None) in accepted):
        words = " or ".join(getattr(each, "__name__", str(each)) for each in accepted)
        raise RecipeError(f"{name}: got {value!r}, expected {words}; mend the recipe")
    return value
