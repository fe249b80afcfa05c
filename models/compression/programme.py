"""Programme: what a pipeline has compressed, by what it is taught and examined, and what it does not put up with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.compression.errors import RecipeError
from models.compression.lesson import Lesson
from models.compression.recipes import Recipe

BATCHES = (1, 32, 256, 1024)
"""For rows of a few numbers."""

type Answers = Mapping[str, NDArray[Any]]
"""A model's outputs by name, rows first."""
type Card = Mapping[str, Any]
"""What a pipeline's `card.json` holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """Held-out questions.

    Attributes
    ----------
    features : mapping of str to (N, …) array
        By input name, as the model takes them.
    actual : (N, …) array
        What really was.
    blocks : (N,) array
        Rows of one block (a day) depend on one another.
    rows : (N,) int64, optional
        Which rows of the features are asked, all by default: exams that share features have them answered once.
    """

    features: Mapping[str, NDArray[Any]]
    actual: NDArray[Any]
    blocks: NDArray[Any]
    rows: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """How much larger a variant's mean loss may be than the base's, with 95% confidence.

    Attributes
    ----------
    rise : float
        The most that the upper end of the interval may reach.
    relative : bool
        Whether that is a share of the base's loss.
    """

    rise: float
    relative: bool = True

    def excess(self, difference: Mapping[str, float | None]) -> float | None:
        """By how much a difference (`models.compression.quality.Difference` as plain data) is beyond; at most 0 if it is not.

        None where the base makes no errors, of which nothing is a share.
        """
        high = difference["relative_high" if self.relative else "high"]
        return None if high is None else high - self.rise


@dataclass(frozen=True, slots=True)
class Target:
    """What one variant at least should reach.

    Attributes
    ----------
    smaller : float
        Bytes of the base over those of the variant, neither packed.
    within : float
        As a budget's `rise`, for every exam.
    faster : float
        Time of the base over that of the variant; 0 asks for nothing.
    batch, threads : int
        Where time is compared.
    relative : bool
        As a budget's.
    """

    smaller: float
    within: float
    faster: float = 0.0
    batch: int = 256
    threads: int = 1
    relative: bool = True

    @property
    def budget(self) -> Budget:
        """What may be lost."""
        return Budget(self.within, self.relative)

    def to_json(self) -> dict[str, Any]:
        """The target as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """All that `build.py compress` needs to know of a pipeline: `models/<name>/recipes.py` gives it as `PROGRAMME`.

    Attributes
    ----------
    base : str
        The released variant that recipes start from and are compared with.
    recipes : tuple of Recipe
        Of different names, none the base's.
    budgets : mapping of str to Budget
        By exam, one for each: a variant beyond any of them does not ship.
    targets : tuple of Target
    loss_name : str
        What is lost, for people, with its unit: "mean absolute error, min".
    lesson : callable
        From the base model to what variants learn; called only where something is to be learned.
    exams : callable
        From the base model to exams by name; called only where something is to be examined.
    loss : callable
        From answers and an exam to the loss of each row, (N,) float64, whose mean is compared; less is better.
    notes : tuple of str
        Sentences that the report must not do without.
    batches : tuple of int
        Rows a run at which variants are timed.
    rounds : int
        In which every model takes a turn: fewer where a run takes long.
    ships : tuple of str
        Recipes whose variants are released beside what training made; each has to hold every budget.
    measures : callable, optional
        From a model's answers and the exams, both by exam, to its quality in the measures of the pipeline's card; needed to ship.
    card_text : callable, optional
        From what `card.json` holds to `CARD.md`; needed to ship.
    recommends : str
        The recipe, among those that ship, whose variant visitors get by default; "" leaves that to training.
    offers : tuple of str
        Recipes whose models the site offers for measuring though they are large; small ones it offers anyway.
    """

    base: str
    recipes: tuple[Recipe, ...]
    budgets: Mapping[str, Budget]
    targets: tuple[Target, ...]
    loss_name: str
    lesson: Callable[[onnx.ModelProto], Lesson]
    exams: Callable[[onnx.ModelProto], Mapping[str, Exam]]
    loss: Callable[[Answers, Exam], NDArray[np.float64]]
    notes: tuple[str, ...] = ()
    batches: tuple[int, ...] = BATCHES
    rounds: int = 21
    ships: tuple[str, ...] = ()
    measures: Callable[[Mapping[str, Answers], Mapping[str, Exam]], Mapping[str, float]] | None = None
    card_text: Callable[[Card], str] | None = None
    recommends: str = ""
    offers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [self.base, *(recipe.name for recipe in self.recipes)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or not self.recipes:
            raise RecipeError(f"recipes: got {names[1:]} on {self.base!r}, expected different names, one at least; rename {twice}")
        unmeasured = [target.batch for target in self.targets if target.faster and target.batch not in self.batches]
        if unmeasured or not self.batches or min(self.batches) < 1:
            raise RecipeError(
                f"batches: got {list(self.batches)}, expected sizes from 1, those of targets {unmeasured} among them; mend recipes.py"
            )
        if unknown := sorted({*self.ships, *self.offers} - set(names[1:])):
            raise RecipeError(f"ships, offers: got {unknown}, expected names of recipes, some of {names[1:]}; mend recipes.py")
        if self.recommends and self.recommends not in self.ships:
            raise RecipeError(f"recommends: got {self.recommends!r}, expected one of those that ship, {list(self.ships)}; mend recipes.py")
        if self.ships and not (self.measures and self.card_text):
            raise RecipeError(f"ships: got {list(self.ships)} without measures or card_text, expected both; the card tells their quality")
