"""Offering: the variants that a site lets its visitors measure, with rows to feed them.

What had to be learned is kept in `models/<name>/variants`; what a recipe makes without a lesson, the build makes again. What is released
is among the artefacts. A model above `LARGEST_BYTES` is offered only where the programme says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.errors import CompressionError, LessonError
from models.compression.programme import Programme
from models.compression.recipes import Recipe, run
from packing.hashing import write_whole
from packing.stage import Made, Stages

MODEL, SAMPLES = "model.onnx", "samples.npz"
"""Of a variant's stage, and of the base's."""
FOLDER, ROWS, FACTS, OFFER = "variants", "rows.json", "compression.json", "offer.json"
LARGEST_BYTES = 1 << 20
ROWS_BYTES = 1 << 20
"""Of the sample rows together; one row is offered whatever its size."""
FORMAT = 1

type Facts = Mapping[str, Any]


def write_offer(folder: Path, facts: Facts, base: Made, variants: Mapping[str, Made]) -> None:
    """Write `variants/` in a pipeline's folder: learned models that are offered and not released, and sample rows.

    Parameters
    ----------
    folder : Path
        `models/<name>`.
    facts : mapping
        What `compression.json` holds.
    base : Made
        With the sample rows.
    variants : mapping of str to Made
        With their models.
    """
    kept = [each["name"] for each in facts["variants"] if each["offered"] and each["learned"] and not each["released"]]
    files = {f"{name}.onnx": (variants[name].folder / MODEL).read_bytes() for name in kept}
    with np.load(base.folder / SAMPLES) as samples:
        files |= _rows(dict(samples))
    for name, content in files.items():
        write_whole(folder / FOLDER / name, content)
    for stale in sorted({file.name for file in (folder / FOLDER).iterdir()} - set(files)):
        (folder / FOLDER / stale).unlink()


def is_offered(programme: Programme, name: str, size_bytes: int) -> bool:
    """Whether visitors may measure a variant that is not released."""
    return size_bytes <= LARGEST_BYTES or name in programme.offers


def _rows(samples: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
    """Sample rows as files of little-endian numbers, and `rows.json` that describes them."""
    row_bytes = sum(rows.nbytes // len(rows) for rows in samples.values())
    count = max(1, ROWS_BYTES // row_bytes)
    files, listed = {}, []
    for place, (name, rows) in enumerate(samples.items()):
        some, file = rows[:count], f"rows-{place}.bin"
        files[file] = some.astype(some.dtype.newbyteorder("<")).tobytes()
        listed.append({"name": name, "dtype": some.dtype.name, "dims": list(some.shape), "file": file})
    return {**files, ROWS: (json.dumps(listed, indent=1) + "\n").encode()}


def offer_stage(stages: Stages, name: str) -> dict[str, Made]:
    """The release's folder on a pipeline's compression, by the manifest's key; nothing where it was not compressed as it stands.

    It holds `compression.json`, `offer.json` (`{"format": 1, "rows": [{"name", "dtype", "dims", "file"}], "models": {variant: file}}`),
    the rows, and the models that are not among the released ones.
    """
    folder = stages.root / "models" / name
    if not (folder / FACTS).is_file() or not (folder / FOLDER / ROWS).is_file():
        return {}
    facts = json.loads((folder / FACTS).read_text())
    base = _base_file(folder, facts)
    if base is None:
        stages.console.print(
            f"  [yellow]compression-{name}: left out, it is of another model; run `python3 build.py compress {name}`[/yellow]"
        )
        return {}
    inputs = [folder / FACTS, folder / FOLDER, base, Path(__file__), Path(__file__).parent / "compression"]
    made = stages.run(f"compression-{name}", inputs, lambda out: _fill(folder, facts, base, out))
    for variant in made.facts["other"]:
        stages.console.print(f"  [yellow]compression-{name}: {variant} cannot be measured, made here it is another model[/yellow]")
    return {"compression": made}


def _base_file(folder: Path, facts: Facts) -> Path | None:
    """The model that all were made of, where it is still the released one."""
    variants = json.loads((folder / "artefacts" / "card.json").read_text())["variants"]
    hashes = {each["sha256"]: folder / "artefacts" / str(each["file"]) for each in variants}
    return hashes.get(facts["base"]["sha256"])


def _fill(folder: Path, facts: Facts, base: Path, out: Path) -> dict[str, Any]:
    rows = json.loads((folder / FOLDER / ROWS).read_text())
    for name in (FACTS, *(f"{FOLDER}/{each['file']}" for each in rows)):
        write_whole(out / Path(name).name, (folder / name).read_bytes())
    model = onnx.load(base)
    wanted = [each for each in facts["variants"] if each["offered"] and not each["released"]]
    contents = {each["name"]: _content(folder, each, model) for each in wanted}
    offered = {each["name"] for each in wanted if hashlib.sha256(contents[each["name"]]).hexdigest() == each["sha256"]}
    for name in sorted(offered):
        write_whole(out / "models" / f"{name}.onnx", contents[name])
    offer = {"format": FORMAT, "rows": rows, "models": {name: f"models/{name}.onnx" for name in sorted(offered)}}
    write_whole(out / OFFER, json.dumps(offer, indent=1).encode())
    return {"models": len(offered), "other": sorted(set(contents) - offered)}


def _content(folder: Path, variant: Facts, base: onnx.ModelProto) -> bytes:
    """A variant's model, as it was kept or made again; no bytes where that fails."""
    file = folder / FOLDER / f"{variant['name']}.onnx"
    if file.is_file():
        return file.read_bytes()
    try:
        return remade(Recipe.from_json(variant), base) or b""
    except CompressionError:
        return b""


def remade(recipe: Recipe, model: onnx.ModelProto) -> bytes | None:
    """What a recipe makes without a lesson; None where it cannot do without."""
    try:
        return bytes(run(recipe, model, None).SerializeToString())
    except LessonError:
        return None
