"""The endpoints: who may ask is asked first, then the body is read, then the pipeline; each refusal is told in its protocol's form."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request

from web.server.config import Config
from web.server.errors import DistError
from web.server.health import current_release
from web.server.prediction.admission import Keys, Places, RateLimit, client_of
from web.server.prediction.bodies import Patience, discard_body, read_body
from web.server.prediction.errors import Busy, Refusal, Slow, Unavailable, Unknown
from web.server.prediction.forms import answered, refused, response_of
from web.server.prediction.openapi import describe
from web.server.prediction.protocol import Answer
from web.server.prediction.service import Service
from web.server.requestlog import LOGGER, printable_path
from web.server.waiting import waited_s

if TYPE_CHECKING:
    from web.server.jobs.endpoints import JobEndpoints

PLACE_WAIT_S = 0.1
"""How long a request waits for a place among those being answered."""
OWNER = "foreshore.owner"
"""Where a request's environment has the name of the key that it came with, or None."""
EXTENSIONS = ("binary_tensor_data",)

type Act = Callable[[], Response]


class Endpoints:
    """What answers at /v2, /api and /metrics.

    Parameters
    ----------
    config : Config
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.service = Service(config)
        self._keys, self._rate = Keys(config.api_keys), RateLimit(config.requests_per_minute)
        self.places, self.patience = Places(config.max_in_flight, PLACE_WAIT_S), Patience(config.max_upload_s)
        self._jobs: JobEndpoints | None = None
        self._lock = threading.Lock()

    def answer(self, endpoint: str, act: str, *, open_to_all: bool = False, **names: str) -> Response:
        """Answer the current request.

        Parameters
        ----------
        endpoint : str
            For metrics.
        act : str
            The method that does it, of this object or of the one that knows jobs.
        open_to_all : bool
            Whether no key is needed.
        names : str
            Of the path: `name` and `version`, or `job_id`.
        """
        started = time.perf_counter()
        try:
            if not open_to_all:
                self._admit()
            response: Response = getattr(self if hasattr(self, act) else self._job_endpoints(), act)(**names)
        except Refusal as refusal:
            response = _refusal(refusal)
            if not isinstance(refusal, Slow):
                discard_body(request.environ, self._config.max_predict_bytes, self.patience)
        except Exception as error:
            LOGGER.error("unexpected error at path=%s", printable_path(request.path), exc_info=error)
            response = _refusal(Refusal("something went wrong on the server; it has been logged"))
        self._count(endpoint, names.get("name", ""), response.status_code, time.perf_counter() - started)
        return response

    def _count(self, endpoint: str, name: str, status: int, seconds: float) -> None:
        known = name if name in self.service.catalogue.current().pipelines else ""
        self.service.metrics.request(endpoint, known, status, seconds)

    def _admit(self) -> None:
        key = self._keys.check(request.environ.get("HTTP_AUTHORIZATION"))
        address = request.environ.get("REMOTE_ADDR", "")
        request.environ[OWNER] = key
        self._rate.take(key or client_of(address, request.environ.get("HTTP_X_FORWARDED_FOR"), self._config.trusted_proxies))

    def _body(self) -> bytes:
        return read_body(request.environ, self._config.max_predict_bytes, self.patience)

    def _job_endpoints(self) -> JobEndpoints:
        """What answers for jobs, once it is asked; raises Unknown where they are not offered."""
        if self._config.data is None:
            raise Unknown("jobs are not offered here; FORESHORE_DATA, a folder for them, offers them")
        with self._lock:
            if self._jobs is None:
                from web.server.jobs.endpoints import JobEndpoints  # and the database with it: few servers need them

                self._jobs = JobEndpoints(self._config, self)
            return self._jobs

    def hurry(self) -> None:
        """Refuse what waited too long for a thread: who asked may have given up, and others wait behind it."""
        if waited_s() * 1000 > self._config.max_wait_ms:
            raise Busy(f"the server has more to do than it can; this request waited over {self._config.max_wait_ms} ms for its turn")

    # ---- the Open Inference Protocol

    def live(self) -> Response:
        """Whether the server runs."""
        return answered({"live": True})

    def server_ready(self) -> Response:
        """Whether there is a whole release to serve."""
        try:
            return answered({"ready": True, "release": current_release(self._config.dist.absolute(), self._config.channel)})
        except DistError as error:
            raise Unavailable(str(error)) from error

    def server(self) -> Response:
        """The server's metadata."""
        release = self.service.catalogue.current()
        return answered({"name": "foreshore", "version": release.id or "", "extensions": list(EXTENSIONS)})

    def models(self) -> Response:
        """The models that there are."""
        return answered({"models": list(self.service.catalogue.current().pipelines)})

    def metadata(self, name: str, version: str | None = None) -> Response:
        """A model's metadata."""
        return answered(self.service.ready(name, version).metadata())

    def ready(self, name: str, version: str | None = None) -> Response:
        """Whether a model can be asked; it is loaded by this."""
        self.service.ready(name, version)
        return answered({"name": name, "ready": True})

    def infer(self, name: str, version: str | None = None) -> Response:
        """Outputs of a model."""
        self.hurry()
        with self.places.one():
            body = self._body()
            made: Answer = self.service.ready(name, version).infer(body, request.environ.get("HTTP_INFERENCE_HEADER_CONTENT_LENGTH"))
        return response_of(200, made.body, made.content_type, made.headers)

    # ---- records

    def pipelines(self) -> Response:
        """The pipelines that there are."""
        release = self.service.catalogue.current()
        listed = [
            {"name": name, "title": each.entry["contract"]["title"], "variants": list(each.variants)}
            for name, each in release.pipelines.items()
        ]
        return answered({"release": release.id, "pipelines": listed})

    def pipeline(self, name: str) -> Response:
        """A pipeline's contract."""
        released = self.service.catalogue.current().pipeline(name)
        about = {"release": released.release, "variants": list(released.variants), "default_variant": released.variant(None).name}
        return answered({"contract": released.entry["contract"], **about})

    def predict(self, name: str) -> Response:
        """Answers to records."""
        self.hurry()
        with self.places.one():
            body = self._body()
            answers = self.service.ready(name).predict(body, request.args.get("variant"))
        return answered(answers)

    def openapi(self) -> Response:
        """The description of all this."""
        return answered(describe(self.service.catalogue.current(), self._config))

    # ---- operation

    def metrics(self) -> Response:
        """The counters, for Prometheus."""
        if not self._config.metrics:
            raise Unknown("metrics are not offered here")
        return response_of(200, self.service.metrics.text(), self.service.metrics.content_type, {})


def _refusal(refusal: Refusal) -> Response:
    response = refused(request.path, refusal.status, refusal.to_json())
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
