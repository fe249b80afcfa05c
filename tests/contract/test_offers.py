"""Compressed variants in the release: each can be measured where the site is open, as the model that was compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from packing.hashing import sha256_of


def test_every_variant_can_be_measured_on_the_visitors_device(name: str, dist: Path, release: dict[str, Any]) -> None:
    pipeline = release["pipelines"][name]
    if "compression" not in pipeline:
        pytest.skip(f"{name} is not compressed")
    folder = dist / str(pipeline["compression"])
    facts, offer = (json.loads((folder / file).read_text(encoding="utf-8")) for file in ("compression.json", "offer.json"))
    held = {variant: folder / file for variant, file in offer["models"].items()}
    held |= {variant["name"]: dist / variant["file"] for variant in pipeline["variants"]}
    compared = {variant["name"]: variant["sha256"] for variant in (facts["base"], *facts["variants"])}
    assert {variant: sha256_of(held[variant]) for variant in compared} == compared
