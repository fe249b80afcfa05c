"""Sessions of native ONNX Runtime: made when they are first asked for, and let go of when memory is needed for others."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from web.server.prediction.catalogue import ModelFile
from web.server.prediction.errors import Unavailable

if TYPE_CHECKING:
    import onnxruntime

NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""Official builds of ONNX Runtime report to their maker unless this is set before they are imported (its Privacy.md)."""
SESSION_BYTES = 1 << 20
FILE_SHARE = 3
"""A session takes about 1 MiB, and three times its file: weights, their copy laid out for the processor, and room to compute in."""


class SessionPool[Held]:
    """Models in memory, the least recently used of which goes first.

    Parameters
    ----------
    make : callable
        From a model's file to what is held of it.
    budget_bytes : int
        What the models of this process may take, by `size_of`.
    watch : callable
        Told after each change how many are held, and how many bytes they take; and what happened: "load" or "evict".
    """

    def __init__(self, make: Callable[[ModelFile], Held], budget_bytes: int, watch: Callable[[int, int, str], None]) -> None:
        self._make, self._budget_bytes, self._watch = make, budget_bytes, watch
        self._held: OrderedDict[str, tuple[Held, int]] = OrderedDict()
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self.size_bytes = 0

    def get(self, file: ModelFile) -> Held:
        """What is held of a model, made if it is not there.

        Raises
        ------
        Unavailable
            If the file is not the one that was released, or alone takes more than the budget.
        """
        with self._lock:
            if (found := self._find(file.name)) is not None:
                return found
            loading = self._loading.setdefault(file.name, threading.Lock())
        with loading:  # others who want this model wait for it; those who want another don't
            with self._lock:
                if (found := self._find(file.name)) is not None:
                    return found
            try:
                return self._add(file)
            finally:
                self._loading.pop(file.name, None)

    def _find(self, name: str) -> Held | None:
        if name not in self._held:
            return None
        self._held.move_to_end(name)
        return self._held[name][0]

    def _add(self, file: ModelFile) -> Held:
        size = size_of(file)
        if size > self._budget_bytes:
            raise Unavailable(f"{file.name} takes about {size} bytes, and models may take {self._budget_bytes}: raise the limit")
        made = self._make(file)
        with self._lock:
            while self._held and self.size_bytes + size > self._budget_bytes:
                _, (_, freed) = self._held.popitem(last=False)  # whoever runs it now still holds it
                self.size_bytes -= freed
                self._watch(len(self._held), self.size_bytes, "evict")
            self._held[file.name] = (made, size)
            self.size_bytes += size
            self._watch(len(self._held), self.size_bytes, "load")
        return made


def size_of(file: ModelFile) -> int:
    """About how many bytes a model takes in memory."""
    return SESSION_BYTES + FILE_SHARE * file.size_bytes


def open_session(file: ModelFile, threads: int) -> onnxruntime.InferenceSession:
    """A session of a released model on `threads` of the processor; raises Unavailable where the file is damaged."""
    os.environ.setdefault(NO_TELEMETRY, "1")
    import onnxruntime  # not before it is needed: it takes longer than everything else that the server does to start

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning takes the processor from other requests
    return onnxruntime.InferenceSession(file.read(), options, providers=["CPUExecutionProvider"])


def shape_of(declared: list[Any]) -> tuple[int, ...]:
    """A shape of ONNX Runtime with -1 for what it does not fix."""
    return tuple(size if isinstance(size, int) else -1 for size in declared)
