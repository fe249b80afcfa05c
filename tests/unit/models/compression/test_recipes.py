"""Recipes: techniques in order, as data there and back, refused with what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pytest

from models.compression import recipes
from models.compression.chain import Chain
from models.compression.errors import CompressionError, LessonError, OperatorError, RecipeError, WeightsError
from models.compression.graph import Writer, signature
from models.compression.lesson import Lesson
from models.compression.recipes import TECHNIQUES, Recipe, Step, Technique, run
from tests.unit.models.compression.conftest import declared

STEPS: dict[str, dict[str, Any]] = {
    "distil": {"hidden": [8, 6], "epochs": 1},
    "low_rank": {"rank": 3, "epochs": 1},
    "structured": {"kept": 0.5, "epochs": 1, "stages": 1},
    "unstructured": {"sparsity": 0.5, "epochs": 1, "stages": 1},
    "quantisation_aware": {"epochs": 1},
    "weight_only_int8": {"smallest": 16},
    "int4": {"smallest": 16},
}
"""Settings for every technique that has no defaults, or that would take long."""


def step(technique: str) -> Step:
    return Step.of(technique, **STEPS.get(technique, {}))


@pytest.mark.parametrize("technique", [name for name in TECHNIQUES if name != "pointwise_products"])  # a chain has no convolutions
def test_every_technique_runs_and_keeps_inputs_and_outputs(technique: str, model: onnx.ModelProto, lesson: Lesson) -> None:
    before = model.SerializeToString()
    made = run(Recipe("variant", (step(technique),)), model, lesson)
    assert signature(made) == signature(model)
    assert made.SerializeToString() != before
    assert model.SerializeToString() == before


def test_steps_follow_one_another(model: onnx.ModelProto, lesson: Lesson) -> None:
    small = run(Recipe("small", (step("distil"), step("structured"), step("integer_products"))), model, lesson)
    products = [node.op_type for node in small.graph.node if node.op_type == "MatMulInteger"]
    assert len(products) == 3
    shaped = run(Recipe("small", (step("distil"), step("structured"))), model, lesson)
    assert [len(layer.bias) for layer in Chain.read(shaped, "test").layers] == [4, 3, 1]


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_recipe_survives_json(technique: str) -> None:
    recipe = Recipe("variant", (step(technique), step("half")))
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"got the step 'squeeze', expected one of \['distil', .*mend the recipe"):
        Recipe.from_json({"name": "variant", "steps": [{"technique": "squeeze"}]})


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"LowRank: got the setting 'rnk', expected some of \['rank', "):
        Step.of("low_rank", rnk=3)


def test_a_missing_setting_is_refused() -> None:
    with pytest.raises(RecipeError, match="Structured: got {}, expected every setting that has no default"):
        Step.of("structured")


@pytest.mark.parametrize(
    ("technique", "values"),
    [("structured", {"kept": "half"}), ("low_rank", {"rank": 2.5}), ("distil", {"hidden": ["a"]}), ("dynamic_int8", {"per_channel": 1})],
)
def test_a_setting_of_another_type_is_refused(technique: str, values: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match=rf"\.{next(iter(values))}: got .*, expected (int|float|bool)"):
        Step.of(technique, **values)


def test_a_recipe_without_steps_is_refused() -> None:
    with pytest.raises(RecipeError, match="'empty': got no steps, expected one at least; add one"):
        Recipe("empty", ())


@pytest.mark.parametrize("technique", [name for name, each in TECHNIQUES.items() if each.learns])
def test_what_learns_is_refused_without_rows_before_anything_runs(technique: str, model: onnx.ModelProto) -> None:
    with pytest.raises(LessonError, match=rf"variant: got no rows, expected some for the step '{technique}'.*; give a lesson"):
        run(Recipe("variant", (step("half"), step(technique))), model, None)


def test_weights_that_are_no_numbers_are_refused_by_every_technique(chain: Chain, lesson: Lesson) -> None:
    chain.layers[0].weights[0, 0] = np.inf
    with pytest.raises(WeightsError, match="got 1 weights that are not finite"):
        run(Recipe("variant", (step("half"),)), chain.model(), lesson)


def test_an_operator_that_a_later_step_cannot_touch_is_named(model: onnx.ModelProto, lesson: Lesson) -> None:
    with pytest.raises(OperatorError, match="structured: got (Gather|QuantizeLinear)"):
        run(Recipe("variant", (step("integer_products"), step("structured"))), model, lesson)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No settings."""


def _other_outputs(model: onnx.ModelProto, settings: Nothing, data: Lesson | None) -> onnx.ModelProto:
    graph = Writer(declared(12, 12))
    return graph.model(graph.add("Relu", "rows"))


def _no_model(model: onnx.ModelProto, settings: Nothing, data: Lesson | None) -> onnx.ModelProto:
    made = onnx.ModelProto()
    made.CopyFrom(model)
    made.graph.node[0].op_type = "Gemmm"
    return made


def _no_numbers(model: onnx.ModelProto, settings: Nothing, data: Lesson | None) -> onnx.ModelProto:
    graph = Writer(declared())
    total = graph.add("ReduceSum", graph.add("Abs", "rows"), graph.constant(np.array([1])))
    return graph.model(graph.add("Log", graph.add("Neg", total)))


@pytest.mark.parametrize(
    ("apply", "said"),
    [(_other_outputs, "other inputs and outputs"), (_no_model, "does not run"), (_no_numbers, "answers that are not finite")],
)
def test_a_technique_that_breaks_the_model_is_caught(
    apply: object, said: str, model: onnx.ModelProto, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "TECHNIQUES", {"broken": Technique(Nothing, apply)})  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(CompressionError, match=rf"variant, step 'broken': got .*{said}"):
        run(Recipe("variant", (Step("broken", Nothing()),)), model, lesson)
