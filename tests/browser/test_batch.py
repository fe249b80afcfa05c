"""The Batch page: files answered on the device, held to `predictMany`, and whatever may come between."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Error, Page, Playwright, Route, expect

from foreshore import load_pipeline
from foreshore.contract import minutes_since_epoch
from tests.browser.driver import until
from tests.browser.fixtures import NewPage, probe, watch_of
from tests.browser.presentable import check_presentable
from web.bench.batch.measuring import Setting, measure

type Record = dict[str, Any]

CONTRACT = load_pipeline("eta").contract
FIELDS = [field.name for field in CONTRACT.fields]
OUTPUT = "arrival_delay_min"
MANY, FIRST_PART = 120_000, 50_000
"""Rows of the long file; those after its first part are asked at one time, and need tables that the others don't."""
ASKED_AT = "2013-11-05T12:30Z"
LITTLE_BYTES = 1_000_000
"""Less room than the long file takes."""
FILL = """
async () => {
  const opening = indexedDB.open("filler");
  opening.onupgradeneeded = () => opening.result.createObjectStore("bytes", { autoIncrement: true });
  await new Promise((resolve) => (opening.onsuccess = resolve));
  for (let isFull = false; !isFull; ) {
    const transaction = opening.result.transaction("bytes", "readwrite");
    transaction.objectStore("bytes").put(crypto.getRandomValues(new Uint8Array(65536)));
    isFull = await new Promise((resolve) => {
      transaction.oncomplete = () => resolve(false);
      transaction.onabort = () => resolve(true);
    });
  }
  opening.result.close();
}
"""
"""Takes all room that is left."""
NEWS = "origin_departures_60"


@pytest.fixture(scope="module")
def golden(dist: Path, release: dict[str, Any]) -> list[Record]:
    """Recorded cases, with what is known of a flight itself and one of the values that windows have."""
    records = json.loads((dist / release["pipelines"]["eta"]["golden"]).read_text(encoding="utf-8"))["records"]
    return [{name: record[name] for name in (*FIELDS, NEWS)} for record in records]


@pytest.fixture(scope="module")
def cases(golden: list[Record]) -> list[list[Record]]:
    """The cases of the long file's two parts: asked whenever, and asked at one time."""
    return [[{**{name: record[name] for name in FIELDS}, "asked_at": asked} for record in golden] for asked in (None, ASKED_AT)]


@pytest.fixture(scope="module")
def many(cases: list[list[Record]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A long file: the cases over and over, numbered, one in a thousand wrong."""
    path = tmp_path_factory.mktemp("batch") / "many.csv"
    lines = [[",".join("" if record[name] is None else str(record[name]) for name in FIELDS) for record in part] for part in cases]
    with path.open("w", encoding="utf-8") as file:
        file.write(f"id,{','.join(FIELDS)}\n")
        for row in range(1, MANY + 1):
            part = lines[row > FIRST_PART]
            line = part[row % len(part)]
            file.write(f"{row},{line if row % 1000 else 'never' + line[10:]}\n")
    return path


@pytest.fixture(scope="module")
def answers_of_many(cases: list[list[Record]], many_answers: Callable[[list[Record]], list[float]]) -> list[list[float]]:
    return [many_answers(part) for part in cases]


@pytest.fixture(scope="module")
def second_tables(dist: Path, release: dict[str, Any]) -> re.Pattern[str]:
    """Addresses of the tables of history that the long file's second part needs, and its first does not."""
    tables = json.loads((dist / release["pipelines"]["eta"]["history"] / "index.json").read_text(encoding="utf-8"))["tables"]
    asked_min = minutes_since_epoch(ASKED_AT)
    there = max(table["as_of_min"] for table in tables if table["as_of_min"] <= asked_min)
    return re.compile("|".join(re.escape(table["file"]) for table in tables if table["as_of_min"] == there))


class Hold:
    """Lets no table of the second part through, so that a job stands in the middle of its file until `release`."""

    def __init__(self, page: Page, tables: re.Pattern[str]) -> None:
        self._context, self._tables = page.context, tables
        self._held: list[Route] = []
        self._context.route(tables, self._hold)

    def _hold(self, route: Route) -> None:
        self._held.append(route)

    def release(self) -> None:
        self._context.unroute(self._tables, self._hold)
        for route in self._held:
            with suppress(Error):  # its page is gone
                route.continue_()


@pytest.fixture
def hold(page: Page, second_tables: re.Pattern[str]) -> Hold:
    return Hold(page, second_tables)


@pytest.fixture(scope="module")
def many_answers(chromium: Any, site: str) -> Callable[[list[Record]], list[float]]:
    """What `predictMany` answers."""

    def ask(records: list[Record]) -> list[float]:
        with chromium.new_context(base_url=site) as context:
            page = context.new_page()
            found = probe(page, "predictMany", "eta", {"engine": "graph"}, records, 256)
            return [answer[OUTPUT] for chunk in found["chunks"] for answer in chunk["answers"]]

    return ask


def open_batch(page: Page, query: str = "?pipeline=eta") -> None:
    page.goto(f"/batch/{query}")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")


def give(page: Page, path: Path) -> None:
    page.get_by_test_id("file").set_input_files(path)
    expect(page.get_by_test_id("start")).to_be_enabled()


def idle(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-task", "idle")


def run(page: Page, path: Path) -> None:
    """Answer all rows of a file, to its end."""
    give(page, path)
    page.get_by_test_id("start").click()
    expect_status(page, "done")


def expect_status(page: Page, status: str) -> None:
    expect(page.get_by_test_id("job")).to_have_attribute("data-status", status)


def under_way(page: Page, path: Path) -> None:
    """Begin a job, and wait until some of it is stored."""
    give(page, path)
    page.get_by_test_id("start").click()
    until(lambda: fraction(page) > 0.2, "the job to be under way")


def fraction(page: Page) -> float:
    bar = page.get_by_test_id("job").get_by_test_id("progress")
    return float(bar.get_attribute("data-fraction") or 0) if bar.count() else 0.0


def saved(page: Page, what: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_test_id(f"save-{what}").click()
    return download.value.path().read_bytes()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def check_whole(page: Page, answers: list[list[float]]) -> None:
    """Every row of the long file is there, once and in its place, with its answer."""
    expect_status(page, "done")
    found = rows_of(saved(page, "csv"))
    good = [row for row in range(1, MANY + 1) if row % 1000]
    assert [int(row["row"]) for row in found] == good
    assert [int(row["id"]) for row in found] == good
    parts = [answers[row > FIRST_PART] for row in good]
    expected = [part[row % len(part)] for row, part in zip(good, parts, strict=True)]
    assert max(map(difference, [float(row[OUTPUT]) for row in found], expected)) <= CONTRACT.tolerance
    assert [int(row["row"]) for row in rows_of(saved(page, "bad"))] == list(range(1000, MANY + 1, 1000))


def difference(got: float, expected: float) -> float:
    return abs(got - expected) / max(1.0, abs(expected))


def as_csv(records: list[Record]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def as_frame(records: list[Record]) -> pl.DataFrame:
    """The same with a type a column."""
    frame = pl.DataFrame(records, infer_schema_length=None)
    return frame.with_columns(
        pl.col("date").str.to_date(),
        pl.col("scheduled_departure", "scheduled_arrival").str.to_time("%H:%M"),
        pl.col("asked_at").str.to_datetime("%Y-%m-%dT%H:%MZ", time_zone="UTC"),
        pl.col("carrier", "origin").cast(pl.Categorical),
    )


@pytest.mark.parametrize("engine", ["graph", "python"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_answers_are_those_of_predict_many(
    page: Page, golden: list[Record], many_answers: Callable[[list[Record]], list[float]], tmp_path: Path, form: str, engine: str
) -> None:
    path = tmp_path / f"flights.{form}"
    path.write_text(as_csv(golden), encoding="utf-8") if form == "csv" else as_frame(golden).write_parquet(path)
    open_batch(page)
    give(page, path)
    page.get_by_test_id("engine").select_option(engine)

    page.get_by_test_id("start").click()
    expect_status(page, "done")

    expected = many_answers(golden)
    found = rows_of(saved(page, "csv"))
    assert [row["destination"] for row in found] == [record["destination"] for record in golden]
    assert max(map(difference, [float(row[OUTPUT]) for row in found], expected)) <= CONTRACT.tolerance
    table = pl.read_parquet(io.BytesIO(saved(page, "parquet")))
    assert table.columns == ["row", *FIELDS, NEWS, OUTPUT]
    assert table["row"].to_list() == list(range(1, len(golden) + 1))
    assert table[OUTPUT].to_list() == [float(row[OUTPUT]) for row in found]


def test_bad_rows_are_told_by_number_field_and_reason_and_stop_nothing(page: Page, golden: list[Record], tmp_path: Path) -> None:
    records = [dict(record) for record in golden[:50]]
    records[3]["carrier"] = "XX"
    records[3]["departure_delay_min"] = "late"
    records[7]["asked_at"] = "2013-10-05 12:30"
    path = tmp_path / "flights.csv"
    path.write_text(f'{as_csv(records)}1,2,3\n"never closed', encoding="utf-8")
    open_batch(page)

    run(page, path)

    assert len(rows_of(saved(page, "csv"))) == 48
    bad = rows_of(saved(page, "bad"))
    assert [(row["row"], row["field"]) for row in bad] == [
        ("4", "carrier"),
        ("4", "departure_delay_min"),
        ("8", "asked_at"),
        ("51", ""),
        ("52", ""),
    ]
    assert bad[0]["reason"].startswith('got "XX", expected one of 9E, AA')
    assert bad[3]["reason"] == "got 3 cells, expected 10"
    assert bad[4]["reason"] == "got a quote that is never closed, expected one around each quoted cell"
    expect(page.get_by_test_id("bad-table").locator("tbody tr")).to_have_count(5)


def test_columns_can_be_matched_by_hand_and_left_behind(page: Page, golden: list[Record], tmp_path: Path) -> None:
    renamed = {"carrier": "who", "destination": "TO", "tail": "aeroplane"}
    path = tmp_path / "flights.csv"
    path.write_text(as_csv([{renamed.get(name, name): value for name, value in record.items()} for record in golden]), encoding="utf-8")
    open_batch(page)
    page.get_by_test_id("file").set_input_files(path)

    expect(page.get_by_test_id("obstacle")).to_contain_text("Airline: may not be missing")
    expect(page.get_by_test_id("start")).to_be_disabled()
    expect(page.locator("#column-destination")).to_have_value("TO")
    page.locator("#column-carrier").select_option("who")
    page.get_by_test_id("carried").get_by_label("scheduled_arrival").uncheck()
    page.get_by_test_id("start").click()
    expect_status(page, "done")

    names = list(rows_of(saved(page, "csv"))[0])
    assert names == ["row", *(renamed.get(name, name) for name in (*FIELDS, NEWS) if name != "scheduled_arrival"), OUTPUT]


def test_reload_in_the_middle_loses_and_repeats_nothing(page: Page, hold: Hold, many: Path, answers_of_many: list[list[float]]) -> None:
    open_batch(page)
    under_way(page, many)

    page.reload()
    hold.release()
    expect_status(page, "unfinished")
    before = fraction(page)
    page.get_by_test_id("resume").click()

    assert 0 < before < 1
    check_whole(page, answers_of_many)


def test_crash_in_the_middle_loses_and_repeats_nothing(page: Page, hold: Hold, many: Path, answers_of_many: list[list[float]]) -> None:
    open_batch(page)
    under_way(page, many)
    with page.expect_event("crash"), pytest.raises(Error):
        page.goto("chrome://crash")

    again = page.context.new_page()
    page.close()
    hold.release()
    open_batch(again)
    expect_status(again, "unfinished")
    again.get_by_test_id("resume").click()

    check_whole(again, answers_of_many)


def test_paused_job_goes_on_where_it_was(page: Page, hold: Hold, many: Path, answers_of_many: list[list[float]]) -> None:
    open_batch(page)
    under_way(page, many)

    page.get_by_test_id("pause").click()
    hold.release()
    expect_status(page, "unfinished")
    before = fraction(page)
    rows = page.get_by_test_id("job").get_by_test_id("rows").inner_text()
    page.wait_for_timeout(500)
    assert page.get_by_test_id("job").get_by_test_id("rows").inner_text() == rows
    expect(page.get_by_test_id("results-table")).to_be_visible()
    page.get_by_test_id("resume").click()

    assert before < 1
    check_whole(page, answers_of_many)


def test_cancelled_job_keeps_what_it_has_and_goes_no_further(page: Page, hold: Hold, many: Path) -> None:
    open_batch(page)
    under_way(page, many)

    page.get_by_test_id("cancel-job").click()
    hold.release()
    expect_status(page, "cancelled")

    found = rows_of(saved(page, "csv"))
    assert 0 < len(found) < MANY
    assert [int(row["row"]) for row in found] == [row for row in range(1, int(found[-1]["row"]) + 1) if row % 1000]
    expect(page.get_by_test_id("resume")).to_have_count(0)
    page.get_by_test_id("delete-job").click()
    expect(page.get_by_test_id("jobs")).to_contain_text("No jobs yet")
    page.reload()
    expect(page.get_by_test_id("jobs")).to_contain_text("No jobs yet")


def test_second_tab_cannot_run_the_same_job(page: Page, hold: Hold, many: Path, answers_of_many: list[list[float]]) -> None:
    open_batch(page)
    under_way(page, many)

    other = page.context.new_page()
    open_batch(other)
    expect(other.get_by_test_id("hindrance")).to_contain_text("runs in another tab")
    expect(other.get_by_test_id("resume")).to_be_disabled()
    page.close()
    hold.release()
    other.reload()
    other.get_by_test_id("resume").click()

    check_whole(other, answers_of_many)


def test_storage_that_runs_out_is_told_and_nothing_is_lost(
    page: Page, hold: Hold, site: str, many: Path, answers_of_many: list[list[float]]
) -> None:
    open_batch(page)
    control = page.context.new_cdp_session(page)
    control.send("Storage.overrideQuotaForOrigin", {"origin": site, "quotaSize": many.stat().st_size + LITTLE_BYTES})
    under_way(page, many)

    page.evaluate(FILL)
    hold.release()
    expect(page.get_by_test_id("stopped")).to_contain_text("may store no more")
    before = fraction(page)
    page.evaluate("indexedDB.deleteDatabase('filler')")
    page.get_by_test_id("resume").click()

    assert 0 < before < 1
    check_whole(page, answers_of_many)


def test_file_that_finds_no_room_is_told(page: Page, site: str, many: Path) -> None:
    open_batch(page)
    control = page.context.new_cdp_session(page)
    control.send("Storage.overrideQuotaForOrigin", {"origin": site, "quotaSize": LITTLE_BYTES})
    give(page, many)

    page.get_by_test_id("start").click()

    expect(page.get_by_test_id("start-failure")).to_contain_text("may store no more on this device; delete jobs")
    expect(page.get_by_test_id("jobs")).to_contain_text("No jobs yet")


def test_job_of_another_release_is_not_mixed_with_this_one(page: Page, hold: Hold, many: Path, answers_of_many: list[list[float]]) -> None:
    open_batch(page)
    under_way(page, many)
    page.get_by_test_id("pause").click()
    hold.release()
    idle(page)
    page.evaluate(
        """() => new Promise((resolve, reject) => {
          const opening = indexedDB.open("foreshore-batch");
          opening.onsuccess = () => {
            const transaction = opening.result.transaction("jobs", "readwrite");
            const jobs = transaction.objectStore("jobs");
            jobs.getAll().onsuccess = ({ target }) => jobs.put({ ...target.result[0], release: "before" });
            transaction.oncomplete = () => resolve(opening.result.close());
            transaction.onabort = reject;
          };
        })"""
    )

    page.reload()
    expect(page.get_by_test_id("hindrance")).to_contain_text("begun with release before")
    expect(page.get_by_test_id("resume")).to_be_disabled()
    page.get_by_test_id("start-again").click()

    check_whole(page, answers_of_many)
    expect(page.get_by_test_id("jobs").locator("[data-job]")).to_have_count(2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "got an empty file"),
        (b"date,carrier\n2013-10-05,Zo\xe9\n", "byte 0xE9 at position 26 is not UTF-8; save the file as UTF-8"),
        (b"date,date\n1,2\n", 'got two columns "date"'),
        (b"PAR1 and no more", "a Parquet file that can't be read"),
    ],
)
def test_file_that_is_no_table_is_refused_in_words(page: Page, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "flights.csv"
    path.write_bytes(content)
    open_batch(page)

    page.get_by_test_id("file").set_input_files(path)

    expect(page.get_by_test_id("file-failure")).to_contain_text(f"flights.csv: {words}" if "byte" in words else words)


def test_pipeline_of_images_takes_no_tables(page: Page) -> None:
    open_batch(page, "?pipeline=see")

    expect(page.get_by_test_id("refused")).to_contain_text("takes images")
    expect(page.get_by_test_id("file")).to_have_count(0)


def test_fastest_variant_is_found_and_named(page: Page, release: dict[str, Any], many: Path) -> None:
    open_batch(page)
    give(page, many)

    page.get_by_test_id("time-variants").click()

    expect(page.get_by_test_id("speeds")).to_contain_text("is the fastest here")
    timed = page.get_by_test_id("variant").locator("option").all_inner_texts()
    assert len(timed) == len(release["pipelines"]["eta"]["variants"])
    assert all("rows/s" in text for text in timed)
    assert sum("fastest here" in text for text in timed) == 1
    assert page.get_by_test_id("start").is_enabled()


def test_keys_alone_lead_from_a_file_to_its_answers_and_back(page: Page) -> None:
    open_batch(page)

    page.get_by_test_id("sample-recorded").press("Enter")
    expect(page.locator("#columns-title")).to_be_focused()
    page.get_by_test_id("put-away").press("Enter")
    expect(page.get_by_test_id("file")).to_be_focused()
    page.get_by_test_id("sample-recorded").press("Enter")
    page.get_by_test_id("start").press("Enter")
    expect_status(page, "done")
    expect(page.locator("#job-title")).to_be_focused()
    page.get_by_test_id("delete-job").press("Enter")
    expect(page.locator("#jobs-title")).to_be_focused()


def test_job_that_is_done_is_not_cancelled_by_another_tab(page: Page, hold: Hold, many: Path) -> None:
    open_batch(page)
    under_way(page, many)
    page.get_by_test_id("pause").click()
    other = page.context.new_page()
    open_batch(other)
    hold.release()
    expect_status(page, "unfinished")
    page.get_by_test_id("resume").click()
    expect_status(page, "done")

    other.get_by_test_id("cancel-job").click()

    expect_status(other, "done")


def test_results_are_browsed_page_by_page(page: Page, many: Path) -> None:
    open_batch(page)
    run(page, many)
    first = page.get_by_test_id("results-table").locator("tbody tr th").first

    expect(first).to_have_text("1")
    page.get_by_test_id("results-next").click()
    expect(first).to_have_text("21")
    page.get_by_test_id("results-go").fill("100000")
    page.get_by_test_id("results-go").press("Enter")
    expect(first).to_have_text("100,100")  # 100 rows before it are wrong
    expect(page.get_by_test_id(f"chart-{OUTPUT}")).to_contain_text("119,880 answers")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_columns_and_answers_are_accessible_and_fit(page: Page, screenshots: Path, scheme: str) -> None:
    open_batch(page)
    page.get_by_test_id("sample-drawn").click()
    expect(page.get_by_test_id("start")).to_be_enabled()
    check_presentable(page, screenshots / "batch-columns", scheme)

    page.get_by_test_id("start").click()
    expect_status(page, "done")
    page.locator(".panel details.figures summary").click()

    check_presentable(page, screenshots / "batch-answers", scheme)


def test_nothing_of_a_file_leaves_the_device(page: Page, golden: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(as_csv(golden), encoding="utf-8")
    open_batch(page)
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url) if request.method != "GET" or request.post_data else None)

    run(page, path)

    assert sent == []
    assert watch_of(page).foreign_requests() == []


def test_site_without_isolation_answers_as_well(new_page: NewPage, plain_site: str, golden: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(as_csv(golden), encoding="utf-8")
    page = new_page(origin=plain_site)
    open_batch(page)

    run(page, path)

    expect(page.get_by_test_id("job").get_by_test_id("rows")).to_have_text(f"{len(golden)} rows")


def test_benchmark_measures_the_page(playwright: Playwright, site: str, golden: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(as_csv([{**record, "carrier": "XX" if row == 3 else record["carrier"]} for row, record in enumerate(golden)]))
    told: list[str] = []

    measured = measure(playwright, (site, "eta"), path, Setting("csv", "pruned_int8", "graph", 1), 2, told.append)

    assert [(run.rows, run.bad) for run in measured.runs] == [(len(golden), 1)] * 2
    assert all(0 < run.job_s < run.wall_s for run in measured.runs)
    assert max(run.js_heap_bytes for run in measured.runs) > 1_000_000
    assert told[-1] == "csv, pruned_int8, graph, 1 threads: run 2 of 2"
