"""What the server does for pages beside serving files, said with the channel, which every page asks for anyway.

So a page knows without trying addresses, and a static host, which says nothing, is asked nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from web.server.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "Foreshore-Offers"
CHANNELS = "/channels/"


def offers(config: Config) -> tuple[str, ...]:
    """What pages may ask of a server with these settings: nothing where it wants a key, which no page can keep.

    Examples
    --------
    >>> from pathlib import Path
    >>> offers(Config()), offers(Config(data=Path("data"))), offers(Config(api_keys=("0" * 64,)))
    (('predict',), ('predict', 'lookup'), ())
    """
    if not config.predictions or config.api_keys:
        return ()
    return ("predict", "lookup") if config.takes_jobs else ("predict",)


class Offers:
    """WSGI application that adds what is offered to what `application` answers under `/channels/`."""

    def __init__(self, application: WSGIApplication, config: Config) -> None:
        self._application = application
        self._added = [(HEADER, ", ".join(offers(config)))] if offers(config) else []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if not self._added or not environ["PATH_INFO"].startswith(CHANNELS):
            return self._application(environ, start_response)

        def starting(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *self._added], *exc_info)

        return self._application(environ, starting)
