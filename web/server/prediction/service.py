"""What the server knows of predictions, put together once in each process, when the first of them is asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from foreshore import ForeshoreError
from web.server.config import Config
from web.server.prediction.catalogue import Catalogue, ReleasedPipeline
from web.server.prediction.columns import Columns, most_rows
from web.server.prediction.errors import TooLarge, refusal_of
from web.server.prediction.history import History
from web.server.prediction.metrics import Metrics
from web.server.prediction.protocol import NAMES, Answer, Door, answer, parse_json
from web.server.prediction.running import Runner, Served


class Service:
    """Predictions of the released pipelines.

    Parameters
    ----------
    config : Config
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.metrics = Metrics()
        self.catalogue = Catalogue(config.dist.absolute(), config.channel)
        self._runner = Runner(config, self.metrics)
        self._served: dict[str, _Ready] = {}
        self._lock = threading.Lock()

    def ready(self, name: str, version: str | None = None) -> _Ready:
        """A pipeline, its default model loaded; raises Refusal."""
        released = self.catalogue.current().pipeline(name, version)
        found = self._served.get(name)
        if found is not None and found.released is released:
            return found
        with self._lock:
            found = self._served.get(name)
            if found is None or found.released is not released:
                found = self._served[name] = _Ready(released, self._runner, self._config)
        return found


class _Ready:
    """A pipeline that answers."""

    def __init__(self, released: ReleasedPipeline, runner: Runner, config: Config) -> None:
        self.released, self._threads = released, config.ort_threads
        self._served = Served(released, runner)
        self._history = History(released)
        rows = most_rows(released.pipeline.contract, config.max_rows)
        self._door = Door(self._served.layout, tuple(output.name for output in self._served.outputs), rows)

    def metadata(self) -> dict[str, Any]:
        """The model as the protocol describes it."""
        return {
            "name": self.released.name,
            "versions": list(self.released.versions),
            "platform": "onnxruntime_onnx",
            "inputs": [_described(each) for each in self._served.layout.inputs],
            "outputs": [_described(each) for each in self._served.outputs],
        }

    def infer(self, body: bytes, header_length: str | None) -> Answer:
        """The answer to an inference of the Open Inference Protocol; raises Refusal."""
        with self._served.arrivals:
            request = self._door.read(body, header_length)
            variant = self.released.variant(request.variant)
        outputs = self._served.run(variant, request.columns)
        return answer(self.released.name, self.released.release, request, outputs, variant.name)

    def predict(self, body: bytes, variant_name: str | None) -> dict[str, Any]:
        """Answers to one record, or to a list of them; raises Refusal."""
        started = time.perf_counter()
        try:
            with self._served.arrivals:
                given = parse_json(body)
                variant = self.released.variant(variant_name)
                columns = self._encoded([given] if isinstance(given, dict) else given)
            answers = self._served.pipeline.decode(self._served.run(variant, columns)) if columns.rows else []
        except ForeshoreError as error:
            raise refusal_of(error) from error
        about: dict[str, Any] = {
            "release": self.released.release,
            "variant": variant.name,
            "engine": "cloud",
            "threads": self._threads,
            "provider": "cpu",
        }
        about |= {"latency_ms": round((time.perf_counter() - started) * 1000, 3)}
        return {"answer": answers[0], **about} if isinstance(given, dict) else {"answers": answers, **about}

    def _encoded(self, records: Sequence[Mapping[str, Any]]) -> Columns:
        if isinstance(records, list) and len(records) > self._door.max_rows:
            raise TooLarge(f"got {len(records)} records, expected at most {self._door.max_rows}; send several requests")
        return self._served.layout.columns(self._history.columns(records))


def _described(each: Any) -> dict[str, Any]:
    return {"name": each.name, "datatype": NAMES[each.dtype], "shape": list(each.shape)}
