"""An engine that Playwright brings itself, for machines whose system has no stock Firefox or WebKitGTK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserType


class Managed:
    """One tab of an engine of Playwright's."""

    def __init__(self, kind: BrowserType) -> None:
        self._browser = kind.launch()
        self._page = self._browser.new_page(viewport={"width": 1280, "height": 900})
        self._errors: list[str] = []
        self._page.on("console", lambda message: self._errors.append(message.text) if message.type == "error" else None)
        self._page.on("pageerror", lambda error: self._errors.append(str(error)))

    def goto(self, url: str) -> None:
        self._page.goto(url)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(f"async () => ({expression})")

    def click(self, selector: str) -> None:
        self._page.click(selector)

    def screenshot(self, path: Path) -> None:
        self._page.screenshot(path=path)

    def errors(self) -> list[str]:
        return list(self._errors)

    def close(self) -> None:
        self._browser.close()
