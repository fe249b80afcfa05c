"""Any models against each other where they will run: in onnxruntime-web, in a headless browser, paired in one run."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, cast
from urllib.parse import quote

from numpy.typing import NDArray
from playwright.sync_api import Browser, Error, sync_playwright

from packing.errors import BuildError
from web.bench.chromium import fresh_chromium
from web.bench.variants.feeds import Rows, VariantError, batch_of, check_inputs, check_rows, compare, decoded, host_answers
from web.bench.variants.report import Measured, Orders, Provider, Report, Run
from web.bundle import ASSETS, ORT_FILES, WEBGPU_ALIAS, Esbuild, copy_hashed
from web.server.testing import running_server

type Tell = Callable[[str], None]

FORMAT = 1
BATCHES = (1, 32, 256, 1024)
MOST_THREADS = 4
"""What a page takes by default where it has so many processors (`web/app/runtime/support.js`)."""
SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parents[2]
EMPTY_PAGE = "<!doctype html><title>Variants</title>\n"
RUN = "async ([module, request]) => (await import(module)).run(request, globalThis.tellStep)"
RUNTIMES = {"wasm": ("ort_wasm", "ort_module"), "webgpu": ("ort_webgpu_wasm", "ort_webgpu_module")}


class NoAdapterError(BuildError):
    """The browser has no WebGPU adapter here, or none that is a GPU where one is asked for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes
    ----------
    rounds : int
        In which each model takes one turn, for each number of threads and batch size.
    loads : int
        Fresh starts of each model, likewise.
    turn_ms : float
        What a turn should last; a model that takes longer runs once.
    warm_up_ms : float
        What each model runs uncounted at least, so that the browser compiles what is hot.
    rest_ms : float
        Before each turn.
    seed : int
        Of the orders.
    """

    rounds: int = 21
    loads: int = 2
    turn_ms: float = 20.0
    warm_up_ms: float = 200.0
    rest_ms: float = 5.0
    seed: int = 2013


DEFAULT_PLAN = Plan()


def default_threads(provider: Provider = "wasm") -> tuple[int, ...]:
    """One, and as many as a page takes by default on this machine; on a GPU one alone."""
    return tuple(sorted({1, min(os.cpu_count() or 1, MOST_THREADS)})) if provider == "wasm" else (1,)


def measure(
    models: Mapping[str, Path],
    feeds: Rows,
    *,
    batches: Sequence[int] = BATCHES,
    threads: Sequence[int] = (),
    provider: Provider = "wasm",
    plan: Plan = DEFAULT_PLAN,
    tell: Tell = lambda _: None,
    browser_options: Sequence[str] = (),
    software: bool = True,
) -> Report:
    """Time, memory and answers of models in onnxruntime-web.

    On each number of threads and at each batch size, in a fresh process of the browser, every model has a worker of its own, and all
    stay open: in each round each takes one turn, in an order drawn anew, and is compared with the first model in that same round.

    Parameters
    ----------
    models : mapping of str to Path
        ONNX files by name, at least one; ratios are to the first.
    feeds : mapping of str to array
        Sample rows for each input, rows first; batches repeat them. `drawn_feeds` draws some.
    batches : sequence of int
        Rows a run.
    threads : sequence of int
        By default `default_threads(provider)`.
    provider : {"wasm", "webgpu"}
        What runs the models.
    plan : Plan
        How much is measured.
    tell : callable
        Told each step before it is taken.
    browser_options : sequence of str
        More for the browser's command line.
    software : bool
        Whether a WebGPU adapter may be a program on the processor, whose times mean nothing.

    Returns
    -------
    Report

    Raises
    ------
    VariantError
        If a model cannot be read, takes other inputs, fails in the browser, brings its page down, or answers in another form than on the
        host; it is named.
    NoAdapterError
        If WebGPU is asked for where there is none.
    BuildError
        If the request makes no sense, or the browser does not start.
    """
    started = monotonic()
    threads = list(threads or default_threads(provider))
    _check(models, feeds, batches, threads)
    with tempfile.TemporaryDirectory() as folder:
        request = _laid_out(Path(folder), models, feeds, provider) | {"plan": asdict(plan), "software": software}
        cells = [{"threads": each, "batch": batch} for each in threads for batch in sorted(batches)]
        told = _asked(Path(folder), [request | cell for cell in cells], tell, browser_options)
    answers = {batch: _host_answers(models, batch_of(feeds, batch)) for batch in batches}
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "duration_s": round(monotonic() - started, 1),
        "provider": provider,
        "baseline": next(iter(models)),
        "plan": asdict(plan),
        "environment": told[0]["environment"],
        "runs": [_run(answer["run"], cell, answers[cell["batch"]]) for cell, answer in zip(cells, told, strict=True)],
    }


def _check(models: Mapping[str, Path], feeds: Rows, batches: Sequence[int], threads: Sequence[int]) -> None:
    if not models or not batches or min(*batches, *threads) < 1:
        raise BuildError(
            f"got {len(models)} models, batches {list(batches)}, threads {list(threads)}; expected a model and a batch size at least, "
            "and numbers from 1 on"
        )
    check_rows(feeds)
    for name, file in models.items():
        check_inputs(name, file, feeds)


def _laid_out(folder: Path, models: Mapping[str, Path], feeds: Rows, provider: Provider) -> dict[str, Any]:
    """A site that measures these models; what its page has to be asked, with URLs relative to the site's root."""
    (folder / "index.html").write_text(EMPTY_PAGE, encoding="utf-8")
    wasm, module = (_copied(ROOT / "node_modules" / "onnxruntime-web" / "dist" / ORT_FILES[key], folder) for key in RUNTIMES[provider])
    return {
        **_bundled(folder, provider),
        "wasm": wasm,
        "module": module,
        "provider": provider,
        "models": [{"name": name, "file": _copied(file, folder)} for name, file in models.items()],
        "rows": [
            {"name": name, "dtype": rows.dtype.name, "dims": rows.shape, "file": _written(rows, folder)} for name, rows in feeds.items()
        ],
    }


def _bundled(folder: Path, provider: Provider) -> dict[str, str]:
    esbuild = Esbuild(ROOT, folder / ASSETS)
    page, worker = SOURCES / "page.js", SOURCES / "variant-worker.js"
    scripts = {"page": esbuild.run([page]).names[page]}
    scripts["worker"] = esbuild.run([worker], *([WEBGPU_ALIAS] if provider == "webgpu" else [])).names[worker]
    return {key: f"/{ASSETS}/{name}" for key, name in scripts.items()}


def _copied(file: Path, folder: Path) -> dict[str, Any]:
    """A file under a name of its own on the site; its URL and how to know it (`Wanted` in `web/shared/release.js`)."""
    name = copy_hashed(file, folder / ASSETS)
    content = (folder / ASSETS / name).read_bytes()
    return {"url": f"/{ASSETS}/{quote(name)}", "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


def _written(rows: NDArray[Any], folder: Path) -> dict[str, Any]:
    """Rows as a file of little-endian numbers."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "rows.bin"
        file.write_bytes(rows.astype(rows.dtype.newbyteorder("<")).tobytes())
        return _copied(file, folder)


def _asked(site: Path, requests: Sequence[Mapping[str, Any]], tell: Tell, browser_options: Sequence[str]) -> list[dict[str, Any]]:
    """What pages answer to requests, each page in a process of its own."""
    with running_server(site) as url, sync_playwright() as playwright, fresh_chromium(playwright, *browser_options) as browser:
        return [_asked_once(browser, url, request, tell) for request in requests]


def _asked_once(browser: Browser, url: str, request: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    threads = "1 thread" if request["threads"] == 1 else f"{request['threads']} threads"
    where = f"a batch of {request['batch']} on {threads} ({request['provider']})"
    last = ["no model yet, opening the page"]

    def tell_step(model: str, doing: str) -> None:
        last[0] = f"{model}, {doing}"
        tell(f"{last[0]}: {where}")

    # Contexts share no process: neither memory nor compiled code passes from one to the next.
    with browser.new_context() as context:
        page = context.new_page()
        page.expose_function("tellStep", tell_step)
        page.goto(f"{url}/")
        try:
            told: dict[str, Any] = page.evaluate(RUN, [request["page"], request])
        except Error as error:
            reason = f"the page went down ({' '.join(error.message.split())})"
            raise VariantError(f"{last[0]}: {reason}, {where}; measure smaller batches, or leave the model out") from error
    return _checked(told, where)


def _checked(told: dict[str, Any], where: str) -> dict[str, Any]:
    if "failure" in told:
        raise VariantError(f"{' '.join(told['failure'].split())}, {where}; export the model anew, or leave it out")
    if "run" not in told and told["environment"]["webgpu"]:
        raise NoAdapterError(
            f"this browser's WebGPU adapter is no GPU ({told['environment']['webgpu']}), and its times say nothing of one; measure on a "
            "machine with a GPU"
        )
    if "run" not in told:
        raise NoAdapterError("this browser has no WebGPU adapter; measure with provider='wasm', or on a machine with a GPU")
    return told


def _host_answers(models: Mapping[str, Path], feeds: Rows) -> dict[str, Rows]:
    return {name: host_answers(name, file, feeds) for name, file in models.items()}


def _run(told: Mapping[str, Any], cell: Mapping[str, int], expected: Mapping[str, Rows]) -> Run:
    """The page's figures, with names for places and answers judged by the host's."""
    names = list(expected)
    return {
        "threads": cell["threads"],
        "batch": cell["batch"],
        "orders": cast(Orders, {key: [[names[place] for place in order] for order in rounds] for key, rounds in told["orders"].items()}),
        "models": [_judged(model, expected[model["name"]]) for model in told["models"]],
    }


def _judged(model: Mapping[str, Any], expected: Rows) -> Measured:
    answers = {name: decoded(tensor) for name, tensor in model["outputs"].items()}
    rest = {key: value for key, value in model.items() if key != "outputs"}
    return cast(Measured, rest | {"agreement": compare(model["name"], answers, expected)})
