"""The examples of docs/serve.md work, against a running server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests.documents import blocks
from tests.root import ROOT
from web.server.testing import RunningServer

PAGE = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
ADDRESS = "127.0.0.1:8000"


def here(code: str, server: RunningServer) -> str:
    """An example, asking this test's server."""
    assert ADDRESS in code
    return code.replace(ADDRESS, urlsplit(server.url).netloc)


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_the_example_with_curl_gets_the_answer_that_is_shown(predicting: RunningServer) -> None:
    (command,) = [code for code in blocks(PAGE, "sh") if code.startswith("curl")]
    said = subprocess.run(["bash", "-c", here(command, predicting)], capture_output=True, text=True, check=True)
    answer = json.loads(said.stdout)
    shown = next(text for text in blocks(PAGE, "text") if text.startswith('{"answer"'))
    assert re.findall(r'"(\w+)":', shown) == re.findall(r'"(\w+)":', said.stdout)
    assert isinstance(answer["answer"]["arrival_delay_min"], float)


def test_the_example_with_tritonclient_runs(predicting: RunningServer) -> None:
    (code,) = blocks(PAGE, "python")
    said = subprocess.run([sys.executable, "-c", here(code, predicting)], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\[\[-?\d+\.\d+\]\]\n", said.stdout)


def test_the_command_that_draws_a_key_gives_its_hash() -> None:
    (command,) = [code for code in blocks(PAGE, "sh") if code.startswith("python3 -c")]
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"[\w-]{43} [0-9a-f]{64}\n", said.stdout)
