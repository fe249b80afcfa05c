"""The benchmark's report as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.benchmarks.report import windows_table

type Json = Mapping[str, Any]

UNITS = ((1000.0, "s"), (1.0, "ms"), (0.001, "µs"))
"""Milliseconds a unit."""


def print_report(report: Json, console: Console) -> None:
    """Print a report, as `run` writes it."""
    for pipeline in report["pipelines"]:
        console.rule(pipeline["title"], align="left")
        for batch in sorted(map(int, pipeline["plan"]["samples_per_turn"])):
            console.print(steady_table(pipeline["contenders"], batch, pipeline["noun"]))
        console.print(startup_table(pipeline["contenders"]))
        console.print(agreement_table(pipeline["contenders"]))
        console.print(*pipeline_summary(pipeline), sep="\n")
    if (windows := report.get("windows_on_host")) is not None:
        console.print(windows_table(windows))
    console.print(_where_line(report))


def pipeline_summary(pipeline: Json) -> list[str]:
    """What the targets ask about, a line each."""
    lines = [_public_api_line(pipeline, contender) for contender in pipeline["contenders"] if contender["engine"] == "foreshore"]
    if (windows := pipeline.get("windows")) is not None:
        lines += _windows_lines(windows)
    if (cold := pipeline.get("cold_start")) is not None:
        lines += _cold_start_lines(cold)
    return lines


def _where_line(report: Json) -> str:
    where = report["environment"]
    threads = "isolated" if where["isolated"] else "not isolated, one thread"
    return f"Release {report['release']}, {where['cores']} cores, {threads}, WebGPU: {where['webgpu'] or 'none'}; {where['user_agent']}"


def _windows_lines(windows: Json) -> list[str]:
    rates, update = windows["events_per_s"], windows["update"]
    spread = f"{rates['median']:,.0f} events/s ({rates['minimum']:,.0f} to {rates['maximum']:,.0f})"
    target = f"target at least {windows['target_events_per_s']:,} events/s"
    one = f"p50 {duration(update['median'])}, p99 {duration(update['p99'])} ({update['count']} calls"
    return [
        f"News through the public API, {windows['events']:,} events in one call: {spread} ({rates['count']} runs; {target})",
        f"News through the public API, one event a call: {one}; target p99 under {windows['target_update_ms']} ms)",
    ]


def _cold_start_lines(cold: Json) -> list[str]:
    target = "" if cold["target_s"] is None else f"; target {cold['target_s']:g} s"
    lines = []
    if (first := cold["first_visit"]) is not None:
        lines.append(
            f"First prediction on {cold['page']} with an empty browser, from the start of the navigation: "
            f"{_seconds(first)} ({len(first['samples_s'])} browsers{target}); next visit {_seconds(cold['next_visit'])}"
        )
    for engine, samples in cold["engines"].items():
        asked = target if engine == cold["target_engine"] else ""
        count = len(samples["samples_s"])
        lines.append(
            f"First prediction by the public API alone, empty browser, engine {engine}: {_seconds(samples)} ({count} browsers{asked})"
        )
    return lines


def _seconds(described: Json) -> str:
    return f"{described['median_s']:.2f} s ({described['minimum_s']:.2f} to {described['maximum_s']:.2f})"


def _public_api_line(pipeline: Json, contender: Json) -> str:
    totals = [(state["total"], state["calls_per_sample"]) for state in contender["steady"] if state["batch"] == 1]
    if not totals:
        return f"Warm prediction through the public API, {contender['label']}: {_note(contender)}"
    total, calls = totals[0]
    api = pipeline["public_api"]
    default = _default_text(api) if api and api["id"] == contender["id"] else ""
    return (
        f"Warm prediction through the public API, {contender['label']}: p50 {duration(total['median'])}, "
        f"p95 {duration(total['p95'])} ({total['count'] * calls} calls{default})"
    )


def _default_text(api: Json) -> str:
    target = "" if api["target_ms"] is None else f", target p50 under {api['target_ms']} ms"
    return f"; what a page gets by default{target}"


def steady_table(contenders: Sequence[Json], batch: int, noun: str) -> Table:
    """Durations of a call with `batch` records, once everything is warm."""
    columns = ("median", "p95", "middle half", "features", "model", "decoding", "messages", "against JS", f"{noun}s/s")
    table = _table(f"{batch} {noun}{'s' if batch > 1 else ''} a call", columns)
    for contender in contenders:
        states = [state for state in contender["steady"] if state["batch"] == batch]
        table.add_row(contender["label"], *(_steady_cells(states[0]) if states else [_note(contender)]))
    return table


def _steady_cells(state: Json) -> list[str]:
    total, ratio = state["total"], state["ratio"]
    phases = [state["phases"].get(name) for name in ("prepare", "run", "decode")]
    parts = [duration(part["median"]) if part else "-" for part in (*phases, state["messaging"])]
    return [
        duration(total["median"]),
        duration(total["p95"]),
        f"{duration(total['lower_quartile'])} to {duration(total['upper_quartile'])}",
        *parts,
        f"{ratio['median']:.2f}x" if ratio else "-",
        _rate(state["records_per_s"]),
    ]


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 100 else f"{per_second:.3g}"


def startup_table(contenders: Sequence[Json]) -> Table:
    """Download, start, first call and warm-up, each with its range."""
    table = _table(
        "From nothing to the first answers", ("files", "download", "download time", "compile and start", "first call", "warm-up")
    )
    for contender in contenders:
        startup = contender["startup"]
        table.add_row(contender["label"], *(_startup_cells(startup) if startup else [_note(contender)]))
    return table


def _startup_cells(startup: Json) -> list[str]:
    phases = [startup[name] for name in ("download", "instantiate", "first_call", "warm_up")]
    return [
        str(startup["files"]),
        f"{startup['transferred_bytes'] / 1e6:.2f} MB",
        *(f"{duration(phase['median'])} [dim]{duration(phase['minimum'])} to {duration(phase['maximum'])}[/dim]" for phase in phases),
    ]


def agreement_table(contenders: Sequence[Json]) -> Table:
    """Whose answers were compared with whose, and how far apart they were."""
    table = _table("Agreement, before anything was timed", ("with", "answers", "largest", "typical", "allowed", "verdict"))
    for contender in contenders:
        for agreement in contender["agreements"]:
            table.add_row(
                contender["label"],
                agreement["reference"],
                str(agreement["compared"]),
                f"{agreement['largest_difference']:.2g}",
                f"{agreement['typical_difference']:.2g}",
                f"{agreement['statistic']} {agreement['tolerance']:g}",
                "agrees" if agreement["agrees"] else "DIFFERENT",
            )
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("contender", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _note(contender: Json) -> str:
    return escape(f"{contender['status']}: {contender['message']}")


def duration(milliseconds: float) -> str:
    """A duration with as many digits as matter.

    Examples
    --------
    >>> duration(0.0042), duration(0.48), duration(1.26), duration(31.4), duration(2345.0)
    ('4.2 µs', '480 µs', '1.26 ms', '31.4 ms', '2.35 s')
    """
    value, unit = next((milliseconds / size, unit) for size, unit in UNITS if milliseconds >= size or unit == UNITS[-1][1])
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
