"""PyTorch's older files (.pth before 1.6), read without PyTorch and without running anything that they name.

A file is a row of pickles (a magic number, the protocol, the writer's machine, the object, the keys of its storages), then each storage:
its length and its numbers. Only tensors and containers are taken; a pickle that names anything else is refused.

References
----------
PyTorch: torch/serialization.py, `_legacy_save`
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from packing.errors import BuildError

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES: Mapping[str, str] = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4"}
COUNT = np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor before the numbers are there: which storage, and what of it."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    """Reads views; `dtypes` gathers the storages that they are of."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may name, and nothing else."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _View(storage, offset, tuple(shape), tuple(strides))
        if module == "torch" and name in DTYPES:
            return name
        raise BuildError(f"{module}.{name}: got a file that names this, expected one of tensors alone; it was not read")

    def persistent_load(self, pid: Sequence[Any]) -> str:
        """A storage's key."""
        _, kind, key, *_ = pid
        self.dtypes[key] = np.dtype(DTYPES[kind])
        return str(key)


def read_tensors(file: Path) -> dict[str, NDArray[Any]]:
    """Arrays by name of a file that holds a mapping of names to tensors.

    Raises
    ------
    BuildError
        If it holds anything else, or is of another format.
    """
    with file.open("rb") as content:
        if _Reader(content).load() != MAGIC:
            raise BuildError(f"{file}: got no file of PyTorch before 1.6, expected one; convert it")
        for _ in ("protocol", "machine"):
            _Reader(content).load()
        reader = _Reader(content)
        views: Mapping[str, _View] = reader.load()
        storages = {str(key): _storage(content, reader.dtypes[key]) for key in _Reader(content).load()}
    return {name: _array(view, storages[view.storage]) for name, view in views.items()}


def _storage(content: BinaryIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    (count,) = np.frombuffer(content.read(COUNT.itemsize), COUNT).tolist()
    return np.frombuffer(content.read(count * dtype.itemsize), dtype)


def _array(view: _View, storage: NDArray[Any]) -> NDArray[Any]:
    strides = tuple(step * storage.itemsize for step in view.strides)
    return np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, strides, writeable=False).copy()
