"""Runs the JavaScript suites, so that one command runs every test."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.javascript import coverage_lines, tell_coverage
from tests.root import ROOT


def test_javascript_suites_pass(request: pytest.FixtureRequest) -> None:
    npm = shutil.which("npm")
    assert npm is not None, "npm is not on PATH; install Node 20 or newer"

    ended = subprocess.run([npm, "test", "--silent"], cwd=ROOT, capture_output=True, text=True, check=False)

    if ended.returncode:
        # Node's reporters repeat the failures at the end.
        _, _, failures = ended.stdout.rpartition("failing tests:")
        pytest.fail(failures[-20_000:] or ended.stderr, pytrace=False)
    assert "pass 0" not in ended.stdout
    lines = coverage_lines(ended.stdout)
    tell_coverage(request.config, lines)
    assert any(row.startswith("web/shared/") for row in lines)
