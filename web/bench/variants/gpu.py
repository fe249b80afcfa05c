"""Models on WebGPU: those that run there, and why the others do not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from web.bench.variants.feeds import Rows, VariantError
from web.bench.variants.measuring import measure
from web.bench.variants.report import Report

BROWSER_OPTIONS = ("--enable-unsafe-webgpu", "--enable-features=Vulkan")
"""On Linux Chromium gives a GPU to WebGPU by these alone."""
NAME = re.compile(r"[^,:]*")


def measure_gpu(
    models: Mapping[str, Path], feeds: Rows, *, software: bool = False, browser_options: Sequence[str] = BROWSER_OPTIONS, **options: Any
) -> Report:
    """As `measure` on WebGPU; a model that fails there is left out and named in `failures`, with the reason.

    Raises
    ------
    VariantError
        If the first model fails, which the others are compared with.
    NoAdapterError
        If there is no GPU; a program on the processor counts where `software` says so.
    """
    left = dict(models)
    failures: dict[str, str] = {}
    while True:
        try:
            report = measure(left, feeds, provider="webgpu", software=software, browser_options=browser_options, **options)
            return {**report, "failures": failures}
        except VariantError as error:
            failed = _named(error, left)
            if failed is None:
                raise
            failures[failed] = str(error).removeprefix(failed).lstrip(",: ")
            del left[failed]


def _named(error: VariantError, models: Mapping[str, Path]) -> str | None:
    """Which model failed; None for the first one and for a name that is none of theirs."""
    match = NAME.match(str(error))
    return match[0] if match and match[0] in list(models)[1:] else None
