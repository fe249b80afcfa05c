"""Measuring: every study's networks built, counted, run where models will run, and written down."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.case_studies import distilbert, half_precision, mobilenet, squeezenet
from models.case_studies.counts import multiply_adds, weights
from models.case_studies.page import NOTES, PUBLISHED, rendered
from models.case_studies.study import Facts, Feeds, Figures, Network, Setting, Study
from packing.hashing import write_whole
from packing.stage import Made, Stages

FORMAT = 1
STUDIES = (squeezenet.STUDY, mobilenet.LAYER, mobilenet.STUDY, half_precision.STUDY, distilbert.STUDY)
MODEL = "model.onnx"
LIBRARIES = ("numpy", "onnx", "spox")
"""Other versions may make other models."""
COUNTED = ("parameters", "multiply_adds", "size_bytes")
DECIMALS = 4

type Tell = Callable[[str], None]
type Measure = Callable[[Mapping[str, Path], Feeds, Setting, Tell], Facts]
"""Times models by name on sample rows, all in one run, the first the base of ratios: gives the report of `web.bench.variants`."""


def measure_studies(stages: Stages, measure: Measure, studies: Sequence[Study] = ()) -> dict[str, Any]:
    """Carry out all studies, and write `models/case_studies/case_studies.json` and `docs/case-studies.md`.

    Parameters
    ----------
    stages : Stages
        Keeps the networks, by the hashes of what makes them; times are measured anew.
    measure : callable
        Gives time and memory where models will run.
    studies : sequence of Study
        By default all of `STUDIES`.

    Returns
    -------
    dict
        What the JSON file holds.
    """
    reports: list[Facts] = []
    listed = [_studied(stages, measure, study, reports) for study in studies or STUDIES]
    facts = {
        "format": FORMAT,
        "environment": {**reports[0]["environment"], "provider": reports[0]["provider"], "created": reports[0]["created"]},
        "duration_s": round(sum(report["duration_s"] for report in reports), 1),
        "published_labels": PUBLISHED,
        "notes": list(NOTES),
        "studies": listed,
    }
    file, page = stages.root / "models" / "case_studies" / "case_studies.json", stages.root / "docs" / "case-studies.md"
    write_whole(file, (json.dumps(facts, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode())
    write_whole(page, rendered(facts).encode())
    stages.console.print(f"  [green]{len(listed)} case studies[/green]: {page}")
    return facts


def _studied(stages: Stages, measure: Measure, study: Study, reports: list[Facts]) -> dict[str, Any]:
    """A study's part of the JSON; what measured it is added to the reports."""
    made = {network.name: _made(stages, study, network) for network in study.networks}
    files = {name: each.folder / MODEL for name, each in made.items()}
    times: list[tuple[Setting, Facts]] = []
    for setting in study.settings:
        with stages.console.status(f"{study.name} …") as status:
            reports.append(measure(files, setting.feeds(), setting, status.update))
        times += [(setting, run) for run in reports[-1]["runs"]]
    base = _counted(made[study.networks[0].name].facts, study)
    models = [_described(network, made[network.name].facts, base, study, times) for network in study.networks]
    return {
        **{key: getattr(study, key) for key in ("name", "title", "claim", "setup")},
        "references": [{"text": each.text, "url": each.url} for each in study.references],
        "baseline": study.networks[0].name,
        "settings": [{key: getattr(setting, key) for key in ("title", "batches", "rounds", "loads")} for setting in study.settings],
        "models": models,
        "lesson": study.lesson(Figures({model["name"]: model for model in models})),
    }


def _made(stages: Stages, study: Study, network: Network) -> Made:
    """A network's file, and what is counted of it."""
    here = Path(__file__).parent
    own = Path(inspect.getfile(network.build))
    inputs = [own, here / "layers.py", here / "counts.py", here.parent / "compression" / "graph.py"]
    libraries = {library: version(library) for library in LIBRARIES}
    return stages.run(f"case-{study.name}-{network.name}", inputs, lambda out: _make(network, study.settings, out), libraries=libraries)


def _make(network: Network, settings: Iterable[Setting], out: Path) -> Facts:
    model = network.build()
    content = model.SerializeToString()
    (out / MODEL).write_bytes(content)
    rows = {setting.title: {name: (1, *feed.shape[1:]) for name, feed in setting.feeds().items()} for setting in settings}
    return {
        "parameters": weights(model),
        "multiply_adds": {title: multiply_adds(model, shapes) for title, shapes in rows.items()},
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _counted(facts: Facts, study: Study) -> dict[str, int]:
    """What is counted of a network, multiply-adds for a row of the first setting."""
    first = study.settings[0].title
    return {key: facts[key][first] if key == "multiply_adds" else facts[key] for key in COUNTED}


def _described(network: Network, facts: Facts, base: Facts, study: Study, times: Iterable[tuple[Setting, Facts]]) -> dict[str, Any]:
    counted = _counted(facts, study)
    return {
        "name": network.name,
        "title": network.title,
        **counted,
        "sha256": facts["sha256"],
        "published": dict(network.published),
        "against_baseline": {key: round(base[key] / counted[key], DECIMALS) for key in COUNTED},
        "times": [_timed(network.name, setting, run, facts["multiply_adds"]) for setting, run in times],
    }


def _timed(name: str, setting: Setting, run: Facts, work: Mapping[str, int]) -> dict[str, Any]:
    """What was measured of a network on one number of threads at one batch size."""
    (model,) = (each for each in run["models"] if each["name"] == name)
    time, ratio, memory = model["time_ms"], model["ratio"], model["memory"]["peak"]
    speeds = {"median": "median", "lower_quartile": "upper_quartile", "upper_quartile": "lower_quartile"}
    return {
        "input": setting.title,
        "threads": run["threads"],
        "batch": run["batch"],
        "multiply_adds": work[setting.title] * run["batch"],
        **{f"{key}_ms": round(time[key], DECIMALS) for key in ("median", "lower_quartile", "upper_quartile", "minimum")},
        "times_as_fast": {key: round(1 / ratio[other], DECIMALS) for key, other in speeds.items()},
        "load_ms": round(model["load_ms"]["median"], 1),
        "peak_memory_bytes": memory["size_bytes"],
        "touched_memory_bytes": memory["touched_bytes"],
        "largest_difference_to_host": model["agreement"]["largest_difference"],
    }
