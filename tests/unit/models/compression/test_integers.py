"""Integer products: close to the floats, outlying inputs untouched, and closer still after fine-tuning with rounding."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.compression.chain import Chain
from models.compression.errors import LessonError
from models.compression.graph import constants
from models.compression.integers import IntegerProducts, QuantisationAware, Range, integer_products, quantisation_aware
from models.compression.lesson import Lesson
from models.compression.low_rank import LowRank, low_rank
from tests.unit.models.compression.conftest import CARRIED, answers, mean_square, random_chain

WITHIN = 0.002
"""Of the answers' variance, what 8-bit integers cost at most."""


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_integers_answer_nearly_as_floats_do(model: onnx.ModelProto, lesson: Lesson) -> None:
    rounded = integer_products(model, IntegerProducts(rows=1000), lesson)
    rest = lesson.targets[:, 0] - lesson.features["rows"][:, -1]
    assert 0 < mean_square(rounded, lesson) < WITHIN * float(np.var(rest))
    assert operators(rounded).count("MatMulInteger") == 3


def test_weights_are_bytes(model: onnx.ModelProto, lesson: Lesson) -> None:
    rounded = constants(integer_products(model, IntegerProducts(), lesson))
    assert all(values.dtype == np.uint8 or values.shape[0] <= CARRIED for values in rounded.values() if values.ndim == 2)


def test_an_outlying_input_reaches_the_answer_untouched(model: onnx.ModelProto, lesson: Lesson) -> None:
    rounded = integer_products(model, IntegerProducts(), lesson)
    rows = lesson.features["rows"][:100].copy()
    further = rows.copy()
    further[:, -1] += 7.77
    np.testing.assert_allclose(answers(rounded, further) - answers(rounded, rows), 7.77, rtol=1e-3)


def test_without_floats_for_them_outlying_inputs_cost_far_more(model: onnx.ModelProto, lesson: Lesson) -> None:
    apart, together = (integer_products(model, IntegerProducts(outlier=limit), lesson) for limit in (8.0, 1e9))
    assert "Gather" not in operators(together)
    assert mean_square(together, lesson) > 5 * mean_square(apart, lesson)


def test_an_even_chain_has_no_floats_beside(lesson: Lesson) -> None:
    chain, rows = random_chain([12, 10, 1]), lesson.features["rows"][:, :12] / [*[1] * 11, 20]
    even = Lesson({"rows": rows.astype(np.float32)}, chain.activations(rows.astype(np.float32))[-1])
    assert "Gather" not in operators(integer_products(chain.model(), IntegerProducts(), even))


def test_the_mean_of_answers_is_kept(model: onnx.ModelProto, lesson: Lesson) -> None:
    rounded = integer_products(model, IntegerProducts(rows=len(lesson)), lesson)
    assert abs(float(np.mean(answers(rounded, lesson.features["rows"]) - answers(model, lesson.features["rows"])))) < 1e-4


def test_factors_without_relu_between_are_rounded_too(model: onnx.ModelProto, lesson: Lesson) -> None:
    thin = low_rank(model, LowRank(rank=5, epochs=0), lesson)
    rounded, rows = integer_products(thin, IntegerProducts(), lesson), lesson.features["rows"]
    assert np.mean((answers(rounded, rows) - answers(thin, rows)) ** 2) < 0.02 * np.var(answers(thin, rows) - rows[:, -1:])


def test_a_rectified_answer_stays_rectified() -> None:
    chain, rows = random_chain([12, 10, 4]), np.random.default_rng(1).normal(size=(500, 12)).astype(np.float32)
    last = Chain((*chain.layers[:-1], type(chain.layers[-1])(chain.layers[-1].weights, chain.layers[-1].bias, rectified=True)), chain.like)
    rounded = integer_products(last.model(), IntegerProducts(), Lesson({"rows": rows}, last.activations(rows)[-1]))
    assert answers(rounded, rows).min() == 0


def test_fine_tuning_with_rounding_beats_rounding_alone(model: onnx.ModelProto, lesson: Lesson) -> None:
    alone, aware = integer_products(model, IntegerProducts(), lesson), quantisation_aware(model, QuantisationAware(epochs=20), lesson)
    assert operators(aware) == operators(alone)
    assert mean_square(aware, lesson) < mean_square(alone, lesson)


def test_one_row_is_no_calibration(model: onnx.ModelProto, lesson: Lesson) -> None:
    one = Lesson({"rows": lesson.features["rows"][:1]}, lesson.targets[:1])
    with pytest.raises(LessonError, match="calibration: got 1 rows"):
        integer_products(model, IntegerProducts(), one)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.booleans())
def test_ranges_hold_their_values_and_zero(seed: int, size: float, rectified: bool) -> None:
    values = (np.random.default_rng(seed).normal(size=(60, 5)) * size).astype(np.float32).clip(0 if rectified else -np.inf)
    found = Range.of(values, outlier=1e9, saturated=0.0)
    low, high = (float(found.scale) * (end - int(found.zero)) for end in (0, 255))
    assert low <= min(0.0, float(values.min())) + 0.51 * found.scale
    assert high >= float(values.max()) - 0.51 * found.scale


def test_silent_inputs_have_a_range_all_the_same() -> None:
    assert Range.of(np.zeros((20, 3), np.float32), outlier=8, saturated=0.0).scale > 0
