"""Training on the host: a model, its variants, and the artefacts that are committed. Your model goes into `fit`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from numpy.typing import ArrayLike, NDArray
from spox import Tensor, argument, build

from models.artefacts import Variant, write_artefacts
from models.compression.recipes import run
from models.scaffolding.template.data import LICENCE, ROWS, SEED, SOURCE, TRAIN_ROWS, Records, Truth, measurements
from models.scaffolding.template.pipeline import FEATURES, PIPELINE, SKIES
from models.scaffolding.template.recipes import INT8
from models.segments import run_native

UNITS = 256
GOLDEN = 500


def train(folder: Path, progress: Callable[[str], None]) -> None:
    """Write `artefacts/`: the model, its int8 variant, golden cases and a card."""
    records, felt = measurements()
    tests, truth = records[TRAIN_ROWS:], felt[TRAIN_ROWS:]
    model = fit(PIPELINE.prepare(records[:TRAIN_ROWS])["features"], felt[:TRAIN_ROWS])
    models = {"fp32": model, INT8.name: run(INT8, model, None)}
    variants = [Variant(name, each, mean_error(predict(each, tests), truth)) for name, each in models.items()]
    for variant in variants:
        progress(f"{variant.name}: mean absolute error {variant.quality['mae_celsius']:.2f} °C on {len(tests)} rows not seen in training")
    about = {
        "licence": "Apache-2.0",
        "data": {"source": SOURCE, "licence": LICENCE, "rows": ROWS, "train_rows": TRAIN_ROWS, "test_rows": len(tests)},
        "seed": SEED,
        "baselines": {"air_temperature": mean_error([record["temperature_c"] for record in tests], truth)},
        "limits": [
            f"Invented weather under {len(SKIES)} skies: an example, not a forecast.",
            "Where the wind is unknown, it answers for a usual one.",
        ],
    }
    write_artefacts(folder, PIPELINE, variants, tests[:GOLDEN], about)


def fit(features: NDArray[np.float32], felt: Truth) -> onnx.ModelProto:
    """A network of one hidden layer, drawn at random, whose answers are fitted by least squares; tensors are named as in the contract.

    References
    ----------
    Huang, Zhu, Siew: Extreme learning machine, 2006, https://doi.org/10.1016/j.neucom.2005.12.126
    """
    draw = np.random.default_rng(SEED)
    hidden, bias = draw.normal(size=(len(FEATURES), UNITS)).astype(np.float32), draw.uniform(-1, 1, UNITS).astype(np.float32)
    units = np.maximum(features @ hidden + bias, 0).astype(np.float64)
    ridge = np.eye(UNITS) * 3e-4 * len(units)
    weights = np.linalg.solve(units.T @ units + ridge, units.T @ felt)[:, np.newaxis].astype(np.float32)
    values = argument(Tensor(np.float32, ("N", len(FEATURES))))
    answer = op.gemm(op.relu(op.gemm(values, op.const(hidden), op.const(bias))), op.const(weights))
    return build({"features": values}, {"apparent_temperature": answer})


def predict(model: onnx.ModelProto, records: Records) -> list[float]:
    """A model's answers, °C, decoded by the pipeline."""
    content = model.SerializeToString()
    return [answer["feels_like_c"] for answer in PIPELINE.predict(records, lambda feeds: run_native(content, feeds))]


def mean_error(answers: ArrayLike, truth: Truth) -> dict[str, float]:
    """Mean absolute error, as the card holds it."""
    return {"mae_celsius": round(float(np.mean(np.abs(np.asarray(answers) - truth))), 3)}
