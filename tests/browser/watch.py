"""Watches a browser context for what no page may do."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

LOCAL_SCHEMES = {"blob", "data", "about", "chrome-error"}


class Watch:
    """Console errors, uncaught exceptions and requests to other origins of everything in a context, workers included.

    Violations of the content security policy are console errors.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._forgiven: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_web_error)
        context.on("request", self._on_request)

    def forgive(self, pattern: str) -> None:
        """Errors that a test brings about on purpose."""
        self._forgiven.append(pattern)

    def complaints(self) -> list[str]:
        """What went wrong so far and was not forgiven."""
        errors = [error for error in self.errors if not any(re.search(pattern, error) for pattern in self._forgiven)]
        return errors + [f"request to another origin: {url}" for url in self.foreign_requests()]

    def foreign_requests(self) -> list[str]:
        """Addresses asked for that are not on the site's own origin."""
        return [url for url in self.requests if urlsplit(url).scheme not in LOCAL_SCHEMES and not url.startswith(f"{self.origin}/")]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def _on_web_error(self, error: WebError) -> None:
        self.errors.append(f"uncaught: {error.error}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
