"""The documentation: its links lead somewhere, and what it says of the code is what the code says."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

import build
from foreshore import ERROR_KINDS
from foreshore.contract import FIELD_TYPES
from models.eta.windows import NIGHT_MIN
from models.extras import EXTRAS
from tests.documents import blocks, shown_files
from web.server.config import ENVIRONMENT_PREFIX, Config
from web.server.headers import security_headers
from web.server.prediction.metrics import Metrics
from web.server.requestlog import request_line
from web.server.serve import _parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


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
    assert (ROOT / "web" / "app" / "embed" / "embed.js").read_text(encoding="utf-8") in blocks(words(page), "js")


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
    documented = rows("docs/deploy.md") | rows("docs/serve.md")
    settings = {ENVIRONMENT_PREFIX + field.name.upper() for field in fields(Config)}
    (options,) = [{action.option_strings[-1] for action in _parser()._actions} - {"--help"}]
    assert settings | options <= documented


def test_documented_defaults_of_serving_are_those_of_the_server() -> None:
    shown = dict(re.findall(r"^\| `FORESHORE_(\w+)` \| `?([^`|]*?)`? \|", words("docs/serve.md"), re.M))
    defaults = {name: getattr(Config(), name.lower()) for name in shown}
    assert len(shown) >= 15
    assert shown == {name: "" if value == () else str(int(value)) for name, value in defaults.items()}


def test_every_metric_is_documented() -> None:
    families = {family.name for family in Metrics().registry.collect()}
    assert families == {name.removesuffix("_total") for name in rows("docs/serve.md") if name.startswith("foreshore_")}


def test_documented_log_line_is_the_one_that_is_written() -> None:
    line = request_line("GET", "/arrivals/", 200, 5120, 1.23)
    assert line in words("docs/operate.md")


def test_readme_shows_lines_of_the_pipeline_that_is_tested() -> None:
    (excerpt,) = blocks(words("README.md"), "python")
    lines = {line for code in shown_files(news=True).values() for line in code.splitlines()}
    shown = [line for line in excerpt.splitlines() if line.strip() not in ("", "...")]
    assert len(shown) >= 10
    assert [line for line in shown if line not in lines] == []


def test_every_dtype_and_optional_file_is_documented() -> None:
    guide = "docs/add-a-pipeline.md"
    assert set(FIELD_TYPES) | {f"{extra.module}.py" for extra in EXTRAS.values()} <= rows(guide)
    assert all(f"`{extra.function}(folder)`" in words(guide) for extra in EXTRAS.values())


def test_changelog_quotes_the_card() -> None:
    entry = words("CHANGELOG.md").partition("- `eta`, version 2")[2].partition("\n- ")[0]
    quoted = re.findall(r"\d+\.\d\d", entry)
    assert len(quoted) >= 4
    assert set(quoted) <= set(re.findall(r"\d+\.\d\d", words("models/eta/CARD.md")))


def test_changelog_names_the_segments_that_were_kept() -> None:
    compared = json.loads(words("models/eta/artefacts/card.json"))["segments"]["compared"]
    kept = sorted({each["value"] for each in compared if each["kept"]})
    assert f"`eta` keeps one for {' and '.join(kept)}, which beats" in " ".join(words("CHANGELOG.md").split())


def test_documented_hour_of_the_nightly_batch_is_the_declared_one() -> None:
    assert f"{NIGHT_MIN // 60:02}:{NIGHT_MIN % 60:02} UTC" in words("docs/operate.md")
