"""What is served is what was released: other releases, damaged files, foreign definitions, models without a graph."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foreshore import Pipeline
from tests.unit.server.prediction.asking import INFER, PREDICT, close, expected, tensors
from web.server.app import create_app
from web.server.config import Config
from web.server.prediction import catalogue

type Change = Callable[[dict[str, Any]], object]


def write_release(dist: Path, source: Path, release: dict[str, Any], change: Change = lambda _: None) -> dict[str, Any]:
    """A site with the models of another and a changed manifest."""
    changed = copy.deepcopy(release)
    change(changed)
    for path in (path for path in changed["files"] if path.endswith((".onnx", ".bin")) or "history" in path):
        target = dist / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target)
    manifest = f"releases/{changed['id']}/release.json"
    content = json.dumps(changed).encode()
    (dist / manifest).parent.mkdir(parents=True, exist_ok=True)
    (dist / manifest).write_bytes(content)
    pointer = {"release": changed["id"], "manifest": manifest, "sha256": hashlib.sha256(content).hexdigest()}
    (dist / "channels").mkdir(exist_ok=True)
    (dist / "channels" / "stable.json").write_text(json.dumps(pointer))
    return changed


class Site:
    """An application in this process."""

    def __init__(self, dist: Path) -> None:
        self._client = create_app(Config(dist=dist, log_level="critical")).test_client()

    def get(self, path: str) -> tuple[int, Any]:
        answer = self._client.get(path)
        return answer.status_code, answer.get_json()

    def post(self, path: str, body: object) -> tuple[int, Any]:
        answer = self._client.post(path, json=body)
        return answer.status_code, answer.get_json()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "dist"


def test_a_model_without_a_graph_is_fed_by_python(
    own: Path, dist: Path, release: dict[str, Any], eta: Pipeline, flight: dict[str, Any]
) -> None:
    def without_graphs(manifest: dict[str, Any]) -> None:
        for variant in manifest["pipelines"]["eta"]["variants"]:
            for model in (variant, *variant["segments"].values()):
                del model["graph"]

    write_release(own, dist, release, without_graphs)
    site = Site(own)
    records = [{**flight, "route_arrival_delay_28d": 3.5, "origin": origin} for origin in ("JFK", "EWR", "LGA")]
    status, answer = site.post(INFER, {"inputs": tensors(eta.encode(records))})
    assert status == 200
    wanted = [each["arrival_delay_min"] for each in expected(eta, dist, release, records)]
    assert all(close(*pair, eta.contract.tolerance) for pair in zip(answer["outputs"][0]["data"], wanted, strict=True))


def test_a_new_release_is_served_without_a_restart(
    own: Path, dist: Path, release: dict[str, Any], flight: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "LOOK_AGAIN_S", 0.0)
    write_release(own, dist, release)
    site = Site(own)
    first = site.post(PREDICT, flight)[1]

    def rename(manifest: dict[str, Any]) -> None:
        manifest["id"] = "f" * 16
        manifest["pipelines"]["eta"]["default_variant"] = "int8"

    write_release(own, dist, release, rename)
    second = site.post(PREDICT, flight)[1]
    assert (first["release"], first["variant"]) == (release["id"], "fp32")
    assert (second["release"], second["variant"]) == ("f" * 16, "int8")
    assert first["answer"] != second["answer"]
    assert site.get(f"/v2/models/eta/versions/{release['id']}")[0] == 404


def test_a_definition_that_was_not_released_does_not_answer(own: Path, dist: Path, release: dict[str, Any], flight: dict[str, Any]) -> None:
    def age(manifest: dict[str, Any]) -> None:
        manifest["pipelines"]["eta"]["contract"]["version"] = 1

    write_release(own, dist, release, age)
    status, error = Site(own).post(PREDICT, flight)
    assert status == 503
    assert error["message"].startswith("pipeline eta: its code is not that of release")
    assert error["kind"] == "artefact"


@pytest.mark.parametrize("part", [".graph-", "carrier-origin"])
def test_a_damaged_file_is_named_and_nothing_else_is_lost(
    own: Path, dist: Path, release: dict[str, Any], flight: dict[str, Any], part: str
) -> None:
    write_release(own, dist, release)
    intact = {path: (own / path).read_bytes() for path in release["files"] if part in path}
    for path, content in intact.items():
        (own / path).write_bytes(content[:-1] + b"?")
    site = Site(own)
    status, error = site.post(PREDICT, flight)
    assert status == 503
    assert "is not the file that was released" in error["message"]
    assert str(own) not in error["message"]
    for path, content in intact.items():
        (own / path).write_bytes(content)
    assert site.post(PREDICT, flight)[0] == 200


def test_without_a_release_the_reason_is_told(own: Path) -> None:
    own.mkdir()
    site = Site(own)
    assert site.get("/v2/health/live") == (200, {"live": True})
    status, error = site.get("/v2/health/ready")
    assert status == 503
    assert error["error"].startswith("channels/stable.json can't be read")
    assert site.post(PREDICT, {})[1]["message"].startswith("channels/stable.json can't be read")
    assert site.get("/api/openapi.json")[1]["info"]["version"] == "none"


def test_a_site_without_pipelines_says_so(small_dist: Path) -> None:
    status, error = Site(small_dist).get("/v2/models/eta")
    assert (status, error) == (404, {"error": "there is no such pipeline, expected one of none: this release has no pipelines"})
