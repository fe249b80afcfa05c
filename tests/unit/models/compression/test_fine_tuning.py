"""Fine-tuning: it learns, the same every time, and leaves alone what it may not touch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.compression.chain import Chain
from models.compression.errors import RecipeError
from models.compression.fine_tuning import Scales, Schedule, fine_tune
from models.compression.lesson import Lesson
from tests.unit.models.compression.conftest import mean_square

SCHEDULE = Schedule(4, batch=128)


def disturbed(chain: Chain) -> Chain:
    random = np.random.default_rng(5)
    return chain.of(
        [replace(layer, weights=layer.weights * random.uniform(0.8, 1.2, layer.weights.shape).astype(np.float32)) for layer in chain.layers]
    )


def test_a_disturbed_chain_learns_again(chain: Chain, lesson: Lesson) -> None:
    started = disturbed(chain)
    learned = fine_tune(started, lesson, SCHEDULE)
    assert mean_square(learned.model(), lesson) < 0.1 * mean_square(started.model(), lesson)


def test_a_chain_that_knows_the_lesson_keeps_it(chain: Chain, lesson: Lesson) -> None:
    assert mean_square(fine_tune(chain, lesson, SCHEDULE).model(), lesson) < 1e-3 * float(np.var(lesson.targets))


def test_learning_is_the_same_for_the_same_seed(chain: Chain, lesson: Lesson) -> None:
    first, again, other = (fine_tune(disturbed(chain), lesson, replace(SCHEDULE, seed=seed)) for seed in (1, 1, 2))
    assert first.model().SerializeToString() == again.model().SerializeToString()
    assert first.model().SerializeToString() != other.model().SerializeToString()


def test_no_epochs_change_nothing(chain: Chain, lesson: Lesson) -> None:
    assert fine_tune(chain, lesson, Schedule(0)).model().SerializeToString() == chain.model().SerializeToString()


def test_weights_outside_their_mask_stay(chain: Chain, lesson: Lesson) -> None:
    started = disturbed(chain)
    masks = [np.random.default_rng(6).random(layer.weights.shape) < 0.5 for layer in started.layers]
    masks[1][:] = False
    learned = fine_tune(started, lesson, replace(SCHEDULE, weight_decay=0.1), masks=masks)
    for before, after, mask in zip(started.layers, learned.layers, masks, strict=True):
        np.testing.assert_allclose(after.weights[~mask], before.weights[~mask], rtol=1e-6)
    assert np.mean(learned.layers[0].weights[masks[0]] != started.layers[0].weights[masks[0]]) > 0.9


def test_fewer_rows_than_a_batch_are_learned_from(chain: Chain, lesson: Lesson) -> None:
    few = Lesson({"rows": lesson.features["rows"][:40]}, lesson.targets[:40])
    started = disturbed(chain)
    assert mean_square(fine_tune(started, few, Schedule(50)).model(), few) < 0.5 * mean_square(started.model(), few)


def test_units_that_never_speak_are_stepped_no_further(chain: Chain, lesson: Lesson) -> None:
    chain.layers[0].weights[:, 0], chain.layers[0].bias[0] = 0, -1
    scales = Scales.of(chain, *chain.rows(lesson))
    assert scales.sizes[1][0] == pytest.approx(0.1 * np.median(scales.sizes[1]), rel=0.2)
    assert np.isfinite(fine_tune(chain, lesson, SCHEDULE).layers[0].weights).all()


@pytest.mark.parametrize("wrong", [{"epochs": -1}, {"epochs": 1, "batch": 0}, {"epochs": 1, "learning_rate": 2.0}])
def test_schedules_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match="mend the recipe"):
        Schedule(**wrong)  # type: ignore[arg-type]  # wrong on purpose
