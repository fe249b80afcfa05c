"""What the JavaScript suites tell of themselves."""

from __future__ import annotations

import re

import pytest

COVERAGE = pytest.StashKey[list[str]]()
"""Lines of the coverage report, for the summary at the end of a run."""
SENT = "javascript_coverage"
"""The same, on the way from a worker of pytest-xdist to the process that sums up."""
REPORT = re.compile(r"start of coverage report\n(.*?)\n[^\n]*end of coverage report", re.S)


def coverage_lines(output: str) -> list[str]:
    """The rows of Node's coverage report that are of the product, and the total; none where Node gave no report."""
    found = REPORT.search(output)
    rows = [line.lstrip("# ℹ").rstrip() for line in found[1].splitlines()] if found else []
    return [row for row in rows if row.startswith(("file", "web/", "all files"))]


def tell_coverage(config: pytest.Config, lines: list[str]) -> None:
    """Keep the lines for the summary, in whichever process that will be written."""
    config.stash[COVERAGE] = lines
    if hasattr(config, "workeroutput"):
        config.workeroutput[SENT] = lines
