"""The stage that makes a pipeline's weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from foreshore import load_pipeline
from packing.stage import Made, Stages
from web.bench.weights.files import write_weights

VARIANT = "fp32"
"""Which the plain JavaScript answers by."""


def weights_stage(stages: Stages, name: str) -> dict[str, Made]:
    """The weights of a pipeline that has a plain JavaScript, by the manifest's key; nothing for others."""
    if not (stages.root / "web" / "bench" / "plain" / f"{name}.js").is_file():
        return {}
    models, segments = exact_models(stages.root / "models" / name / "artefacts")
    routes = routes_of(load_pipeline(name).contract.segment_values, segments)
    inputs = [*models, *sorted(Path(__file__).parent.glob("*.py"))]
    return {"benchmark_weights": stages.run(f"weights-{name}", inputs, lambda out: write_weights(models, routes, out), routes=routes)}


def exact_models(artefacts: Path) -> tuple[list[Path], list[str]]:
    """A pipeline's uncompressed models, that of all first, then those of the segments that are named beside them."""
    card = json.loads((artefacts / "card.json").read_text(encoding="utf-8"))
    variant = next(each for each in card["variants"] if each["name"] == VARIANT)
    segments = variant.get("segments", {})
    return [artefacts / each["file"] for each in (variant, *segments.values())], list(segments)


def routes_of(values: Sequence[str], own: Sequence[str]) -> list[int]:
    """Which model answers a segment, by its code: 0 that of all, else one more than its place among those with one of their own.

    Examples
    --------
    >>> routes_of(["EWR", "JFK", "LGA"], ["JFK"])
    [0, 1, 0]
    """
    return [own.index(value) + 1 if value in own else 0 for value in values]
