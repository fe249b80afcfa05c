"""Low rank: exact at full rank, smaller below, and best on the rows that it sees."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.compression.chain import Chain
from models.compression.errors import RecipeError
from models.compression.graph import parameters
from models.compression.lesson import Lesson
from models.compression.low_rank import LowRank, low_rank
from tests.unit.models.compression.conftest import answers, mean_square, random_chain


def of_rank(rank: int, seed: int) -> Chain:
    """A chain whose only layer that is worth factorising has this rank."""
    chain, random = random_chain([40, 30, 1], seed), np.random.default_rng(seed)
    chain.layers[0].weights[:] = random.normal(size=(40, rank)) @ random.normal(size=(rank, 30)) / rank
    return chain


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 16), st.integers(0, 1000), st.booleans())
def test_weights_of_a_rank_are_factorised_exactly_at_it(rank: int, seed: int, taught: bool) -> None:
    chain = of_rank(rank, seed)
    rows = np.random.default_rng(seed).normal(0, 1, (200, 40)).astype(np.float32)
    lesson = Lesson({"rows": rows}, chain.activations(rows)[-1])
    thin = low_rank(chain.model(), LowRank(rank=rank, epochs=0), lesson if taught else None)
    np.testing.assert_allclose(answers(thin, rows), answers(chain.model(), rows), rtol=1e-3, atol=1e-3)
    assert parameters(thin) == parameters(chain.model()) - 40 * 30 + rank * (40 + 30) + rank


def test_a_layer_becomes_two_products(model: onnx.ModelProto) -> None:
    thin = low_rank(model, LowRank(rank=3), None)
    assert [node.op_type for node in thin.graph.node] == ["Gemm", "Gemm", "Relu", "Gemm", "Gemm", "Relu", "Gemm"]


def test_layers_that_would_grow_stay(model: onnx.ModelProto) -> None:
    assert low_rank(model, LowRank(rank=100), None).SerializeToString() == model.SerializeToString()


def test_energy_chooses_the_rank() -> None:
    chain = of_rank(4, seed=2)
    inner = [len(Chain.read(low_rank(chain.model(), LowRank(energy=share), None), "test").layers[0].bias) for share in (0.3, 1.0)]
    assert inner[0] < inner[1] == 4


def test_activations_decide_what_is_kept(model: onnx.ModelProto, lesson: Lesson) -> None:
    seen, blind = (low_rank(model, LowRank(rank=4, epochs=0), data) for data in (lesson, None))
    assert mean_square(seen, lesson) < mean_square(blind, lesson)


def test_fine_tuning_brings_quality_back(model: onnx.ModelProto, lesson: Lesson) -> None:
    without, tuned = (low_rank(model, LowRank(rank=4, epochs=epochs), lesson) for epochs in (0, 10))
    assert mean_square(tuned, lesson) < 0.5 * mean_square(without, lesson)


@pytest.mark.parametrize("wrong", [{}, {"rank": 3, "energy": 0.5}, {"rank": 0}, {"rank": -2}, {"energy": 0.0}, {"energy": 1.5}])
def test_settings_that_say_no_rank_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match="mend the recipe"):
        LowRank(**wrong)  # type: ignore[arg-type]  # wrong on purpose
