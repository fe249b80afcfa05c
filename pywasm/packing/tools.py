"""Calling other programs, with their last words when they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from packing.errors import ToolError

LAST_LINES = 25


def call(command: Sequence[str | Path], *, cwd: Path | None = None, advice: str = "", variables: Mapping[str, str] | None = None) -> str:
    """Run a command and give its standard output.

    `variables` are added to the environment.

    The command does not inherit PYTHONPATH: on the checkout's path, `build.py` would hide the `build` package from Python's tools.

    Raises
    ------
    ToolError
        If it is missing or fails; with the end of what it printed, and `advice`.
    """
    words = [str(word) for word in command]
    if not shutil.which(words[0]):
        raise ToolError(f"{words[0]} was not found; {advice or 'install it and put it on PATH'}")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=cwd, env={**environment, **(variables or {})}, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
        raise ToolError(f"`{' '.join(words[:4])} …` ended with {done.returncode}:\n{tail}\n{advice}".rstrip())
    return done.stdout
