"""The checks of `build.py check`: format, lint, types, generated files and locks."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from packing.errors import BuildError, ToolError
from packing.tools import call

type Check = tuple[str, Callable[[], object]]

HOST = re.compile(r"(https?://|git\+|--index-url|--extra-index-url|--find-links)")


def run_checks(checks: Sequence[Check]) -> None:
    """Run every check, then fail if one did; each failure is shown with what the tool said.

    Raises
    ------
    BuildError
        Naming the checks that failed.
    """
    console = Console()
    failed = []
    for name, check in checks:
        try:
            with console.status(f"{name} …"):
                check()
            console.print(f"  [green]{name}[/green]")
        except BuildError as error:
            failed.append(name)
            console.print(f"  [red]{name}[/red]")
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    if failed:
        raise BuildError(f"failed: {', '.join(failed)}; `python3 build.py check --fix` mends format and simple lint")


def tool_checks(root: Path, *, fix: bool) -> list[Check]:
    """Format, lint and types of both languages.

    Parameters
    ----------
    root : Path
        The checkout.
    fix : bool
        Write what the formatters and linters can mend.
    """
    here = Path(sys.executable).parent
    npm = shutil.which("npm") or "npm"

    def tool(*words: str | Path) -> Callable[[], object]:
        return lambda: call(words, cwd=root)

    return [
        ("ruff format", tool(here / "ruff", "format", *([] if fix else ["--check"]), ".")),
        ("ruff", tool(here / "ruff", "check", *(["--fix"] if fix else []), ".")),
        ("mypy", tool(here / "mypy", "build.py", "pywasm", "models", "web", "tests")),
        ("biome", tool(npm, "run", "--silent", "fix:style" if fix else "check:style")),
        ("tsc", tool(npm, "run", "--silent", "check:types")),
    ]


def check_locks(root: Path) -> None:
    """Refuse lock files that name a host: packages are found by name, wherever the reader's registry is."""
    for name in ("requirements.lock", "package-lock.json"):
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            if HOST.search(line) and '"url":' not in line and '"funding"' not in line:
                raise ToolError(f"{name}, line {number}: got {line.strip()[:80]!r}, expected no address; lock it as CONTRIBUTING.md says")
