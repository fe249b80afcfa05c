"""The page that shows how to embed a pipeline elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browsers import ROOT

SOURCE = ROOT / "web" / "app" / "embed" / "embed.js"


def test_embed_page_predicts(page: Page) -> None:
    page.goto("/embed/")

    expect(page.locator("body")).to_contain_text(re.compile(r"-?\d+ minutes? (late|early)"))


def test_embedding_is_short(dist: Path) -> None:
    lines = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if line.strip()]

    assert len(lines) <= 20
    assert (dist / "foreshore.js").read_text(encoding="utf-8").startswith("export")
