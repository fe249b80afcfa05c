"""Segments: every row is answered by the model of its segment, in the rows' order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.segments import SegmentedModel, run_native
from models.verification.records import draw_records
from tests.harbour.checkout import OWN_MODEL, VARIANT, write_checkout
from tests.harbour.pipeline import CONTRACT, PIPELINE

FEATURES = len(CONTRACT.features[0].columns)


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkout(tmp_path_factory.mktemp("checkout")) / "artefacts"


def segmented(artefacts: Path) -> SegmentedModel:
    listed = {"file": f"{VARIANT}.onnx", "segments": {OWN_MODEL: {"file": f"{VARIANT}.{OWN_MODEL}.onnx"}}}
    return SegmentedModel.of_variant(CONTRACT, listed, lambda file: artefacts / file)


def test_each_row_is_answered_by_its_own_model(artefacts: Path) -> None:
    codes = np.array([1, 0, 2, 0, 0, 1], np.int32)
    feeds = {"features": np.random.default_rng(1).normal(size=(len(codes), FEATURES)).astype(np.float32)}
    of_all, of_north = (run_native(artefacts / file, feeds)["wait"] for file in (f"{VARIANT}.onnx", f"{VARIANT}.{OWN_MODEL}.onnx"))

    merged = segmented(artefacts).run(feeds, codes)["wait"]

    np.testing.assert_array_equal(merged, np.where((codes == 0)[:, None], of_north, of_all))
    assert not np.array_equal(of_all, of_north)


def test_model_without_segments_answers_all(artefacts: Path) -> None:
    model = SegmentedModel(artefacts / f"{VARIANT}.onnx")
    feeds = {"features": np.ones((3, FEATURES), np.float32)}
    np.testing.assert_array_equal(model.run(feeds, np.zeros(3, np.int32))["wait"], run_native(model.default, feeds)["wait"])
    np.testing.assert_array_equal(model.run(feeds, None)["wait"], run_native(model.default, feeds)["wait"])


def test_a_records_answer_does_not_depend_on_the_others(artefacts: Path) -> None:
    records = draw_records(CONTRACT, 30, seed=7)
    model = segmented(artefacts)
    together = [answer["wait_min"] for answer in model.answer(PIPELINE, records)]
    alone = [model.answer(PIPELINE, [record])[0]["wait_min"] for record in records]
    assert alone == pytest.approx(together, rel=1e-6)
