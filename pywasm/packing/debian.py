"""Debian's packages, for what measurements and tests need beside Python and Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def is_debian_root() -> bool:
    """Whether packages can be installed by apt-get here, under Debian's names."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and _distribution() == "debian" and shutil.which("apt-get") is not None


def install_packages(packages: Sequence[str]) -> str:
    """Install with apt-get; what went wrong, or nothing."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0"]
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = ["apt-get", *options, *words]
        if problem := run_shown(command, environment):
            return problem
    return ""


def run_shown(command: list[str], environment: dict[str, str]) -> str:
    """Run a command, its output shown as it comes; the last lines if it failed."""
    tell("+ " + " ".join(command))
    tail: list[str] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stderr.write(line)
            tail = [*tail[-3:], line.strip()]
    if process.returncode == 0:
        return ""
    return f"`{' '.join(command)}` ended with {process.returncode}: {' '.join(tail)}"


def tell(message: str) -> None:
    """Show one line of progress at once."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def _distribution() -> str:
    """The `ID` of /etc/os-release; empty where there is none."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition("=")[2].strip('"') for line in lines if line.startswith("ID=")), "")
