"""Compressing: recipes of a small pipeline, carried out, judged, kept, and refused."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from rich.console import Console

from foreshore import ContractError
from models.compressing import compress_pipeline
from models.compression.errors import RecipeError
from models.compression.programme import Budget, Programme
from models.compression.quality import difference
from models.segments import run_native
from packing.stage import Stages
from tests.unit.models.compression.conftest import INPUTS, random_chain

BASE_MS = 1.0
PIPELINE = """
from foreshore import Contract, Field, Output, Pipeline, Tensor

PIPELINE = Pipeline(
    Contract(
        name="NAME",
        version=1,
        title="",
        description="",
        fields=(Field("x", "float32", "X", minimum=-1, maximum=1),),
        features=(Tensor("rows", "float32", ("N", 12)),),
        predictions=(Tensor("answers", "float32", ("N", 1)),),
        outputs=(Output("y", "answers", "Y"),),
    ),
    lambda columns: {},
)
"""
RECIPES = """
from pathlib import Path

import numpy as np

from models.compression.lesson import Lesson
from models.compression.programme import Budget, Exam, Programme, Target
from models.compression.recipes import Recipe, Step
from models.segments import run_native

CALLS = []


def rows(count, seed):
    return np.random.default_rng(seed).uniform(-2, 2, (count, 12)).astype(np.float32)


def lesson(model):
    CALLS.append("lesson")
    features = {"rows": rows(600, 1)}
    return Lesson(features, run_native(model.SerializeToString(), features)["answers"])


def exams(model):
    CALLS.append("exams")
    features = {"rows": rows(2000, 2)}
    model = Path(__file__).parent / "artefacts" / "whole.onnx"
    noise = np.random.default_rng(3).normal(0, 0.1, (2000, 1))
    return {"seen": Exam(features, run_native(model, features)["answers"] + noise, np.arange(2000) // 50)}


def loss(answers, exam):
    return np.abs(answers["answers"] - exam.actual)[:, 0]


PROGRAMME = Programme(
    "whole",
    (
        Recipe("bytes", (Step.of("weight_only_int8", smallest=1),)),
        Recipe("lossy", (Step.of("structured", kept=0.1, epochs=0),)),
    ),
    {"seen": Budget(0.05)},
    (Target(smaller=1.2, within=0.05), Target(smaller=1.2, within=0.05, faster=3.0), Target(smaller=1.2, within=-0.5), Target(50.0, 0.05)),
    "mean absolute error",
    lesson,
    exams,
    loss,
)
"""

type Feeds = Mapping[str, NDArray[Any]]
type Make = Callable[..., str]


def summary(value: float) -> dict[str, float]:
    return {"median": value, "lower_quartile": value, "upper_quartile": value, "minimum": value}


def report(models: Mapping[str, Path], feeds: Feeds, programme: Programme, tell: Callable[[str], None]) -> dict[str, Any]:
    """A measurement's form, where every model but the first takes half as long; every model must answer the rows."""
    measured = [
        {
            "name": name,
            "time_ms": summary(BASE_MS if place == 0 else BASE_MS / 2),
            "ratio": summary(1.0 if place == 0 else 0.5),
            "load_ms": summary(3.0),
            "memory": {"peak": {"size_bytes": 2**24, "touched_bytes": 2**23}},
            "agreement": {"largest_difference": float(np.ptp(run_native(path, dict(feeds))["answers"]) * 0), "median_difference": 0.0},
        }
        for place, (name, path) in enumerate(models.items())
    ]
    return {
        "created": "2026-01-01T00:00:00+00:00",
        "duration_s": 1.0,
        "provider": "wasm",
        "baseline": next(iter(models)),
        "plan": {"rounds": 3},
        "environment": {"user_agent": "A browser", "cores": 2},
        "runs": [{"threads": threads, "batch": batch, "models": measured} for threads in (1, 2) for batch in programme.batches],
    }


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Writes a pipeline's folder beside the house's own ones and gives its name, one of its own for each test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[str] = []

    def make(recipes: str | None = RECIPES) -> str:
        name = "small_" + re.sub(r"\W", "_", tmp_path.name.lower())
        folder = tmp_path / "models" / name
        (folder / "artefacts").mkdir(parents=True)
        (folder / "pipeline.py").write_text(PIPELINE.replace("NAME", name))
        if recipes is not None:
            (folder / "recipes.py").write_text(recipes)
        (folder / "artefacts" / "card.json").write_text('{"variants": [{"name": "whole", "file": "whole.onnx"}]}')
        onnx.save(random_chain([INPUTS, 24, 16, 1]).model(), folder / "artefacts" / "whole.onnx")
        made.append(name)
        return name

    yield make
    for module in [module for module in sys.modules if module.startswith(tuple(f"models.{name}" for name in made))]:
        del sys.modules[module]


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    return Stages(tmp_path, tmp_path / "cache", Console(file=StringIO()))


def calls(name: str) -> list[str]:
    found: list[str] = sys.modules[f"models.{name}.recipes"].CALLS
    return found


def rewrite(stages: Stages, name: str, old: str, new: str) -> None:
    """Change the pipeline's recipes, as seen by the next process."""
    file = stages.root / "models" / name / "recipes.py"
    file.write_text(RECIPES.replace(old, new))
    del sys.modules[f"models.{name}.recipes"]


def test_variants_are_made_judged_and_written(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    facts = compress_pipeline(stages, name, report)
    folder = stages.root / "models" / name
    assert json.loads((folder / "compression.json").read_text()) == facts
    whole = folder / "artefacts" / "whole.onnx"
    assert facts["base"]["size_bytes"] == whole.stat().st_size
    small, lossy = facts["variants"]
    assert small["smaller"] == round(whole.stat().st_size / small["size_bytes"], 2) > 1
    assert (small["ships"], lossy["ships"]) == (True, False)
    assert lossy["parameters"] < facts["base"]["parameters"]
    assert [target["met_by"] for target in facts["targets"]] == [["bytes"], [], [], []]


def test_base_that_the_checkout_lacks_is_made_from_what_was_published(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    artefacts = stages.root / "models" / name / "artefacts"
    content = (artefacts / "whole.onnx").read_bytes()
    (artefacts / "whole.onnx").rename(stages.root / "published.onnx")
    published = stages.root / "published.onnx"
    export = f"import shutil\n\n\ndef write_models(folder):\n    shutil.copy({str(published)!r}, folder / 'whole.onnx')\n"
    (stages.root / "models" / name / "export.py").write_text(export)
    variants = [{"name": "whole", "file": "whole.onnx", "sha256": hashlib.sha256(content).hexdigest()}]
    (artefacts / "card.json").write_text(json.dumps({"variants": variants}))
    facts = compress_pipeline(stages, name, report)
    assert facts["base"]["size_bytes"] == len(content) == (artefacts / "whole.onnx").stat().st_size


def test_quality_is_that_of_the_models_answers(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    facts = compress_pipeline(stages, name, report)
    recipes = sys.modules[f"models.{name}.recipes"]
    (exam,) = recipes.exams(None).values()
    (kept,) = (stages.cache / f"compress-{name}-bytes").iterdir()
    files = (stages.root / "models" / name / "artefacts" / "whole.onnx", kept / "model.onnx")
    before, after = (recipes.loss(run_native(file, exam.features), exam) for file in files)
    expected = difference(before, after, exam.blocks)
    found = facts["variants"][0]["quality"]["seen"]
    assert (found["base"], found["variant"]) == pytest.approx((expected.base, expected.variant), abs=1e-6)
    assert (found["relative_low"], found["relative_high"]) == pytest.approx((expected.relative_low, expected.relative_high), abs=1e-6)


def test_variant_beyond_the_budget_does_not_ship_and_the_page_says_by_how_much(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    lossy = compress_pipeline(stages, name, report)["variants"][1]
    high = 100 * lossy["quality"]["seen"]["relative_high"]
    assert high > 5
    (shortfall,) = lossy["shortfalls"]
    assert shortfall.startswith("seen: got ")
    assert shortfall.endswith(f"expected at most 5%; {high - 5:.2f} points too much")
    page = (stages.root / "models" / name / "COMPRESSION.md").read_text()
    assert f"`lossy` does not ship. {shortfall}." in page
    assert "2.8 times slower" in page


def test_page_says_whether_targets_are_met(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    compress_pipeline(stages, name, report)
    page = (stages.root / "models" / name / "COMPRESSION.md").read_text()
    assert "- 1.2 times smaller, within 5% in every exam: **met**. By `bytes` (" in page
    assert "3 times as fast at a batch of 256 (1 thread), within 5% in every exam: **not met**. Reached were `bytes` (" in page


def test_nothing_is_made_again_until_a_recipe_or_the_model_changes(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    first = compress_pipeline(stages, name, report)
    assert sorted(calls(name)) == ["exams", "lesson"]
    again = compress_pipeline(stages, name, report)
    assert again == first
    assert sorted(calls(name)) == ["exams", "lesson"]
    onnx.save(random_chain([INPUTS, 20, 1]).model(), stages.root / "models" / name / "artefacts" / "whole.onnx")
    changed = compress_pipeline(stages, name, report)
    assert sorted(calls(name)) == ["exams", "exams", "lesson", "lesson"]
    assert changed["variants"][0]["sha256"] != first["variants"][0]["sha256"]


def test_changed_recipe_alone_is_made_again(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    first = compress_pipeline(stages, name, report)["variants"]
    rewrite(stages, name, "smallest=1)", "smallest=300)")
    again = compress_pipeline(stages, name, report)["variants"]
    assert [each["sha256"] == before["sha256"] for each, before in zip(again, first, strict=True)] == [False, True]
    assert len(list((stages.cache / f"compress-{name}-lossy").iterdir())) == 1


def test_unknown_pipeline_is_refused(stages: Stages) -> None:
    with pytest.raises(ContractError, match="there is no models/nowhere/pipeline.py"):
        compress_pipeline(stages, "nowhere", report)


def test_pipeline_without_recipes_is_refused(pipeline: Make, stages: Stages) -> None:
    with pytest.raises(ContractError, match=r"has no recipes\.py, expected one that gives PROGRAMME; write it"):
        compress_pipeline(stages, pipeline(None), report)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("weight_only_int8", "magic", r"got the step 'magic', expected one of"),
        ('"lossy"', '"bytes"', r"expected different names.*rename \['bytes'\]"),
        ('"lossy"', '"whole"', r"expected different names.*rename \['whole'\]"),
        (
            "    loss,\n)",
            "    loss,\n    batches=(1,),\n)",
            r"batches: got \[1\], expected sizes from 1, those of targets \[256\] among them",
        ),
        ('{"seen": Budget', '{"unseen": Budget', r"budgets: got \['unseen'\], expected one for each exam \['seen'\]"),
    ],
)
def test_wrong_recipes_are_refused(pipeline: Make, stages: Stages, old: str, new: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        compress_pipeline(stages, pipeline(RECIPES.replace(old, new)), report)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('Programme(\n    "whole"', 'Programme(\n    "half"', r"got the base 'half', expected a trained variant, one of \['whole'\]"),
        ("PROGRAMME = ", "OTHER = ", r"gives no PROGRAMME; define PROGRAMME"),
    ],
)
def test_recipes_that_do_not_fit_the_pipeline_are_refused(pipeline: Make, stages: Stages, old: str, new: str, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        compress_pipeline(stages, pipeline(RECIPES.replace(old, new)), report)


def test_refused_recipe_leaves_earlier_figures(pipeline: Make, stages: Stages) -> None:
    name = pipeline()
    compress_pipeline(stages, name, report)
    file = stages.root / "models" / name / "compression.json"
    before = file.read_bytes()
    rewrite(stages, name, '"seen": Budget', '"unseen": Budget')
    with pytest.raises(RecipeError, match="unseen"):
        compress_pipeline(stages, name, report)
    assert file.read_bytes() == before


def test_share_of_a_base_without_errors_holds_no_budget() -> None:
    nothing_lost = {"relative_high": None, "high": 0.04}
    assert Budget(0.05).excess(nothing_lost) is None
    assert Budget(0.05, relative=False).excess(nothing_lost) == pytest.approx(-0.01)


def test_budgets_and_targets_may_be_absolute_where_the_base_loses_nothing(pipeline: Make, stages: Stages) -> None:
    absolute = (
        RECIPES.replace("Budget(0.05)", "Budget(0.05, relative=False)").replace("+ noise", "").replace("within=", "relative=False, within=")
    )
    facts = compress_pipeline(stages, name := pipeline(absolute), report)
    assert [each["ships"] for each in facts["variants"]] == [True, False]
    assert [target["met_by"] for target in facts["targets"]][:2] == [["bytes"], []]
    page = (stages.root / "models" / name / "COMPRESSION.md").read_text()
    assert "- 1.2 times smaller, within 0.05 in every exam: **met**. By `bytes` (" in page
    assert "| budget | 0.05 |" in page


def test_batches_are_the_programmes_own(pipeline: Make, stages: Stages) -> None:
    fed: list[tuple[int, ...]] = []

    def told(models: Mapping[str, Path], feeds: Feeds, programme: Programme, tell: Callable[[str], None]) -> dict[str, Any]:
        fed.append((len(feeds["rows"]), *programme.batches))
        return report(models, feeds, programme, tell)

    compress_pipeline(stages, pipeline(RECIPES.replace("    loss,\n)", "    loss,\n    batches=(8, 256),\n)")), told)
    assert fed == [(256, 8, 256)]
