"""Recipes: how see is made smaller and faster, what is lost at most, and what is aimed at."""

from __future__ import annotations

from models.compression.programme import Budget, Programme, Target
from models.compression.recipes import Recipe, Step
from models.see.card import rendered
from models.see.curriculum import exams, lesson, loss
from models.see.quality import measures

SHORT = 32
"""Weights for an output, up to which they are kept in 16 bits: the depthwise convolutions and the first one."""

BYTES = Step.of("weight_only_int8", short=SHORT)

RECIPES = (
    Recipe("half", (Step.of("half"),)),
    Recipe("weights_int8", (Step.of("weight_only_int8"),)),
    Recipe("weights_int8_16", (BYTES,)),
    Recipe("products", (Step.of("pointwise_products"),)),
    Recipe("int8", (Step.of("pointwise_products"), BYTES)),
    Recipe("structured_99_int8", (Step.of("structured", kept=0.99), Step.of("pointwise_products"), BYTES)),
    Recipe("low_rank_99_int8", (Step.of("low_rank", energy=0.99), BYTES)),
    Recipe("low_rank_int8", (Step.of("low_rank", energy=0.999), Step.of("pointwise_products"), BYTES)),
    Recipe("unstructured_20", (Step.of("unstructured", sparsity=0.2),)),
    Recipe("int4", (Step.of("int4", block=32),)),
    Recipe("static_int8", (Step.of("static_int8", rows=64),)),
    Recipe("dynamic_int8", (Step.of("dynamic_int8"),)),
)
"""From one technique alone to several in a row; the last two are what everyone tries first."""

BUDGETS = {exam: Budget(0.05, relative=False) for exam in ("agreement", "accuracy")}
"""No variant ships that may name another class for more than five views in a hundred, or be wrong about so many more."""

TARGETS = (
    Target(smaller=3.5, within=0.05, faster=1.0, batch=1, relative=False),
    Target(smaller=0.0, within=0.05, faster=1.01, batch=1, relative=False),
)

NOTES = (
    "Agreement asks whether a variant names the class that the base names, accuracy whether it names the photo's, where that is known. Ten "
    "views of a photo are one block: there are few photos, so that intervals are wide. Recipes and their settings were chosen among those "
    "tried on these same photos.",
    "Why little is faster: of fp32's time in WebAssembly 56% goes into pointwise convolutions, at 20 billion operations a second, and 41% "
    "into depthwise ones, at 2.4 to 3.5, which ONNX Runtime multiplies channel by channel. Fewer bits leave both as they are, or add work; "
    "shifted products, dense groups and band matrices in the place of depthwise convolutions took longer; and fewer channels or ranks cost "
    "more than the budget where nothing but a few photos can teach what is left.",
)

PROGRAMME = Programme(
    base="fp32",
    recipes=RECIPES,
    budgets=BUDGETS,
    targets=TARGETS,
    loss_name="share of views named otherwise",
    lesson=lesson,
    exams=exams,
    loss=loss,
    notes=NOTES,
    batches=(1, 8),
    rounds=9,
    ships=("low_rank_int8",),
    recommends="low_rank_int8",
    offers=tuple(recipe.name for recipe in RECIPES),
    measures=measures,
    card_text=rendered,
)
