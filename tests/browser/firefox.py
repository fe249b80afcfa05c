"""Stock Firefox, driven over WebDriver BiDi by `firefox.js`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from packing.lines import LineProcess

SCRIPT = Path(__file__).with_suffix(".js")


class Firefox:
    """One tab of a Firefox of our own, with a fresh profile."""

    def __init__(self, executable: Path) -> None:
        self._lines = LineProcess(["node", str(SCRIPT), str(executable)])

    def goto(self, url: str) -> None:
        self._lines.ask("goto", url)

    def evaluate(self, expression: str) -> Any:
        return self._lines.ask("evaluate", expression)

    def click(self, selector: str) -> None:
        self._lines.ask("click", selector)

    def screenshot(self, path: Path) -> None:
        self._lines.ask("screenshot", str(path))

    def errors(self) -> list[str]:
        return list(self._lines.ask("errors"))

    def close(self) -> None:
        """Closing its input makes the script close the browser."""
        self._lines.close()
