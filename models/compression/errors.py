"""The errors of compression: each names what it got, what was expected, and what to do.

CompressionError
├── RecipeError       a recipe names an unknown step or setting, or a setting is out of range
├── LessonError       rows are missing, too few, or do not fit the model
├── OperatorError     a technique cannot touch an operator of the graph
└── WeightsError      the model's weights are not finite
"""

from __future__ import annotations

from foreshore import ForeshoreError


class CompressionError(ForeshoreError):
    """Base of what can go wrong when a model is compressed."""

    kind = "model"


class RecipeError(CompressionError):
    """A recipe is wrong: its author has to mend it."""

    kind = "contract"


class LessonError(CompressionError):
    """The rows given are not what the technique needs."""

    kind = "contract"


class OperatorError(CompressionError):
    """The graph holds an operator that the technique cannot touch."""

    kind = "unsupported"


class WeightsError(CompressionError):
    """The model's weights are not finite numbers."""
