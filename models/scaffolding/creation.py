"""Creation: a new pipeline's folder, trained, complete, and there at once or not at all."""

from __future__ import annotations

import importlib
import keyword
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from foreshore import load_pipeline
from packing.errors import BuildError
from packing.tools import call

TEMPLATE = Path(__file__).with_name("template")
SETTINGS = Path(__file__).parents[2] / "pyproject.toml"
PLACEHOLDERS = ("models.scaffolding.template", "new_pipeline", "New pipeline")
"""What stands in the template for the package, the name and the title of a pipeline."""
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 40
LONGEST_TITLE = 60
OURS = 'lint.isort.known-first-party = ["foreshore", "models"]'
"""Ruff looks for first parties in the checkout, where a pipeline under way is not yet."""
ASIDE = ".new-"
"""How folders begin in which pipelines are under way; nothing takes them for pipelines."""

type Tell = Callable[[str], None]


class ScaffoldError(BuildError):
    """A pipeline was not created; nothing of it is left behind."""


def create_pipeline(root: Path, name: str, title: str | None = None, tell: Tell = lambda text: None) -> Path:
    """Write and train `models/<name>`, a pipeline that works as it stands and is meant to be edited.

    Parameters
    ----------
    root : Path
        The checkout.
    name : str
        In snake_case, not taken by anything under `models/`.
    title : str, optional
        For people; made of the name where there is none.
    tell : callable
        Takes lines of progress.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ScaffoldError
        If name or title will not do, a file cannot be written, or training fails.
    """
    folder = root / "models" / name
    try:
        check_name(root / "models", name)
        title = checked_title(name.replace("_", " ").capitalize() if title is None else title)
        with tempfile.TemporaryDirectory(prefix=ASIDE, dir=root / "models") as aside:
            made = Path(aside) / "models" / name
            write_template(made, name, title)
            with importable(Path(aside), name):
                _train(made, tell)
            made.rename(folder)
    except OSError as error:
        raise ScaffoldError(f"{folder}: {error}; nothing was created: make room, or see to the permissions, and run it again") from error
    return folder


def check_name(models: Path, name: str) -> None:
    """Refuse what is no name for a pipeline; raises ScaffoldError."""
    if not SNAKE_CASE.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ScaffoldError(
            f"name: got {name!r}, expected snake_case of 1 to {LONGEST_NAME} characters (letters a to z, digits, single underscores) "
            "such as wind_chill; choose such a name"
        )
    if keyword.iskeyword(name):
        raise ScaffoldError(f"name: got {name!r}, a keyword of Python, expected a name that can be imported; choose another")
    taken = sorted(path.name for path in models.iterdir() if path.name.partition(".")[0] == name)
    if taken:
        raise ScaffoldError(f"name: got {name!r}, expected one that is free, and models/{taken[0]} exists; choose another, or remove that")


def checked_title(title: str) -> str:
    """A title that fits between quotes; raises ScaffoldError."""
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable() or set(title) & set('"\\'):
        raise ScaffoldError(
            f"title: got {title!r}, expected 1 to {LONGEST_TITLE} printable characters without quotation marks or backslashes; mend it"
        )
    return title.strip()


def rendered(text: str, name: str, title: str) -> str:
    """A file of the template as the pipeline of that name has it."""
    for placeholder, value in zip(PLACEHOLDERS, (f"models.{name}", name, title), strict=True):
        text = text.replace(placeholder, value)
    return text


def write_template(folder: Path, name: str, title: str) -> None:
    """Write the template's files into a new folder, in the order and form that `build.py check` wants for this name."""
    folder.mkdir(parents=True)
    for file in sorted(TEMPLATE.glob("*.py")):
        (folder / file.name).write_text(rendered(file.read_text(encoding="utf-8"), name, title), encoding="utf-8")
    ruff, files = Path(sys.executable).with_name("ruff"), sorted(folder.glob("*.py"))
    for words in (["check", "--fix", "--select", "I", "--config", OURS], ["format"]):
        call([ruff, *words, "--quiet", "--no-cache", "--config", SETTINGS, *files])


@contextmanager
def importable(root: Path, name: str) -> Iterator[None]:
    """Let a pipeline be imported from a folder that has it under `models/`, beside this checkout's, for a while."""
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for module in [module for module in sys.modules if module == f"models.{name}" or module.startswith(f"models.{name}.")]:
            del sys.modules[module]


def _train(folder: Path, tell: Tell) -> None:
    """Train a pipeline that can be imported, and see that it loads."""
    name = folder.name
    try:
        importlib.import_module(f"models.{name}.training").train(folder, tell)
        load_pipeline(name)
    except OSError:
        raise
    except Exception as error:
        raise ScaffoldError(
            f"{name}: training failed with {type(error).__name__}: {error}; nothing was created: mend {TEMPLATE} and run it again"
        ) from error
    finally:
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
