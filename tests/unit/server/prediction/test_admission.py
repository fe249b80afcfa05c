"""Who may ask, how often, and how many at once."""

from __future__ import annotations

import doctest
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.server.prediction import admission, forms
from web.server.prediction.admission import CLIENTS, Keys, Places, RateLimit, client_of
from web.server.prediction.errors import Busy, Unauthorised

KEYS = ("first-key", "second-key")
HASHES = [hashlib.sha256(key.encode()).hexdigest() for key in KEYS]


def test_each_key_is_taken_and_tells_its_client() -> None:
    keys = Keys(HASHES)
    clients = [keys.check(f"Bearer {key}") for key in KEYS]
    assert len(set(clients)) == 2
    assert None not in clients
    assert not any(key in str(client) for key in KEYS for client in clients)


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", "Bearer third-key", "first-key", "Basic first-key", "Bearer first-key second"]
)
def test_anything_else_is_refused(given: str | None) -> None:
    with pytest.raises(Unauthorised, match="expected the header Authorization: Bearer KEY"):
        Keys(HASHES).check(given)


def test_without_keys_everybody_may_ask() -> None:
    assert Keys(()).check(None) is None
    assert Keys(()).check("Bearer anything") is None


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_evenly() -> None:
    clock = Clock()
    limit = RateLimit(60, clock)
    for _ in range(60):
        limit.take("a")
    with pytest.raises(Busy, match="60 times a minute") as refused:
        limit.take("a")
    assert refused.value.retry_after_s == 1
    limit.take("b")
    clock.now = 2.0
    limit.take("a")
    limit.take("a")
    with pytest.raises(Busy):
        limit.take("a")


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200), st.integers(1, 100))
def test_nobody_gets_more_than_a_bucket_and_its_refill(pauses: list[float], per_minute: int) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    waits: list[int | None] = []
    for pause in pauses:
        clock.now += pause
        waits.append(wait_of(limit))
    taken = waits.count(None)
    assert min(len(pauses), per_minute) <= taken <= per_minute + clock.now * per_minute / 60 + 1e-6
    assert all(wait >= 1 for wait in waits if wait is not None)


def wait_of(limit: RateLimit) -> int | None:
    """None where a token was taken, else when the next one is there."""
    try:
        limit.take("a")
    except Busy as refused:
        return refused.retry_after_s
    return None


def test_clients_without_number_do_not_fill_the_memory() -> None:
    limit = RateLimit(1, Clock())
    for client in range(CLIENTS + 100):
        limit.take(str(client))
    assert len(limit._buckets) == CLIENTS


def test_places_are_as_many_as_said_and_given_back() -> None:
    places = Places(2, 0.01)
    with places.one():
        with places.one(), pytest.raises(Busy, match="2 requests are being answered"), places.one():
            pass
        with places.one():
            pass


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        (None, 1, "10.0.0.1"),
        ("6.6.6.6", 0, "10.0.0.1"),
        ("192.0.2.7", 1, "192.0.2.7"),
        ("6.6.6.6, 192.0.2.7", 1, "192.0.2.7"),
        ("6.6.6.6, 192.0.2.7, 10.0.0.9", 2, "192.0.2.7"),
        ("192.0.2.7", 3, "192.0.2.7"),
        (", ,", 1, "10.0.0.1"),
        ("x" * 1000, 1, "x" * 64),
    ],
)
def test_a_client_is_what_the_trusted_proxies_saw(forwarded: str | None, proxies: int, client: str) -> None:
    assert client_of("10.0.0.1", forwarded, proxies) == client


@pytest.mark.parametrize("module", [admission, forms])
def test_examples_hold(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert (failed, tried > 0) == (0, True)
