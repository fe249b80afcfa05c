"""Micro-batching: requests of one model that are there at the same time run as one batch.

There is no thread of its own. The request that finds its model idle leads: it takes all that wait, its own first, and runs them. What
arrives meanwhile waits, and when the run is done the first of those leads the next one. So a lone request is run at once, on its own
thread, and the more wait, the larger the batches. Before it runs, a leader waits a little for requests that are being read at that moment.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from web.server.prediction.columns import Columns
from web.server.prediction.errors import Busy, Late, Refusal

type Outputs = dict[str, NDArray[Any]]

PAUSE_S = 0.0002
"""How often a leader looks whether those on their way have arrived."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a model's requests are joined.

    Attributes
    ----------
    rows : int
        A batch is not joined beyond so many; a request that alone has more runs alone.
    wait_s : float
        The longest that a leader waits for requests that are on their way.
    waiting : int
        How many requests may wait for a model that is busy.
    timeout_s : float
        How long a request may wait.
    """

    rows: int = 256
    wait_s: float = 0.002
    waiting: int = 8
    timeout_s: float = 10.0


class _Job:
    """One request's rows, and what became of them."""

    __slots__ = ("columns", "failure", "leads", "outputs", "turn")

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.outputs: Outputs | None = None
        self.failure: Refusal | None = None
        self.leads = False
        self.turn = threading.Lock()
        self.turn.acquire()

    @property
    def is_done(self) -> bool:
        return self.outputs is not None or self.failure is not None

    def result(self) -> Outputs:
        if self.failure is not None:
            raise self.failure
        assert self.outputs is not None
        return self.outputs


class Arrivals:
    """How many requests for a pipeline's models are being read now, and so on their way to one of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.count -= 1


class Batcher:
    """The requests of one model.

    Parameters
    ----------
    run : callable
        From the columns of N rows to outputs of N rows each; raises Refusal.
    rules : Rules
    arrivals : Arrivals
        Of its pipeline: while there are some, a leader may wait for them.
    watch : callable
        Told of each batch: how many requests and rows it joined.
    """

    def __init__(
        self, run: Callable[[Columns], Outputs], rules: Rules, arrivals: Arrivals, watch: Callable[[int, int], None] = lambda *_: None
    ) -> None:
        self._run, self._rules, self._arrivals, self._watch = run, rules, arrivals, watch
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._is_busy = False

    def submit(self, columns: Columns) -> Outputs:
        """Outputs of N rows, run with whatever else is there.

        Raises
        ------
        Busy
            If too many wait already.
        Late
            If its turn did not come in time.
        Refusal
            That of the run.
        """
        job = _Job(columns)
        with self._lock:
            if self._is_busy and len(self._waiting) >= self._rules.waiting:
                raise Busy(f"{len(self._waiting)} requests wait for this model already; ask again in a moment")
            job.leads, self._is_busy = not self._is_busy, True
            self._waiting.append(job)
        if not job.leads:
            self._await(job)
        if job.leads:
            self._lead()
        return job.result()

    def _await(self, job: _Job) -> None:
        if job.turn.acquire(timeout=self._rules.timeout_s):
            return
        with self._lock:
            if job.leads or job.is_done:
                return  # its turn came in this very moment
            if job in self._waiting:
                self._waiting.remove(job)
        raise Late(f"the model was busy for {self._rules.timeout_s:g} s; ask again, or for fewer rows")

    def _lead(self) -> None:
        self._gather()
        with self._lock:
            batch = self._take()
        try:
            self._answer(batch)
        finally:
            with self._lock:
                self._pass_on()

    def _gather(self) -> None:
        """Let those arrive that are on their way, for as long as the rules say."""
        if not self._arrivals.count or not self._rules.wait_s:
            return
        give_up_at = time.monotonic() + self._rules.wait_s
        while self._arrivals.count and len(self._waiting) < self._rules.waiting and time.monotonic() < give_up_at:
            time.sleep(PAUSE_S)

    def _take(self) -> list[_Job]:
        """The first that waits, and those after it that may stand beside it."""
        batch = [self._waiting.popleft()]
        rows, form = batch[0].columns.rows, batch[0].columns.form
        while self._waiting and self._waiting[0].columns.form == form and rows + self._waiting[0].columns.rows <= self._rules.rows:
            batch.append(self._waiting.popleft())
            rows += batch[-1].columns.rows
        return batch

    def _answer(self, batch: Sequence[_Job]) -> None:
        try:
            self._share(batch, self._run(Columns.join([job.columns for job in batch])))
        except Refusal as refusal:
            self._answer_alone(batch, refusal)
        finally:
            for job in batch:
                if not job.is_done:  # the run failed in a way that nobody foresaw; its own thread says which
                    job.failure = Refusal("the model did not run")
                job.turn.release()

    def _answer_alone(self, batch: Sequence[_Job], refusal: Refusal) -> None:
        """Run each request by itself, so that one that makes the model fail is alone in failing."""
        if len(batch) == 1:
            batch[0].failure = refusal
            return
        for job in batch:
            try:
                self._share([job], self._run(job.columns))
            except Refusal as own:
                job.failure = own

    def _share(self, batch: Sequence[_Job], outputs: Outputs) -> None:
        first = 0
        for job in batch:
            last = first + job.columns.rows
            job.outputs = {name: tensor[first:last] for name, tensor in outputs.items()} if len(batch) > 1 else outputs
            first = last
        self._watch(len(batch), first)

    def _pass_on(self) -> None:
        if not self._waiting:
            self._is_busy = False
            return
        following = self._waiting[0]
        following.leads = True
        following.turn.release()
