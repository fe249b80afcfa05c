"""A study of two small networks."""

from __future__ import annotations

import numpy as np
import onnx

from models.case_studies import half_precision
from models.case_studies.layers import drawn_rows
from models.case_studies.study import Figures, Network, Reference, Setting, Study

TITLE = "6 numbers"
BUILT: list[str] = []
"""What was built, in order."""


def built(name: str, dtype: type) -> onnx.ModelProto:
    BUILT.append(name)
    return half_precision.network(dtype, widths=(6, 8), layers=2)


def lesson(figures: Figures) -> str:
    return f"{figures.fewer('half', 'size_bytes'):.2f} times smaller, {figures.faster('half', title=TITLE, batch=2)}"


STUDY = Study(
    name="small",
    title="Small networks",
    claim="Half the bytes.",
    setup="As small as can be.",
    references=(Reference("Somebody: Something, 2020", "https://example.org/"),),
    networks=(
        Network("single", "single precision", lambda: built("single", np.float32), {"parameters": 96.0, "size_bytes": 384.0}),
        Network("half", "half precision", lambda: built("half", np.float16), {"parameters": 96.0, "size_bytes": 192.0}),
    ),
    settings=(Setting(TITLE, lambda: {"rows": drawn_rows(3, 6)}, batches=(1, 2), rounds=3),),
    lesson=lesson,
)
