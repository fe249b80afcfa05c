"""`build.py new` from beginning to end: created, built, verified, held to its contract, and tried from the gallery with nothing edited."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from foreshore import pipeline_names
from tests.browser.fixtures import NewPage, watch_of
from tests.browser.presentable import check_presentable
from tests.root import ROOT
from web.server.testing import running_server

pytestmark = pytest.mark.slow
NAME = "wind_chill"
LINKED = (".venv", "node_modules", ".cache/fetch")
LEFT_OUT = {".git", ".venv", "node_modules", ".cache", "dist", "build", *pipeline_names(ROOT / "models")}
OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "PIP_NO_INDEX": "1", "NPM_CONFIG_OFFLINE": "true"}
WIDE = {"COLUMNS": "160"}


def entry(root: Path, *words: str) -> str:
    """What a command of a checkout's entry says; it has to end well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FORESHORE_"))}
    command = [sys.executable, str(root / "build.py"), *words]
    done = subprocess.run(command, cwd=root, env=environment | OFFLINE | WIDE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout whose only pipeline was just created: the others are built and verified by tests of their own."""
    root = tmp_path_factory.mktemp("checkout") / "foreshore"
    shutil.copytree(ROOT, root, ignore=lambda folder, names: LEFT_OUT.intersection(names) if _is_left_out(Path(folder)) else set())
    shutil.copytree(ROOT / ".cache" / "brotli", root / ".cache" / "brotli", copy_function=os.link)
    for name in LINKED:
        (root / name).symlink_to(ROOT / name)
    entry(root, "new", NAME)
    entry(root, "build")
    return root


def _is_left_out(folder: Path) -> bool:
    """Whether names of this folder may be left out."""
    return folder in (ROOT, ROOT / "models")


@pytest.fixture(scope="module")
def new_site(checkout: Path) -> Iterator[str]:
    """Address of its site."""
    with running_server(checkout / "dist") as url:
        yield url


def test_the_new_pipeline_is_verified(checkout: Path) -> None:
    shown = entry(checkout, "verify")
    for execution in ("features in Pyodide", "joined graph, ONNX Runtime Web"):
        assert execution in shown


def test_the_new_pipeline_passes_the_contract_tests(checkout: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract", "--ignore-glob=*/test_gate*", "-k", NAME]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FORESHORE_", "PYTEST_"))}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_new_pipeline_is_tried_from_the_gallery(new_page: NewPage, new_site: str) -> None:
    page = new_page(origin=new_site)
    page.goto("/")
    page.get_by_test_id("pipeline").and_(page.locator(f"[data-name={NAME}]")).get_by_role("link", name="Try it: Wind chill").click()
    expect(page).to_have_title("Wind chill · Foreshore")
    warm = predicted(page)
    page.get_by_label("Air temperature").fill("-5")
    page.get_by_label("Sky").select_option("Rain")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_test_id("prediction")).not_to_have_attribute("data-value", str(warm))
    assert predicted(page) < warm - 20
    assert "Invented weather" in page.locator("#about").inner_text()
    assert watch_of(page).foreign_requests() == []


def predicted(page: Page) -> float:
    """The answer that is shown."""
    return float(page.get_by_test_id("prediction").get_attribute("data-value") or "nan")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_new_pipelines_page_is_accessible_and_fits_every_width(
    new_page: NewPage, new_site: str, screenshots: Path, scheme: str
) -> None:
    page = new_page(origin=new_site, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"/try/?pipeline={NAME}")
    expect(page.get_by_test_id("prediction")).to_be_visible()
    expect(page.locator("#about")).to_be_visible()
    check_presentable(page, screenshots / "try-new", scheme)
