"""Samples: real records that a pipeline's page offers, written by the pipeline's own `data.py`."""

from __future__ import annotations

import importlib

from packing.stage import Made, Stages


def samples_stage(stages: Stages, name: str) -> Made | None:
    """The folder that `models/<name>/data.py` fills by `write_samples(folder)`, or None where there is no such function."""
    folder = stages.root / "models" / name
    if not (folder / "data.py").is_file():
        return None
    module = importlib.import_module(f"models.{name}.data")
    if not hasattr(module, "write_samples"):
        return None
    fetching = stages.root / "pywasm" / "packing" / "fetch.py"
    return stages.run(f"samples-{name}", [*sorted(folder.glob("*.py")), fetching], module.write_samples)
