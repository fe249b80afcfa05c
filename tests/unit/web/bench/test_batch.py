"""The benchmark of batch in the page: what is measured, and what is told of it."""

from __future__ import annotations

import doctest
import io
from pathlib import Path

import polars as pl
from rich.console import Console

from foreshore import load_pipeline
from models.benchmarks.tables import write_flights
from web.bench.batch import run
from web.bench.batch.measuring import Measured, Run, Setting, first_rows

PIPELINE = {
    "default_variant": "fp32",
    "variants": [
        {"name": "fp32", "graph": "a", "size_bytes": 9},
        {"name": "small", "graph": "b", "size_bytes": 1},
        {"name": "no_graph", "size_bytes": 0},
    ],
}


def test_doctests_hold() -> None:
    assert doctest.testmod(run).failed == 0


def test_all_variants_are_measured_that_have_a_graph() -> None:
    settings = list(run.settings_for(PIPELINE, 4, quick=False))

    assert [(each.variant, each.threads) for each in settings if each.form == "csv" and each.engine == "graph"] == [
        ("fp32", 1),
        ("fp32", 2),
        ("small", 1),
        ("small", 2),
    ]
    assert [each.variant for each in settings if each.form == "parquet"] == ["fp32", "small"]
    assert [each.rows for each in settings if each.engine == "python"] == [run.PYTHON_ROWS]


def test_quick_measures_less_and_no_thread_that_there_is_not() -> None:
    assert {each.threads for each in run.settings_for(PIPELINE, 1, quick=False)} == {1}
    assert len(list(run.settings_for(PIPELINE, 2, quick=True))) == 4


def test_first_run_is_told_apart_from_the_others() -> None:
    runs = [Run(1000, 1, seconds, seconds + 1, heap) for seconds, heap in ((2.0, 5), (1.0, 7), (0.5, 6))]
    setting = Setting("csv", "fp32", "graph", 1)

    figures = run.figures(Measured(setting, runs, 10**9, "Chrome"))

    assert figures["cold_rows_per_s"] == 500
    assert (figures["rows_per_s"]["least"], figures["rows_per_s"]["median"], figures["rows_per_s"]["most"]) == (1000, 1500, 2000)
    assert (figures["wall_s"]["median"], figures["js_heap_bytes"], figures["bad"]) == (1.75, 7, 1)
    report = run.report_of([Measured(setting, runs, None, "Chrome")], {}, "r1", 2)
    text = io.StringIO()
    Console(file=text, width=200).print(run.table_of(report))
    assert "1,500" in text.getvalue()


def test_target_is_told_as_met_or_not() -> None:
    fast, slow, python = (
        Measured(Setting("csv", name, engine, 1), [Run(rows, 0, 1.0, 2.0, 5)] * 2, None, "Chrome")
        for name, engine, rows in (("fp32", "graph", 100_000), ("int8", "graph", 99_999), ("fp32", "python", 10))
    )

    verdicts = [run.verdict_of(run.report_of(measured, {}, "r1", 2)) for measured in ([fast, python], [fast, slow])]

    assert verdicts == [
        "target of 100,000 rows/s: met by 1 of 1 settings",
        "target of 100,000 rows/s: met by 1 of 2 settings, not by csv, int8, 1 threads (99,999)",
    ]


def test_a_part_of_a_file_has_its_header_and_first_rows(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("n\n1\n2\n3\n")
    with first_rows(file, 2, tmp_path) as part:
        assert part.read_text() == "n\n1\n2\n"
    assert not part.exists()
    with first_rows(file, None, tmp_path) as whole:
        assert whole == file
    assert file.exists()


def test_flights_are_the_same_in_each_form_and_fit_the_contract(tmp_path: Path) -> None:
    files = write_flights(tmp_path)
    contract = load_pipeline("eta").contract

    tables = {form: pl.scan_csv(file, infer_schema=False) if form == "csv" else pl.scan_parquet(file) for form, file in files.items()}

    names = {field.name for field in contract.fields}
    assert names < set(tables["csv"].collect_schema().names())
    rows = {form: table.select(pl.len()).collect().item() for form, table in tables.items()}
    assert rows == {"csv": 336_776, "parquet": 336_776}
    first = [table.select("asked_at", "tail", "flight").head(50).collect().rows() for table in tables.values()]
    assert first[0] == first[1]
