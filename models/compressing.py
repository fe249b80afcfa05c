"""Compressing: a pipeline's recipes carried out, examined, measured, and set side by side."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import brotli
import numpy as np
import onnx
from numpy.typing import NDArray

import foreshore
from foreshore import ContractError, load_pipeline
from models.comparison import compared, rendered
from models.compression.activations import answers
from models.compression.errors import RecipeError
from models.compression.graph import parameters
from models.compression.lesson import Lesson
from models.compression.programme import Exam, Programme
from models.compression.quality import difference
from models.compression.recipes import Recipe, run
from packing.hashing import write_whole
from packing.stage import Made, Stages

MODEL, SAMPLES = "model.onnx", "samples.npz"
LIBRARIES = ("numpy", "onnx", "onnxruntime", "jax", "optax", "pillow")
"""Other versions may make other models."""
DECIMALS = 6

type Feeds = Mapping[str, NDArray[Any]]
type Facts = Mapping[str, Any]
type Tell = Callable[[str], None]
type Measure = Callable[[Mapping[str, Path], Feeds, Programme, Tell], Facts]
"""Times models by name on sample rows as a programme says, the first the base of ratios: gives the report of `web.bench.variants`."""


def compress_pipeline(stages: Stages, name: str, measure: Measure) -> Facts:
    """Make every variant of a pipeline's recipes, compare them, and write `compression.json` and `COMPRESSION.md` to its folder.

    Parameters
    ----------
    stages : Stages
        Keeps what was made, by the hashes of all that decides.
    name : str
        Of the pipeline.
    measure : callable
        Gives time and memory where models will run.

    Returns
    -------
    mapping
        What `compression.json` holds.

    Raises
    ------
    ContractError
        If there is no such pipeline, it has no recipes, or its card names no such base.
    CompressionError
        If a recipe cannot be carried out.
    """
    programme = find_programme(name)
    folder = stages.root / "models" / name
    work = Work(stages, name, programme, _base_file(folder, programme.base))
    base = work.base()
    _check_budgets(programme, base.facts["exams"])
    variants = {recipe.name: work.variant(recipe) for recipe in programme.recipes}
    files = {programme.base: work.file} | {key: made.folder / MODEL for key, made in variants.items()}
    with np.load(base.folder / SAMPLES) as samples, stages.console.status("measuring …") as status:
        timing = measure(files, dict(samples), programme, status.update)
    facts = compared(name, programme, base.facts, {key: made.facts for key, made in variants.items()}, timing)
    write_whole(folder / "compression.json", (json.dumps(facts, indent=1, allow_nan=False) + "\n").encode())
    write_whole(folder / "COMPRESSION.md", rendered(facts).encode())
    kept = sum(each["ships"] for each in facts["variants"])
    stages.console.print(f"  [green]{kept} of {len(variants)} variants hold the budget[/green]: {folder / 'COMPRESSION.md'}")
    return facts


def find_programme(name: str) -> Programme:
    """A pipeline's programme; raises ContractError if there is no such pipeline, or none of its own."""
    load_pipeline(name)
    module = f"models.{name}.recipes"
    try:
        programme = importlib.import_module(module).PROGRAMME
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ContractError(f"pipeline {name!r} has no recipes.py, expected one that gives PROGRAMME; write it") from error
    except AttributeError as error:
        raise ContractError(f"pipeline {name!r}: {module} gives no PROGRAMME; define PROGRAMME = Programme(…)") from error
    assert isinstance(programme, Programme)
    return programme


def _base_file(folder: Path, base: str) -> Path:
    variants = {each["name"]: each["file"] for each in json.loads((folder / "artefacts" / "card.json").read_text())["variants"]}
    if base not in variants:
        raise ContractError(f"recipes: got the base {base!r}, expected a released variant, one of {sorted(variants)}; mend recipes.py")
    return folder / "artefacts" / str(variants[base])


def _check_budgets(programme: Programme, exams: Facts) -> None:
    if set(exams) != set(programme.budgets):
        raise RecipeError(f"budgets: got {sorted(programme.budgets)}, expected one for each exam {sorted(exams)}; mend recipes.py")


@dataclass(frozen=True)
class Work:
    """A programme under way. Lesson and exams are made when something first needs them: with everything in the cache, never.

    Attributes
    ----------
    stages : Stages
    name : str
        Of the pipeline.
    programme : Programme
    file : Path
        The base model.
    """

    stages: Stages
    name: str
    programme: Programme
    file: Path

    def base(self) -> Made:
        """The base's figures, with sample rows to measure on."""
        return self.stages.run(f"compress-{self.name}", self._inputs, self._examine_base, fed=self._fed, **self._parameters)

    def variant(self, recipe: Recipe) -> Made:
        """A recipe's model, with its figures."""
        stage = f"compress-{self.name}-{recipe.name}"
        return self.stages.run(stage, self._inputs, lambda out: self._make(recipe, out), recipe=recipe.to_json(), **self._parameters)

    def _examine_base(self, out: Path) -> Facts:
        exams = self._exams
        first = next(iter(exams.values()))
        np.savez(out / SAMPLES, **{name: rows[: self._fed] for name, rows in first.features.items()})
        return _sizes(self.file.read_bytes()) | {
            "lesson_rows": len(self._lesson),
            "exams": {name: _described(exam, self._base_losses[name]) for name, exam in exams.items()},
        }

    def _make(self, recipe: Recipe, out: Path) -> Facts:
        content = run(recipe, self._model, self._lesson).SerializeToString()
        (out / MODEL).write_bytes(content)
        return _sizes(content) | {"quality": self._quality(content)}

    def _quality(self, content: bytes) -> dict[str, dict[str, float | None]]:
        losses = self._losses(content)
        return {name: _plain(difference(self._base_losses[name], losses[name], exam.blocks)) for name, exam in self._exams.items()}

    def _losses(self, content: bytes) -> dict[str, NDArray[np.float64]]:
        return {name: self.programme.loss(answers(content, exam.features), exam) for name, exam in self._exams.items()}

    @cached_property
    def _model(self) -> onnx.ModelProto:
        return onnx.load(self.file)

    @cached_property
    def _lesson(self) -> Lesson:
        return self.programme.lesson(self._model)

    @cached_property
    def _exams(self) -> Mapping[str, Exam]:
        return self.programme.exams(self._model)

    @cached_property
    def _base_losses(self) -> dict[str, NDArray[np.float64]]:
        return self._losses(self.file.read_bytes())

    @property
    def _fed(self) -> int:
        """Rows of the first exam that models are fed while they are measured."""
        return max(self.programme.batches)

    @property
    def _inputs(self) -> list[Path]:
        """The base model, and all code but the recipes: each recipe is a parameter of its own stage."""
        here = Path(__file__).parent
        own = sorted(file for file in (self.stages.root / "models" / self.name).glob("*.py") if file.name != "recipes.py")
        return [self.file, *own, here / "compression", here / "segments.py", here / "bootstrap.py", Path(foreshore.__file__).parent]

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"libraries": {library: version(library) for library in LIBRARIES}}


def _sizes(content: bytes) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "brotli_bytes": len(brotli.compress(content)),
        "parameters": parameters(onnx.load_from_string(content)),
    }


def _described(exam: Exam, losses: NDArray[np.float64]) -> dict[str, Any]:
    return {"rows": len(losses), "blocks": len(np.unique(exam.blocks)), "loss": round(float(np.mean(losses)), DECIMALS)}


def _plain(found: Any) -> dict[str, float | None]:
    """A difference as JSON; what cannot be a share is null."""
    return {key: None if np.isnan(value) else round(value, DECIMALS) for key, value in asdict(found).items()}
