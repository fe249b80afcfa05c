import hashlib
import re
import shutil
from pathlib import Path

import pytest

from packing.errors import BuildError, ToolError
from web.bundle import bundle

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small site of our own workers and one page, with the installed packages."""
    web = tmp_path / "web"
    for folder in ("worker", "shared", "generated"):
        shutil.copytree(ROOT / "web" / folder, web / folder)
    for folder in ("runtime", "embed"):
        shutil.copytree(ROOT / "web" / "app" / folder, web / "app" / folder)
    shutil.copyfile(ROOT / "web" / "app" / "foreshore.js", web / "app" / "foreshore.js")
    (web / "bench").mkdir()
    (web / "bench" / "plain-worker.js").write_text('import { Queue } from "../shared/queue.js";\nself.queue = new Queue();\n')
    (web / "bench" / "variant-worker.js").write_text('import * as ort from "onnxruntime-web/wasm";\nself.ort = ort;\n')
    (web / "app" / "index.html").write_text(
        '<link rel="icon" href="./icon.svg" /><link rel="stylesheet" href="./style.css" /><script type="module" src="./index.js"></script>'
    )
    (web / "app" / "icon.svg").write_text("<svg/>")
    (web / "app" / "style.css").write_text("body { color: teal; background: url(./icon.svg) }")
    (web / "app" / "index.js").write_text('import { list } from "./foreshore.js";\nconsole.log(list);\n')
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_every_entry_is_a_file_named_by_its_content(checkout: Path, out: Path) -> None:
    entry = bundle(checkout / "web", out)

    assert {
        "python_worker",
        "ort_worker",
        "ort_webgpu_worker",
        "variant_webgpu_worker",
        "ort_wasm",
        "ort_module",
        "ort_webgpu_wasm",
        "plain_worker",
    } <= set(entry)
    for path in entry.values():
        assert re.fullmatch(r"assets/[\w.-]+-[0-9A-Z]{8}\.(js|mjs|wasm)", path)
        assert (out / path).is_file()


def test_the_same_sources_give_the_same_names_and_others_give_others(checkout: Path, out: Path) -> None:
    first = bundle(checkout / "web", out / "first")
    assert bundle(checkout / "web", out / "second") == first
    with (checkout / "web/worker/python-worker.js").open("a") as file:
        file.write('console.log("changed");\n')
    third = bundle(checkout / "web", out / "third")
    assert {key for key in first if first[key] != third[key]} == {"python_worker"}


def test_each_worker_is_one_file(checkout: Path, out: Path) -> None:
    for key, path in bundle(checkout / "web", out).items():
        if key.endswith("_worker"):
            assert re.findall(r'(?:from|import)\s*"(\.[\w./-]+)"', (out / path).read_text()) == []


def test_the_two_model_workers_hold_the_two_builds_of_ort(checkout: Path, out: Path) -> None:
    entry = bundle(checkout / "web", out)
    for worker in ("ort", "variant"):
        assert "asyncify" in (out / entry[f"{worker}_webgpu_worker"]).read_text()
        assert "asyncify" not in (out / entry[f"{worker}_worker"]).read_text()
    assert "asyncify" not in (out / entry["ort_worker"]).read_text()


def test_ort_files_are_the_package_s_own(checkout: Path, out: Path) -> None:
    entry = bundle(checkout / "web", out)
    for key, name in (("ort_wasm", "ort-wasm-simd-threaded.wasm"), ("ort_webgpu_module", "ort-wasm-simd-threaded.asyncify.mjs")):
        original = checkout / "node_modules/onnxruntime-web/dist" / name
        assert hashlib.sha256((out / entry[key]).read_bytes()).digest() == hashlib.sha256(original.read_bytes()).digest()


def test_pages_refer_to_files_that_are_there(checkout: Path, out: Path) -> None:
    bundle(checkout / "web", out)

    references = re.findall(r'(?:src|href)="([^"]+)"', (out / "index.html").read_text())
    assert len(references) >= 4
    for reference in references:
        assert reference.startswith("assets/")
        assert (out / reference).is_file()


def test_pages_preload_all_that_their_script_imports(checkout: Path, out: Path) -> None:
    bundle(checkout / "web", out)

    page = (out / "index.html").read_text()
    (script,) = re.findall(r'src="([^"]+)"', page)
    imported = {f"assets/{name}" for name in re.findall(r'(?:from|import)\s*"\./([\w./-]+)"', (out / script).read_text())}
    assert imported
    assert imported <= set(re.findall(r'rel="modulepreload" href="([^"]+)"', page))


def test_the_public_module_keeps_its_name(checkout: Path, out: Path) -> None:
    bundle(checkout / "web", out)

    (target,) = re.findall(r'export \* from "\./(assets/foreshore-\w{8}\.js)"', (out / "foreshore.js").read_text())
    exported = re.search(r"export\{([^}]*)\}", (out / target).read_text())
    assert exported
    assert {name.split(" as ")[-1] for name in exported[1].split(",")} == {"ForeshoreError", "Predictor", "list", "open", "openRelease"}


def test_the_embedding_example_is_copied_as_it_is(checkout: Path, out: Path) -> None:
    bundle(checkout / "web", out)
    for name in ("index.html", "embed.js"):
        assert (out / "embed" / name).read_bytes() == (checkout / "web/app/embed" / name).read_bytes()


def test_missing_packages_say_what_to_run(checkout: Path, out: Path) -> None:
    (checkout / "node_modules").unlink()
    with pytest.raises(BuildError, match="esbuild is missing; run `npm ci`"):
        bundle(checkout / "web", out)


def test_a_broken_source_is_named_with_its_line(checkout: Path, out: Path) -> None:
    (checkout / "web/app/index.js").write_text("const a = ;\n")
    with pytest.raises(ToolError, match=r"web/app/index\.js:1:10"):
        bundle(checkout / "web", out)
