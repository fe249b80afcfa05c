"""Serves the built site, and keeps serving it while a rebuild replaces the folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.util import FileWrapper

from whitenoise.responders import Response
from whitenoise.string_utils import decode_path_info

from web.server.static_files import DistIndex, StaleFileError, folder_stamp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FAILURE = "foreshore.failure"
# A swap by two renames leaves an instant without the folder, and a request may outlast several swaps.
SWAP_WAIT_S = 2.0
SWAP_PAUSE_S = 0.01
# An unknown path may be a file added since: look again, but never more often than this, however many are unknown.
RELIST_AFTER_S = 1.0


class Site:
    """WSGI application that answers GET and HEAD from the folder `dist` and leaves the rest to `application`.

    The folder is listed once. Each answer checks, on the file that it has opened, that the listing still holds, and
    lists anew if not: no request looks at more than its own file, and a swapped folder is seen by the next request.
    A file that can't be read is left to `application` too, with the exception under `FAILURE` in its environment.

    Parameters
    ----------
    application : WSGI application
    dist : Path
    is_other : callable
        From a path to whether it is the application's own, so that no file is looked for.
    """

    def __init__(self, application: WSGIApplication, dist: Path, is_other: Callable[[str], bool] = lambda _: False) -> None:
        self._application, self._is_other = application, is_other
        self._dist = dist.absolute()
        self._lock = threading.Lock()
        self._listed_at = time.monotonic()
        self._index = self._list(0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        response = self._respond(environ) if environ["REQUEST_METHOD"] in ("GET", "HEAD") else None
        if response is None:
            return self._application(environ, start_response)
        start_response(f"{response.status} {response.status.phrase}", list(response.headers))
        if response.file is None:
            return []
        wrapper: type[FileWrapper] = environ.get("wsgi.file_wrapper", FileWrapper)
        return wrapper(response.file)

    def _respond(self, environ: WSGIEnvironment) -> Response | None:
        path = decode_path_info(environ.get("PATH_INFO", ""))
        if self._is_other(path):
            return None
        try:
            return self._answer(path, environ)
        except (OSError, StaleFileError) as error:
            environ[FAILURE] = error
            return None

    def _answer(self, path: str, environ: WSGIEnvironment) -> Response | None:
        give_up_at = time.monotonic() + SWAP_WAIT_S
        while True:
            index = self._index
            found = index.files.get(path) or self._after_a_miss(index).files.get(path)
            if found is None:
                return None
            try:
                return found.get_response(environ["REQUEST_METHOD"], environ)
            except (StaleFileError, FileNotFoundError, NotADirectoryError) as error:
                if time.monotonic() >= give_up_at:
                    raise StaleFileError(path) from error
                self._relist(index)

    def _after_a_miss(self, index: DistIndex) -> DistIndex:
        """Listing that knows of a folder swapped since, or of files added to it more than a moment ago."""
        if time.monotonic() - self._listed_at >= RELIST_AFTER_S or folder_stamp(self._dist) != index.folder:
            self._relist(index)
        return self._index

    def _relist(self, seen: DistIndex) -> None:
        """List the folder again, unless another thread has done so since `seen`."""
        with self._lock:
            if self._index is seen:
                self._index = self._list(SWAP_WAIT_S if seen.files else 0)
                self._listed_at = time.monotonic()

    def _list(self, wait_s: float) -> DistIndex:
        """Listing of the folder, which may take `wait_s` to appear; empty if it doesn't."""
        give_up_at = time.monotonic() + wait_s
        while True:
            index = self._list_once()
            if index.files or time.monotonic() >= give_up_at:
                return index
            time.sleep(SWAP_PAUSE_S)

    def _list_once(self) -> DistIndex:
        try:
            return DistIndex(self._dist)
        except (OSError, StaleFileError):  # the folder was replaced while it was read
            return DistIndex()
