"""Pruning: weights really zero, units really gone, and those that carry the answer kept."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from models.compression.chain import Chain
from models.compression.errors import RecipeError
from models.compression.lesson import Lesson
from models.compression.pruning import Structured, Unstructured, importance, structured, unstructured, without_units
from tests.unit.models.compression.conftest import CARRIED, INPUTS, mean_square


def shapes(model: onnx.ModelProto) -> list[tuple[int, ...]]:
    return [layer.weights.shape for layer in Chain.read(model, "test").layers]


@pytest.mark.parametrize(("kept", "hidden"), [(1.0, (24, 16)), (0.5, (12, 8)), (0.25, (6, 4)), (0.01, (1, 1))])
def test_pruned_units_are_gone_from_the_graph(model: onnx.ModelProto, lesson: Lesson, kept: float, hidden: tuple[int, int]) -> None:
    pruned = structured(model, Structured(kept, epochs=0), lesson)
    assert shapes(pruned) == [(INPUTS, hidden[0]), hidden, (hidden[1], 1)]
    assert len(pruned.SerializeToString()) < len(model.SerializeToString()) or kept == 1.0


def test_units_that_carry_a_large_input_survive(chain: Chain, lesson: Lesson) -> None:
    rows = lesson.features["rows"]
    for index in range(2):
        most = np.argsort(-importance(chain, index, rows))[:CARRIED]
        assert sorted(most + CARRIED - len(chain.layers[index].bias)) == list(range(CARRIED))
    narrow = without_units(chain, [CARRIED, CARRIED], lesson)
    np.testing.assert_array_equal(narrow.layers[0].weights[-1], [1, -1])
    np.testing.assert_array_equal(narrow.layers[-1].weights[:, 0], [1, -1])


def test_units_that_say_the_same_to_every_row_go_first(chain: Chain, lesson: Lesson) -> None:
    chain.layers[0].weights[:, [3, 5]], chain.layers[0].bias[[3, 5]] = 0, [-1, 2]
    constant = Lesson(lesson.features, chain.activations(lesson.features["rows"])[-1])
    np.testing.assert_allclose(importance(chain, 0, lesson.features["rows"])[[3, 5]], 0, atol=1e-9)
    narrow = without_units(chain, [22, 16], constant)
    assert mean_square(narrow.model(), constant) < 1e-6


def test_fine_tuning_brings_quality_back(model: onnx.ModelProto, lesson: Lesson) -> None:
    without, tuned = (structured(model, Structured(0.5, epochs=epochs), lesson) for epochs in (0, 12))
    assert mean_square(tuned, lesson) < 0.5 * mean_square(without, lesson)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("taught", [True, False])
def test_a_share_of_the_weights_ends_as_zeros(model: onnx.ModelProto, lesson: Lesson, sparsity: float, taught: bool) -> None:
    pruned = unstructured(model, Unstructured(sparsity, epochs=5), lesson if taught else None)
    weights = np.concatenate([layer.weights.ravel() for layer in Chain.read(pruned, "test").layers])
    assert np.count_nonzero(weights) <= np.ceil((1 - sparsity) * len(weights))
    assert shapes(pruned) == shapes(model)


def test_gradual_pruning_beats_pruning_at_once(model: onnx.ModelProto, lesson: Lesson) -> None:
    at_once, gradual = unstructured(model, Unstructured(0.7), None), unstructured(model, Unstructured(0.7, epochs=10), lesson)
    assert mean_square(gradual, lesson) < 0.2 * mean_square(at_once, lesson)


def test_pruning_is_the_same_every_time(model: onnx.ModelProto, lesson: Lesson) -> None:
    first, again = (structured(model, Structured(0.5, epochs=4), lesson).SerializeToString() for _ in range(2))
    assert first == again


@pytest.mark.parametrize("wrong", [0.0, 1.5, -1.0])
def test_shares_out_of_range_are_refused(wrong: float) -> None:
    with pytest.raises(RecipeError, match=r"Structured\.kept: got .*expected 0\.001 to 1"):
        Structured(wrong)
    with pytest.raises(RecipeError, match=r"Unstructured\.sparsity"):
        Unstructured(wrong - 2 if wrong < 1 else wrong)
