"""Jobs from the upload to the download, over both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.server.jobs.working import (
    CREATE,
    bad_rows,
    create,
    create_of_path,
    created,
    ended,
    flights,
    parquet,
    record_of,
    results,
    schedule,
    show,
    table,
)
from tests.unit.server.prediction.asking import PREDICT, close, post
from tests.unit.server.small_site import ask
from web.server.testing import RunningServer

NOT_THERE = "path: there is no such file among this server's inputs"


def answers(url: str, rows: list[dict[str, Any]]) -> list[float]:
    """What predictions say to the same rows."""
    status, answer = post(url, PREDICT, [record_of(row) for row in rows])
    assert status == 200
    return [each["arrival_delay_min"] for each in answer["answers"]]


def assert_answered(url: str, job: str, rows: list[dict[str, Any]]) -> None:
    """Hold a job's results to predictions."""
    found, wanted = results(url, job), answers(url, rows)
    assert found["row"].to_list() == list(range(1, len(rows) + 1))
    assert [str(flight) for flight in found["flight"]] == [row["flight"] for row in rows]
    assert all(close(*pair, 5e-5) for pair in zip(found["arrival_delay_min"].to_list(), wanted, strict=True))
    assert len(set(wanted)) > len(wanted) / 2


def test_an_uploaded_table_is_answered_as_predictions_are(url: str) -> None:
    rows = flights(300)
    job = created(create(url, table(rows)))
    state = ended(url, job)
    assert (state["state"], state["error"], state["rows_done"], state["rows_total"], state["bad_rows"]) == ("done", None, 300, 300, 0)
    assert (state["variant"], state["format"], state["share"], state["seconds_left"]) == ("fp32", "csv", 1.0, None)
    assert state["rows_per_s"] > 0
    assert state["created_at"] <= state["started_at"] <= state["finished_at"]
    assert_answered(url, job, rows)
    assert bad_rows(url, job) == []


def test_downloads_are_attachments_that_no_cache_keeps(url: str) -> None:
    job = created(create(url, table(flights(3))))
    state = ended(url, job)
    for path, name in (("results", f"eta-{state['id'][:8]}.csv"), ("bad-rows", f"eta-{state['id'][:8]}.bad.csv")):
        answer = ask(url, f"{job}/{path}")
        assert answer.headers["content-disposition"] == f"attachment; filename={name}"
        assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("text/csv; charset=utf-8", "no-store")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_parquet_goes_in_and_comes_out(url: str) -> None:
    rows = flights(120)
    job = created(create(url, parquet(rows), headers={"Content-Type": "application/vnd.apache.parquet"}))
    assert ended(url, job)["state"] == "done"
    assert ask(url, f"{job}/results").body.startswith(b"PAR1")
    assert_answered(url, job, rows)


def test_results_come_in_the_form_that_is_asked_for(url: str) -> None:
    job = created(create(url, table(flights(20)), {"format": "parquet", "variant": "int8"}))
    state = ended(url, job)
    assert (state["state"], state["format"], state["variant"]) == ("done", "parquet", "int8")
    assert ask(url, f"{job}/results").body.startswith(b"PAR1")


def test_bad_rows_stop_nothing_and_are_told_in_the_validators_words(url: str) -> None:
    rows = flights(50)
    rows[6] = {**rows[6], "carrier": "XX"}
    rows[30] = {**rows[30], "departure_delay_min": "soon", "date": "2031-01-01"}
    job = created(create(url, table(rows)))
    state = ended(url, job)
    assert (state["state"], state["rows_done"], state["bad_rows"]) == ("done", 50, 2)
    assert results(url, job)["row"].to_list() == [row for row in range(1, 51) if row not in (7, 31)]
    told = bad_rows(url, job)
    assert [(line["row"], line["field"]) for line in told] == [("7", "carrier"), ("31", "date"), ("31", "departure_delay_min")]
    refused = post(url, PREDICT, {**record_of(flights(1)[0]), "carrier": "XX"})[1]["problems"][0]
    assert told[0]["reason"] == f"got {refused['got']}, expected {refused['expected']}"


def test_a_file_among_the_inputs_is_worked_through(url: str) -> None:
    job = created(create_of_path(url, "flights/today.csv"))
    state = ended(url, job)
    assert (state["state"], state["source"]) == ("done", "flights/today.csv")
    assert_answered(url, job, flights(100))
    assert ended(url, created(create_of_path(url, "inside.csv")))["state"] == "done"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../secret.csv",
            "flights/../../secret.csv",
            "/etc/passwd",
            "outside.csv",
            "elsewhere/secret.csv",
            "flights",
            ".",
            "",
            "nothing.csv",
        ),
        *("flights/today.csv/x", "a" * 300, "x/" * 2000, "~/x", "..", "flights/today.csv ", "\\..\\secret.csv"),
    ],
)
def test_nothing_outside_the_inputs_can_be_named(url: str, path: str) -> None:
    answer = create_of_path(url, path)
    assert answer.status == 400
    assert json.loads(answer.body)["message"].startswith(NOT_THERE)


@pytest.mark.parametrize("body", [{"path": "a\0b"}, {"path": "\ud800"}, {"path": 1}, {}, [], {"path": "flights/today.csv", "to": "x"}, "x"])
def test_what_names_no_file_is_refused(url: str, body: object) -> None:
    answer = ask(url, CREATE, "POST", {"Content-Type": "application/json"}, json.dumps(body).encode())
    assert answer.status == 400
    assert json.loads(answer.body)["kind"] == "validation"


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"variant": "nobody"}, 404, "pipeline eta: there is no such variant"),
        ({"key": "carrier,nobody"}, 400, "key: got 2 names, 1 of them unknown"),
        ({"key": "carrier,carrier"}, 400, "key: got 2 names, 0 of them unknown"),
        ({"key": ""}, 400, "key: got 1 names, 1 of them unknown"),
        ({"format": "xlsx"}, 400, "format: expected one of csv, parquet"),
        ({"mapping": "carrier=airline"}, 400, "the body is not JSON"),
        ({"mapping": "[1]"}, 400, "mapping: expected an object"),
        ({"mapping": '{"nobody": "x"}'}, 400, "mapping: got 1 names that are no field's"),
        ({"mapping": '{"carrier": "\\u0000"}'}, 400, "mapping: got a text that is too long, or holds a NUL"),
    ],
)
def test_options_that_make_no_sense_are_refused(url: str, query: dict[str, str], status: int, message: str) -> None:
    answer = create(url, table(flights(2)), query)
    assert (answer.status, json.loads(answer.body)["message"][: len(message)]) == (status, message)


def test_what_is_no_table_is_refused(url: str) -> None:
    answer = create(url, b"{}", headers={"Content-Type": "text/plain"})
    assert (answer.status, json.loads(answer.body)["kind"]) == (415, "unsupported")
    assert create(url, table(flights(2)), headers={"Content-Encoding": "gzip"}).status == 415


def test_pipelines_of_images_take_no_tables(url: str) -> None:
    answer = ask(url, CREATE.replace("eta", "see"), "POST", {"Content-Type": "text/csv"}, b"photo\nx\n")
    assert answer.status == 400
    assert json.loads(answer.body)["message"].startswith("pipeline see: its field photo holds images, which tables don't")
    assert ask(url, CREATE.replace("eta", "nobody"), "POST", {"Content-Type": "text/csv"}, b"x").status == 404


def test_columns_are_mapped_as_is_asked(url: str) -> None:
    rows = [{("airline" if name == "carrier" else name): value for name, value in row.items()} for row in flights(30)]
    mapping = json.dumps({"carrier": "airline"})
    job = created(create(url, table(rows), {"mapping": mapping}))
    assert ended(url, job)["mapping"] == {"carrier": "airline"}
    assert_answered(url, job, flights(30))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the upload: it is empty"),
        (b"a,b\n1,2\n", "no column for"),
        (b"caf\xe9\n1\n", "the upload: byte 0xE9"),
        (b"PAR1 and then nothing", "the upload: it starts like a Parquet file"),
    ],
)
def test_what_cannot_be_read_fails_and_says_why(url: str, content: bytes, message: str) -> None:
    state = ended(url, created(create(url, content)))
    assert (state["state"], state["error"][: len(message)]) == ("failed", message)
    assert ask(url, f"/api/jobs/{state['id']}/results").status == 409


def test_without_keys_jobs_are_not_listed_and_who_has_an_id_has_the_job(url: str, working: RunningServer) -> None:
    older, newer = (created(create(url, table(flights(2)))) for _ in range(2))
    for job in (older, newer):
        ended(url, job)
    assert json.loads(ask(url, "/api/jobs").body) == {"jobs": []}
    (folder,) = Path(working.settings["FORESHORE_DATA"]).glob(f"jobs/{older.rpartition('/')[2]}")
    assert ask(url, older, "DELETE").status == 204
    assert not folder.exists()
    assert [ask(url, f"{older}{call}").status for call in ("", "/results", "/bad-rows")] == [404] * 3
    assert ask(url, older, "DELETE").status == 404
    assert show(url, newer)["state"] == "done"


def test_tables_of_schedules_jobs_are_not_for_everybody(url: str, working: RunningServer) -> None:
    job = schedule(working.settings, flights(2))
    ended(url, job)
    for call in ("results", "bad-rows"):
        refused = ask(url, f"{job}/{call}")
        assert refused.status == 404
        assert "given to who has an API key" in json.loads(refused.body)["message"]


def test_what_is_over_is_not_cancelled_and_not_resumed(url: str) -> None:
    job = created(create(url, table(flights(2))))
    ended(url, job)
    assert json.loads(ask(url, f"{job}/cancel", "POST", body=b"").body)["state"] == "done"
    answer = ask(url, f"{job}/resume", "POST", body=b"")
    assert (answer.status, json.loads(answer.body)["message"]) == (409, "the job's state is done, expected failed or cancelled")


@pytest.mark.parametrize("job", ["nobody", "..", "%00", "' OR 1=1 --".replace(" ", "%20")])
def test_a_job_that_there_is_not_is_not_found(url: str, job: str) -> None:
    assert ask(url, f"/api/jobs/{job}").status == 404
