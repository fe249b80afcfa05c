"""The Flask application.

For real use, `web.server.serve` runs it under Gunicorn. Under a Gunicorn of your own::

    gunicorn --worker-class gthread --threads 16 'web.server.app:create_app()'

it takes its settings from the environment:

========================== ==================================================== =========
FORESHORE_DIST             folder that the build wrote                          dist
FORESHORE_ISOLATION        1, or 0 to leave out COOP and COEP                   1
FORESHORE_CHANNEL          channel whose release /healthz checks                stable
FORESHORE_LOG_LEVEL        debug, info (one line a request), warning, error     info
FORESHORE_MAX_BODY_BYTES   requests that announce more are refused              1048576
========================== ==================================================== =========

and those of predictions, which `web.server.config` lists.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from web.server.config import Config
from web.server.errors import DistError
from web.server.headers import UNCACHED, Header, security_headers
from web.server.health import REBUILD, current_release
from web.server.offers import Offers
from web.server.pages import error_response
from web.server.prediction.forms import is_prediction
from web.server.prediction.routes import add_predictions, not_here
from web.server.requestlog import LOGGER, RequestLog, printable_path, write_to_stderr
from web.server.static_files import StaleFileError
from web.server.static_site import FAILURE, Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READ_METHODS = ["GET", "HEAD"]


def create_app(config: Config | None = None) -> Flask:
    """Application that serves the built site.

    Parameters
    ----------
    config
        By default taken from the environment, see above.

    Raises
    ------
    ConfigError
        If a variable of the environment makes no sense.
    """
    settings = config or Config.from_environment(os.environ)
    write_to_stderr(settings.log_level)
    app = _App("foreshore", static_folder=None)
    dist = settings.dist.absolute()
    _add_routes(app, settings, dist)
    add_predictions(app, settings)
    _add_error_handlers(app, settings.predictions)
    site = Site(app.wsgi_app, dist, is_prediction if settings.predictions else lambda _: False)
    app.wsgi_app = RequestLog(_SecurityHeaders(Offers(site, settings), settings.isolation))  # type: ignore[method-assign]
    return app


class _App(Flask):
    """Flask without asking, at each request, whether what answers it is a coroutine: nothing here is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class _SecurityHeaders:
    """WSGI application that adds the security headers to whatever `application` answers."""

    def __init__(self, application: WSGIApplication, isolation: bool) -> None:
        self._application = application
        self._isolation = isolation

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def starting(
            status: str,
            headers: list[Header],
            exc_info: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
        ) -> Any:
            full = [*headers, *security_headers(environ["PATH_INFO"], isolation=self._isolation)]
            return start_response(status, full, exc_info) if exc_info else start_response(status, full)

        return self._application(environ, starting)


def _add_routes(app: Flask, config: Config, dist: Path) -> None:
    started = time.monotonic()

    @app.before_request
    def refuse_what_cannot_be_served() -> None:
        if FAILURE in request.environ:
            raise request.environ[FAILURE]
        if (request.content_length or 0) > config.max_body_bytes and not (config.predictions and is_prediction(request.path)):
            abort(413)

    @app.route("/healthz", methods=READ_METHODS, provide_automatic_options=False)
    def health() -> Response:
        return _health(dist, config.channel, time.monotonic() - started)

    @app.route("/", defaults={"_path": ""}, methods=READ_METHODS, provide_automatic_options=False)
    @app.route("/<path:_path>", methods=READ_METHODS, provide_automatic_options=False)
    def nothing_here(_path: str) -> Response:
        if config.predictions and is_prediction(request.path):
            return not_here(request.path, 404)
        if not dist.is_dir():
            return error_response(503, f"The site has not been built yet: {REBUILD}.")
        return error_response(404)


def _health(dist: Path, channel: str, uptime_s: float) -> Response:
    report: dict[str, object] = {"status": "ok", "release": None, "uptime_s": round(uptime_s, 3)}
    try:
        report["release"] = current_release(dist, channel)
    except DistError as error:
        report |= {"status": "unavailable", "reason": str(error)}
    response = jsonify(report)
    response.status_code = 200 if report["status"] == "ok" else 503
    response.headers["Cache-Control"] = UNCACHED
    return response


def _said(_: str, status: int) -> Response:
    return error_response(status)


def _add_error_handlers(app: Flask, predicts: bool) -> None:
    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        response = (not_here if predicts and is_prediction(request.path) else _said)(request.path, error.code or 500)
        response.headers.extend(header for header in error.get_headers() if header[0] in ("Allow", "Retry-After"))
        return response

    @app.errorhandler(StaleFileError)
    def being_replaced(_: StaleFileError) -> Response:
        response = error_response(503)
        response.headers["Retry-After"] = "1"
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        LOGGER.error("unexpected error at path=%s", printable_path(request.path), exc_info=error)
        return error_response(500)
