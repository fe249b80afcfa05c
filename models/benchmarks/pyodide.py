"""Calls into the Pyodide of a built site, run in Node."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_suffix(".js")


def call_in_pyodide(pyodide: Path, module: str, function: str, *arguments: str | int) -> str:
    """What a function of a module of this checkout returns there.

    Parameters
    ----------
    pyodide : Path
        Folder with `pyodide.mjs`, its lock file and NumPy's wheel.
    module, function : str
        The module may import `foreshore`, NumPy and the standard library.

    Raises
    ------
    CalledProcessError
        If it fails; Node's messages have been shown.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "arguments.json"
        file.write_text(json.dumps(arguments), encoding="utf-8")
        command = ["node", str(SCRIPT), str(pyodide.resolve()), str(CHECKOUT), module, function, str(file)]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True).stdout
