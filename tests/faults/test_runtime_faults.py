"""Runtimes that crash, don't start or may not: everything asked is answered, and a later opening works."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from foreshore import load_pipeline
from tests.browser.driver import until
from tests.browser.fixtures import NewPage, probe, wait_for_workers_to_end, watch_of
from tests.static_host import StaticHost, Trouble, static_host
from web.server.headers import security_headers

GOOD = {field.name: field.example for field in load_pipeline("eta").contract.fields}
OPTIONS = {"engine": "python"}

OPEN = 'import("/foreshore.js").then(async ({ open }) => { window.predictor = await open("eta", { engine: "python" }); })'
OPEN_GRAPH = OPEN.replace('"python"', '"graph"')
OBSERVE = "() => window.predictor.observe([]).then(() => null, ({ name, kind, message }) => ({ name, kind, message }))"
PREDICT = "record => window.predictor.predict(record).then(() => null, ({ name, kind, message }) => ({ name, kind, message }))"
CRASH = "() => { setTimeout(() => { throw new Error('struck by lightning'); }); }"


@pytest.fixture
def own_site(dist: Path, tmp_path: Path) -> Path:
    """A copy of the site to spoil; it shares its files with the site that other tests use."""
    return Path(shutil.copytree(dist, tmp_path / "dist", copy_function=os.link))


@pytest.fixture
def host(own_site: Path) -> Iterator[StaticHost]:
    with static_host(own_site, headers=security_headers()) as host:
        yield host


def replace_file(site: Path, pattern: str, content: bytes) -> None:
    """Publish another content for one file, its hash and all."""
    channel_file = site / "channels" / "stable.json"
    channel = json.loads(channel_file.read_text())
    manifest = site / channel["manifest"]
    release: dict[str, Any] = json.loads(manifest.read_text())
    (file,) = site.glob(pattern)
    rewrite(file, content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    release["files"][file.relative_to(site).as_posix()] = entry
    text = json.dumps(release).encode()
    rewrite(manifest, text)
    rewrite(channel_file, json.dumps({**channel, "sha256": hashlib.sha256(text).hexdigest()}).encode())


def rewrite(file: Path, content: bytes) -> None:
    file.unlink()  # a link: writing into it would reach the original
    file.write_bytes(content)


@pytest.mark.parametrize("worker", ["python-worker", "ort-worker"])
def test_a_crashed_worker_answers_everything_and_a_later_opening_works(page: Page, worker: str) -> None:
    watch_of(page).forgive("struck by lightning")
    page.goto("/")
    page.evaluate(OPEN)
    assert page.evaluate(PREDICT, GOOD) is None

    next(each for each in page.workers if worker in each.url).evaluate(CRASH)

    error = until(lambda: page.evaluate(PREDICT, GOOD), "the crash to be told")
    assert (error["name"], error["kind"]) == ("ForeshoreError", "internal")
    assert "struck by lightning" in error["message"]
    assert "open the pipeline again" in error["message"]
    wait_for_workers_to_end(page)
    page.evaluate(OPEN)
    assert page.evaluate(PREDICT, GOOD) is None


def test_python_that_cannot_start_is_an_error_not_a_wait(new_page: NewPage, own_site: Path, host: StaticHost) -> None:
    replace_file(own_site, "assets/pyodide-*/pyodide.asm.wasm", b"\0asm\1\0\0\0 and nothing that makes sense")
    page = new_page(origin=host.url)
    watch_of(page).forgive("wasm|CompileError")

    error = probe(page, "tryToOpen", "eta", OPTIONS)["error"]

    assert error["kind"] == "internal"
    assert "Python's WebAssembly broke down" in error["message"]


def test_a_model_that_cannot_be_read_is_told(new_page: NewPage, own_site: Path, host: StaticHost) -> None:
    replace_file(own_site, "assets/eta-fp32-*.onnx", b"no model at all")
    page = new_page(origin=host.url)
    watch_of(page).forgive("onnx|protobuf")

    error = probe(page, "tryToOpen", "eta", {**OPTIONS, "variant": "fp32"})["error"]

    assert error["kind"] == "model"
    assert "the model could not be loaded" in error["message"]


def test_a_policy_that_forbids_webassembly_is_told_with_what_to_add(new_page: NewPage, own_site: Path) -> None:
    strict = [(name, value.replace("'wasm-unsafe-eval'", "")) for name, value in security_headers()]
    with static_host(own_site, headers=strict) as host:
        page = new_page(origin=host.url)
        watch_of(page).forgive("Content Security Policy|wasm-unsafe-eval|WebAssembly")

        error = probe(page, "tryToOpen", "eta", OPTIONS)["error"]

    assert error["kind"] == "unsupported"
    assert "'wasm-unsafe-eval'" in error["message"]


def test_a_worker_script_that_is_missing_is_told(new_page: NewPage, host: StaticHost) -> None:
    host.troubles[r"/python-worker-\w+\.js$"] = "missing"
    page = new_page(origin=host.url)
    watch_of(page).forgive("Failed to load resource")

    error = probe(page, "tryToOpen", "eta", OPTIONS)["error"]

    assert error["kind"] == "network"
    assert "python-worker" in error["message"]
    host.troubles.clear()
    assert probe(page, "tryToOpen", "eta", OPTIONS).get("error") is None


def test_windows_that_cannot_start_leave_the_graph_alone_and_are_tried_again(new_page: NewPage, host: StaticHost) -> None:
    page = new_page(origin=host.url)
    watch_of(page).forgive("Failed to load resource")
    page.goto("/")
    page.evaluate(OPEN_GRAPH)
    host.troubles[r"/python-worker-\w+\.js$"] = "missing"

    error = page.evaluate(OBSERVE)

    assert error["kind"] == "network"
    assert "python-worker" in error["message"]
    assert page.evaluate(PREDICT, GOOD) is None
    host.troubles.clear()
    assert page.evaluate(OBSERVE) is None


def test_windows_that_crash_end_the_predictor_rather_than_forget(page: Page) -> None:
    watch_of(page).forgive("struck by lightning")
    page.goto("/")
    page.evaluate(OPEN_GRAPH)
    assert page.evaluate(OBSERVE) is None

    next(each for each in page.workers if "python-worker" in each.url).evaluate(CRASH)

    error = until(lambda: page.evaluate(PREDICT, GOOD), "the crash to be told")
    assert error["kind"] == "internal"
    assert "struck by lightning" in error["message"]
    assert page.evaluate(OBSERVE)["kind"] == "internal"


@pytest.mark.parametrize(("trouble", "kind"), [("missing", "artefact"), ("tamper", "artefact"), ("drop", "network")])
def test_a_table_that_does_not_come_is_an_error_and_no_gap(new_page: NewPage, host: StaticHost, trouble: Trouble, kind: str) -> None:
    page = new_page(origin=host.url)
    watch_of(page).forgive("Failed to load resource")
    page.goto("/")
    page.evaluate(OPEN_GRAPH)
    host.troubles[r"/eta-history-\w+/origin-destination-\d+\.bin$"] = trouble

    error = page.evaluate(PREDICT, GOOD)

    assert error["kind"] == kind
    assert "origin-destination" in error["message"]
    host.troubles.clear()
    assert page.evaluate(PREDICT, GOOD) is None
