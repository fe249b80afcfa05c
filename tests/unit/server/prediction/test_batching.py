"""Joining requests: who runs with whom, and that nobody gets another's answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.server.prediction.batching import Arrivals, Batcher, Outputs, Rules
from web.server.prediction.columns import Columns
from web.server.prediction.errors import Busy, Faulty, Late

LIMIT_S = 30.0


def columns(*values: int, pixels: int | None = None) -> Columns:
    others = {} if pixels is None else {"photo": np.zeros((len(values), pixels), np.uint8)}
    return Columns(np.array([values], np.int32), np.zeros((0, len(values)), np.float32), others)


def doubled(given: Columns) -> Outputs:
    return {"double": given.ints[0] * 2}


class Gate:
    """A model that runs when it is let, and remembers its batches."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Semaphore(0), threading.Semaphore(0)
        self.batches: list[list[int]] = []

    def run(self, given: Columns) -> Outputs:
        self.batches.append(given.ints[0].tolist())
        self.entered.release()
        assert self.open.acquire(timeout=LIMIT_S)
        if 13 in given.ints[0]:
            raise Faulty("the model did not run: 13")
        return doubled(given)


def values(outputs: Outputs) -> list[int]:
    return [int(value) for value in outputs["double"]]


def wait_until_waiting(batcher: Batcher, count: int) -> None:
    give_up = threading.Event()
    for _ in range(3000):
        if len(batcher._waiting) == count:
            return
        give_up.wait(0.01)
    raise AssertionError(f"{len(batcher._waiting)} wait, not {count}")


def join_behind(gate: Gate, batcher: Batcher, pool: ThreadPoolExecutor, *later: Columns) -> list[list[int] | type[Exception]]:
    """What a first request, and those that come while it runs, are answered."""
    futures = [pool.submit(batcher.submit, columns(0))]
    assert gate.entered.acquire(timeout=LIMIT_S)
    for place, each in enumerate(later, start=1):
        futures.append(pool.submit(batcher.submit, each))
        wait_until_waiting(batcher, place)
    gate.open.release(100)
    return [type(error) if (error := future.exception(LIMIT_S)) else values(future.result()) for future in futures]  # type: ignore[misc]


def test_what_comes_while_the_model_runs_runs_together() -> None:
    gate = Gate()
    batcher = Batcher(gate.run, Rules(), Arrivals())
    with ThreadPoolExecutor(4) as pool:
        assert join_behind(gate, batcher, pool, columns(1), columns(2, 3), columns(4)) == [[0], [2], [4, 6], [8]]
    assert gate.batches == [[0], [1, 2, 3, 4]]


def test_a_batch_is_not_joined_beyond_its_rows() -> None:
    gate = Gate()
    batcher = Batcher(gate.run, Rules(rows=3), Arrivals())
    with ThreadPoolExecutor(5) as pool:
        answers = join_behind(gate, batcher, pool, columns(1, 2), columns(3), columns(4), columns(5, 6, 7, 8))
    assert answers == [[0], [2, 4], [6], [8], [10, 12, 14, 16]]
    assert gate.batches == [[0], [1, 2, 3], [4], [5, 6, 7, 8]]


def test_only_rows_of_one_form_stand_side_by_side() -> None:
    gate = Gate()
    batcher = Batcher(gate.run, Rules(), Arrivals())
    with ThreadPoolExecutor(4) as pool:
        join_behind(gate, batcher, pool, columns(1, pixels=4), columns(2, pixels=4), columns(3, pixels=9))
    assert gate.batches == [[0], [1, 2], [3]]


def test_one_that_makes_the_model_fail_fails_alone() -> None:
    gate = Gate()
    batcher = Batcher(gate.run, Rules(), Arrivals())
    with ThreadPoolExecutor(4) as pool:
        assert join_behind(gate, batcher, pool, columns(1), columns(13), columns(2)) == [[0], [2], Faulty, [4]]
    assert gate.batches == [[0], [1, 13, 2], [1], [13], [2]]


def test_too_many_that_wait_are_refused_and_the_others_answered() -> None:
    gate = Gate()
    batcher = Batcher(gate.run, Rules(waiting=2), Arrivals())
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(batcher.submit, columns(0))
        assert gate.entered.acquire(timeout=LIMIT_S)
        others = [pool.submit(batcher.submit, columns(value)) for value in (1, 2)]
        wait_until_waiting(batcher, 2)
        with pytest.raises(Busy, match="2 requests wait for this model already"):
            batcher.submit(columns(3))
        gate.open.release(10)
        assert [values(each.result(LIMIT_S)) for each in (first, *others)] == [[0], [2], [4]]


def test_one_whose_turn_does_not_come_gives_up_and_is_not_run() -> None:
    gate = Gate()
    batcher = Batcher(gate.run, Rules(timeout_s=0.05), Arrivals())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.submit, columns(0))
        assert gate.entered.acquire(timeout=LIMIT_S)
        with pytest.raises(Late, match=r"the model was busy for 0\.05 s"):
            batcher.submit(columns(1))
        gate.open.release(10)
        assert values(first.result(LIMIT_S)) == [0]
        assert values(batcher.submit(columns(2))) == [4]
    assert gate.batches == [[0], [2]]


def test_an_unforeseen_failure_poisons_nothing() -> None:
    fails = [True]

    def run(given: Columns) -> Outputs:
        if fails.pop():
            raise ZeroDivisionError
        return doubled(given)

    fails = [False, True]
    batcher = Batcher(run, Rules(), Arrivals())
    with pytest.raises(ZeroDivisionError):
        batcher.submit(columns(1))
    assert values(batcher.submit(columns(2))) == [4]


def test_a_leader_waits_for_those_on_their_way_but_not_for_nobody() -> None:
    arrivals, batches = Arrivals(), []

    def run(given: Columns) -> Outputs:
        batches.append(given.ints[0].tolist())
        return doubled(given)

    batcher = Batcher(run, Rules(wait_s=LIMIT_S), arrivals)
    assert values(batcher.submit(columns(0))) == [0]  # it did not wait: nobody was on the way
    with ThreadPoolExecutor(1) as pool:
        with arrivals:
            leader = pool.submit(batcher.submit, columns(1))
            wait_until_waiting(batcher, 1)
            follower = threading.Thread(target=batcher.submit, args=(columns(2),))
            follower.start()
            wait_until_waiting(batcher, 2)
        follower.join()
        assert values(leader.result(LIMIT_S)) == [2]
    assert batches == [[0], [1, 2]]


@given(st.lists(st.lists(st.integers(0, 1000), min_size=1, max_size=5), min_size=1, max_size=40), st.integers(1, 8))
def test_everybody_gets_the_own_answer(requests: list[list[int]], threads: int) -> None:
    batcher = Batcher(doubled, Rules(rows=7, waiting=100), Arrivals())
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda request: values(batcher.submit(columns(*request))), requests))
    assert answers == [[2 * value for value in request] for request in requests]
