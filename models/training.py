"""Training: finds a pipeline's own `training.py` and runs it with progress shown."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

from rich.console import Console

from foreshore import ContractError, load_pipeline


def train_pipeline(root: Path, name: str) -> None:
    """Train one pipeline; its `models/<name>/training.py` gives `train(folder, progress)`.

    Parameters
    ----------
    root : Path
        The checkout.
    name : str
        Of the pipeline.

    Raises
    ------
    ContractError
        If there is no such pipeline, or it has nothing to train.
    """
    load_pipeline(name)
    module = f"models.{name}.training"
    try:
        training = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ContractError(f"pipeline {name!r} has no training.py; it is not trained here") from error
    console = Console()
    started = time.monotonic()
    training.train(root / "models" / name, lambda text: console.print(f"  [{time.monotonic() - started:6.1f} s] {text}", highlight=False))
