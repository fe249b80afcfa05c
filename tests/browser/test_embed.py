"""The page that shows how to embed a pipeline elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from foreshore.contract import utc_text
from tests.browser.fixtures import watch_of
from tests.root import ROOT

SOURCE = ROOT / "web" / "app" / "embed" / "embed.js"
ANSWER = re.compile(r"Expected to arrive -?\d+ minutes late")


def test_embed_page_predicts(page: Page) -> None:
    page.goto("/embed/")

    expect(page.locator("#answer")).to_contain_text(ANSWER)


def test_embedded_example_knows_what_was_known_at_its_time(page: Page, dist: Path, release: dict[str, Any]) -> None:
    history = str(release["pipelines"]["eta"]["history"])
    entries = json.loads((dist / history / "index.json").read_text())["tables"]
    page.goto("/embed/")
    expect(page.locator("#answer")).to_contain_text(ANSWER)

    asked = {url.rpartition("/")[2] for url in watch_of(page).requests if f"/{history}" in url}

    used = [entry for entry in entries if entry["file"] in asked]
    assert {entry["table"] for entry in used} == {entry["table"] for entry in entries}
    assert {utc_text(entry["as_of_min"]) for entry in used} == {"2013-10-05T08:00Z"}


def test_embedding_is_short(dist: Path) -> None:
    lines = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if line.strip()]

    assert len(lines) <= 20
    assert (dist / "foreshore.js").read_text(encoding="utf-8").startswith("export")
