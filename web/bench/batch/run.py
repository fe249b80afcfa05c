"""The benchmark of batch in the page: measures a built site's Batch page and prints the table."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from web.bench.batch.measuring import Measured, Setting, first_rows, measure
from web.bench.run import FILE_WIDTH, current_release
from web.server.testing import running_server

FORMAT = 1
PIPELINE = "eta"
RUNS = {"quick": 3, "full": 8}
"""The first of which is cold, and told by itself."""
PYTHON_ROWS = 20_000
TARGET_ROWS_PER_S = 100_000


def run(dist: Path, output: Path, files: Mapping[str, Path], *, quick: bool = False) -> None:
    """Measure; print the table and write the report as JSON.

    Parameters
    ----------
    dist : Path
        The built site.
    output : Path
        Where the JSON goes; its folder is made.
    files : mapping of str to Path
        The same table by form: "csv" and "parquet".

    Raises
    ------
    BuildError
        If the page fails.
    """
    console = Console() if sys.stdout.isatty() else Console(width=FILE_WIDTH)
    release = current_release(dist)
    runs = RUNS["quick" if quick else "full"]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    settings = list(settings_for(release["pipelines"][PIPELINE], cores, quick=quick))
    measured = []
    with running_server(dist) as site, sync_playwright() as playwright, console.status("batch …") as status:
        for setting in settings:
            with tempfile.TemporaryDirectory() as scratch, first_rows(files[setting.form], setting.rows, Path(scratch)) as file:
                measured.append(measure(playwright, (site, PIPELINE), file, setting, runs, status.update))
    report = report_of(measured, files, release["id"], cores)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    console.print(table_of(report))
    console.print(verdict_of(report), highlight=False)
    console.print(f"written to {output}", highlight=False)


def settings_for(pipeline: Mapping[str, Any], cores: int, *, quick: bool) -> Iterator[Setting]:
    """What is measured: every variant from CSV, the default and the smallest from Parquet, and Python around the model."""
    variants = [variant for variant in pipeline["variants"] if "graph" in variant]
    default = str(pipeline["default_variant"])
    smallest = str(min(variants, key=lambda variant: int(variant["size_bytes"]))["name"])
    threads = (1,) if quick else tuple(sorted({1, min(cores, 2)}))
    for name in [default, smallest] if quick else [str(variant["name"]) for variant in variants]:
        yield from (Setting("csv", name, "graph", count) for count in threads)
    yield from (Setting("parquet", name, "graph", 1) for name in (default, smallest))
    if not quick:
        yield Setting("csv", default, "python", 1, PYTHON_ROWS)


def report_of(measured: Sequence[Measured], files: Mapping[str, Path], release: str, cores: int) -> dict[str, Any]:
    """The report as it is written."""
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "pipeline": PIPELINE,
        "release": release,
        "environment": {"cores": cores, "user_agent": measured[0].user_agent if measured else ""},
        "size_bytes": {form: file.stat().st_size for form, file in files.items()},
        "target_rows_per_s": TARGET_ROWS_PER_S,
        "settings": [figures(each) for each in measured],
    }


def figures(measured: Measured) -> dict[str, Any]:
    """What is told of one setting."""
    setting, runs = measured.setting, measured.runs
    cold, warm = runs[0], runs[1:]
    return {
        "form": setting.form,
        "variant": setting.variant,
        "engine": setting.engine,
        "threads": setting.threads,
        "rows": cold.rows,
        "bad": cold.bad,
        "cold_rows_per_s": cold.rows_per_s,
        "cold_wall_s": cold.wall_s,
        "rows_per_s": spread([each.rows_per_s for each in warm]),
        "wall_s": spread([each.wall_s for each in warm]),
        "js_heap_bytes": max(each.js_heap_bytes for each in runs),
        "renderer_rss_bytes": measured.rss_bytes,
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, quartiles and extremes.

    Examples
    --------
    >>> spread([3.0, 1.0, 2.0])
    {'median': 2.0, 'lower_quartile': 1.5, 'upper_quartile': 2.5, 'least': 1.0, 'most': 3.0, 'runs': 3}
    """
    quartiles = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return {
        "median": statistics.median(values),
        "lower_quartile": quartiles[0],
        "upper_quartile": quartiles[2],
        "least": min(values),
        "most": max(values),
        "runs": len(values),
    }


def verdict_of(report: Mapping[str, Any]) -> str:
    """Whether the target was met by the median of every setting that one graph answers; where not, by which."""
    target = report["target_rows_per_s"]
    settings = [each for each in report["settings"] if each["engine"] == "graph"]
    missed = [
        f"{each['form']}, {each['variant']}, {each['threads']} threads ({each['rows_per_s']['median']:,.0f})"
        for each in settings
        if each["rows_per_s"]["median"] < target
    ]
    met = len(settings) - len(missed)
    return f"target of {target:,} rows/s: met by {met} of {len(settings)} settings{', not by ' * bool(missed)}{'; '.join(missed)}"


def table_of(report: Mapping[str, Any]) -> Table:
    """The report's table."""
    cores = report["environment"]["cores"]
    table = Table(
        *("file", "variant", "engine", "threads", "rows", "rows/s", "quartiles", "cold", "whole, s", "heap, MB", "process, MB"),
        title=f"{report['pipeline']} on the Batch page, {cores} cores",
    )
    for each in report["settings"]:
        rate, wall = each["rows_per_s"], each["wall_s"]
        rss = each["renderer_rss_bytes"]
        table.add_row(
            *(each["form"], each["variant"], each["engine"], str(each["threads"]), f"{each['rows']:,}"),
            f"{rate['median']:,.0f}",
            f"{rate['lower_quartile']:,.0f} to {rate['upper_quartile']:,.0f}",
            f"{each['cold_rows_per_s']:,.0f}",
            f"{wall['median']:.2f}",
            f"{each['js_heap_bytes'] / 1e6:.0f}",
            "" if rss is None else f"{rss / 1e6:.0f}",
        )
    return table
