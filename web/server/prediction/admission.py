"""Who may ask, how often, and how many at once: decided before a request's body is read."""

from __future__ import annotations

import hashlib
import hmac
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from web.server.prediction.errors import Busy, Unauthorised

CLIENTS = 10_000
"""How many clients are remembered; of more, those not heard of for longest start anew."""


class Keys:
    """The keys that may ask; none: everybody may.

    Parameters
    ----------
    hashes : sequence of str
        SHA-256 of each key, in hexadecimal. A key is long and drawn at random, so that its plain hash gives nothing away.
    """

    def __init__(self, hashes: Sequence[str]) -> None:
        self._hashes = tuple(bytes.fromhex(each) for each in hashes)

    def check(self, authorization: str | None) -> str | None:
        """Who asks, as a name for its key, or None where nobody needs one; raises Unauthorised."""
        if not self._hashes:
            return None
        scheme, _, key = (authorization or "").partition(" ")
        digest = hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).digest()
        known = [hmac.compare_digest(digest, each) for each in self._hashes]  # all of them: the time taken tells nothing
        if scheme.lower() != "bearer" or not any(known):
            raise Unauthorised("got no key that is known, expected the header Authorization: Bearer KEY")
        return digest.hex()[:16]


class RateLimit:
    """A bucket of tokens a client: it holds a minute's worth, and fills up evenly.

    Parameters
    ----------
    per_minute : int
        0: no limit.
    clock : callable
        Seconds that only rise.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str) -> None:
        """Take one token; raises Busy, with when the next one is there, if there is none."""
        if not self._per_minute:
            return
        now, rate = self._clock(), self._per_minute / 60
        with self._lock:
            tokens, since = self._buckets.pop(client, (float(self._per_minute), now))
            tokens = min(float(self._per_minute), tokens + (now - since) * rate)
            enough = tokens >= 1
            self._buckets[client] = (tokens - 1 if enough else tokens, now)
            while len(self._buckets) > CLIENTS:
                self._buckets.popitem(last=False)
        if not enough:
            raise Busy(f"this client may ask {self._per_minute} times a minute; ask again later", math.ceil((1 - tokens) / rate))


class Places:
    """How many requests may be answered at once, so that some threads are always left for the site itself.

    Parameters
    ----------
    count : int
    wait_s : float
        How long a request may wait for a place.
    """

    def __init__(self, count: int, wait_s: float) -> None:
        self._count, self._wait_s = count, wait_s
        self._free = threading.Semaphore(count)

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place while this lasts; raises Busy if none gets free in time."""
        if not self._free.acquire(timeout=self._wait_s):
            raise Busy(f"{self._count} requests are being answered; ask again in a moment")
        try:
            yield
        finally:
            self._free.release()


def client_of(address: str, forwarded_for: str | None, proxies: int) -> str:
    """Whose request it is: its address, or the one that the outermost of `proxies` trusted proxies saw.

    Examples
    --------
    >>> client_of("10.0.0.1", "6.6.6.6, 192.0.2.7", 1)
    '192.0.2.7'
    """
    hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
    return hops[-min(proxies, len(hops))][:64] if proxies and hops else address
