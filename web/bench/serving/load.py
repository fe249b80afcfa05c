"""A closed-loop load generator that costs little: one process, one thread, bare sockets that are kept open.

Each of its connections sends the same request again as soon as the answer to the last one is there. It asks this machine alone, for a
bounded time. Run as a module it reads a plan as JSON from its standard input and writes what it measured, so that what it costs the
processor is not the server's.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
LONGEST_S = 60.0
MOST_CONNECTIONS = 512
SILENCE_S = 10.0
"""A server that answers nobody for so long is given up."""
RECEIVED_BYTES = 1 << 16


@dataclass(slots=True)
class _Connection:
    """A connection, when its request was sent, and what has come back of the answer."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.sent_at = time.perf_counter()
        self.socket.setblocking(True)
        self.socket.sendall(request)
        self.socket.setblocking(False)

    def take(self) -> int | None:
        """Status of the answer once it is whole, 0 if the server closed the connection instead."""
        part = self.socket.recv(RECEIVED_BYTES)
        self.received += part
        if not part:
            return 0
        end = self.received.find(b"\r\n\r\n")
        if end < 0 or len(self.received) < end + 4 + _length(self.received, end):
            return None
        return int(self.received[9:12])


def _length(received: bytearray, end: int) -> int:
    start = received.lower().find(b"content-length:", 0, end) + len("content-length:")
    return int(received[start : received.find(b"\r", start)])


def request_bytes(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(port: int, request: bytes, connections: int, seconds: float, warm_up_s: float = 0.0) -> dict[str, Any]:
    """Ask in a closed loop.

    Parameters
    ----------
    port : int
        On the loopback interface.
    request : bytes
        As `request_bytes` gives it.
    connections : int
        How many ask at once, 1 to 512.
    seconds, warm_up_s : float
        How long is measured, at most 60, and how long is asked before.

    Returns
    -------
    dict
        `statuses` (how many answers of each status; 0: the connection was closed), `seconds`, and `latencies_ms`, sorted, of answers of
        status 200.

    Raises
    ------
    ValueError
        If there would be more connections or time than allowed.
    TimeoutError
        If the server fell silent.
    """
    if not 0 < connections <= MOST_CONNECTIONS or not 0 < seconds + warm_up_s <= LONGEST_S:
        raise ValueError(f"got {connections} connections for {seconds + warm_up_s} s, expected up to {MOST_CONNECTIONS} for {LONGEST_S} s")
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            _open(selector, port, request)
        _loop(selector, port, request, time.perf_counter() + warm_up_s)
        started = time.perf_counter()
        statuses, latencies = _loop(selector, port, request, started + seconds)
        took = time.perf_counter() - started
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return {"statuses": dict(statuses), "seconds": took, "latencies_ms": sorted(latencies)}


def _open(selector: selectors.BaseSelector, port: int, request: bytes) -> None:
    connection = _Connection(socket.create_connection((HOST, port), timeout=SILENCE_S))
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.send(request)
    selector.register(connection.socket, selectors.EVENT_READ, connection)


def _loop(selector: selectors.BaseSelector, port: int, request: bytes, until: float) -> tuple[Counter[int], list[float]]:
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    while time.perf_counter() < until:
        events = selector.select(SILENCE_S)
        if not events:
            raise TimeoutError(f"the server answered nobody for {SILENCE_S} s")
        for key, _ in events:
            connection: _Connection = key.data
            status = connection.take()
            if status is None:
                continue
            statuses[status] += 1
            if status == 200:
                latencies.append((time.perf_counter() - connection.sent_at) * 1000)
            _go_on(selector, port, request, connection, status)
    return statuses, latencies


def _go_on(selector: selectors.BaseSelector, port: int, request: bytes, connection: _Connection, status: int) -> None:
    if status == 0 or b"connection: close" in connection.received.lower():
        selector.unregister(connection.socket)
        connection.socket.close()
        _open(selector, port, request)
    else:
        connection.send(request)


def main() -> None:
    """Carry out the plan that comes in, and write what was measured."""
    plan = json.load(sys.stdin)
    json.dump(load(plan["port"], bytes.fromhex(plan["request"]), plan["connections"], plan["seconds"], plan["warm_up_s"]), sys.stdout)


if __name__ == "__main__":
    main()
