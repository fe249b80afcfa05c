"""Batches of the built site's eta: real files, its own models and tables, and the answers that it gives over HTTP."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import process_time
from typing import Any

import polars as pl
import pytest

from foreshore import ContractError, ForeshoreError
from tests.unit.server.batch.conftest import DISK_BYTES, Job
from tests.unit.server.batch.tables import FIELDS, Row, csv_rows, csv_text, frame
from web.server.batch import run as running
from web.server.batch.errors import Different, NoSpace, Occupied, Stopped, Unanswered, Unmatched, Unreadable, Unwritable
from web.server.batch.job import BatchJob, Progress
from web.server.batch.parts import held
from web.server.batch.results import ResultTable
from web.server.batch.run import run_batch
from web.server.config import Config
from web.server.prediction.catalogue import Catalogue, ReleasedPipeline
from web.server.prediction.service import Service

ANSWER = "arrival_delay_min"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 128 rows in chunks of 64."""
    monkeypatch.setattr(running, "CHUNK_ROWS", 64)
    monkeypatch.setattr(running, "PART_ROWS", 128)


@pytest.fixture(scope="module")
def online(dist: Path) -> Any:
    """Answers of the server's own predictions, record by record as they would be asked."""
    ready = Service(Config(dist=dist)).ready("eta")

    def ask(records: Sequence[Row], variant: str | None = None) -> list[float]:
        return [answer[ANSWER] for answer in ready.predict(json.dumps(list(records)).encode(), variant)["answers"]]

    return ask


def parquet(table: pl.DataFrame) -> bytes:
    written = io.BytesIO()
    table.write_parquet(written)
    return written.getvalue()


def agree(got: Sequence[float], wanted: Sequence[float], released: ReleasedPipeline) -> bool:
    tolerance = released.pipeline.contract.tolerance
    return len(got) == len(wanted) and all(abs(a - b) <= tolerance * max(1, abs(b)) for a, b in zip(got, wanted, strict=True))


@pytest.mark.parametrize("variant", [None, "int8"])
def test_answers_are_those_of_the_server_history_and_segments_included(
    job: Job, thousand: list[Row], online: Any, released: ReleasedPipeline, variant: str | None
) -> None:
    summary = run_batch(job(csv_text(thousand), variant=variant))
    assert (summary.rows, summary.good, summary.bad, summary.resumed) == (1000, 1000, 0, 0)
    assert (summary.release, summary.variant) == (released.release, variant or released.entry["default_variant"])
    result = pl.read_parquet(job("").output)
    assert result.columns == ["row", ANSWER]
    assert result["row"].to_list() == list(range(1, 1001))
    assert agree(result[ANSWER].to_list(), online(thousand, variant), released)


def test_history_that_a_column_carries_stays_and_what_rows_lack_is_filled_in(
    job: Job, thousand: list[Row], online: Any, released: ReleasedPipeline
) -> None:
    asked = [row for row in thousand if row["asked_at"]]
    carrying = [{**row, "route_arrival_delay_28d": place % 40 if place % 3 else None} for place, row in enumerate(asked)]
    answers = {}
    for name, rows in {"lacking": asked, "carrying": carrying}.items():
        run_batch(job(csv_text(rows)))
        answers[name] = pl.read_parquet(job("").output)[ANSWER].to_list()
        assert agree(answers[name], online(rows), released)
    untimed = [{**row, "asked_at": None} for row in asked]
    assert not agree(answers["lacking"], online(untimed), released)
    assert not agree(answers["lacking"], answers["carrying"], released)


def test_forms_of_a_file_give_the_same_answers(job: Job, thousand: list[Row]) -> None:
    text = csv_text(thousand)
    typed = frame(thousand).with_columns(
        pl.col("date").str.to_date(),
        pl.col("scheduled_departure").str.to_time("%H:%M"),
        pl.col("asked_at").str.to_datetime("%Y-%m-%dT%H:%MZ", time_zone="UTC"),
        pl.col("departure_delay_min").cast(pl.Float64).fill_null(float("nan")),
        pl.col("carrier").cast(pl.Categorical),
    )
    forms: dict[str, bytes] = {
        "plain": text.encode(),
        "semicolons": csv_text(thousand, ";").encode(),
        "tabs": csv_text(thousand, "\t").encode(),
        "marked": text.encode("utf-8-sig"),
        "utf16": text.encode("utf-16"),
        "carriage returns": text.replace("\n", "\r\n").encode(),
        "parquet": parquet(frame(thousand)),
        "typed parquet": parquet(typed),
    }
    results = {}
    for name, content in forms.items():
        assert run_batch(job(content)).bad == 0, name
        results[name] = pl.read_parquet(job("").output)
    assert all(result.equals(results["plain"]) for result in results.values())


def test_results_come_as_csv_or_parquet_with_what_the_file_carries(job: Job, thousand: list[Row]) -> None:
    rows = [{"flight": f'"{place}", x', **row, "arrival_delay_min": place or None} for place, row in enumerate(thousand[:50])]
    assert run_batch(job(csv_text(rows))).bad == 0
    table = pl.read_parquet(job("").output)
    assert table.columns == ["row", "flight", ANSWER, f"predicted_{ANSWER}"]
    assert table["flight"].to_list() == [row["flight"] for row in rows]
    assert table[ANSWER].to_list() == [None, *map(str, range(1, 50))]

    run_batch(job(parquet(frame(rows)), "flights.parquet", "out.csv"))
    texts = csv_rows(job("", output="out.csv").output)
    assert [float(row[f"predicted_{ANSWER}"]) for row in texts] == table[f"predicted_{ANSWER}"].to_list()
    assert [row["flight"] for row in texts] == table["flight"].to_list()
    assert [row[ANSWER] for row in texts] == ["", *map(str, range(1, 50))]


def test_bad_rows_are_told_in_the_validators_words_and_the_others_answered(
    job: Job, thousand: list[Row], online: Any, released: ReleasedPipeline
) -> None:
    rows = [dict(row) for row in thousand[:200]]
    rows[3] |= {"carrier": "XX", "departure_delay_min": "late"}
    rows[150] |= {"date": "2014-01-01"}
    rows[151] |= {"origin": ""}
    lines = csv_text(rows).split("\n")
    lines[61] = "2013-10-05,DL"  # the header is line 0
    summary = run_batch(job("\n".join(lines)))
    assert (summary.rows, summary.good, summary.bad) == (200, 196, 4)
    told = [(row["row"], row["field"], row["reason"]) for row in csv_rows(job("").bad_rows)]
    carriers = ", ".join(category.value for category in released.pipeline.contract.fields[1].categories[:8])
    assert told == [
        ("4", "carrier", f'got "XX", expected one of {carriers}, … (16 in all)'),
        ("4", "departure_delay_min", 'got "late", expected an integer from -120 to 1440 min or null'),
        ("61", "", "got 2 cells, expected 9"),
        ("151", "date", 'got "2014-01-01", expected a date as YYYY-MM-DD from 2013-01-01 to 2013-12-31'),
        ("152", "origin", "got nothing, expected one of EWR, JFK, LGA"),
    ]
    good = [place for place in range(200) if place not in (3, 60, 150, 151)]
    result = pl.read_parquet(job("").output)
    assert result["row"].to_list() == [place + 1 for place in good]
    assert agree(result[ANSWER].to_list(), online([thousand[place] for place in good]), released)


def test_rows_that_are_all_bad_make_an_empty_result(job: Job) -> None:
    header = ",".join(FIELDS)
    summary = run_batch(job(f"{header}\n" + "x" + "," * 8 + "\n", output="out.csv"))
    assert (summary.rows, summary.good, summary.bad) == (1, 0, 1)
    assert job("", output="out.csv").output.read_text() == f"row,{ANSWER}\n"
    assert len(csv_rows(job("", output="out.csv").bad_rows)) == 6


@pytest.mark.parametrize("output", ["out.csv", "out.parquet"])
def test_table_without_rows_makes_an_empty_result(job: Job, output: str) -> None:
    for source in (",".join([*FIELDS, "more"]) + "\n", parquet(pl.DataFrame(schema=dict.fromkeys([*FIELDS, "more"], pl.String())))):
        summary = run_batch(job(source, output=output))
        assert (summary.rows, summary.good, summary.bad) == (0, 0, 0)
        path = job("", output=output).output
        assert (pl.read_csv(path) if output == "out.csv" else pl.read_parquet(path)).columns == ["row", "more", ANSWER]
        assert job("", output=output).bad_rows.read_text() == "row,field,reason\n"


def test_columns_called_otherwise_are_matched_or_named(job: Job, thousand: list[Row]) -> None:
    titles = {"date": "Date of the flight", "carrier": "AIRLINE", "destination": "dest", "scheduled_departure": "Scheduled-Departure"}
    renamed = [{titles.get(name, name): value for name, value in row.items()} for row in thousand[:20]]
    with pytest.raises(Unmatched, match="no column for destination, which may not be missing: got the columns .*dest"):
        run_batch(job(csv_text(renamed)))
    assert run_batch(job(csv_text(renamed), mapping={"destination": "dest"})).good == 20
    assert pl.read_parquet(job("").output).columns == ["row", ANSWER]


def test_wrong_mapping_makes_bad_rows_not_an_end(job: Job, thousand: list[Row]) -> None:
    mapping = {"scheduled_departure": "date", "date": "scheduled_departure"}
    summary = run_batch(job(csv_text(thousand[:20]), mapping=mapping))
    assert (summary.good, summary.bad) == (0, 20)
    assert len(csv_rows(job("").bad_rows)) == 40


STRANGE: dict[str, list[Any]] = {
    "date": ["2013-10-05", date(2013, 10, 5), datetime(2013, 10, 5), datetime(2013, 10, 5, 1), 20131005, [1]],
    "scheduled_departure": ["8:30", time(8, 30), time(8, 30, 1), 830, {"h": 8}, b"08:30"],
    "asked_at": [datetime(2013, 10, 5, 12, 30, tzinfo=UTC), datetime(2013, 10, 5, 12, 30), datetime(2013, 10, 5, 12, 30, 1, tzinfo=UTC)],
    "departure_delay_min": [12, 12.0, 12.5, "12", "", float("nan"), True],
}
REFUSED = {
    "date": ['got "2013-10-05T01:00"', "got 20131005", "got a list"],
    "scheduled_departure": ['got "08:30:01"', "got 830", "got an object", "got a list"],
    "asked_at": ['got "2013-10-05T12:30"', 'got "2013-10-05T12:30:01Z"'],
    "departure_delay_min": ["got 12.5", "got true"],
}


@pytest.mark.parametrize("name", STRANGE)
def test_parquet_of_other_types_is_read_or_refused_by_row(job: Job, thousand: list[Row], name: str) -> None:
    refused = []
    for value in STRANGE[name]:
        table = frame([{**thousand[0], name: None}]).with_columns(pl.Series(name, [value]))
        summary = run_batch(job(parquet(table)))
        if summary.bad:
            (told,) = csv_rows(job("").bad_rows)
            refused.append(told["reason"].partition(", expected")[0])
    assert refused == REFUSED[name]


def test_file_that_is_no_table_is_refused_and_leaves_nothing(job: Job, thousand: list[Row], tmp_path: Path) -> None:
    whole = parquet(frame(thousand))
    for content, message in {
        b"": "flights.csv: it is empty",
        csv_text(thousand).replace("DL", "Dé").encode("latin-1"): "byte 0xE9 at position .* is not UTF-8; save the file as UTF-8",
        b"a,b,a\n1,2,3\n": "'a' stands twice",
        whole[: len(whole) // 2]: "starts like a Parquet file, but is damaged or cut short",
        b"PAR1": "starts like a Parquet file, but is damaged or cut short",
    }.items():
        with pytest.raises(Unreadable, match=message):
            run_batch(job(content))
    assert [path.name for path in tmp_path.iterdir()] == ["flights.csv"]


def test_damage_inside_a_parquet_file_is_told(job: Job, thousand: list[Row]) -> None:
    whole = bytearray(parquet(frame(thousand)))
    whole[len(whole) // 4 : len(whole) // 2] = os.urandom(len(whole) // 2 - len(whole) // 4)
    with pytest.raises(Unreadable, match="damaged or cut short"):
        run_batch(job(bytes(whole)))


def test_output_has_to_be_a_file_that_can_be_written(job: Job, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for output, message in {
        "out.xlsx": "expected a name that ends in .csv or .parquet",
        "missing/out.csv": "there is no folder",
        "folder.csv": "is a folder",
        "flights.csv": "is the file to be read, and would be written over",
        "flights.parquet": None,
    }.items():
        with pytest.raises(Unwritable if message else Unmatched, match=message):
            run_batch(job("x\n", output=output))
    with pytest.raises(Unwritable, match=r"flights\.bad\.csv is the file to be read, and would be written over"):
        run_batch(job("x\n", "flights.bad.csv", "flights.parquet"))


def test_what_csv_cannot_hold_is_refused_before_anything_runs(job: Job, thousand: list[Row], tmp_path: Path) -> None:
    table = frame(thousand[:5]).with_columns(pl.Series("legs", [[1, 2]] * 5))
    with pytest.raises(Unwritable, match=r"column legs: got List\(Int64\), which CSV can't hold; write to a name that ends in .parquet"):
        run_batch(job(parquet(table), output="out.csv"))
    assert run_batch(job(parquet(table))).good == 5
    assert pl.read_parquet(tmp_path / "out.parquet")["legs"].to_list() == [[1, 2]] * 5


def test_unknown_variant_is_refused(job: Job, thousand: list[Row]) -> None:
    with pytest.raises(Unanswered, match="there is no such variant, expected one of fp32, "):
        run_batch(job(csv_text(thousand), variant="fp1"))


def test_pipelines_of_images_read_no_tables(dist: Path, job: Job) -> None:
    plain = job("photo\nx\n")
    see = Catalogue(dist.absolute(), "stable").current().pipeline("see")
    with pytest.raises(ContractError, match="it takes images"):
        run_batch(BatchJob(plain.source, plain.output, see))


@pytest.mark.usefixtures("small_parts")
def test_progress_counts_rows_and_rises_to_one(job: Job, thousand: list[Row]) -> None:
    told: list[Progress] = []
    run_batch(job(csv_text([*thousand[:299], {**thousand[0], "carrier": "XX"}])), told.append)
    assert [each.rows for each in told] == [64, 128, 192, 256, 300, 300]
    assert (told[-1].good, told[-1].bad, told[-1].share) == (299, 1, 1.0)
    assert [each.share for each in told] == sorted(each.share for each in told)


def after(chunks: int) -> Callable[[], bool]:
    """Whether so many chunks have been asked for."""
    asked = iter(range(1000))
    return lambda: next(asked) >= chunks


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("stops", [[0], [1], [5], [3, 4, 9], [15, 1]])
@pytest.mark.parametrize("source", ["flights.csv", "flights.parquet"])
def test_run_goes_on_where_another_was_stopped(job: Job, thousand: list[Row], source: str, stops: list[int]) -> None:
    rows = [{**row, "flight": str(place), "tail": "\x07" if place % 50 == 3 else row["tail"]} for place, row in enumerate(thousand)]
    content = csv_text(rows).encode() if source == "flights.csv" else parquet(frame(rows))
    whole = job(content, source, "whole.parquet")
    assert (run_batch(whole).good, run_batch(whole).bad) == (980, 20)
    again = job(content, source)
    os.utime(again.source, ns=(1, 1))
    for stop in stops:
        with pytest.raises(Stopped, match="stopped after "):
            run_batch(again, is_cancelled=after(stop))
        assert not again.output.exists()
    summary = run_batch(again)
    assert (summary.rows, summary.good, summary.bad) == (1000, 980, 20)
    assert summary.resumed == sum(stop // 2 * 128 for stop in stops)
    assert pl.read_parquet(again.output).equals(pl.read_parquet(whole.output))
    assert again.bad_rows.read_bytes() == whole.bad_rows.read_bytes()
    assert not again.work_folder.exists()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(("limit", "most"), [("PART_BYTES", 1000), ("PART_PROBLEMS", 64)])
def test_parts_of_much_end_early_and_make_the_same_results(
    job: Job, thousand: list[Row], monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    begun = job(csv_text([{**row, "carrier": row["carrier"] if place % 2 else "XX"} for place, row in enumerate(thousand)]))
    run_batch(begun)
    whole = pl.read_parquet(begun.output), begun.bad_rows.read_bytes()
    monkeypatch.setattr(running, "PART_ROWS", 10_000)
    monkeypatch.setattr(running, limit, most)
    with pytest.raises(Stopped):
        run_batch(begun, is_cancelled=after(10))
    assert len(list(begun.work_folder.glob("part-*"))) > 2
    run_batch(begun)
    assert pl.read_parquet(begun.output).equals(whole[0])
    assert begun.bad_rows.read_bytes() == whole[1]


def test_tables_of_many_columns_are_named_in_no_time(released: ReleasedPipeline) -> None:
    began = process_time()
    table = ResultTable.of(released.pipeline.contract, ["row", *map(str, range(9_999))])
    assert process_time() - began < 0.5
    assert list(table.carried.values())[:2] == ["carried_row", "0"]


@pytest.mark.usefixtures("small_parts")
def test_parts_of_another_job_are_refused_until_a_fresh_start_is_asked(job: Job, thousand: list[Row]) -> None:
    def stopped(**parts: Any) -> BatchJob:
        begun = job(csv_text(thousand), **parts)
        os.utime(begun.source, ns=(10**18, 10**18))
        with pytest.raises(Stopped):
            run_batch(begun, is_cancelled=after(5))
        return begun

    begun = stopped()
    other = BatchJob(begun.source, begun.output, begun.pipeline, "int8")
    with pytest.raises(Different, match=r"out\.parquet\.partial holds parts of another job \(variant was fp32, is int8\): delete it"):
        run_batch(other)
    os.utime(begun.source, ns=(1, 1))
    with pytest.raises(Different, match="modified_ns was 1000000000000000000, is 1"):
        run_batch(begun)
    fresh = BatchJob(begun.source, begun.output, begun.pipeline, "int8", is_fresh=True)
    assert (run_batch(fresh).resumed, run_batch(fresh).good) == (0, 1000)


@pytest.mark.usefixtures("small_parts")
def test_file_that_changes_while_it_is_read_is_refused(job: Job, thousand: list[Row]) -> None:
    begun = job(csv_text(thousand))
    with pytest.raises(Different, match="has changed while it was read"):
        run_batch(begun, lambda progress: os.utime(begun.source, ns=(progress.rows, progress.rows)))
    assert not begun.output.exists()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    ("file", "message"), [("good.parquet", "is damaged .*: delete it to begin"), ("part.json", "can't be read .*: delete")]
)
def test_damaged_parts_are_told(job: Job, thousand: list[Row], file: str, message: str) -> None:
    begun = job(csv_text(thousand))
    with pytest.raises(Stopped):
        run_batch(begun, is_cancelled=after(5))
    damaged = begun.work_folder / "part-000001" / file
    damaged.write_bytes(damaged.read_bytes()[:20])
    with pytest.raises(Different, match=message):
        run_batch(begun)
    assert not begun.output.exists()


def test_two_runs_of_one_output_do_not_mix(job: Job, thousand: list[Row]) -> None:
    begun = job(csv_text(thousand))
    with held(begun.work_folder):
        with pytest.raises(Occupied, match=r"another run is at work in .*out\.parquet\.partial; wait until it is done, or stop it"):
            run_batch(begun)
        with pytest.raises(Occupied, match="^another run is at work on the upload; wait"):
            run_batch(job(csv_text(thousand), name="the upload"))
    assert run_batch(begun).good == 1000


def test_results_of_an_earlier_run_stay_until_new_ones_are_whole(job: Job, thousand: list[Row]) -> None:
    run_batch(job(csv_text(thousand)))
    before = job("").output.read_bytes()
    with pytest.raises(ForeshoreError):
        run_batch(job(csv_text(thousand)), is_cancelled=lambda: True)
    assert job("").output.read_bytes() == before


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(("free_bytes", "most_parts"), [(300_000, 7), (700_000, 8)])
def test_full_disk_keeps_what_is_done_and_a_later_run_goes_on(
    job: Job, thousand: list[Row], small_disk: Path, free_bytes: int, most_parts: int
) -> None:
    (small_disk / "ballast").write_bytes(bytes(DISK_BYTES - free_bytes))
    rows = [{**row, "flight": os.urandom(512).hex()} for row in thousand]
    begun = job(csv_text(rows))
    on_small = BatchJob(begun.source, small_disk / "out.parquet", begun.pipeline)
    with pytest.raises(NoSpace, match="there is no space left to write .*; make some, then run the same again"):
        run_batch(on_small)
    kept = len(list(on_small.work_folder.glob("part-*")))
    assert most_parts / 3 < kept <= most_parts
    assert not list(on_small.work_folder.glob("*.aside"))
    (small_disk / "ballast").unlink()
    summary = run_batch(on_small)
    assert (summary.resumed, summary.good) == (min(kept * 128, 1000), 1000)
    run_batch(begun)
    assert pl.read_parquet(on_small.output).equals(pl.read_parquet(begun.output))


def test_release_that_was_replaced_is_told(job: Job, thousand: list[Row], dist: Path, tmp_path: Path) -> None:
    copied = tmp_path / "dist"
    manifest = Catalogue(dist.absolute(), "stable").current().pipeline("eta")
    shutil.copytree(dist / "channels", copied / "channels")
    shutil.copytree(dist / "releases", copied / "releases")
    gone = ReleasedPipeline("eta", manifest.release, copied, manifest.entry, manifest.files)
    begun = job(csv_text(thousand))
    with pytest.raises(Unanswered, match="can't be read .*: the release was replaced or is damaged"):
        run_batch(BatchJob(begun.source, begun.output, gone))
