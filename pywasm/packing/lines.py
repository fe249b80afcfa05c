"""A child process that answers one JSON line to each JSON line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from packing.errors import BuildError


class LineProcessError(BuildError):
    """The process refused a command, or ended."""


class LineProcess:
    """Sends `{"name": …, "arguments": […]}`, receives `{"result": …}` or `{"error": "…"}`.

    The process is expected to end by itself when its input ends.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._name = command[1] if len(command) > 1 else command[0]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, name: str, *words: Any) -> Any:
        """The process's answer.

        Raises
        ------
        LineProcessError
            If it answers with an error, or has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"name": name, "arguments": words}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: there is no line to read either
        line = self._process.stdout.readline()
        if not line:
            raise LineProcessError(f"{name}: {self._name} ended with {self._process.wait()}, expected an answer; see its messages above")
        answer = json.loads(line)
        if "error" in answer:
            raise LineProcessError(f"{name}: {answer['error']}")
        return answer["result"]

    def close(self) -> None:
        """End its input and wait; kill it if it hangs."""
        try:
            self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
