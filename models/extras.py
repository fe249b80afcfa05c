"""Extras: folders that a release ships beside a pipeline's models, each written by a function of the pipeline's own."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packing.stage import Made, Stages


@dataclass(frozen=True, slots=True)
class Extra:
    """One such folder.

    Parameters
    ----------
    module, function : str
        `models/<name>/<module>.py` gives `function(folder)`, which fills it.
    artefacts : bool
        Whether what it writes depends on the pipeline's trained artefacts.
    """

    module: str
    function: str
    artefacts: bool = False


EXTRAS: Mapping[str, Extra] = {
    "samples": Extra("samples", "write_samples"),
    "history": Extra("history", "write_history"),
    "forecasts": Extra("forecasts", "write_forecasts", artefacts=True),
}
"""By the manifest's key: records that a page offers, tables of historical features, and answers computed ahead."""


def extras_stages(stages: Stages, name: str) -> dict[str, Made]:
    """The folders that a pipeline has a function for, by the manifest's key."""
    made = {key: _stage(stages, name, key, extra) for key, extra in EXTRAS.items()}
    return {key: each for key, each in made.items() if each}


def _stage(stages: Stages, name: str, key: str, extra: Extra) -> Made | None:
    folder = stages.root / "models" / name
    if not (folder / f"{extra.module}.py").is_file():
        return None
    module = importlib.import_module(f"models.{name}.{extra.module}")
    if not hasattr(module, extra.function):
        return None
    inputs = [*sorted(folder.glob("*.py")), *([folder / "artefacts"] if extra.artefacts else []), *shared_code(stages.root)]
    return stages.run(f"{key}-{name}", inputs, getattr(module, extra.function))


def shared_code(root: Path) -> list[Path]:
    """What such functions are written with."""
    return [
        root / "pywasm" / "foreshore",
        root / "pywasm" / "packing" / "fetch.py",
        root / "models" / "tables.py",
        root / "models" / "segments.py",
    ]
