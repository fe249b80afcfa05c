"""The benchmark of serving: measures a built site on this machine and prints the tables."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from foreshore import pipeline_names
from web.bench.run import FILE_WIDTH
from web.bench.serving.measure import OVERLOAD_ROWS, measure
from web.server.testing import ROOT

SECONDS = {"quick": 1.0, "full": 4.0}


def run(dist: Path, output: Path, *, quick: bool = False) -> None:
    """Measure serving; print the tables and write the report as JSON.

    Parameters
    ----------
    dist : Path
        The built site.
    output : Path
        Where the JSON goes; its folder is made.
    quick : bool
        A second a load, not four.

    Raises
    ------
    BuildError
        If the server fails under load.
    """
    console = Console() if sys.stdout.isatty() else Console(width=FILE_WIDTH)
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    name = pipeline_names(ROOT / "models")[0]
    with console.status("serving …") as status:
        report = measure(dist, name, SECONDS["quick" if quick else "full"], workers, status.update)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    for table in tables(report):
        console.print(table)
    console.print(f"written to {output}", highlight=False)


def run_costs(dist: Path, output: Path, *, quick: bool = False) -> None:
    """Measure what answers take of a server's processor, online and in batch; print the table and write it as JSON.

    Parameters
    ----------
    dist : Path
        The built site.
    output : Path
        Where the JSON goes.
    quick : bool
        Fewer rounds.

    Raises
    ------
    BuildError
        If something is not answered.
    """
    from web.bench.serving.costs import measure_costs

    console = Console() if sys.stdout.isatty() else Console(width=FILE_WIDTH)
    with console.status("costs …") as status:
        report = measure_costs(dist, status.update, quick=quick)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    console.print(costs_table(report))
    console.print(f"written to {output}", highlight=False)


def costs_table(report: dict[str, Any]) -> Table:
    """A report of costs as a table."""
    table = Table(
        *("pipeline", "variant", "batch rows/s", "CPU a row, µs", "online answers/s", "CPU an answer, µs", "break-even share"),
        title=f"Batch and online on {report['machine']['cores']} cores",
    )
    for name, variants in report["pipelines"].items():
        for variant, each in variants.items():
            row, answer = each["batch"]["cpu_us"]["median"], each["online"]["cpu_us"]["median"]
            rates = f"{each['batch']['rows_per_s']:,.0f}", f"{each['online']['answers_per_s']:,.0f}"
            table.add_row(name, variant, rates[0], f"{row:,.1f}", rates[1], f"{answer:,.0f}", f"{row / answer:.1%}")
    return table


def tables(report: dict[str, Any]) -> list[Table]:
    """A report's tables."""
    name, workers = report["pipeline"], report["workers"]
    joining = [
        {**each, "kind": f"batches of up to {each['batch_rows']} ({each['requests_per_run']:.1f} joined)"} for each in report["joining"]
    ]
    overload = {**report["overload"], "kind": f"{OVERLOAD_ROWS} records"}
    return [
        _bare_table(f"{name}: ONNX Runtime alone, one thread", report["bare"]),
        _load_table(f"{name} over HTTP, {workers} processes, load generator on the same machine", report["http"]),
        _load_table(f"{name}: requests of one row, one process, joined and not", joining),
        _load_table(f"{name}: overload, {workers} processes", [overload]),
    ]


def _bare_table(title: str, measured: list[dict[str, Any]]) -> Table:
    table = Table("rows a run", "runs/s", "rows/s", "CPU a run, µs", title=title)
    for each in measured:
        table.add_row(str(each["rows"]), f"{each['runs_per_s']:,.0f}", f"{each['rows_per_s']:,.0f}", f"{each['cpu_us']:,.0f}")
    return table


def _load_table(title: str, measured: list[dict[str, Any]]) -> Table:
    table = Table(
        "request", "at once", "answered/s", "p50 ms", "p95 ms", "p99 ms", "refused (429)", "server CPU a request, µs", title=title
    )
    for each in measured:
        latencies = [f"{each[key]:,.1f}" if each[key] is not None else "" for key in ("p50_ms", "p95_ms", "p99_ms")]
        refused = str(each["statuses"].get("429", 0))
        rate, cost = f"{each['requests_per_s']:,.0f}", f"{each['server_cpu_us']:,.0f}"
        table.add_row(each["kind"], str(each["connections"]), rate, *latencies, refused, cost)
    return table
