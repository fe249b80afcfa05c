"""Batch from the command line: what is asked, how far it is, and what it came to.

`python -m web.server.batch --help` shows the options.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from foreshore import ForeshoreError
from web.server.batch.job import BatchJob, Summary
from web.server.batch.job import Progress as Told
from web.server.batch.run import run_batch
from web.server.prediction.catalogue import Catalogue
from web.server.prediction.errors import Refusal

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line of a batch; the exit status."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    try:
        job = _job(options)
        summary = _watched(job, console)
    except (ForeshoreError, Refusal, OSError) as error:
        console.print(f"batch: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("batch: stopped; the same command goes on after the last part that was written")
        return INTERRUPTED
    _tell(job, summary, console)
    return 0


def _job(options: argparse.Namespace) -> BatchJob:
    released = Catalogue(options.dist.absolute(), options.channel).current().pipeline(options.name)
    return BatchJob(options.input, options.output, released, options.variant, dict(options.map), options.fresh, threads=options.threads)


def _watched(job: BatchJob, console: Console) -> Summary:
    """Run it, its progress, rate and time left shown."""
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f}/s, {task.fields[bad]:,} bad"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(job.title, total=1.0, rows=0, rate=0.0, bad=0)

        def show(told: Told) -> None:
            rate = (told.rows - told.resumed) / told.seconds
            shown.update(task, completed=told.share, rows=told.rows, rate=rate, bad=told.bad)

        return run_batch(job, show)


def _tell(job: BatchJob, summary: Summary, console: Console) -> None:
    done = summary.rows - summary.resumed
    again = f" ({summary.resumed:,} were done before)" if summary.resumed else ""
    console.print(
        f"{job.output}: {summary.good:,} of {summary.rows:,} rows{again} in {summary.seconds:.1f} s, "
        f"{done / summary.seconds:,.0f} rows/s; release {summary.release}, variant {summary.variant}",
        markup=False,
        soft_wrap=True,
    )
    told = f"{summary.bad:,} bad rows, told in {job.bad_rows}" if summary.bad else f"no bad rows ({job.bad_rows} is empty)"
    console.print(told, markup=False, soft_wrap=True)


def _pair(text: str) -> tuple[str, str]:
    field, separator, column = text.partition("=")
    if not separator or not field:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected field=column")
    return field, column


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m web.server.batch",
        description="Predict the rows of a CSV or Parquet file by a released pipeline.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("name", help="of the pipeline")
    parser.add_argument("input", type=Path, help="a CSV file with a header, or a Parquet file")
    parser.add_argument("output", type=Path, help="where the results go: a name that ends in .csv or .parquet")
    parser.add_argument("--variant", help="of the model; the one that visitors get where none is named")
    parser.add_argument("--map", type=_pair, action="append", default=[], metavar="FIELD=COLUMN", help="which column serves a field")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run has done")
    parser.add_argument("--dist", type=Path, default=Path("dist"), help="folder that the build wrote")
    parser.add_argument("--channel", default="stable", help="whose release answers")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of the processor, for the model")
    return parser
