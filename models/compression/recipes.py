"""Recipes: techniques one after the other, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime

from models.compression.distillation import Distil, distil
from models.compression.errors import CompressionError, LessonError, RecipeError
from models.compression.graph import hold_finite, signature
from models.compression.integers import IntegerProducts, QuantisationAware, integer_products, quantisation_aware
from models.compression.layout import PointwiseProducts, pointwise_products
from models.compression.lesson import Lesson
from models.compression.low_rank import LowRank, low_rank
from models.compression.pruning import Structured, Unstructured, structured, unstructured
from models.compression.quantisation import DynamicInt8, Half, StaticInt8, dynamic_int8, half, static_int8
from models.compression.settings import from_json, to_json
from models.compression.weights import Int4, WeightOnlyInt8, int4, weight_only_int8

TRIED_ON = 64
"""Rows that every step's result has to answer."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A way to compress.

    Attributes
    ----------
    settings : type
        Frozen dataclass of its settings.
    apply : callable
        From a model, settings and a lesson (or None) to a model.
    learns : bool
        Whether it cannot do without a lesson.
    """

    settings: type[Any]
    apply: Callable[[onnx.ModelProto, Any, Any], onnx.ModelProto]
    learns: bool = False


TECHNIQUES: Mapping[str, Technique] = {
    "distil": Technique(Distil, distil, learns=True),
    "low_rank": Technique(LowRank, low_rank),
    "structured": Technique(Structured, structured, learns=True),
    "unstructured": Technique(Unstructured, unstructured),
    "half": Technique(Half, half),
    "dynamic_int8": Technique(DynamicInt8, dynamic_int8),
    "static_int8": Technique(StaticInt8, static_int8, learns=True),
    "integer_products": Technique(IntegerProducts, integer_products, learns=True),
    "quantisation_aware": Technique(QuantisationAware, quantisation_aware, learns=True),
    "weight_only_int8": Technique(WeightOnlyInt8, weight_only_int8),
    "int4": Technique(Int4, int4),
    "pointwise_products": Technique(PointwiseProducts, pointwise_products),
}
"""Every technique by the name that recipes call it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A technique with its settings, checked when made.

    Attributes
    ----------
    technique : str
        One of `TECHNIQUES`.
    settings : dataclass
        Of the technique's own type.
    """

    technique: str
    settings: Any

    @classmethod
    def of(cls, technique: str, **settings: Any) -> Step:
        """A step from plain values; raises RecipeError where they are wrong."""
        if technique not in TECHNIQUES:
            raise RecipeError(f"recipe: got the step {technique!r}, expected one of {sorted(TECHNIQUES)}; mend the recipe")
        return cls(technique, from_json(TECHNIQUES[technique].settings, settings))

    def to_json(self) -> dict[str, Any]:
        """The step as plain data, every setting spelt out."""
        return {"technique": self.technique, "settings": to_json(self.settings)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A variant's making.

    Attributes
    ----------
    name : str
        Of the variant.
    steps : tuple of Step
        In order, one at least.
    """

    name: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise RecipeError(f"recipe {self.name!r}: got no steps, expected one at least; add one")

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain data; its hash names what was made by it."""
        return {"name": self.name, "steps": [step.to_json() for step in self.steps]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recipe:
        """A recipe from plain data; raises RecipeError where it is wrong."""
        steps = tuple(Step.of(step["technique"], **step.get("settings", {})) for step in values["steps"])
        return cls(values["name"], steps)


def run(recipe: Recipe, model: onnx.ModelProto, lesson: Lesson | None) -> onnx.ModelProto:
    """The model that a recipe makes of another, checked after every step.

    Raises
    ------
    LessonError
        If a step needs a lesson and there is none, or too few rows.
    OperatorError
        If a step meets an operator that it cannot touch.
    WeightsError
        If the model's weights are not finite, before or after.
    CompressionError
        If a step's result does not run, answers no numbers, or has other inputs and outputs.
    """
    for step in recipe.steps:
        if TECHNIQUES[step.technique].learns and lesson is None:
            raise LessonError(
                f"{recipe.name}: got no rows, expected some for the step {step.technique!r} to learn or calibrate on; give a lesson"
            )
    hold_finite(model)
    for step in recipe.steps:
        made = TECHNIQUES[step.technique].apply(model, step.settings, lesson)
        model = _checked(made, model, lesson, f"{recipe.name}, step {step.technique!r}")
    return model


def _checked(made: onnx.ModelProto, before: onnx.ModelProto, lesson: Lesson | None, what: str) -> onnx.ModelProto:
    hold_finite(made)
    if signature(made) != signature(before):
        raise CompressionError(f"{what}: got other inputs and outputs than the model's, expected the same; mend the technique")
    try:
        onnx.checker.check_model(made)
        session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        answers = [] if lesson is None else session.run(None, {name: values[:TRIED_ON] for name, values in lesson.features.items()})
    except Exception as error:
        raise CompressionError(f"{what}: got a model that does not run ({error}), expected one that does; leave this step out") from error
    if not all(np.isfinite(each).all() for each in answers):
        raise CompressionError(f"{what}: got answers that are not finite, expected numbers; leave this step out, or keep more in float")
    return made
