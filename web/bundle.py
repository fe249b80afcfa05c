"""The browser code of a release: bundled, minified and named by content, laid out as the site will be."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packing.errors import BuildError
from packing.tools import call
from web.pages import find_pages

ASSETS = "assets"
VERBATIM = ("embed",)
"""Folders of `web/app` that are copied as they are: they show what somebody else's page would hold."""
ORT_FILES = {
    "ort_wasm": "ort-wasm-simd-threaded.wasm",
    "ort_module": "ort-wasm-simd-threaded.mjs",
    "ort_webgpu_wasm": "ort-wasm-simd-threaded.asyncify.wasm",
    "ort_webgpu_module": "ort-wasm-simd-threaded.asyncify.mjs",
}
"""What onnxruntime-web's `/wasm` and `/webgpu` builds load at run time."""
ON_GPU = {"ort-worker", "variant-worker"}
"""Workers that run models: each is bundled once more, for WebGPU."""
WEBGPU_ALIAS = "--alias:onnxruntime-web/wasm=onnxruntime-web/webgpu"
OPTIONS = (
    "--bundle",
    "--format=esm",
    "--target=es2022",
    "--minify",
    "--charset=utf8",
    "--legal-comments=none",
    "--sourcemap=linked",
    "--entry-names=[name]-[hash]",
    "--chunk-names=shared-[hash]",
    "--asset-names=[name]-[hash]",
    "--conditions=onnxruntime-web-use-extern-wasm",
    "--external:node:*",
    "--external:ws",
    *(f"--loader:.{ending}=file" for ending in ("svg", "png", "woff2", "webp")),
    "--log-level=warning",
)


def bundle(source: Path, out: Path) -> dict[str, str]:
    """Bundle workers, the public module and every page.

    Parameters
    ----------
    source : Path
        The folder `web`; `node_modules` lies beside it.
    out : Path
        Gets `assets/…`, the pages and `foreshore.js`.

    Returns
    -------
    dict
        The release's entry points by name (`python_worker`, `ort_wasm`, …), relative to `out`. Every `*-worker.js` of
        `web/worker` and `web/bench` is one.

    Raises
    ------
    BuildError
        If a package is missing, or a source has an error; with esbuild's words.
    """
    source = source.resolve()
    esbuild = Esbuild(source.parent, out / ASSETS)
    entry = _bundle_workers(esbuild, source) | _copy_ort(source.parent, out / ASSETS)
    _bundle_pages(esbuild, source, out)
    for folder in VERBATIM:
        shutil.copytree(source / "app" / folder, out / folder, dirs_exist_ok=True)
    return dict(sorted(entry.items()))


@dataclass(frozen=True, slots=True)
class Bundles:
    """What became of each source.

    Attributes
    ----------
    names : dict
        The file name of its bundle.
    chunks : dict
        The file names of what that imports, which the browser would find only once it has read it.
    """

    names: dict[Path, str]
    chunks: dict[Path, list[str]]


@dataclass(frozen=True, slots=True)
class Esbuild:
    """The pinned esbuild.

    Parameters
    ----------
    root : Path
        The folder of `node_modules`; paths in source maps are relative to it.
    out : Path
        Where bundles go.
    """

    root: Path
    out: Path

    def run(self, entries: Sequence[str | Path], *options: str) -> Bundles:
        """Bundle entry points.

        Parameters
        ----------
        entries : sequence of str or Path
            Sources, or `name=source` to give the bundle another name.
        *options : str
            Beyond `OPTIONS`.

        Returns
        -------
        Bundles
            By absolute source.
        """
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch) / "report.json"
            command = [self._program(), *entries, f"--outdir={self.out.resolve()}", f"--metafile={report}", *OPTIONS, *options]
            call(command, cwd=self.root, advice="mend the source that esbuild names above")
            return self._bundles(json.loads(report.read_text()))

    def _program(self) -> Path:
        program = self.root / "node_modules" / ".bin" / "esbuild"
        if not program.exists():
            raise BuildError(f"{program} is missing; run `npm ci` in {self.root}")
        return program

    def _bundles(self, report: Mapping[str, Any]) -> Bundles:
        """What became of entry points; `--splitting` gives a chunk no entry point, a style sheet imported by a script neither."""
        outputs = report["outputs"]
        entries = {self.root / item["entryPoint"]: name for name, item in outputs.items() if "entryPoint" in item}
        names = {source: os.path.basename(name) for source, name in entries.items()}
        return Bundles(names, {source: [os.path.basename(each) for each in _imported(name, outputs)] for source, name in entries.items()})


def _imported(name: str, outputs: Mapping[str, Any]) -> list[str]:
    """Every chunk that a bundle imports at once, directly or through another."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        imports = outputs[waiting.pop(0)]["imports"]
        new = [
            each["path"] for each in imports if each["kind"] == "import-statement" and each["path"] in outputs and each["path"] not in found
        ]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def _bundle_workers(esbuild: Esbuild, source: Path) -> dict[str, str]:
    """Each worker is one file: a module worker that imports a chunk would wait for a second round trip."""
    files = sorted([*source.glob("worker/*-worker.js"), *source.glob("bench/**/*-worker.js")])
    names = esbuild.run(files).names
    entry = {file.stem.replace("-", "_"): f"{ASSETS}/{names[file]}" for file in files}
    on_gpu = [file for file in files if file.stem in ON_GPU]
    webgpu = esbuild.run([f"{_gpu_stem(file)}={file}" for file in on_gpu], WEBGPU_ALIAS).names
    return entry | {_gpu_stem(file).replace("-", "_"): f"{ASSETS}/{webgpu[file]}" for file in on_gpu}


def _gpu_stem(worker: Path) -> str:
    return worker.stem.replace("-worker", "-webgpu-worker")


def _copy_ort(root: Path, assets: Path) -> dict[str, str]:
    folder = root / "node_modules" / "onnxruntime-web" / "dist"
    return {key: f"{ASSETS}/{copy_hashed(folder / name, assets)}" for key, name in ORT_FILES.items()}


def copy_hashed(file: Path, assets: Path) -> str:
    """Copy a file under a name that carries its content's hash; returns that name.

    Raises
    ------
    BuildError
        If it is missing.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BuildError(f"{file.name} is missing ({error}); run `npm ci`") from error
    name = f"{file.stem}-{hashlib.sha256(content).hexdigest()[:8].upper()}{file.suffix}"
    assets.mkdir(parents=True, exist_ok=True)
    (assets / name).write_bytes(content)
    return name


def _bundle_pages(esbuild: Esbuild, source: Path, out: Path) -> None:
    """Pages and the public module in one run, so that they share chunks."""
    pages = find_pages(source)
    public = source / "app" / "foreshore.js"
    loaded = {file for page in pages for file in page.references()}
    bundled = {file for file in loaded if file.suffix in (".js", ".css")}
    bundles = esbuild.run(sorted({public, *bundled}), "--splitting")
    names = bundles.names | {file: copy_hashed(file, out / ASSETS) for file in loaded - bundled}
    places = {file: f"{ASSETS}/{name}" for file, name in names.items()}
    chunks = {file: [f"{ASSETS}/{name}" for name in names] for file, names in bundles.chunks.items()}
    for page in pages:
        (out / page.place).parent.mkdir(parents=True, exist_ok=True)
        (out / page.place).write_text(page.rewritten(places, chunks))
    (out / "foreshore.js").write_text(f'export * from "./{places[public]}";\n')
