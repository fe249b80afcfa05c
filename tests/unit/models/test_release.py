"""Releases: what the manifest names is what lies in the site, and no failure costs the previous one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import brotli
import pytest

from foreshore import Pipeline, load_pipeline
from foreshore.windows import FeatureView
from models import release
from models.lowering import graphs_stage
from models.release import CHANNEL, Parts, Site, is_current, read_release, release_pipeline, write_site
from models.tables import write_tables
from models.verification.gate import REPORT
from packing.errors import BuildError
from packing.stage import Made, Stages
from tests.harbour.checkout import OWN_MODEL, VARIANT, importable, write_checkout
from tests.harbour.pipeline import VIEW

ROOT = Path(__file__).resolve().parents[3]
PARTS = Parts(Made(ROOT, "", {"graphs": {}, "reason": "a branch on data"}), Made(ROOT, "", {}), {})
MANIFEST: dict[str, Any] = {"runtime": {}, "entry": {}, "pipelines": {}}


def write(tmp_path: Path, text: str, key: str = "key") -> str:
    source = tmp_path / "source.js"
    source.write_text(text)
    site = Site()
    site.add_hashed(source, "code.js")
    site.add_text("index.html", "<!doctype html>")
    return write_site(site, MANIFEST, key, tmp_path / "twins", tmp_path / "dist")


def read(tmp_path: Path) -> dict[str, Any]:
    found = read_release(tmp_path / "dist")
    assert found
    return found


def test_manifest_names_every_asset_with_its_hash_and_twin(tmp_path: Path) -> None:
    write(tmp_path, "let tide = 1;\n" * 100)
    dist = tmp_path / "dist"
    files = read(tmp_path)["files"]
    assert [path.partition("-")[0] for path in files] == ["assets/code"]
    for path, entry in files.items():
        content = (dist / path).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["size_bytes"] == len(content)
        twin = (dist / f"{path}.br").read_bytes()
        assert entry["brotli_bytes"] == len(twin)
        assert brotli.decompress(twin) == content


def test_channel_names_the_manifests_hash(tmp_path: Path) -> None:
    identity = write(tmp_path, "let tide = 1;")
    channel = json.loads((tmp_path / "dist" / CHANNEL).read_text())
    manifest = (tmp_path / "dist" / channel["manifest"]).read_bytes()
    assert channel["release"] == identity
    assert channel["sha256"] == hashlib.sha256(manifest).hexdigest()


def test_twin_spoiled_in_the_cache_is_made_again(tmp_path: Path) -> None:
    text = "let tide = 1;\n" * 100
    write(tmp_path, text)
    for twin in (tmp_path / "twins").iterdir():
        twin.write_bytes(brotli.compress(b"something else"))
    write(tmp_path, text, key="other")
    (path,) = read(tmp_path)["files"]
    assert brotli.decompress((tmp_path / "dist" / f"{path}.br").read_bytes()).decode() == text


def test_incompressible_file_gets_no_twin(tmp_path: Path) -> None:
    write(tmp_path, "x")
    (entry,) = read(tmp_path)["files"].values()
    assert "brotli_bytes" not in entry


def test_same_content_keeps_id_sequence_and_dates(tmp_path: Path) -> None:
    write(tmp_path, "let tide = 1;")
    first = read(tmp_path)
    write(tmp_path, "let tide = 1;", key="other")
    assert read(tmp_path) == first


def test_new_content_gets_a_new_id_and_the_next_sequence_number(tmp_path: Path) -> None:
    write(tmp_path, "let tide = 1;")
    first = read(tmp_path)
    write(tmp_path, "let tide = 2;")
    second = read(tmp_path)
    assert second["id"] != first["id"]
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert not (tmp_path / "dist" / "releases" / first["id"]).exists()


@pytest.mark.parametrize("operation", ["copyfile", "rename"])
def test_failed_write_leaves_the_previous_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    write(tmp_path, "let tide = 1;")
    before = read(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if operation == "copyfile":
        monkeypatch.setattr(shutil, "copyfile", fail)
    else:
        monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(BuildError, match="No space left on device; the previous build in .* is untouched"):
        write(tmp_path, "let tide = 2;")
    monkeypatch.undo()
    assert read(tmp_path) == before
    assert is_current(tmp_path / "dist", "key")
    assert not (tmp_path / "dist.next").exists()


def test_second_rename_failing_puts_the_previous_site_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "let tide = 1;")
    real = Path.rename

    def fail_for_next(self: Path, target: Path) -> Path:
        if self.name == "dist.next":
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_next)
    with pytest.raises(BuildError, match="Input/output error"):
        write(tmp_path, "let tide = 2;")
    assert is_current(tmp_path / "dist", "key")


def test_site_is_current_only_for_its_key_and_untouched(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    assert not is_current(dist, "key")
    write(tmp_path, "let tide = 1;")
    assert is_current(dist, "key")
    assert not is_current(dist, "another key")
    (dist / "index.html").write_text("tampered")
    assert not is_current(dist, "key")


@pytest.fixture
def eta(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "models" / "eta", tmp_path / "eta")


def test_tampered_model_is_not_released(eta: Path) -> None:
    (eta / "artefacts" / "fp32.onnx").write_bytes(b"tampered")
    with pytest.raises(BuildError, match="as its card says; restore the file or run `python3 build.py train eta`"):
        release_pipeline(Site(), eta, PARTS)


def test_missing_card_says_what_to_run(eta: Path) -> None:
    (eta / "artefacts" / "card.json").unlink()
    with pytest.raises(BuildError, match="run `python3 build.py train eta`"):
        release_pipeline(Site(), eta, PARTS)


def test_default_variant_has_to_exist(eta: Path) -> None:
    path = eta / "artefacts" / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "default_variant": "int1"}))
    with pytest.raises(BuildError, match="default_variant is 'int1'"):
        release_pipeline(Site(), eta, PARTS)


def test_released_pipeline_names_files_of_the_site(eta: Path, tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "index.json").write_text("{}")
    site = Site()
    (tmp_path / "fp32.graph.onnx").touch()
    graphs = Made(tmp_path, "", {"graphs": {"fp32": "fp32.graph.onnx"}, "reason": None})
    (tmp_path / REPORT).write_text("{}")
    samples = Made(tmp_path / "samples", "", {})
    entry = release_pipeline(site, eta, Parts(graphs, Made(tmp_path, "", {}), {"samples": samples}))
    models = [model for variant in entry["variants"] for model in (variant, *variant["segments"].values())]
    files = [model[key] for model in models for key in ("file", "graph") if key in model]
    paths = [entry["golden"], entry["card"], entry["verification"], *files, f"{entry['samples']}index.json"]
    assert [variant["name"] for variant in entry["variants"] if "graph" in variant] == ["fp32"]
    assert set(paths) == set(site.files)
    assert len(entry["golden"].rpartition("-")[2].partition(".")[0]) == release.HASH_DIGITS


@pytest.fixture
def harbour(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "checkout"
    root.mkdir()
    folder = write_checkout(root)
    with importable(root):
        yield folder


def verified(folder: Path, **extras: Made) -> Parts:
    (folder.parent / REPORT).write_text("{}")
    graphs = graphs_stage(Stages(folder.parents[1], folder.parent / "cache"), folder.name)
    return Parts(graphs, Made(folder.parent, "", {}), extras)


def test_variant_names_the_models_of_segments_and_their_graphs(harbour: Path) -> None:
    site = Site()
    (variant,) = release_pipeline(site, harbour, verified(harbour))["variants"]
    assert set(variant["segments"]) == {OWN_MODEL}
    own = variant["segments"][OWN_MODEL]
    assert len({variant["file"], variant["graph"], own["file"], own["graph"]} & set(site.files)) == 4
    assert site.files[own["file"]] == harbour / "artefacts" / f"{VARIANT}.{OWN_MODEL}.onnx"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda own: {OWN_MODEL: {**own, "sha256": "0"}}, "north.onnx: got sha256 .* as its card says"),
        (
            lambda own: {"atlantis": own},
            r"variant fp32: got models of segments \['atlantis'\], expected some of \['north', 'south', 'west'\]",
        ),
    ],
)
def test_model_of_a_segment_has_to_be_what_the_card_says(harbour: Path, change: Callable[[Any], Any], message: str) -> None:
    path = harbour / "artefacts" / "card.json"
    card = json.loads(path.read_text())
    card["variants"][0]["segments"] = change(card["variants"][0]["segments"][OWN_MODEL])
    path.write_text(json.dumps(card))
    with pytest.raises(BuildError, match=message):
        release_pipeline(Site(), harbour, verified(harbour))


def test_view_and_tables_are_released(harbour: Path, tmp_path: Path) -> None:
    write_tables(tmp_path / "history", [])
    site = Site()
    entry = release_pipeline(site, harbour, verified(harbour, history=Made(tmp_path / "history", "", {})))
    assert FeatureView.from_json(entry["view"]) == VIEW
    assert f"{entry['history']}index.json" in site.files
    assert "forecasts" not in entry


def test_pipeline_without_a_view_says_so(eta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(load_pipeline("eta").contract, context=(), clock=None)
    monkeypatch.setattr(release, "load_pipeline", lambda name: Pipeline(bare, lambda columns: {}))
    (tmp_path / REPORT).write_text("{}")
    assert release_pipeline(Site(), eta, replace(PARTS, report=Made(tmp_path, "", {})))["view"] is None
