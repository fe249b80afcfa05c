"""The runner of jobs as a process beside the server: started with it, started again where it ends, stopped with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from web.server.config import Config
from web.server.requestlog import LOGGER

MODULE = "web.server.jobs.runner"
PARENT = "FORESHORE_RUNNER_PARENT"
"""Variable that holds the process whose end a runner does not outlive."""
LOOK_EVERY_S = 1.0
SHORTEST_REST_S, LONGEST_REST_S = 1.0, 60.0
"""How long a runner that ended is not started again: longer each time, until one has run for as long."""
STOP_S = 30.0
"""How long a runner may take to stop; what it is at is taken up again by the next one."""


class Companion:
    """A runner's process.

    Parameters
    ----------
    config : Config
        With a folder of data.
    command : list of str
        What is run.
    clock : callable
        Seconds that only rise.
    """

    def __init__(self, config: Config, command: list[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._command = command or [sys.executable, "-m", MODULE]
        self._settings = {"FORESHORE_DIST": str(config.dist.absolute()), "FORESHORE_LOG_LEVEL": config.log_level}
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at, self._rest_s, self._not_before = 0.0, SHORTEST_REST_S, 0.0
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def ensure(self) -> None:
        """Start it unless it runs, or has only just ended."""
        if self._stopping or self.pid is not None:
            return
        if self._process is not None:
            self._note_end()
        elif self._clock() >= self._not_before:
            self._start()

    def _start(self) -> None:
        environment = os.environ | self._settings | {PARENT: str(os.getpid())}
        self._process, self._started_at = subprocess.Popen(self._command, env=environment), self._clock()

    def _note_end(self) -> None:
        now = self._clock()
        lasted = now - self._started_at
        rest_s = SHORTEST_REST_S if lasted >= LONGEST_REST_S else self._rest_s
        self._process, self._not_before, self._rest_s = None, now + rest_s, min(LONGEST_REST_S, 2 * rest_s)
        LOGGER.warning("the runner of jobs ended after %.0f s; it is started again in %.0f s", lasted, rest_s)

    def ask_to_stop(self) -> None:
        """Let it stop after what it is at; it is not started again."""
        self._stopping = True
        if self.pid is not None and self._process is not None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait until it has stopped; one that takes too long is killed, and loses nothing by it."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def accompanied(companion: Companion | None) -> Iterator[None]:
    """See to a companion by a thread of its own while this lasts, for servers without a loop that could."""
    if companion is None:
        yield
        return
    stopped = threading.Event()

    def watch() -> None:
        companion.ensure()
        while not stopped.wait(LOOK_EVERY_S):
            companion.ensure()

    watcher = threading.Thread(target=watch, name="companion")
    watcher.start()
    try:
        yield
    finally:
        stopped.set()
        watcher.join()
        companion.ask_to_stop()
        companion.wait()
