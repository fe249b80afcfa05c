"""PyTorch's older files: tensors are read, and nothing that a file names is run."""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.torch_file import MAGIC, read_tensors
from packing.errors import BuildError

NUMBERS = np.arange(6, dtype=np.float32)


class Storage:
    """Stands for a storage in the pickle."""


class Named:
    """Pickled as a call of what a module names."""

    def __init__(self, module: str, name: str, *words: Any) -> None:
        self.module, self.name, self.words = module, name, words


PICKLER: Any = vars(pickle)["_Pickler"]
"""Written in Python: the one in C does not ask how to save what it meets."""


class Writer(PICKLER):  # type: ignore[misc]
    def persistent_id(self, obj: Any) -> Any:
        return ("storage", Named("torch", "FloatStorage"), "0", "cpu", len(NUMBERS), None) if isinstance(obj, Storage) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> Any:
        if not isinstance(obj, Named):
            return super().save(obj, save_persistent_id)
        self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        if obj.words:
            super().save(obj.words)
            self.write(pickle.REDUCE)
        return None


def pickled(value: Any) -> bytes:
    buffer = io.BytesIO()
    Writer(buffer, 2).dump(value)
    return buffer.getvalue()


def write(path: Path, value: Any, magic: int = MAGIC) -> Path:
    head = b"".join(pickled(each) for each in (magic, 1001, {"little_endian": True}, value, ["0"]))
    path.write_bytes(head + struct.pack("<q", len(NUMBERS)) + NUMBERS.tobytes())
    return path


def tensor(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Named:
    return Named("torch._utils", "_rebuild_tensor_v2", Storage(), offset, shape, strides, False, OrderedDict())


def test_tensors_are_views_of_their_storage(tmp_path: Path) -> None:
    file = write(tmp_path / "w.pth", {"a": tensor(0, (2, 3), (3, 1)), "b": tensor(1, (2, 2), (1, 2))})
    found = read_tensors(file)
    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["b"].tolist() == [[1, 3], [2, 4]]
    assert found["a"].dtype == np.float32


def test_a_file_that_names_anything_else_is_not_read(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    file = write(tmp_path / "w.pth", {"a": Named("os", "mkdir", str(touched))})
    with pytest.raises(BuildError, match=r"(posix|os)\.mkdir: got a file that names this"):
        read_tensors(file)
    assert not touched.exists()


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no file of PyTorch before 1\.6"):
        read_tensors(write(tmp_path / "w.pth", {}, magic=1))
