"""What Prometheus reads at /metrics: counts and times of predictions, never anything that a client typed.

With several worker processes each counts in files of its own, in the folder that `PROMETHEUS_MULTIPROC_DIR` names, and any of them answers
for all. `web.server.serve` sees to that folder.

References
----------
https://prometheus.github.io/client_python/multiprocess/
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from web.server.config import METRICS_FOLDER

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096)


class Metrics:
    """The counters of this process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        shared: dict[str, Any] = {"registry": self.registry}
        self._requests = Counter("foreshore_requests", "Requests by what became of them", ("endpoint", "pipeline", "status"), **shared)
        self._seconds = Histogram(
            "foreshore_request_seconds", "From a request's headers to its answer", ("endpoint",), buckets=SECONDS, **shared
        )
        self._batch_requests = Histogram("foreshore_batch_requests", "Requests that ran together", ("pipeline",), buckets=SIZES, **shared)
        self._batch_rows = Histogram("foreshore_batch_rows", "Rows that ran together", ("pipeline",), buckets=SIZES, **shared)
        self._loads = Counter("foreshore_model_loads", "Models loaded into memory", **shared)
        self._evictions = Counter("foreshore_model_evictions", "Models let go of to make room", **shared)
        self._models = Gauge("foreshore_models", "Models in memory", multiprocess_mode="livesum", **shared)
        self._bytes = Gauge("foreshore_model_bytes", "What they take, estimated", multiprocess_mode="livesum", **shared)

    def request(self, endpoint: str, pipeline: str, status: int, seconds: float) -> None:
        """One request for a prediction; `pipeline` is one that there is, or ""."""
        counter, histogram = self._of(endpoint, pipeline, status)
        counter.inc()
        histogram.observe(seconds)

    def batch(self, pipeline: str, requests: int, rows: int) -> None:
        """One run of a model."""
        each_requests, each_rows = self._of_batches(pipeline)
        each_requests.observe(requests)
        each_rows.observe(rows)

    @cache  # noqa: B019  # there is one in a process, and few names
    def _of(self, endpoint: str, pipeline: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(endpoint, pipeline, str(status)), self._seconds.labels(endpoint)

    @cache  # noqa: B019
    def _of_batches(self, pipeline: str) -> tuple[Histogram, Histogram]:
        return self._batch_requests.labels(pipeline), self._batch_rows.labels(pipeline)

    def models(self, count: int, size_bytes: int, event: str) -> None:
        """The models in memory, after one was loaded ("load") or let go of ("evict")."""
        (self._loads if event == "load" else self._evictions).inc()
        self._models.set(count)
        self._bytes.set(size_bytes)

    def text(self) -> bytes:
        """All of it, of all processes."""
        if not os.environ.get(METRICS_FOLDER):
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
