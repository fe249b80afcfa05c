"""Comparison: variants beside the model they were made of, judged by budgets and targets, as data and as a page for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.compression.programme import Budget, Programme, Target
from models.offering import is_offered

FORMAT = 2
DECIMALS = 6
TIMED = ("median", "lower_quartile", "upper_quartile", "minimum")
MIB = 2**20
WRONG = 1e-3
"""A median difference to the host's answers (relative above 1) that no rounding explains: half of all answers are off."""
TIMING_NOTE = (
    "Times are of onnxruntime-web in a headless Chromium, each batch size in a fresh process, every model in a worker of its own; a ratio "
    "is the median over rounds in which all took turns, with its quartiles. Chromium compiles hot WebAssembly again while it runs, by what "
    "its process has seen: after batches of 1 a float32 network of dense layers ran 2.8 times slower at a batch of 256 than in a fresh "
    "process, seven times out of eight, which makes any variant look as much faster. And a busy machine interrupts long runs more often "
    "than short ones. Hence ratios hold for this run on this machine; where quartiles lie far apart, believe the least times."
)

type Facts = Mapping[str, Any]
type Times = Mapping[tuple[int, int, str], Mapping[str, Any]]
"""By threads, batch and model."""


def compared(
    name: str, programme: Programme, base: Facts, variants: Mapping[str, Facts], timings: Sequence[Facts], untimed: Mapping[str, str]
) -> dict[str, Any]:
    """All figures side by side, as JSON.

    Parameters
    ----------
    name : str
        Of the pipeline.
    programme : Programme
    base : mapping
        Sizes, parameters, exams and rows of the lesson.
    variants : mapping
        Sizes, parameters and quality by name of the recipe, in order.
    timings : sequence of mapping
        Reports of `web.bench.variants` on the base and all variants, one a provider; by the first, on `wasm`, targets are judged.
    untimed : mapping of str to str
        Why there is no report, by provider.
    """
    recipes = {recipe.name: recipe.to_json()["steps"] for recipe in programme.recipes}
    listed = [
        {"name": key, "steps": recipes.get(key, []), "released": key in programme.ships or key not in recipes}
        | {"offered": is_offered(programme, key, made["size_bytes"])}
        | _judged(made, base, programme.budgets)
        for key, made in variants.items()
    ]
    kept = [_kept(timing) for timing in timings]
    times = _by_place(kept[0]["runs"])
    return {
        "format": FORMAT,
        "pipeline": name,
        "loss": programme.loss_name,
        "base": {"name": programme.base, **base},
        "budgets": {exam: {"rise": budget.rise, "relative": budget.relative} for exam, budget in programme.budgets.items()},
        "variants": listed,
        "targets": [target.to_json() | {"met_by": _meeting(target, listed, times)} for target in programme.targets],
        "timings": kept,
        "untimed": dict(untimed),
        "notes": list(programme.notes),
    }


def refused(quality: Facts, budgets: Mapping[str, Budget]) -> list[str]:
    """In words, where a variant's differences to the base do not hold the budgets; nothing for one that may ship."""
    return [_missed(exam, budget, quality[exam]) for exam, budget in budgets.items() if not _holds(budget, quality[exam])]


def _judged(made: Facts, base: Facts, budgets: Mapping[str, Budget]) -> dict[str, Any]:
    missed = refused(made["quality"], budgets)
    ratios = {f"smaller{suffix}": round(base[size] / made[size], 2) for suffix, size in (("", "size_bytes"), ("_brotli", "brotli_bytes"))}
    return {**made, **ratios, "ships": not missed, "shortfalls": missed}


def _holds(budget: Budget, difference: Facts) -> bool:
    excess = budget.excess(difference)
    return excess is not None and excess <= 0


def _missed(exam: str, budget: Budget, difference: Facts) -> str:
    """In words, by how much a variant misses a budget."""
    excess = budget.excess(difference)
    if excess is None:
        return f"{exam}: the base loses nothing, of which no share can be had; give this budget as relative=False"
    show, over = (_percent, f"{100 * excess:.2f} points") if budget.relative else (_number, _number(excess))
    high = difference["relative_high" if budget.relative else "high"]
    return f"{exam}: got {show(high)} at the upper end of the interval, expected at most {show(budget.rise)}; {over} too much"


def _kept(timing: Facts) -> dict[str, Any]:
    """What is kept of a report; `failures` says of models that did not run there why."""
    about = {key: timing[key] for key in ("created", "duration_s", "provider", "baseline", "plan", "environment")}
    runs = [
        {**{key: run[key] for key in ("threads", "batch")}, "models": [_timed(each) for each in run["models"]]} for run in timing["runs"]
    ]
    return about | {"failures": dict(timing.get("failures", {})), "runs": runs}


def _timed(model: Facts) -> dict[str, Any]:
    """What is kept of a model's measurement; rounds one by one are not."""
    return {
        "name": model["name"],
        "time_ms": _summary(model["time_ms"]),
        "ratio": _summary(model["ratio"]),
        "load_ms": round(model["load_ms"]["median"], 2),
        "peak_memory_bytes": model["memory"]["peak"]["size_bytes"],
        "touched_memory_bytes": model["memory"]["peak"]["touched_bytes"],
        "largest_difference_to_host": model["agreement"]["largest_difference"],
        "median_difference_to_host": model["agreement"]["median_difference"],
    }


def _summary(found: Facts) -> dict[str, float]:
    return {key: round(found[key], DECIMALS) for key in TIMED}


def _by_place(runs: Iterable[Facts]) -> Times:
    return {(run["threads"], run["batch"], model["name"]): model for run in runs for model in run["models"]}


def _meeting(target: Target, variants: Iterable[Facts], times: Times) -> list[str]:
    """Which variants meet a target."""
    return [
        each["name"]
        for each in variants
        if each["smaller"] >= target.smaller
        and all(_holds(target.budget, difference) for difference in each["quality"].values())
        and faster(times, each["name"], target.threads, target.batch) >= target.faster
    ]


def faster(times: Times, name: str, threads: int, batch: int) -> float:
    """How many times as fast as the base a variant is, by the median of its paired ratios."""
    return 1 / float(times[threads, batch, name]["ratio"]["median"])


def rendered(facts: Facts) -> str:
    """`COMPRESSION.md` for what `compression.json` holds."""
    parts = (_head, _targets, _qualities, _sizes, _times, _memories, _recipes)
    return "\n\n".join(part(facts) for part in parts) + "\n"


def _head(facts: Facts) -> str:
    base = facts["base"]
    return (
        f"# {facts['pipeline']}: compression\n\nWritten by `python3 build.py compress {facts['pipeline']}`; figures in "
        f"[compression.json](compression.json). Every variant is made of the released `{base['name']}` model for all, from its own "
        f"answers to {base['lesson_rows']:,} questions of training, and compared with it on held-out rows and in one run of the browser's "
        f"engine. {_released(facts)}"
    )


def _released(facts: Facts) -> str:
    """Which variants a visitor can choose, and who made them."""
    kinds = {"made by training and compared here": False, "made by these recipes": True}
    named = {
        kind: [f"`{each['name']}`" for each in facts["variants"] if each["released"] and bool(each["steps"]) == made]
        for kind, made in kinds.items()
    }
    parts = [f"{kind}: {', '.join(names)}" for kind, names in named.items() if names]
    return f"Released beside `{facts['base']['name']}`, {'; '.join(parts)}." if parts else "None of them is released."


def _targets(facts: Facts) -> str:
    times = _by_place(facts["timings"][0]["runs"])
    return "\n".join(["## Targets", "", *(_target_line(target, facts["variants"], times) for target in facts["targets"])])


def _target_line(target: Facts, variants: Iterable[Facts], times: Times) -> str:
    near = [each for each in variants if not target["met_by"] or each["name"] in target["met_by"]]
    shown = "; ".join(_reached(each, times, target) for each in near)
    return f"- {_wanted(target)}: **{'met' if target['met_by'] else 'not met'}**. {'By' if target['met_by'] else 'Reached were'} {shown}."


def _wanted(target: Facts) -> str:
    size = f"{target['smaller']:g} times smaller, " if target["smaller"] else ""
    place = f"at a batch of {target['batch']} ({_threads(target['threads'])})"
    speed = f"{target['faster']:g} times as fast {place}, " if target["faster"] else ""
    return f"{size}{speed}within {_share(target['within'], relative=target['relative'])} in every exam"


def _reached(variant: Facts, times: Times, target: Facts) -> str:
    speeds = [_fast(times[threads, target["batch"], variant["name"]], threads) for threads in sorted({place[0] for place in times})]
    return f"`{variant['name']}` ({variant['smaller']:.1f} times smaller; {', '.join(speeds)}; {_worst(variant, target)} at worst)"


def _fast(model: Facts, threads: int) -> str:
    ratio = model["ratio"]
    spread = f"{1 / ratio['upper_quartile']:.2f} to {1 / ratio['lower_quartile']:.2f}"
    return f"{1 / ratio['median']:.2f} times as fast on {_threads(threads)} ({spread})"


def _worst(variant: Facts, target: Facts) -> str:
    """The largest upper end of an interval, as the target asks for it."""
    highs = [difference["relative_high" if target["relative"] else "high"] for difference in variant["quality"].values()]
    return _share(max(float("inf") if high is None else float(high) for high in highs), relative=target["relative"])


def _qualities(facts: Facts) -> str:
    exams = facts["base"]["exams"]
    rows = [
        f"| `{each['name']}` | {' | '.join(_change(each['quality'][exam]) for exam in exams)} | {_verdict(each)} |"
        for each in facts["variants"]
    ]
    return "\n".join(
        [
            "## Quality",
            "",
            f"Change of the {facts['loss']}, against `{facts['base']['name']}`, with the 95% interval of a bootstrap over blocks of rows "
            "that depend on one another. A variant may ship if the upper end of every interval stays within the budget. Answers are those "
            "of native ONNX Runtime; how far the browser's lie from them stands in the JSON.",
            "",
            *_table(["", *(_words(exam) for exam in exams), "holds the budget"]),
            f"| rows | {' | '.join(f'{exam["rows"]:,} in {exam["blocks"]} blocks' for exam in exams.values())} | |",
            f"| budget | {' | '.join(_rise(facts['budgets'][exam]) for exam in exams)} | |",
            f"| `{facts['base']['name']}` | {' | '.join(format(exam['loss'], '.3f') for exam in exams.values())} | |",
            *rows,
            "",
            *_refusals(facts["variants"]),
            *facts["notes"],
        ]
    )


def _change(difference: Facts) -> str:
    if None in (difference["relative_low"], difference["relative_high"]):
        return f"{difference['variant']:.3f} ({difference['low']:+.3f} to {difference['high']:+.3f})"
    low, high = (100 * difference[key] for key in ("relative_low", "relative_high"))
    return f"{100 * difference['relative']:+.2f}% ({low:+.2f} to {high:+.2f})"


def _rise(budget: Facts) -> str:
    return _share(budget["rise"], relative=budget["relative"])


def _verdict(variant: Facts) -> str:
    return "yes" if variant["ships"] else "**no**"


def _refusals(variants: Iterable[Facts]) -> list[str]:
    lines = [f"- `{each['name']}` does not ship. {'; '.join(each['shortfalls'])}." for each in variants if not each["ships"]]
    return [*lines, ""] if lines else []


def _sizes(facts: Facts) -> str:
    head = _table(["", "bytes", "smaller", "brotli", "smaller", "parameters"])
    base = {**facts["base"], "smaller": 1.0, "smaller_brotli": 1.0}
    rows = [
        f"| `{each['name']}` | {each['size_bytes']:,} | {each['smaller']:.2f} | {each['brotli_bytes']:,} | {each['smaller_brotli']:.2f} | "
        f"{each['parameters']:,} |"
        for each in (base, *facts["variants"])
    ]
    return "\n".join(["## Size", "", *head, *rows])


def _times(facts: Facts) -> str:
    tables = [line for timing in facts["timings"] for line in _timing_lines(facts, timing)]
    missing = [line for provider, reason in facts["untimed"].items() for line in ("", f"Not measured on {provider}: {reason}.")]
    return "\n".join(["## Time", "", TIMING_NOTE, *tables, *missing])


def _timing_lines(facts: Facts, timing: Facts) -> list[str]:
    adapter = f", {timing['environment']['webgpu']}" if timing["provider"] == "webgpu" else ""
    machine = f"{timing['environment']['user_agent']}, {timing['environment']['cores']} cores{adapter}, {timing['created']}"
    failures = [f"- `{name}` does not run on {timing['provider']}: {reason}." for name, reason in timing["failures"].items()]
    tables = [line for threads in _all_threads(timing) for line in _time_table(facts, timing, threads)]
    return ["", f"Measured with {machine}, on {timing['provider']}.", *tables, *(["", *failures] if failures else [])]


def _all_threads(timing: Facts) -> list[int]:
    return sorted({run["threads"] for run in timing["runs"]})


def _time_table(facts: Facts, timing: Facts, threads: int) -> list[str]:
    """The base in milliseconds a batch, the others as how many times as fast."""
    times = _by_place(timing["runs"])
    batches = sorted({batch for _, batch, _ in times})
    base = facts["base"]["name"]
    first = " | ".join(_milliseconds(times[threads, batch, base]["time_ms"]) for batch in batches)
    names = [each["name"] for each in facts["variants"] if each["name"] not in timing["failures"]]
    rows = [f"| `{name}` | {' | '.join(_speed(times[threads, batch, name]) for batch in batches)} |" for name in names]
    head = _table([_threads(threads), *(f"batch of {batch}" for batch in batches)])
    return ["", *head, f"| `{base}` | {first} |", *rows]


def _milliseconds(time: Facts) -> str:
    return f"{time['median']:.3f} ms ({time['lower_quartile']:.3f} to {time['upper_quartile']:.3f}, least {time['minimum']:.3f})"


def _speed(model: Facts) -> str:
    ratio = model["ratio"]
    spread = f"{1 / ratio['upper_quartile']:.2f} to {1 / ratio['lower_quartile']:.2f}"
    wrong = model["median_difference_to_host"] > WRONG
    doubt = f"; **other answers than on the host, by {model['median_difference_to_host']:.2g}**" if wrong else ""
    return f"{1 / ratio['median']:.2f}× ({spread}), least {model['time_ms']['minimum']:.3f} ms{doubt}"


def _memories(facts: Facts) -> str:
    """WebAssembly memory at its peak, at the largest batch of each number of threads."""
    timing = facts["timings"][0]
    times = _by_place(timing["runs"])
    largest = max(batch for _, batch, _ in times)
    threads = _all_threads(timing)
    columns = [f"{_threads(each)}: {what}" for each in threads for what in ("memory, MiB", "of it touched", "load, ms")]
    names = [facts["base"]["name"], *(each["name"] for each in facts["variants"])]
    rows = [f"| `{name}` | {' | '.join(_footprint(times[each, largest, name]) for each in threads)} |" for name in names]
    words = f"Peak of WebAssembly's memory with a batch of {largest}, the runtime's own included, and the median time to load a model."
    return "\n".join(["## Memory and load", "", words, "", *_table(["", *columns]), *rows])


def _footprint(model: Facts) -> str:
    return f"{model['peak_memory_bytes'] / MIB:.1f} | {model['touched_memory_bytes'] / MIB:.1f} | {model['load_ms']:.1f}"


def _recipes(facts: Facts) -> str:
    lines = [f"- `{each['name']}`: {', then '.join(_step(step) for step in each['steps']) or 'training'}" for each in facts["variants"]]
    return "\n".join(["## Recipes", "", *lines])


def _step(step: Facts) -> str:
    settings = ", ".join(f"{key} {value}" for key, value in step["settings"].items())
    return f"{step['technique']} ({settings})" if settings else str(step["technique"])


def _table(columns: list[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _share(value: float, *, relative: bool) -> str:
    return _percent(value) if relative else _number(value)


def _number(value: float) -> str:
    return f"{value:.4g}"
