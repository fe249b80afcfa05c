"""The model card: where the network comes from, how good it is, and what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx

from models.compression.graph import parameters
from models.see.export import WEIGHTS
from models.see.labels import LABELS
from models.see.photos import EXAMINED
from models.see.pipeline import CONTRACT
from models.see.quality import ACCURACY, AGREEMENT
from models.shipping import quoted_lines
from packing.hashing import sha256_of

DEFAULT_VARIANT = "fp32"
PUBLISHED = "Its authors report 75.1% right first answers on ImageNet's 50,000 validation photos, for this network in full precision."
MEASURED = (
    "Shares of views, ten of each photo: right first answers on photos whose class is known, and first answers that are those of the "
    "published network. 1 is all, larger is better:"
)
LIMITS = (
    "It knows the thousand classes of ImageNet and always names some of them: many kinds of dogs, few kinds of trees, no people as such. "
    "What is not among them is called by what looks most like it.",
    "It looks at the middle of the photo, an eighth of the shorter side left out on all sides together, 224 pixels wide.",
    "A score is no probability of being right: it is often sure and wrong about drawings, screens, collages and anything unusual.",
    "ImageNet's photos come from the web of about 2010, most from North America and Europe; other places and times are recognised worse.",
    "Not for decisions about people, health or safety, and not for recognising persons.",
)


def card(artefacts: Path, quality: Mapping[str, float]) -> dict[str, Any]:
    """What `card.json` holds.

    Parameters
    ----------
    artefacts : Path
        With `fp32.onnx`.
    quality : mapping
        That model's.
    """
    return {
        "pipeline": CONTRACT.name,
        "title": CONTRACT.title,
        "description": f"{CONTRACT.description} EfficientNet-Lite0, trained by its authors on ImageNet-1k. {PUBLISHED}",
        "licence": "Apache-2.0",
        "data": {
            "source": "ImageNet-1k (ILSVRC 2012), of which no photo is held or shipped here",
            "licence": "ImageNet's terms of access, for research",
            "rows": 1_281_167,
            "train_rows": 1_281_167,
            "test_rows": len(EXAMINED),
        },
        "weights": {"file": WEIGHTS.name, "source": str(WEIGHTS.sources[0]), "sha256": WEIGHTS.hashes[0]},
        "measured": MEASURED,
        "metrics": dict(quality),
        "baselines": {"chance": {ACCURACY: round(1 / len(LABELS), 3), AGREEMENT: round(1 / len(LABELS), 3)}},
        "limits": list(LIMITS),
        "default_variant": DEFAULT_VARIANT,
        "variants": [_variant(artefacts / "fp32.onnx", quality)],
    }


def _variant(file: Path, quality: Mapping[str, float]) -> dict[str, Any]:
    return {
        "name": file.stem,
        "file": file.name,
        "sha256": sha256_of(file),
        "size_bytes": file.stat().st_size,
        "parameters": parameters(onnx.load(file)),
        "quality": dict(quality),
        "segments": {},
    }


def rendered(facts: Mapping[str, Any]) -> str:
    """`CARD.md` for a card."""
    parts = [part(facts) for part in (_head, _variants, _compression, _limits, _origin)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(facts: Mapping[str, Any]) -> str:
    return f"# {facts['title']}\n\n{facts['description']}\n\n{facts['measured']}"


def _variants(facts: Mapping[str, Any]) -> str:
    rows = [
        f"| {each['name']} | {each['size_bytes']:,} | {each['parameters']:,} | {each['quality'][ACCURACY]:.3f} | "
        f"{each['quality'][AGREEMENT]:.3f} |"
        for each in facts["variants"]
    ]
    chance = facts["baselines"]["chance"]
    head = (
        f"| | bytes | parameters | right, {sum(photo.label is not None for photo in EXAMINED)} photos | agreement, {len(EXAMINED)} photos |"
    )
    return "\n".join([head, "|---|---|---|---|---|", f"| chance | | | {chance[ACCURACY]:.3f} | {chance[AGREEMENT]:.3f} |", *rows])


def _compression(facts: Mapping[str, Any]) -> str:
    return "\n".join(quoted_lines(facts))


def _limits(facts: Mapping[str, Any]) -> str:
    return "\n".join(["## Limits", "", *(f"- {limit}" for limit in facts["limits"])])


def _origin(facts: Mapping[str, Any]) -> str:
    weights = facts["weights"]
    return "\n".join(
        [
            "## Origin",
            "",
            f"- Data: {facts['data']['source']}.",
            f"- Weights: {weights['file']} from {weights['source']}, licence {facts['licence']}, sha256",
            f"  `{weights['sha256']}`.",
            f"- `python3 build.py train {facts['pipeline']}` writes the network from them again; the build does so where it is missing.",
        ]
    )
