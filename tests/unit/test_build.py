"""The entry: what it finds, what it says when something is missing, and what its commands are."""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest

import build

ROOT = Path(__file__).resolve().parents[2]


def fake_python(path: Path, code: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_wrong_and_broken_interpreters_are_passed_over(tmp_path: Path) -> None:
    assert not build.is_right_python(tmp_path / "missing")
    assert not build.is_right_python(fake_python(tmp_path / "shim", 127))
    assert build.is_right_python(Path(sys.executable))


def test_python_among_pyenvs_versions_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = fake_python(tmp_path / "versions" / "3.12.9" / "bin" / "python3", 0)
    fake_python(tmp_path / "path" / "python3.12", 127)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    for name in ("executable", "_base_executable"):
        monkeypatch.setattr(sys, name, str(fake_python(tmp_path / "old" / "python3", 1)))
    assert build.find_python() == right


def test_no_python_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PYENV_ROOT": str(tmp_path), "PATH": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    for name in ("executable", "_base_executable"):
        monkeypatch.setattr(sys, name, str(tmp_path / "missing"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "nowhere" / "here"))
    with pytest.raises(build.SetupError, match=r"(?s)no Python 3\.12 was found on PATH.*pyenv install 3\.12"):
        build.find_python()


def test_environment_is_not_made_from_itself() -> None:
    assert all(build.VENV not in path.parents for path in build.candidates())


def test_interpreter_that_may_not_be_run_is_passed_over(tmp_path: Path) -> None:
    path = fake_python(tmp_path / "python3.12", 0)
    path.chmod(0o644)
    assert not build.is_right_python(path)


def test_full_disk_is_one_readable_message(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fill(options: argparse.Namespace) -> None:
        raise OSError(28, "No space left on device")

    assert build.run_command(argparse.Namespace(command="build", run=fill)) == 1
    said = capsys.readouterr().err
    assert said.startswith("build.py build: [Errno 28] No space left on device; the previous build in ")


def test_missing_node_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(build.SetupError, match="install Node 20 or newer"):
        build.ensure_node_modules()


def test_old_node_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(tmp_path / "npm", 0)
    (tmp_path / "node").write_text("#!/bin/sh\necho v18.1.0\n")
    (tmp_path / "node").chmod(0o755)
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(build.SetupError, match=r"this is Node 18\.1\.0, expected 20 or newer"):
        build.ensure_node_modules()


def test_half_made_environment_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "VENV", tmp_path)
    fake_python(build.venv_python(), 0)
    assert not build.is_venv_ready("key")
    (tmp_path / "foreshore.key").write_text("key")
    assert build.is_venv_ready("key")
    assert not build.is_venv_ready("another lock file's key")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "build.py"), *arguments], capture_output=True, text=True, check=False)


def test_help_lists_the_commands() -> None:
    shown = run("--help").stdout
    assert all(command in shown for command in ("build", "serve", "batch", "test", "check", "new", "train", "bench"))


@pytest.mark.parametrize(
    ("words", "compressed"),
    [
        ([], ["eta", "see", "studies"]),
        (["see"], ["see"]),
        (["--case-studies"], ["studies"]),
        (["eta", "--case-studies"], ["eta", "studies"]),
    ],
)
def test_compressing_takes_pipelines_the_case_studies_or_everything(
    monkeypatch: pytest.MonkeyPatch, words: list[str], compressed: list[str]
) -> None:
    done: list[str] = []
    monkeypatch.setattr("models.compressing.compress_pipeline", lambda stages, name, *_: done.append(name))
    monkeypatch.setattr("models.case_studies.measuring.measure_studies", lambda *_: done.append("studies"))
    build.compress(build.parser().parse_args(["compress", *words]))
    assert done == compressed


def test_unknown_pipeline_is_one_readable_message() -> None:
    done = run("train", "moon")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == ["build.py train: pipeline 'moon': there is no models/moon/pipeline.py"]


def test_a_name_that_is_taken_is_one_readable_message() -> None:
    done = run("new", "eta")
    assert done.returncode == 1
    (said,) = done.stderr.strip().splitlines()
    assert said.startswith("build.py new: name: got 'eta', expected one that is free, and models/eta exists")


def test_serving_ends_cleanly_after_a_build(dist: Path) -> None:
    """Worker processes that were forked from the build used to abort, for want of the threads of its libraries."""
    command = [sys.executable, str(ROOT / "build.py"), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = next(line for line in server.stdout if line.startswith("Serving at ")).split()[-1].removeprefix("http://")
        clients = [http.client.HTTPConnection(address) for _ in range(6)]
        for client in clients:
            client.request("GET", "/")
            assert client.getresponse().read()
        server.terminate()
        _, said = server.communicate()
        for client in clients:
            client.close()
    assert server.returncode == 0
    assert "terminate" not in said
    assert "ABRT" not in said
