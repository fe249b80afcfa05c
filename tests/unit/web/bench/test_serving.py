"""The load generator and its figures: nothing that is answered goes uncounted, and nothing is counted that was not answered."""

from __future__ import annotations

import doctest
import json
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshore import load_pipeline
from packing.errors import BuildError
from web.bench.serving import measure
from web.bench.serving.load import load, request_bytes
from web.bench.serving.measure import CONCURRENCY, loaded, percentile, summary
from web.bench.serving.run import tables
from web.server.testing import server_process

REQUEST = request_bytes("/x", b"question")


class Script(socketserver.StreamRequestHandler):
    """Answers the requests of a connection as the server's script says."""

    def handle(self) -> None:
        server: Any = self.server
        while self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            assert self.rfile.read(len(b"question")) == b"question"
            with server.lock:
                server.asked += 1
                status = server.script[server.asked % len(server.script)]
                server.told[status] += 1
            if status == 0:
                return
            closing = b"Connection: close\r\n" if status == 503 else b""
            # In two parts, as real servers may: an answer is not over when its first part is there.
            self.wfile.write(b"HTTP/1.1 %d X\r\nContent-Length: 6\r\n%s\r\nans" % (status, closing))
            self.wfile.flush()
            self.wfile.write(b"wer")
            if status == 503:
                return


@contextmanager
def scripted(*script: int) -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Script) as server:
        server.daemon_threads = True
        state: Any = server
        state.lock, state.asked, state.script, state.told = threading.Lock(), 0, script, Counter()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_every_answer_is_counted_by_its_status_and_only_good_ones_are_timed() -> None:
    connections = 3
    with scripted(200, 200, 429, 503, 0) as server:
        measured = load(server.server_address[1], REQUEST, connections, 0.5)
        told = Counter(server.told)
    statuses = measured["statuses"]
    assert set(statuses) == {200, 429, 503, 0}
    assert all(0 <= told[status] - count <= connections for status, count in statuses.items())  # the last ones came too late
    assert len(measured["latencies_ms"]) == statuses[200]
    assert measured["latencies_ms"] == sorted(measured["latencies_ms"])
    assert measured["latencies_ms"][0] > 0


@pytest.mark.parametrize(("connections", "seconds"), [(0, 1.0), (513, 1.0), (1, 0.0), (1, 61.0)])
def test_load_is_bounded(connections: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="expected up to 512 for"):
        load(1, REQUEST, connections, seconds)


@given(st.lists(st.floats(0, 1e6), min_size=1).map(sorted), st.integers(1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], share: int) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= share * len(values)
    assert sum(value < found for value in values) * 100 < share * len(values)


def test_rates_are_those_of_good_answers() -> None:
    told = summary({"statuses": {"200": 300, "429": 100}, "seconds": 2.0, "latencies_ms": [1.0, 2.0, 3.0]}, 4, 0.5, 2.5)
    assert told["requests_per_s"] == 150
    assert told["server_cpu_us"] == pytest.approx(1000)  # half a second for 200 answers a second over 2.5 s
    assert (told["p50_ms"], told["p99_ms"]) == (2.0, 3.0)


def test_a_failing_server_fails_the_benchmark() -> None:
    with pytest.raises(BuildError, match="got answers of status 500 under load"):
        measure._check([{"statuses": {"200": 1, "429": 1}}, {"statuses": {"500": 1, "200": 5}}])


def test_a_real_server_is_measured_with_every_kind_of_request(dist: Path) -> None:
    question = measure.Question(load_pipeline("eta"))
    with server_process(dist) as server:
        loads = [{"kind": kind, **loaded(server, request, 2, 0.2)} for kind, request in question.requests().items()]
    assert all(set(each["statuses"]) == {"200"} for each in loads)
    assert all(each["requests_per_s"] > 0 < each["server_cpu_us"] for each in loads)
    bare = measure.bare(measure.released_graph(dist, "eta"), question, 0.05)
    joining = [{**loads[0], "batch_rows": 1, "requests_per_run": 1.0}]
    report = {"pipeline": "eta", "workers": 1, "bare": bare, "http": loads, "joining": joining, "overload": loads[0]}
    assert [table.row_count for table in tables(json.loads(json.dumps(report)))] == [4, 3, 1, 1]
    assert max(CONCURRENCY) <= 512


def test_examples_hold() -> None:
    failed, tried = doctest.testmod(measure)
    assert (failed, tried > 0) == (0, True)
