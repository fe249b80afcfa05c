"""The addresses of predictions. What answers there is imported with the first request: a site that nobody asks starts without it."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from web.server.config import Config
from web.server.headers import REVALIDATED
from web.server.prediction.forms import http_error, is_prediction

if TYPE_CHECKING:
    from web.server.prediction.endpoints import Endpoints

PAGE = Path(__file__).parent / "page"
PAGE_FILES = {"": "text/html", "page.js": "text/javascript", "page.css": "text/css"}
ROUTES = (
    # address, method, what does it, whether it needs no key
    ("/v2", "GET", "server", True),
    ("/v2/health/live", "GET", "live", True),
    ("/v2/health/ready", "GET", "server_ready", True),
    ("/v2/models", "GET", "models", False),
    ("/v2/models/<name>", "GET", "metadata", False),
    ("/v2/models/<name>/ready", "GET", "ready", False),
    ("/v2/models/<name>/infer", "POST", "infer", False),
    ("/v2/models/<name>/versions/<version>", "GET", "metadata", False),
    ("/v2/models/<name>/versions/<version>/ready", "GET", "ready", False),
    ("/v2/models/<name>/versions/<version>/infer", "POST", "infer", False),
    ("/api/openapi.json", "GET", "openapi", True),
    ("/api/pipelines", "GET", "pipelines", False),
    ("/api/pipelines/<name>", "GET", "pipeline", False),
    ("/api/pipelines/<name>/predict", "POST", "predict", False),
    ("/metrics", "GET", "metrics", False),
    ("/api/pipelines/<name>/jobs", "POST", "create_job", False),
    ("/api/pipelines/<name>/precomputed", "GET", "precomputed", False),
    ("/api/pipelines/<name>/lookup", "POST", "lookup", False),
    ("/api/jobs", "GET", "list_jobs", False),
    ("/api/jobs/<job_id>", "GET", "show_job", False),
    ("/api/jobs/<job_id>", "DELETE", "delete_job", False),
    ("/api/jobs/<job_id>/cancel", "POST", "cancel_job", False),
    ("/api/jobs/<job_id>/resume", "POST", "resume_job", False),
    ("/api/jobs/<job_id>/results", "GET", "job_results", False),
    ("/api/jobs/<job_id>/bad-rows", "GET", "job_bad_rows", False),
)
ALLOWED_HEADERS = "Authorization, Content-Type, Inference-Header-Content-Length"
EXPOSED_HEADERS = "Content-Disposition, Inference-Header-Content-Length, Location, Retry-After"


class _Lazy:
    """The endpoints, once they are asked for."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._made: Endpoints | None = None
        self._lock = threading.Lock()

    def answer(self, endpoint: str, act: str, open_to_all: bool, **names: str) -> Response:
        """Answer the current request."""
        if self._made is None:
            with self._lock:
                self._make()
        assert self._made is not None
        return self._made.answer(endpoint, act, open_to_all=open_to_all, **names)

    def _make(self) -> None:
        from web.server.prediction.endpoints import Endpoints

        self._made = self._made or Endpoints(self._config)


def add_predictions(app: Flask, config: Config) -> None:
    """Let an application answer at /v2, /api and /metrics, or say there that it does not."""
    if not config.predictions:
        return
    lazy = _Lazy(config)
    for address, method, act, open_to_all in ROUTES:
        app.add_url_rule(
            address, f"{method} {address}", partial(lazy.answer, act, act, open_to_all), methods=[method], provide_automatic_options=False
        )
        if method == "POST":
            app.add_url_rule(address, f"not {address}", _post_only, methods=["GET"], provide_automatic_options=False)
    app.add_url_rule("/api", "api", _to_page, provide_automatic_options=False)
    for file, media_type in PAGE_FILES.items():
        app.add_url_rule(f"/api/{file}", f"page {file}", partial(_page, file or "index.html", media_type), provide_automatic_options=False)
    if config.cors_origins:
        _allow_origins(app, config.cors_origins)


def _post_only(**_: str) -> Response:
    response = not_here(request.path, 405)
    response.headers["Allow"] = "POST"
    return response


def _to_page() -> Response:
    return Response(status=302, headers={"Location": "api/", "Cache-Control": REVALIDATED})


def _page(file: str, media_type: str) -> Response:
    headers = {"Cache-Control": REVALIDATED, "Content-Type": f"{media_type}; charset=utf-8"}
    return Response((PAGE / file).read_bytes(), headers=headers)


def _allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of other origins ask (Fetch, "CORS protocol"); credentials of the browser's own are never let through."""

    @app.before_request
    def answer_preflight() -> Response | None:
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204) if is_preflight and is_prediction(request.path) else None

    @app.after_request
    def name_origin(response: Response) -> Response:
        origin = request.headers.get("Origin", "")
        if is_prediction(request.path) and (origin in origins or "*" in origins):
            allowed = {"Origin": origin, "Methods": "GET, POST, DELETE", "Headers": ALLOWED_HEADERS, "Max-Age": "600"}
            response.headers.update(
                {f"Access-Control-{'' if name == 'Max-Age' else 'Allow-'}{name}": value for name, value in allowed.items()}
            )
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            response.headers.add("Vary", "Origin")
        return response


def not_here(path: str, status: int) -> Response:
    """The answer at an address of predictions that there is not, or not by this method."""
    messages = {
        404: "there is nothing at this address; /api/openapi.json lists what there is",
        405: "this address is not asked by this method",
    }
    return http_error(path, status, messages.get(status, "this request can't be answered"))
