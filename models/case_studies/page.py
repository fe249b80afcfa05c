"""The page of the case studies: `docs/case-studies.md` for what `case_studies.json` holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

PUBLISHED = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "size_bytes": "file",
    "imagenet_top1_percent": "ImageNet top-1",
    "imagenet_top5_percent": "ImageNet top-5",
    "glue_score": "GLUE",
    "sts_b_s": "a pass over STS-B",
}
"""What is published of networks, in words."""
COUNTED = ("parameters", "multiply_adds", "size_bytes")
MILLION = 1e6
HEAD = (
    "# Case studies\n\nResults that are quoted wherever models are made smaller, with what was published beside what was counted and "
    "measured here: in onnxruntime-web, the engine that runs models in the browser. `python3 build.py compress --case-studies` builds the "
    "networks, measures them, and writes this page and [case_studies.json](../models/case_studies/case_studies.json)."
)
NOTES = (
    "Networks are built as published and their weights are random (from a fixed seed): parameters, bytes and time do not depend on what "
    "weights are. Accuracy does, and was not measured: every accuracy on this page is a published one.",
    "Sizes are of files as they are: what brotli makes of random weights says nothing.",
    "A multiply-add is a multiplication with the addition after it, in convolutions and products of matrices, for one row of inputs.",
    "Times are of headless Chromium, each batch size and number of threads in a fresh process, every model in a worker of its own, all "
    "taking turns in shuffled rounds. Medians with quartiles; how many times as fast is the median over rounds of the ratio to the "
    "study's first network in the same round. A busy machine widens the quartiles: where they lie far apart, measure again.",
    "Memory is WebAssembly's at its peak, the engine's own included; the page holds the downloaded file besides until the model is loaded. "
    "WebAssembly addresses 4 GB at most.",
)

type Facts = Mapping[str, Any]


def rendered(facts: Facts) -> str:
    """The page in Markdown.

    Parameters
    ----------
    facts : mapping
        As `models.case_studies.measuring` writes it.
    """
    return "\n\n".join([HEAD, _measured_with(facts), *(_study(study) for study in facts["studies"])]) + "\n"


def _measured_with(facts: Facts) -> str:
    environment = facts["environment"]
    machine = f"{environment['user_agent']}, {environment['cores']} cores, {environment['created']}, on {environment['provider']}"
    return "\n".join(["## How to read the figures", "", *(f"- {note}" for note in facts["notes"]), "", f"Measured with {machine}."])


def _study(study: Facts) -> str:
    parts = [
        f"## {study['title']}",
        f"> {study['claim']}",
        study["setup"],
        _lines(_sizes(study)),
        _lines(_ratios(study)),
        _lines(_times(study)),
        _lines(_memories(study)),
        f"**What it teaches.** {study['lesson']}",
        _lines(f"- {reference['text']}, <{reference['url']}>" for reference in study["references"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _sizes(study: Facts) -> list[str]:
    """Every network's counts beside what was published of them."""
    columns: list[tuple[str, Callable[[Facts], str]]] = []
    for key, words in PUBLISHED.items():
        if any(key in model["published"] for model in study["models"]):
            columns.append((f"{words}, published", lambda model, key=key: _published(key, model["published"].get(key))))  # type: ignore[misc]
        if key in COUNTED:
            columns.append((f"{words}, here", lambda model, key=key: _here(key, model[key])))  # type: ignore[misc]
    rows = [f"| {model['title']} | {' | '.join(show(model) for _, show in columns)} |" for model in study["models"]]
    return [*_table(["", *(name for name, _ in columns)]), *rows]


def _ratios(study: Facts) -> list[str]:
    """Published ratios beside those found here, for every network with published figures but the first."""
    first, *others = study["models"]
    lines = [line for model in others if model["published"] for line in _ratio_rows(first, model)]
    return [*_table(["", "published", "here"]), *lines] if lines else []


def _ratio_rows(first: Facts, model: Facts) -> list[str]:
    pair = f"{model['title']} to {first['title']}"
    rows = [(PUBLISHED[key], _both(first, model, key), model["against_baseline"][key]) for key in COUNTED]
    speed = model["times"][0]
    place = f"time, {speed['input']}, batch of {speed['batch']}, {_threads(speed['threads'])}"
    rows.append((place, _both(first, model, "sts_b_s"), speed["times_as_fast"]["median"]))
    return [f"| {pair}: {words} | {_times_less(published)} | {_times_less(here)} |" for words, published, here in rows]


def _both(first: Facts, model: Facts, key: str) -> float | None:
    """The first network's published figure in multiples of the other's; None where one of them was not published."""
    got = [each["published"].get(key) for each in (first, model)]
    return None if None in got else got[0] / got[1]


def _times(study: Facts) -> list[str]:
    """A row for each input, batch and number of threads."""
    models = study["models"]
    rows = zip(*(model["times"] for model in models), strict=True)
    head = _table(["median of a run", *(model["title"] for model in models)])
    return [*head, *(f"| {_place(row[0])} | {' | '.join(_time(time, row[0]) for time in row)} |" for row in rows)]


def _place(time: Facts) -> str:
    return f"{time['input']}, batch of {time['batch']}, {_threads(time['threads'])}"


def _time(time: Facts, first: Facts) -> str:
    spread = f"{_milliseconds(time['lower_quartile_ms'])} to {_milliseconds(time['upper_quartile_ms'])}"
    pace = time["multiply_adds"] / time["median_ms"] / MILLION
    shown = f"{_milliseconds(time['median_ms'])} ms ({spread}), {pace:.1f} billion multiply-adds a second"
    if time is first:
        return shown
    speed = time["times_as_fast"]
    return f"{shown}; **{speed['median']:.2f}×** as fast ({speed['lower_quartile']:.2f} to {speed['upper_quartile']:.2f})"


def _memories(study: Facts) -> list[str]:
    """Load and memory at the last place on one thread: the largest input and batch."""
    head = _table(["on 1 thread", "load", "memory at its peak", "of it touched"])
    return [*head, *(_memory(model) for model in study["models"])]


def _memory(model: Facts) -> str:
    time = [time for time in model["times"] if time["threads"] == 1][-1]
    memories = " | ".join(f"{time[key] / MILLION:,.0f} MB" for key in ("peak_memory_bytes", "touched_memory_bytes"))
    return f"| {model['title']}, {time['input']}, batch of {time['batch']} | {time['load_ms']:,.0f} ms | {memories} |"


def _published(key: str, value: float | None) -> str:
    if value is None:
        return ""
    units = {"size_bytes": "MB", "parameters": "million", "multiply_adds": "million"}
    if key in units:
        return f"{value / MILLION:,.4g} {units[key]}" if value < 1e9 else f"{value / MILLION:,.0f} {units[key]}"
    return f"{value:g} s" if key.endswith("_s") else f"{value}%" if key.endswith("percent") else str(value)


def _here(key: str, value: int) -> str:
    return f"{value / MILLION:,.2f} MB" if key == "size_bytes" else f"{value:,}"


def _times_less(ratio: float | None) -> str:
    """A ratio of the first to the other, in words."""
    if ratio is None:
        return ""
    if ratio == 1:
        return "the same"
    return f"{ratio:.2f} times less" if ratio >= 1 else f"{1 / ratio:.2f} times more"


def _milliseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _table(columns: list[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
