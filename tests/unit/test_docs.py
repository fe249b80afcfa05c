"""The documentation: its examples run, its links lead somewhere, and what it says of the code is what the code says."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest
from rich.console import Console

import build
from foreshore import ERROR_KINDS, ContractError, Field, Pipeline, ValidationError, load_pipeline, pipeline_names
from models.contracts import generated_files
from models.lowering import graphs_stage
from models.release import Parts, Site, release_pipeline
from models.verification.gate import REPORT
from packing.stage import Made, Stages
from packing.wheels import build_pipeline_wheel
from tests.golden import deviation
from web.server.config import ENVIRONMENT_PREFIX, Config
from web.server.headers import security_headers
from web.server.requestlog import request_line
from web.server.serve import _parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
NAME = "feels_like"


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return [match["code"] for match in BLOCK.finditer(page.read_text(encoding="utf-8")) if match["language"] == language]


def python_files(page: Path) -> dict[str, str]:
    """The Python files that a page shows: blocks that begin with a path in a comment."""
    found = (re.match(r"# (\S+\.py)\n", code) for code in blocks(page, "python"))
    return {match[1]: match.string for match in found if match}


# ---------------------------------------------------------------- docs/add-a-pipeline.md


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of our own packages with the documented pipeline pasted into it and trained."""
    root = tmp_path_factory.mktemp("checkout")
    for name, code in python_files(ROOT / "docs" / "add-a-pipeline.md").items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(code, encoding="utf-8")
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (root / "pywasm").symlink_to(ROOT / "pywasm")
    return root


@pytest.fixture(scope="module")
def trained(checkout: Path) -> Any:
    """The documented pipeline, imported and trained; what training said."""
    said: list[str] = []
    sys.path.insert(0, str(checkout))
    try:
        training = __import__(f"models.{NAME}.training", fromlist=["train"])
        assert isinstance(training, ModuleType)
        training.train(checkout / "models" / NAME, said.append)
        yield said
    finally:
        sys.path.remove(str(checkout))
        for name in [name for name in sys.modules if name.startswith(f"models.{NAME}")]:
            del sys.modules[name]


@pytest.fixture
def pipeline(trained: list[str]) -> Pipeline:
    return load_pipeline(NAME)


@pytest.fixture
def graphs(checkout: Path, trained: list[str]) -> Made:
    """The documented features joined to the model."""
    return graphs_stage(Stages(checkout, checkout / ".cache", Console(file=io.StringIO())), NAME)


def run(model: bytes | Path) -> Any:
    session = onnxruntime.InferenceSession(model)
    names = [output.name for output in session.get_outputs()]
    return lambda feeds: dict(zip(names, session.run(names, feeds), strict=True))


def test_documented_pipeline_learns_something(trained: list[str]) -> None:
    (said,) = trained
    error_c = float(re.findall(r"[\d.]+", said)[0])
    # Unknown wind alone costs about half a degree on average; guessing the mean would cost over ten.
    assert error_c < 1


def test_documented_pipeline_is_found_and_released(checkout: Path, pipeline: Pipeline, graphs: Made, tmp_path: Path) -> None:
    (tmp_path / REPORT).write_text("{}")
    report = Made(tmp_path, "", {})
    assert pipeline_names(checkout / "models") == (NAME,)
    site = Site()
    entry = release_pipeline(site, checkout / "models" / NAME, Parts(graphs, report, {}))
    assert entry["contract"] == pipeline.contract.to_json()
    assert entry["default_variant"] == "fp32"
    (variant,) = entry["variants"]
    assert {entry["golden"], entry["card"], variant["file"], variant["graph"]} <= set(site.files)


def test_documented_golden_cases_meet_what_the_page_asks(checkout: Path, pipeline: Pipeline) -> None:
    artefacts = checkout / "models" / NAME / "artefacts"
    golden = json.loads((artefacts / "golden.json").read_text())
    answers = pipeline.predict(golden["records"], run(artefacts / "fp32.onnx"))
    key = pipeline.contract.outputs[0].name
    got, expected = ([answer[key] for answer in some] for some in (answers, golden["outputs"]))
    assert deviation(got, expected) <= pipeline.contract.tolerance
    missing = sum(record["wind_m_s"] is None for record in golden["records"])
    assert len(golden["records"]) >= 500
    assert 50 <= missing <= len(golden["records"]) - 50


def test_documented_features_lower_to_the_same_graph(checkout: Path, pipeline: Pipeline, graphs: Made) -> None:
    artefacts = checkout / "models" / NAME / "artefacts"
    records = json.loads((artefacts / "golden.json").read_text())["records"]
    columns = {name: np.asarray(column) for name, column in pipeline.encode(records).items()}
    graph = pipeline.decode(run(graphs.folder / graphs.facts["graphs"]["fp32"])(columns))
    python = pipeline.predict(records, run(artefacts / "fp32.onnx"))
    key = pipeline.contract.outputs[0].name
    assert deviation([a[key] for a in graph], [a[key] for a in python]) <= pipeline.contract.tolerance


def test_documented_pipeline_packs_only_what_runs_in_the_browser(checkout: Path, tmp_path: Path) -> None:
    build_pipeline_wheel(checkout, NAME, tmp_path / "scratch", tmp_path)
    (wheel,) = tmp_path.glob("foreshore_feels_like-*.whl")
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("models/")]
    assert sorted(names) == [f"models/{NAME}/__init__.py", f"models/{NAME}/pipeline.py"]


def test_documented_contract_is_generated_for_javascript(trained: list[str]) -> None:
    assert '"feels_like_c"' in generated_files([NAME])["contracts.js"]


def test_documented_host_example_prints_an_answer(checkout: Path, trained: list[str]) -> None:
    environment = {"PYTHONPATH": f"{checkout}:{ROOT}:{ROOT / 'pywasm'}", "PATH": ""}
    command = [sys.executable, "predict_on_the_host.py"]
    shown = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"\[\{'feels_like_c': 3\d\.\d+\}\]\n", shown)


def test_documented_errors_are_the_ones_raised(pipeline: Pipeline) -> None:
    texts = "".join(blocks(ROOT / "docs" / "add-a-pipeline.md", "text"))
    with pytest.raises(ContractError) as contract:
        Field("humidity_percent", "float32", "Humidity", minimum=100, maximum=0)
    with pytest.raises(ValidationError) as validation:
        pipeline.prepare([{"temperature_c": 31.5, "humidity_percent": 170, "wind_m_s": 3, "sky": "snow"}])
    for error in (contract.value, validation.value):
        assert f"{type(error).__name__}: {error}\n" in texts


# ---------------------------------------------------------------- what the pages say of the code


def words(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def rows(page: str) -> set[str]:
    """What stands as code in the first column of a page's tables."""
    return {name for cell in re.findall(r"^\| (.*?) \|", words(page), re.M) for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    targets = [match["target"].partition("#")[0] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    missing = [target for target in targets if target and ":" not in target and not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_the_entry_exist(page: Path) -> None:
    shown = re.findall(r"python3 build\.py ([a-z]+[^`\n|]*)", page.read_text(encoding="utf-8"))
    for command in shown:
        arguments = command.replace("NAME", "eta").replace("<name>", "eta").split("#")[0].split()
        assert build.parser().parse_args(arguments).command == arguments[0]


def test_contributing_lists_every_command() -> None:
    listed = {name.split()[2] for name in rows("CONTRIBUTING.md")}
    (commands,) = (action.choices for action in build.parser()._actions if action.choices)
    assert listed == set(commands)


@pytest.mark.parametrize("page", ["README.md", "docs/embed.md"])
def test_embedding_example_is_the_one_that_is_shipped_and_tested(page: str) -> None:
    assert (ROOT / "web" / "app" / "embed" / "embed.js").read_text(encoding="utf-8") in blocks(ROOT / page, "js")


def test_every_error_kind_is_documented() -> None:
    assert set(ERROR_KINDS) <= rows("docs/embed.md")


def test_every_option_of_open_is_documented() -> None:
    source = words("web/app/foreshore.js").partition("@typedef {ReleaseOptions & OwnOptions} OpenOptions")[0]
    options = re.findall(r"@property \{.*?\} \[(\w+)\]", source)
    assert len(options) >= 8
    assert set(options) <= rows("docs/embed.md")


def test_every_header_is_documented() -> None:
    documented = {name.partition(" ")[0] for name in rows("docs/deploy.md")}
    headers = dict(security_headers())
    assert set(headers) <= documented
    assert all(f"{name} {value}" in words("docs/deploy.md").replace('"', "") for name, value in headers.items())


def test_every_setting_of_the_server_is_documented() -> None:
    documented = rows("docs/deploy.md")
    settings = {ENVIRONMENT_PREFIX + field.name.upper() for field in fields(Config)}
    (options,) = [{action.option_strings[-1] for action in _parser()._actions} - {"--help"}]
    assert settings | options <= documented


def test_documented_log_line_is_the_one_that_is_written() -> None:
    line = request_line("GET", "/arrivals/", 200, 5120, 1.23)
    assert line in words("docs/operate.md")
