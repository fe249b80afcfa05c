"""Artefacts: what training leaves behind for the build, written from models, records and a few facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from foreshore import ContractError, Pipeline
from models.compression.graph import parameters
from models.schedules import schedules_of
from models.segments import run_native
from packing.hashing import write_whole

REFERENCE = "fp32"
"""The variant whose answers golden cases hold."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a model.

    Attributes
    ----------
    name : str
        Its file is `<name>.onnx`.
    model : onnx.ModelProto
    quality : mapping of str to float
        By measure, such as "mae_min", on rows that training did not see.
    """

    name: str
    model: onnx.ModelProto
    quality: Mapping[str, float]

    @property
    def content(self) -> bytes:
        """The file's bytes, the same for the same model."""
        written: bytes = self.model.SerializeToString(deterministic=True)
        return written

    def to_json(self) -> dict[str, Any]:
        """The variant as a card lists it."""
        return {
            "name": self.name,
            "file": f"{self.name}.onnx",
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "size_bytes": len(self.content),
            "parameters": parameters(self.model),
            "quality": dict(self.quality),
        }


def write_artefacts(
    folder: Path, pipeline: Pipeline, variants: Sequence[Variant], cases: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> None:
    """Write `artefacts/`: every variant, `card.json`, and `golden.json` with the answers of fp32 to some records.

    Parameters
    ----------
    folder : Path
        `models/<name>`.
    pipeline : Pipeline
    variants : sequence of Variant
        The first is the one that visitors get; one is "fp32".
    cases : sequence of records
        500 at least, which training did not see.
    about : mapping
        What else the card says: "licence", "data", "baselines", "limits".

    Raises
    ------
    ContractError
        If no variant is the one that golden cases are answered by.
    """
    contract = pipeline.contract
    contents = {variant.name: variant.content for variant in variants}
    if REFERENCE not in contents:
        raise ContractError(f"{contract.name}: got the variants {sorted(contents)}, expected {REFERENCE!r} among them; write it, too")
    card = {
        "pipeline": contract.name,
        "title": contract.title,
        "description": contract.description,
        **about,
        "schedules": schedules_of(contract),
        "metrics": dict(variants[0].quality),
        "default_variant": variants[0].name,
        "variants": [variant.to_json() for variant in variants],
    }
    golden = {
        "pipeline": contract.name,
        "contract_version": contract.version,
        "source": "Records that training did not see, with the answers of fp32.onnx in native ONNX Runtime.",
        "records": list(cases),
        "outputs": pipeline.predict(cases, lambda feeds: run_native(contents[REFERENCE], feeds)),
    }
    for name, content in contents.items():
        write_whole(folder / "artefacts" / f"{name}.onnx", content)
    for name, facts in (("golden", golden), ("card", card)):
        write_whole(folder / "artefacts" / f"{name}.json", (json.dumps(facts, indent=1) + "\n").encode())
