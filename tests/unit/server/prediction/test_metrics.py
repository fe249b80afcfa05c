"""What Prometheus reads, of one process and of several."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.unit.server.prediction.asking import PREDICT, post
from tests.unit.server.small_site import ask
from tests.unit.server.test_serve import children_of
from web.server.testing import server_process


def samples(url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = ask(url, "/metrics")
    assert answer.status == 200
    families = text_string_to_metric_families(answer.body.decode())
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def of(name: str, found: dict[tuple[str, frozenset[tuple[str, str]]], float], **labels: str) -> float:
    """Sum of the samples of that name which carry these labels."""
    return sum(value for (each, given), value in found.items() if each == name and labels.items() <= dict(given).items())


def test_requests_batches_and_models_are_counted(dist: Path, flight: dict[str, Any]) -> None:
    with server_process(dist) as server:
        for body in (flight, [flight] * 3, {"wrong": 1}):
            post(server.url, PREDICT, body)
        post(server.url, "/api/pipelines/nobody/predict", flight)
        found = samples(server.url)
    assert of("foreshore_requests_total", found, endpoint="predict", pipeline="eta", status="200") == 2
    assert of("foreshore_requests_total", found, endpoint="predict", pipeline="eta", status="422") == 1
    assert of("foreshore_requests_total", found, endpoint="predict", pipeline="", status="404") == 1
    assert of("foreshore_request_seconds_count", found, endpoint="predict") == 4
    assert of("foreshore_batch_rows_sum", found, pipeline="eta") == 4
    assert of("foreshore_batch_requests_sum", found, pipeline="eta") == 2
    assert of("foreshore_models", found) == of("foreshore_model_loads_total", found) == 1
    assert of("foreshore_model_bytes", found) > 1 << 20


def test_processes_count_together_and_what_the_dead_counted_stays(dist: Path, flight: dict[str, Any]) -> None:
    with server_process(dist, "--workers", "2") as server:
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: post(server.url, PREDICT, flight)[0], range(60)))
        assert statuses == [200] * 60
        before = samples(server.url)
        assert of("foreshore_requests_total", before, endpoint="predict") == 60
        loaded = of("foreshore_models", before)
        children = children_of(server.process)
        for child in children:
            os.kill(child, signal.SIGTERM)
        while any(child in children_of(server.process) for child in children):
            threading.Event().wait(0.05)
        after = samples(server.url)
        assert of("foreshore_requests_total", after, endpoint="predict") == 60
        assert of("foreshore_models", after) == 0 < loaded
        assert server.stop() == 0


def test_nothing_is_left_behind_by_counting_nor_by_a_runtime_that_would_report(dist: Path, tmp_path: Path, flight: dict[str, Any]) -> None:
    with server_process(dist, settings={"TMPDIR": str(tmp_path)}) as server:
        post(server.url, PREDICT, flight)
        assert [file.name for file in tmp_path.glob("foreshore-metrics-*/*.db")]
        assert server.stop() == 0
    assert list(tmp_path.iterdir()) == []
