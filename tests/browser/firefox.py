"""Stock Firefox, driven over WebDriver BiDi by `firefox.js`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_suffix(".js")


class FirefoxError(RuntimeError):
    """Firefox refused a command, or ended."""


class Firefox:
    """One tab of a Firefox of our own, with a fresh profile."""

    def __init__(self, executable: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), str(executable)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def goto(self, url: str) -> None:
        self._ask("goto", url)

    def evaluate(self, expression: str) -> Any:
        return self._ask("evaluate", expression)

    def click(self, selector: str) -> None:
        self._ask("click", selector)

    def fill(self, selector: str, text: str) -> None:
        self._ask("fill", selector, text)

    def screenshot(self, path: Path) -> None:
        self._ask("screenshot", str(path))

    def errors(self) -> list[str]:
        return list(self._ask("errors"))

    def close(self) -> None:
        """Closing its input makes the script close the browser; if it hangs, both are ended."""
        try:
            self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _ask(self, name: str, *words: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"name": name, "arguments": words}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise FirefoxError(f"{name}: Firefox ended with {self._process.wait()}, expected an answer; see its messages above")
        answer = json.loads(line)
        if "error" in answer:
            raise FirefoxError(f"{name} {' '.join(words)}: {answer['error']}")
        return answer["result"]
