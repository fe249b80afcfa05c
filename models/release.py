"""Releases: one immutable, hashed set of runtime, code and models, and the channel that points to it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli

from foreshore import Contract, ContractError, load_pipeline
from foreshore.encoding import encoding_table
from foreshore.schedules import checked_schedules
from models.verification.gate import REPORT
from packing.errors import BuildError
from packing.hashing import files_under, sha256_of, write_whole
from packing.precompression import precompressed
from packing.stage import FACTS, HASHES, Made

FORMAT = 1
CHANNEL = "channels/stable.json"
LIFETIME = timedelta(days=365)
"""How long a device may go on using a release that no newer one has replaced."""
ID_DIGITS = 16
HASH_DIGITS = 10
TWIN_GAIN = 0.95
"""A brotli twin is kept where it is at most this share of the file."""
INVENTORY = ".inventory.json"
"""Names the key and every file of a site that was written to its end."""


@dataclass(slots=True)
class Site:
    """The files of a site under construction: where each goes, and where it comes from.

    Attributes
    ----------
    files : dict of str to Path or bytes
        Path in the site (with `/`) to the file that holds it, or its content.
    """

    files: dict[str, Path | bytes] = field(default_factory=dict)

    def add_text(self, path: str, text: str) -> None:
        """A file of the site's root, given as text."""
        self.files[path] = text.encode()

    def add_tree(self, folder: Path, prefix: str = "") -> None:
        """Every file of a stage's folder, its facts excepted, under `prefix`."""
        for file in files_under(folder):
            name = file.relative_to(folder).as_posix()
            if name not in {FACTS, HASHES}:
                self.files[prefix + name] = file

    def add_hashed(self, file: Path, name: str) -> str:
        """One file as an immutable asset; returns its path, such as `assets/eta-fp32-0123456789.onnx`."""
        stem, dot, ending = name.rpartition(".")
        path = f"assets/{stem}-{sha256_of(file)[:HASH_DIGITS]}{dot}{ending}"
        self.files[path] = file
        return path

    def add_hashed_tree(self, folder: Path, name: str) -> str:
        """A folder as immutable assets; returns its path, such as `assets/eta-samples-0123456789/`."""
        digest = hashlib.sha256()
        for file in files_under(folder):
            if file.name in {FACTS, HASHES}:
                continue
            digest.update(f"{file.relative_to(folder)}\0{sha256_of(file)}\n".encode())
        path = f"assets/{name}-{digest.hexdigest()[:HASH_DIGITS]}/"
        self.add_tree(folder, path)
        return path


@dataclass(frozen=True, slots=True)
class Parts:
    """What the build made for one pipeline.

    Attributes
    ----------
    graphs, report : Made
        As `models.lowering.graphs_stage` and `models.verification.gate.verification_stage` give them.
    extras : mapping
        More folders to ship, by the manifest key that will hold their path (`samples`, …).
    """

    graphs: Made
    report: Made
    extras: Mapping[str, Made]

    @property
    def keys(self) -> list[str]:
        """Hashes of all that went in."""
        return [self.graphs.key, self.report.key, *(made.key for made in self.extras.values())]


def release_pipeline(site: Site, folder: Path, parts: Parts) -> dict[str, Any]:
    """Put a pipeline's artefacts into the site.

    Parameters
    ----------
    site : Site
    folder : Path
        `models/<name>`, with `artefacts/card.json`, `golden.json` and the models that the card lists.
    parts : Parts
        What the build made for it.

    Returns
    -------
    dict
        The pipeline's entry in `release.json`.

    Raises
    ------
    BuildError
        If an artefact is missing, or is not the one that the card names.
    """
    name = folder.name
    pipeline = load_pipeline(name)
    contract = pipeline.contract
    artefacts = folder / "artefacts"
    card = _card(artefacts / "card.json", contract)
    models = Models(site, artefacts, parts.graphs)
    return {
        "contract": contract.to_json(),
        "encoding": encoding_table(contract),
        "view": pipeline.view.to_json() if pipeline.view else None,
        "package": f"foreshore-{name.replace('_', '-')}",
        "module": f"models.{name}.pipeline",
        "variants": [_variant(models, contract, variant) for variant in card["variants"]],
        "default_variant": card["default_variant"],
        "schedules": card.get("schedules", []),
        "graph_reason": parts.graphs.facts["reason"],
        "verification": site.add_hashed(parts.report.folder / REPORT, f"{name}-verification.json"),
        "golden": site.add_hashed(artefacts / "golden.json", f"{name}-golden.json"),
        "card": site.add_hashed(artefacts / "card.json", f"{name}-card.json"),
        **{key: site.add_hashed_tree(made.folder, f"{name}-{key.replace('_', '-')}") for key, made in parts.extras.items()},
    }


def _card(path: Path, contract: Contract) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BuildError(f"{path}: {error}; run `python3 build.py train {contract.name}`") from error
    names = [variant["name"] for variant in card["variants"]]
    if card["default_variant"] not in names:
        raise BuildError(f"{path}: default_variant is {card['default_variant']!r}, expected one of {names}")
    try:
        checked_schedules(card.get("schedules", []), contract, tuple(names))
    except ContractError as error:
        raise BuildError(f"{path}: {error.message}; mend models/{contract.name}/schedule.py and train again") from error
    return card


@dataclass(frozen=True, slots=True)
class Models:
    """The models that a pipeline's card lists, on their way into the site.

    Parameters
    ----------
    site : Site
    artefacts : Path
        The folder that the card's file names are relative to.
    graphs : Made
        As `models.lowering.graphs_stage` gives it.
    """

    site: Site
    artefacts: Path
    graphs: Made

    def add(self, listed: Mapping[str, Any]) -> dict[str, Any]:
        """One model as an asset: its "file", and its "graph" where it was joined to the lowered features; raises BuildError."""
        name = self.artefacts.parent.name
        file = self.artefacts / listed["file"]
        got = sha256_of(file) if file.is_file() else "nothing"
        if got != listed["sha256"]:
            raise BuildError(
                f"{file}: got sha256 {got}, expected {listed['sha256']} as its card says; restore the file or run "
                f"`python3 build.py train {name}`"
            )
        graph = self.graphs.facts["graphs"].get(file.stem)
        joined = {"graph": self.site.add_hashed(self.graphs.folder / graph, f"{name}-{graph}")} if graph else {}
        return {"file": self.site.add_hashed(file, f"{name}-{file.name}"), **joined}


def _variant(models: Models, contract: Contract, variant: Mapping[str, Any]) -> dict[str, Any]:
    """A variant's entry; `segments` names the models that answer in the place of its own, by the value of the contract's segment field."""
    entry = {key: variant[key] for key in ("name", "size_bytes", "quality")} | models.add(variant)
    segments, values = variant.get("segments", {}), contract.segment_values
    if unknown := sorted(set(segments) - set(values)):
        raise BuildError(f"{contract.name}, variant {variant['name']}: got models of segments {unknown}, expected some of {list(values)}")
    return entry | {"segments": {value: models.add(each) for value, each in segments.items()}}


def write_site(site: Site, manifest: Mapping[str, Any], key: str, twins: Path, dist: Path) -> str:
    """Write the whole site aside, then put it in the place of the previous one.

    Parameters
    ----------
    site : Site
    manifest : mapping
        `runtime`, `entry` and `pipelines` of `release.json`.
    key : str
        Hash of all that went in; see `is_current`.
    twins : Path
        Cache of brotli twins by content hash.
    dist : Path
        The site's folder.

    Returns
    -------
    str
        The release's id.

    Raises
    ------
    BuildError
        If it cannot be written; the previous site is as it was.
    """
    following = dist.with_name(f"{dist.name}.next")
    shutil.rmtree(following, ignore_errors=True)
    try:
        files = {path: _place(following / path, source, twins) for path, source in sorted(site.files.items())}
        release = _release(manifest, {path: entry for path, entry in files.items() if path.startswith("assets/")}, dist)
        _write_release(release, following, twins)
        write_whole(following / INVENTORY, json.dumps({"key": key, "files": _inventory(following)}, indent=0).encode())
        swap(following, dist)
    except OSError as error:
        raise BuildError(f"{following}: {error}; the previous build in {dist} is untouched") from error
    finally:
        shutil.rmtree(following, ignore_errors=True)
    return str(release["id"])


def _place(target: Path, source: Path | bytes, twins: Path) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, bytes):
        target.write_bytes(source)
    else:
        shutil.copyfile(source, target)
    entry: dict[str, Any] = {"sha256": sha256_of(target), "size_bytes": target.stat().st_size}
    twin = _twin(target, entry["sha256"], twins)
    if twin:
        shutil.copyfile(twin, target.with_name(f"{target.name}.br"))
        entry["brotli_bytes"] = twin.stat().st_size
    return entry


def _twin(file: Path, sha256: str, twins: Path) -> Path | None:
    """The file's brotli form from the cache, or None where it would not be smaller."""
    twin = twins / f"{sha256}.br"
    content = file.read_bytes()
    if not _is_twin(twin, content):
        write_whole(twin, precompressed(content, file.suffix))
    return twin if twin.stat().st_size <= TWIN_GAIN * file.stat().st_size else None


def _is_twin(twin: Path, content: bytes) -> bool:
    try:
        return bool(brotli.decompress(twin.read_bytes()) == content)
    except (OSError, brotli.error):
        return False


def _release(manifest: Mapping[str, Any], files: Mapping[str, Any], dist: Path) -> dict[str, Any]:
    body = {"format": FORMAT, **manifest, "files": files}
    identity = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:ID_DIGITS]
    previous = read_release(dist)
    if previous and previous["id"] == identity:
        stamps = {key: previous[key] for key in ("sequence", "created", "expires")}
    else:
        now = datetime.now(UTC).replace(microsecond=0)
        sequence = previous["sequence"] + 1 if previous else 1
        stamps = {"sequence": sequence, "created": _stamp(now), "expires": _stamp(now + LIFETIME)}
    return {"id": identity, **stamps, **body}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_release(release: Mapping[str, Any], folder: Path, twins: Path) -> None:
    path = f"releases/{release['id']}/release.json"
    content = json.dumps(release, separators=(",", ":"), sort_keys=True).encode()
    write_whole(folder / path, content)
    channel = {"release": release["id"], "manifest": path, "sha256": hashlib.sha256(content).hexdigest(), "sequence": release["sequence"]}
    write_whole(folder / CHANNEL, json.dumps(channel).encode())
    twin = _twin(folder / path, channel["sha256"], twins)
    if twin:
        shutil.copyfile(twin, folder / f"{path}.br")


def _inventory(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): sha256_of(file) for file in files_under(folder) if file.name != INVENTORY}


def swap(following: Path, current: Path) -> None:
    """Put a finished folder in the place of another; if that fails, the other is put back."""
    previous = current.with_name(f"{current.name}.previous")
    shutil.rmtree(previous, ignore_errors=True)
    if current.exists():
        current.rename(previous)
    try:
        following.rename(current)
    except OSError:
        if previous.exists():
            previous.rename(current)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def read_release(dist: Path) -> dict[str, Any] | None:
    """The release that a site's channel points to, or None where there is no readable one."""
    try:
        channel = json.loads((dist / CHANNEL).read_text())
        release: dict[str, Any] = json.loads((dist / channel["manifest"]).read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return release


def is_current(dist: Path, key: str) -> bool:
    """Whether a site was made from inputs of this key and every file of it is still the one that was written."""
    try:
        inventory = json.loads((dist / INVENTORY).read_text())
        intact = all(sha256_of(dist / path) == sha256 for path, sha256 in inventory["files"].items())
        return bool(inventory["key"] == key and intact)
    except (OSError, ValueError, KeyError, TypeError):
        return False
