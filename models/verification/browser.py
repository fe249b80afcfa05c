"""A release's browser executions, called from Python: its Pyodide, ONNX Runtime Web and JavaScript's encoder, run in Node."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packing.errors import BuildError
from packing.lines import LineProcess

type Tensors = Mapping[str, NDArray[Any]]
type Event = tuple[str, Mapping[str, Any]]

DTYPES = {"Float32Array": "float32", "Float64Array": "float64", "Int32Array": "int32", "Uint8Array": "uint8", "BigInt64Array": "int64"}
ARRAYS = {dtype: array for array, dtype in DTYPES.items()}


class BrowserExecutions:
    """What a page's workers do, without a page; errors of records come back as data, `{"ok": …}` or `{"error": …}`.

    Parameters
    ----------
    script : Path
        `web/verification/executions.js`.
    pyodide : Path
        Folder of the release's Pyodide.
    """

    def __init__(self, script: Path, pyodide: Path) -> None:
        self._lines = LineProcess(["node", str(script), str(pyodide)])

    def versions(self) -> dict[str, str]:
        """Versions of "pyodide" and "python"."""
        return dict(self._lines.ask("versions"))

    def numpy_version(self) -> str:
        """NumPy's version; a pipeline must be open."""
        return str(self._lines.ask("numpy"))

    def open(self, name: str) -> dict[str, Any]:
        """The contract of a pipeline, installed into Pyodide from the release's wheels."""
        answer = self._lines.ask("open", name, f"foreshore-{name.replace('_', '-')}")
        if "ok" not in answer:
            raise BuildError(f"pipeline {name} could not be opened in Pyodide: {answer['error']['message']}")
        return dict(json.loads(answer["ok"]))

    def install(self, wheel_url: str, module: str, name: str) -> Any:
        """The value of a module's name, once micropip has installed the wheel that holds it."""
        return self._lines.ask("install", wheel_url, module, name)

    def prepare(self, name: str, records_json: str) -> dict[str, Any]:
        """Feature tensors, made by Pyodide; beside them "segments", each record's code, or None for a contract without segments."""
        answer = self._lines.ask("prepare", name, records_json)
        return _with_tensors(answer) | ({"segments": answer["segments"]} if "ok" in answer else {})

    def decode(self, name: str, tensors: Tensors) -> dict[str, Any]:
        """Answers, made by Pyodide."""
        return _parsed(self._lines.ask("decode", name, _written(tensors)))

    def run(self, model: Path, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Outputs of a model in ONNX Runtime Web, on one thread."""
        return _read(self._lines.ask("run", str(model), _written(feeds)))

    def run_segments(
        self, model: Path, own: Mapping[str, Path], table: Mapping[str, Any], field: str | None, codes: Sequence[int], feeds: Tensors
    ) -> dict[str, NDArray[Any]]:  # fmt: skip
        """Outputs in ONNX Runtime Web, each row of its segment's own model or else of the model of all.

        Parameters
        ----------
        model : Path
        own : mapping of str to Path
            By value of the segment field.
        table : mapping
            As `foreshore.encoding.encoding_table` gives it.
        field : str or None
            The segment field.
        codes : sequence of int
            That field's, one a row.
        feeds : tensors
        """
        routing = {"table": table, "field": field, "codes": codes}
        paths = {value: str(path) for value, path in own.items()}
        return _read(self._lines.ask("run_segments", str(model), paths, routing, _written(feeds)))

    def encode_by_table(self, table: Mapping[str, Any], records: Sequence[Any]) -> dict[str, Any]:
        """Columns, made by JavaScript's encoder."""
        return _with_tensors(self._lines.ask("encode_by_table", table, records))

    def decode_by_table(self, table: Mapping[str, Any], tensors: Tensors, rows: int) -> dict[str, Any]:
        """Answers, made by JavaScript's decoder."""
        return dict(self._lines.ask("decode_by_table", table, _written(tensors), rows))

    def observe(self, name: str, events: Sequence[Event]) -> dict[str, Any]:
        """What became of events that were told to the pipeline's windows in Pyodide (see `foreshore.live.Live.observe`)."""
        return _parsed(self._lines.ask("observe", name, json.dumps(events)))

    def follow(self, name: str, events: Sequence[Event], records: Sequence[Mapping[str, Any]], *, restart: bool = False) -> dict[str, Any]:
        """`records` with their context in the middle of events, and `intake` (see `foreshore.live.Live.follow`)."""
        return _parsed(self._lines.ask("follow", name, json.dumps(events), json.dumps(records), restart))

    def fill(self, name: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Records with their context, as a list."""
        return _parsed(self._lines.ask("fill", name, json.dumps(records)))

    def save_windows(self, name: str) -> bytes:
        """What the windows remember."""
        return base64.b64decode(self._lines.ask("save_windows", name)["ok"])

    def restore_windows(self, name: str, state: bytes) -> dict[str, Any]:
        """Go on from what `save_windows` gave; `{"error": …}` if it cannot be, else nothing."""
        answer = self._lines.ask("restore_windows", name, base64.b64encode(state).decode())
        return _with_nulls(answer) if "error" in answer else {}

    def restart_windows(self, name: str) -> None:
        """Forget all events."""
        self._lines.ask("restart_windows", name)

    def look_up(self, table: bytes, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """`name`, `as_of_min` and `key_fields` of a table's file, and its `values` for records, read by JavaScript."""
        return dict(self._lines.ask("look_up", base64.b64encode(table).decode(), records))

    def fill_from_tables(
        self, view: Mapping[str, Any], clock: str | None, folder: Path, records: Sequence[Mapping[str, Any]]
    ) -> list[Mapping[str, Any]]:  # fmt: skip
        """Records with the historical features that a folder of tables (see `models.tables`) tells them, as a page looks them up."""
        return list(self._lines.ask("fill_from_tables", view, clock, str(folder), records))

    def close(self) -> None:
        """End the Node process."""
        self._lines.close()


def _written(tensors: Tensors) -> dict[str, Any]:
    return {
        name: {"array": ARRAYS[str(array.dtype)], "bytes": base64.b64encode(array.tobytes()).decode(), "dims": list(array.shape)}
        for name, array in tensors.items()
    }


def _read(tensors: Mapping[str, Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    return {
        name: np.frombuffer(base64.b64decode(item["bytes"]), DTYPES[item["array"]]).reshape(item["dims"]) for name, item in tensors.items()
    }


def _parsed(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"ok": json.loads(answer["ok"])} if "ok" in answer else _with_nulls(answer)


def _with_tensors(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"ok": _read(answer["ok"])} if "ok" in answer else _with_nulls(answer)


def _with_nulls(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Python's None reaches JavaScript as undefined, which JSON leaves out: put it back."""
    return {"error": {"field": None, "row": None, **answer["error"]}}
