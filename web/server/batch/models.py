"""The models of one batch: loaded when a row first needs them, and run with nobody beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.server.prediction.batching import Outputs
from web.server.prediction.catalogue import ModelFile
from web.server.prediction.columns import Columns
from web.server.prediction.running import Loaded, Served
from web.server.prediction.sessions import open_session

if TYPE_CHECKING:
    import onnxruntime


class BatchModels:
    """Sessions by file.

    Parameters
    ----------
    threads : int
        Of the processor, for each run.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._loaded: dict[str, Loaded] = {}

    def session(self, file: ModelFile) -> onnxruntime.InferenceSession:
        """A model's session; raises Unavailable where its file is damaged."""
        return self._load(file).session

    def run(self, served: Served, file: ModelFile, columns: Columns) -> Outputs:
        """Outputs of N rows of one model; raises Refusal."""
        return self._load(file).answer(served, file, columns)

    def _load(self, file: ModelFile) -> Loaded:
        if file.name not in self._loaded:
            self._loaded[file.name] = Loaded(open_session(file, self._threads))
        return self._loaded[file.name]
