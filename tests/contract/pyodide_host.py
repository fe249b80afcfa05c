"""The Pyodide of a built site, run in Node and called from here."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.lines import LineProcess

SCRIPT = Path(__file__).with_name("pyodide.js")
DTYPES = {"Float32Array": "float32", "Int32Array": "int32", "Uint8Array": "uint8", "BigInt64Array": "int64"}


class PyodideHost:
    """`foreshore.host` as a page's worker sees it; errors come back as data."""

    def __init__(self, dist: Path) -> None:
        self._lines = LineProcess(["node", str(SCRIPT), str(dist)])

    def versions(self) -> dict[str, str]:
        """Versions of "pyodide" and "python"."""
        return dict(self._lines.ask("version"))

    def numpy_version(self) -> str:
        """NumPy's version; a pipeline must be open."""
        return str(self._lines.ask("numpy"))

    def open(self, name: str) -> dict[str, Any]:
        """The contract of a pipeline, installed from the site's wheels."""
        answer = self._lines.ask("open", name)
        assert "ok" in answer, answer
        return dict(json.loads(answer["ok"]))

    def install(self, wheel_url: str, module: str, name: str) -> Any:
        """The value of a module's name, once micropip has installed the wheel that holds it."""
        return self._lines.ask("install", wheel_url, module, name)

    def prepare(self, name: str, records_json: str) -> dict[str, Any]:
        """`{"ok": tensors}` or `{"error": …}`."""
        answer = self._lines.ask("prepare", name, records_json)
        if "ok" in answer:
            answer["ok"] = {key: _array(item) for key, item in answer["ok"].items()}
        return _with_nulls(dict(answer))

    def decode(self, name: str, tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, Any]:
        """`{"ok": answers}` or `{"error": …}`."""
        plain = {key: {"bytes": base64.b64encode(array.tobytes()).decode(), "dims": list(array.shape)} for key, array in tensors.items()}
        answer = self._lines.ask("decode", name, plain)
        if "ok" in answer:
            answer["ok"] = json.loads(answer["ok"])
        return _with_nulls(dict(answer))

    def close(self) -> None:
        """End the Node process."""
        self._lines.close()


def _array(item: Mapping[str, Any]) -> NDArray[Any]:
    shape: Sequence[int] = item["dims"]
    return np.frombuffer(base64.b64decode(item["bytes"]), DTYPES[item["array"]]).reshape(shape)


def _with_nulls(answer: dict[str, Any]) -> dict[str, Any]:
    """Python's None reaches JavaScript as undefined, which JSON leaves out: put it back."""
    if "error" in answer:
        answer["error"] = {"field": None, "row": None, **answer["error"]}
    return answer
