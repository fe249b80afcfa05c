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

import numpy as np
import onnx
from numpy.typing import NDArray

import foreshore
from foreshore import ContractError, load_pipeline, pipeline_names
from models.comparison import compared, refused, rendered
from models.compression.activations import examined
from models.compression.errors import RecipeError
from models.compression.graph import parameters
from models.compression.lesson import Lesson
from models.compression.programme import Answers, Exam, Programme
from models.compression.quality import difference
from models.compression.recipes import Recipe, run
from models.offering import MODEL, SAMPLES, remade, write_offer
from models.published import ensure_artefacts
from models.shipping import ship, trained
from packing.errors import BuildError
from packing.hashing import write_whole
from packing.precompression import WEIGHTS, precompressed
from packing.stage import Made, Stages

LIBRARIES = ("numpy", "onnx", "onnxruntime", "jax", "optax", "pillow")
"""Other versions may make other models."""
DECIMALS = 6

type Feeds = Mapping[str, NDArray[Any]]
type Facts = Mapping[str, Any]
type Tell = Callable[[str], None]
type Measure = Callable[[Mapping[str, Path], Feeds, Programme, Tell], Facts]
"""Times models by name on sample rows as a programme says, the first the base of ratios: gives the report of `web.bench.variants`."""


class UntimedError(BuildError):
    """There is nothing here to time models on."""


def compress_pipeline(stages: Stages, name: str, measure: Measure, measure_gpu: Measure | None = None) -> Facts:
    """Make every variant of a pipeline's recipes, compare them, write the figures to its folder, and ship those that it names.

    Figures go to `compression.json` and `COMPRESSION.md`, models to ship to `artefacts` and their entries to the card, models to be
    offered for measuring to `variants`. With everything in the cache it only measures.

    Parameters
    ----------
    stages : Stages
        Keeps what was made, by the hashes of all that decides.
    name : str
        Of the pipeline.
    measure : callable
        Gives time and memory where models will run.
    measure_gpu : callable, optional
        The same on WebGPU, with `failures` by the names of models that do not run there; raises UntimedError where there is none.

    Returns
    -------
    mapping
        What `compression.json` holds.

    Raises
    ------
    ContractError
        If there is no such pipeline, it has no recipes, or its card names no such base.
    CompressionError
        If a recipe cannot be carried out, or a variant to be shipped does not hold the budget.
    FetchError
        If what its models are made of cannot be had.
    """
    programme = find_programme(name)
    folder = stages.root / "models" / name
    ensure_artefacts(folder, stages.console.print)
    work = Work(stages, name, programme, _trained_files(folder, programme))
    base = work.base()
    _check_budgets(programme, base.facts["exams"])
    variants = work.variants()
    _check_shipped(programme, {key: made.facts for key, made in variants.items()})
    files = {programme.base: work.file} | {key: made.folder / MODEL for key, made in variants.items()}
    with np.load(base.folder / SAMPLES) as samples, stages.console.status("measuring …") as status:
        timings = [measure(files, dict(samples), programme, status.update)]
        untimed = _add_gpu(timings, measure_gpu, (files, dict(samples), programme, status.update))
    facts = compared(name, programme, base.facts, {key: made.facts for key, made in variants.items()}, timings, untimed)
    write_whole(folder / "compression.json", (json.dumps(facts, indent=1, allow_nan=False) + "\n").encode())
    write_whole(folder / "COMPRESSION.md", rendered(facts).encode())
    write_offer(folder, facts, base, variants)
    ship(folder, programme, facts, variants)
    kept = sum(each["ships"] for each in facts["variants"])
    stages.console.print(f"  [green]{kept} of {len(variants)} variants hold the budget[/green]: {folder / 'COMPRESSION.md'}")
    for provider, reason in facts["untimed"].items():
        stages.console.print(f"  not measured on {provider}: {reason}")
    stages.console.print(f"  released beside what training made: {', '.join(programme.ships) or 'none'}")
    return facts


def _add_gpu(timings: list[Facts], measure_gpu: Measure | None, request: tuple[Any, ...]) -> dict[str, str]:
    """Add the report of WebGPU, or say why there is none."""
    if measure_gpu is None:
        return {}
    try:
        timings.append(measure_gpu(*request))
    except UntimedError as error:
        return {"webgpu": str(error)}
    return {}


def programme_names(models: Path) -> list[str]:
    """Names of the pipelines that have recipes, sorted."""
    return [name for name in pipeline_names(models) if (models / name / "recipes.py").is_file()]


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


def _trained_files(folder: Path, programme: Programme) -> dict[str, Path]:
    """The models that training made, the base first."""
    card = json.loads((folder / "artefacts" / "card.json").read_text())
    files = {each["name"]: folder / "artefacts" / str(each["file"]) for each in trained(card)}
    if programme.base not in files:
        raise ContractError(
            f"recipes: got the base {programme.base!r}, expected a trained variant, one of {sorted(files)}; mend recipes.py"
        )
    if twice := sorted({recipe.name for recipe in programme.recipes} & set(files)):
        raise RecipeError(f"recipes: got {twice}, which training makes already, expected other names; rename the recipes")
    return {programme.base: files.pop(programme.base), **files}


def _check_budgets(programme: Programme, exams: Facts) -> None:
    if set(exams) != set(programme.budgets):
        raise RecipeError(f"budgets: got {sorted(programme.budgets)}, expected one for each exam {sorted(exams)}; mend recipes.py")


def _check_shipped(programme: Programme, made: Mapping[str, Facts]) -> None:
    """Hold what is to ship to the budgets, before minutes go into measuring."""
    for name in programme.ships:
        if missed := refused(made[name]["quality"], programme.budgets):
            raise RecipeError(f"ships: got {name!r}, expected variants that hold every budget ({'; '.join(missed)}); mend recipes.py")


@dataclass(frozen=True)
class Work:
    """A programme under way. Lesson and exams are made when something first needs them: with everything in the cache, never.

    Attributes
    ----------
    stages : Stages
    name : str
        Of the pipeline.
    programme : Programme
    trained : mapping of str to Path
        The models that training made, the base first.
    """

    stages: Stages
    name: str
    programme: Programme
    trained: Mapping[str, Path]

    @property
    def file(self) -> Path:
        """The base model."""
        return self.trained[self.programme.base]

    def base(self) -> Made:
        """The base's figures, with sample rows to measure on."""
        sampled = max(self.programme.batches)
        return self.stages.run(
            f"compress-{self.name}", self._inputs, lambda out: self._examine_base(sampled, out), sampled=sampled, **self._parameters
        )

    def variants(self) -> dict[str, Made]:
        """What training made beside the base, then every recipe's."""
        others = {name: self.other(name, file) for name, file in self.trained.items() if name != self.programme.base}
        return others | {recipe.name: self.variant(recipe) for recipe in self.programme.recipes}

    def other(self, name: str, file: Path) -> Made:
        """A model that training made, with its figures."""
        stage = f"compress-{self.name}-{name}"
        return self.stages.run(
            stage, [file, *self._inputs], lambda out: {**self._keep(file.read_bytes(), out), "learned": True}, **self._parameters
        )

    def variant(self, recipe: Recipe) -> Made:
        """A recipe's model, with its figures."""
        stage = f"compress-{self.name}-{recipe.name}"
        return self.stages.run(stage, self._inputs, lambda out: self._make(recipe, out), recipe=recipe.to_json(), **self._parameters)

    def _examine_base(self, sampled: int, out: Path) -> Facts:
        exams = self._exams
        first = next(iter(exams.values()))
        np.savez(out / SAMPLES, **{name: rows[:sampled] for name, rows in first.features.items()})
        return _sizes(self.file.read_bytes()) | {
            "lesson_rows": len(self._lesson),
            "exams": {name: _described(exam, self._base_losses[name]) for name, exam in exams.items()},
        }

    def _make(self, recipe: Recipe, out: Path) -> Facts:
        content = run(recipe, self._model, self._lesson).SerializeToString()
        return {**self._keep(content, out), "learned": content != remade(recipe, self._model)}

    def _keep(self, content: bytes, out: Path) -> dict[str, Any]:
        (out / MODEL).write_bytes(content)
        answers = self._answers(content)
        measures = self.programme.measures(answers, self._exams) if self.programme.measures else {}
        return {**_sizes(content), "quality": self._quality(answers), "measures": dict(measures)}

    def _quality(self, answers: Mapping[str, Answers]) -> dict[str, dict[str, float | None]]:
        losses = self._losses(answers)
        return {name: _plain(difference(self._base_losses[name], losses[name], exam.blocks)) for name, exam in self._exams.items()}

    def _losses(self, answers: Mapping[str, Answers]) -> dict[str, NDArray[np.float64]]:
        return {name: self.programme.loss(answers[name], exam) for name, exam in self._exams.items()}

    def _answers(self, content: bytes) -> dict[str, Answers]:
        return dict(examined(content, self._exams))

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
        return self._losses(self._answers(self.file.read_bytes()))

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
        "brotli_bytes": len(precompressed(content, WEIGHTS)),
        "parameters": parameters(onnx.load_from_string(content)),
    }


def _described(exam: Exam, losses: NDArray[np.float64]) -> dict[str, Any]:
    return {"rows": len(losses), "blocks": len(np.unique(exam.blocks)), "loss": round(float(np.mean(losses)), DECIMALS)}


def _plain(found: Any) -> dict[str, float | None]:
    """A difference as JSON; what cannot be a share is null."""
    return {key: None if np.isnan(value) else round(value, DECIMALS) for key, value in asdict(found).items()}
