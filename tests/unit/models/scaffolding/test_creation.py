"""Creation: which names it takes, what it writes, and that nothing of a failure stays."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foreshore import load_pipeline
from models.scaffolding import creation
from models.scaffolding.creation import (
    LONGEST_NAME,
    LONGEST_TITLE,
    PLACEHOLDERS,
    TEMPLATE,
    ScaffoldError,
    create_pipeline,
    importable,
    write_template,
)
from packing.tools import call
from tests.documents import NAME, shown_files
from tests.root import ROOT

MODEL_BYTES = 11938
NOBODY = 65534


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A checkout with a pipeline, a module and a folder under `models/`, which stay as they are, and so does Python's path."""
    for taken in ("eta/pipeline.py", "tables.py", "compression/chain.py"):
        (tmp_path / "models" / taken).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "models" / taken).touch()
    yield tmp_path
    assert {path.name for path in (tmp_path / "models").iterdir()} - {"wind_chill"} == {"eta", "tables.py", "compression"}
    assert [path for path in sys.path if str(tmp_path) in path] == []
    assert [module for module in sys.modules if module.startswith("models.wind_chill")] == []


@contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody whom permissions hold."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file may grow beyond these bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    "name",
    ["", "WindChill", "wind-chill", "wind chill", "2wind", "_wind", "wind_", "wind__chill", "../wind", "wínd", "wind\n", "w" * 41],
)
def test_names_that_are_not_snake_case_are_refused(checkout: Path, name: str) -> None:
    with pytest.raises(ScaffoldError) as error:
        create_pipeline(checkout, name)
    assert str(error.value).startswith(f"name: got {name!r}, expected snake_case of 1 to {LONGEST_NAME} characters")
    assert str(error.value).endswith("choose such a name")


def test_a_keyword_is_refused(checkout: Path) -> None:
    with pytest.raises(ScaffoldError, match=r"^name: got 'lambda', a keyword of Python, expected a name that can be imported; choose"):
        create_pipeline(checkout, "lambda")


@pytest.mark.parametrize(("name", "there"), [("eta", "eta"), ("tables", "tables.py"), ("compression", "compression")])
def test_names_that_are_taken_are_refused(checkout: Path, name: str, there: str) -> None:
    with pytest.raises(ScaffoldError, match=f"^name: got '{name}', expected one that is free, and models/{there} exists; choose another"):
        create_pipeline(checkout, name)


@pytest.mark.parametrize("title", ["", "  ", 'A "quoted" one', "back\\slash", "two\nlines", "t" * (LONGEST_TITLE + 1)])
def test_titles_that_are_no_title_are_refused(checkout: Path, title: str) -> None:
    with pytest.raises(ScaffoldError) as error:
        create_pipeline(checkout, "wind_chill", title)
    assert str(error.value).startswith(f"title: got {title!r}, expected 1 to {LONGEST_TITLE} printable characters")


def test_a_title_stands_in_the_contract_as_it_was_given(checkout: Path) -> None:
    create_pipeline(checkout, "wind_chill", "NASA’s winds, it's {said}")
    with importable(checkout, "wind_chill"):
        assert load_pipeline("wind_chill").contract.title == "NASA’s winds, it's {said}"


def test_the_documented_files_are_those_that_are_created(tmp_path: Path) -> None:
    write_template(tmp_path / NAME, NAME, "Feels like")
    created = {f"models/{NAME}/{file.name}": file.read_text(encoding="utf-8") for file in (tmp_path / NAME).glob("*.py")}
    shown = {name: code.partition("\n")[2] for name, code in shown_files(news=False).items() if name.startswith("models/")}
    assert shown == created


@pytest.mark.parametrize("name", ["aa", "zz_top", "w" * LONGEST_NAME])
def test_created_code_passes_the_linter_whatever_its_name(tmp_path: Path, name: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    write_template(tmp_path / "models" / name, name, "t" * LONGEST_TITLE)
    for path in ("pywasm", "models/artefacts.py", "models/compression", "models/segments.py"):
        (tmp_path / path).symlink_to(ROOT / path)
    ruff = Path(sys.executable).with_name("ruff")
    call([ruff, "format", "--no-cache", "--check", f"models/{name}"], cwd=tmp_path)
    call([ruff, "check", "--no-cache", f"models/{name}"], cwd=tmp_path)


def test_every_placeholder_of_the_template_is_replaced(tmp_path: Path) -> None:
    write_template(tmp_path / "wind_chill", "wind_chill", "Wind")
    template = "".join(file.read_text(encoding="utf-8") for file in TEMPLATE.glob("*.py"))
    created = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "wind_chill").glob("*.py"))
    assert [placeholder in template for placeholder in PLACEHOLDERS] == [True] * len(PLACEHOLDERS)
    assert [placeholder in created for placeholder in PLACEHOLDERS] == [False] * len(PLACEHOLDERS)


def test_a_full_disk_half_way_leaves_nothing(checkout: Path) -> None:
    with full_disk(MODEL_BYTES - 1), pytest.raises(ScaffoldError) as error:
        create_pipeline(checkout, "wind_chill")
    assert "models/wind_chill: [Errno 27] File too large" in str(error.value)
    assert "nothing was created: make room" in str(error.value)
    assert not (checkout / "models" / "wind_chill").exists()


def test_a_folder_that_may_not_be_written_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        models.mkdir()
        for path, mode in ((Path(folder), 0o755), (models, 0o555)):
            path.chmod(mode)
        with (
            unprivileged(),
            pytest.raises(ScaffoldError, match=r"models/wind_chill: \[Errno 13\] Permission denied.*see to the permissions"),
        ):
            create_pipeline(Path(folder), "wind_chill")
        models.chmod(0o755)
        assert list(models.iterdir()) == []


def test_a_missing_models_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match=r"models/wind_chill: \[Errno 2\].*nothing was created"):
        create_pipeline(tmp_path, "wind_chill")


def test_a_training_that_fails_leaves_nothing_and_is_quoted(checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    template = shutil.copytree(TEMPLATE, tmp_path / "template")
    data = (template / "data.py").read_text(encoding="utf-8")
    (template / "data.py").write_text(data.replace("ROWS = 20_000", "ROWS = 0"), encoding="utf-8")
    monkeypatch.setattr(creation, "TEMPLATE", template)
    with pytest.raises(ScaffoldError, match=r"^wind_chill: training failed with \w+: .+; nothing was created: mend .*template"):
        create_pipeline(checkout, "wind_chill")
    assert not (checkout / "models" / "wind_chill").exists()


def test_who_interrupts_the_training_leaves_nothing(checkout: Path) -> None:
    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_pipeline(checkout, "wind_chill", tell=interrupt)
    assert not (checkout / "models" / "wind_chill").exists()


def test_the_same_pipeline_is_made_every_time(checkout: Path) -> None:
    first = contents(create_pipeline(checkout, "wind_chill"))
    shutil.rmtree(checkout / "models" / "wind_chill")
    assert contents(create_pipeline(checkout, "wind_chill")) == first
    assert set(first) >= {"pipeline.py", "artefacts/fp32.onnx", "artefacts/int8.onnx", "artefacts/golden.json", "artefacts/card.json"}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, by its path in the folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
