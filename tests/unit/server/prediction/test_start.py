"""A server that nobody asks for predictions starts without what they need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from web.server.testing import ROOT

HEAVY = ("numpy", "onnxruntime", "foreshore", "prometheus_client")
PROGRAM = """
import json, sys
from pathlib import Path
from web.server.app import create_app
from web.server.config import Config
client = create_app(Config(dist=Path(sys.argv[1]), log_level="critical")).test_client()
status = client.get(sys.argv[2]).status_code
print(json.dumps([status, [name for name in sys.argv[3:] if name in sys.modules]]))
"""


@pytest.mark.parametrize(("path", "loaded"), [("/", False), ("/api/", False), ("/v2/models/eta/ready", True)])
def test_libraries_are_loaded_by_the_first_prediction(dist: Path, path: str, loaded: bool) -> None:
    command = [sys.executable, "-c", PROGRAM, str(dist), path, *HEAVY]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'pywasm'}"}
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(ended.stdout) == [200, list(HEAVY) if loaded else []]
