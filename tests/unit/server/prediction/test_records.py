"""Predictions for records of named fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foreshore import Pipeline, ValidationError
from foreshore.live import Live
from foreshore.store import Table
from models.segments import SegmentedModel, segment_codes
from tests.unit.server.prediction.asking import PREDICT, close, post, post_raw
from tests.unit.server.small_site import ask, send_raw
from web.server.testing import server_process


def on_host(eta: Pipeline, dist: Path, release: dict[str, Any], records: list[dict[str, Any]]) -> list[float]:
    """Answers with every table of the release at hand: the newest of each record's time is found among all."""
    folder = dist / release["pipelines"]["eta"]["history"]
    live = Live(eta, [Table.from_bytes(file.read_bytes()) for file in sorted(folder.glob("*.bin"))])
    columns = live.columns(records)
    variant = release["pipelines"]["eta"]["variants"][0]
    model = SegmentedModel.of_variant(eta.contract, variant, lambda file: dist / file)
    outputs = model.run(eta.tensors(columns, len(records)), segment_codes(eta.contract, columns))
    return [answer["arrival_delay_min"] for answer in eta.decode(outputs)]


def test_records_get_the_answers_of_the_host_history_included(
    asked: str, eta: Pipeline, dist: Path, release: dict[str, Any], flight: dict[str, Any]
) -> None:
    late = {**flight, "date": "2013-12-20", "asked_at": "2013-12-20T15:00Z", "origin": "EWR", "destination": "ORD", "carrier": "UA"}
    untimed = {**flight, "asked_at": None}
    known = {**flight, "route_arrival_delay_28d": None, "airline_departure_delay_28d": 4.0}
    records = [flight, late, untimed, known]
    status, answer = post(asked, PREDICT, records)
    assert status == 200
    wanted = on_host(eta, dist, release, records)
    got = [each["arrival_delay_min"] for each in answer["answers"]]
    assert all(close(*pair, eta.contract.tolerance) for pair in zip(got, wanted, strict=True)), (got, wanted)
    assert len(set(wanted)) == len(records)
    assert (answer["release"], answer["variant"], answer["engine"]) == (release["id"], "fp32", "cloud")


def test_one_record_gets_one_answer(asked: str, flight: dict[str, Any]) -> None:
    status, one = post(asked, PREDICT, flight)
    assert status == 200
    assert post(asked, PREDICT, [flight])[1]["answers"] == [one["answer"]]
    assert post(asked, PREDICT, [])[1]["answers"] == []


def test_a_record_alone_gets_the_answer_that_it_gets_among_others(asked: str, flight: dict[str, Any]) -> None:
    records = [{**flight, "origin": origin} for origin in ("JFK", "EWR", "LGA")]  # EWR has a model of its own
    together = post(asked, PREDICT, records)[1]["answers"]
    for record, answer in zip(records, together, strict=True):
        alone = post(asked, PREDICT, record)[1]["answer"]
        assert close(alone["arrival_delay_min"], answer["arrival_delay_min"], 1e-5)


def test_a_variant_is_chosen_by_name(asked: str, flight: dict[str, Any]) -> None:
    fp32, int8 = (post(asked, f"{PREDICT}?variant={name}", flight)[1] for name in ("fp32", "int8"))
    assert (fp32["variant"], int8["variant"]) == ("fp32", "int8")
    assert fp32["answer"] != int8["answer"]
    status, error = post(asked, f"{PREDICT}?variant=nobody", flight)
    assert (status, error["kind"]) == (404, "contract")
    assert "nobody" not in error["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        [{"carrier": "XX"}],
        [{}],
        [{"unheard_of": 1}],
        ["a record"],
        "a text",
        17,
        [{"date": "2013-02-30", "departure_delay_min": 99999, "tail": "\ud800"}],
    ],
)
def test_problems_are_told_as_the_page_tells_them(asked: str, eta: Pipeline, flight: dict[str, Any], wrong: Any) -> None:
    records = (
        [flight, *({**flight, **each} if each else each for each in wrong)] if isinstance(wrong, list) and wrong != ["a record"] else wrong
    )
    with pytest.raises(ValidationError) as caught:
        eta.encode(records)
    status, error = post(asked, PREDICT, records)
    assert status == 422
    assert error == caught.value.to_json()
    assert error["problems"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is not JSON: Expecting value"),
        (b'{"date": NaN}', "got NaN, which is not JSON"),
        (b'{"date": 1' + b"0" * 5000 + b"}", "the body is not JSON: Exceeds the limit"),
    ],
)
def test_what_is_no_json_is_refused_in_the_errors_form(asked: str, body: bytes, message: str) -> None:
    status, error = post(asked, PREDICT, body)
    assert status == 400
    assert error["message"].startswith(message)
    assert (error["kind"], error["problems"]) == ("validation", [])


def test_pipelines_and_their_contracts_are_told(asked: str, eta: Pipeline, release: dict[str, Any]) -> None:
    listed = json.loads(ask(asked, "/api/pipelines").body)
    variants = [variant["name"] for variant in release["pipelines"]["eta"]["variants"]]
    assert {"name": "eta", "title": eta.contract.title, "variants": variants} in listed["pipelines"]
    told = json.loads(ask(asked, "/api/pipelines/eta").body)
    assert told["contract"] == json.loads(json.dumps(eta.contract.to_json()))
    assert (told["release"], told["default_variant"]) == (release["id"], "fp32")


@pytest.mark.parametrize("path", ["/api/pipelines/nobody", "/api/nothing"])
def test_wrong_addresses_are_told_in_the_errors_form(asked: str, path: str) -> None:
    answer = ask(asked, path)
    assert answer.status == 404
    assert set(json.loads(answer.body)) == {"kind", "message", "field", "row", "problems"}


def test_the_page_has_one_address(asked: str) -> None:
    assert (ask(asked, "/api").status, ask(asked, "/api").headers["location"]) == (302, "api/")
    assert ask(asked, "/api/").headers["content-type"] == "text/html; charset=utf-8"
    assert ask(asked, "/api/page.js").headers["content-type"] == "text/javascript; charset=utf-8"


def test_a_compressed_body_is_refused(asked: str, flight: dict[str, Any]) -> None:
    status, error = post(asked, PREDICT, flight, {"Content-Encoding": "gzip"})
    assert (status, error["message"]) == (415, "Content-Encoding: got 'gzip', expected none; send the body as it is")


def test_a_body_in_chunks_is_read(asked: str, flight: dict[str, Any]) -> None:
    content = json.dumps(flight).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:50], content[50:])) + b"0\r\n\r\n"
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    answer = send_raw(asked, head + chunks)
    assert answer.status == 200
    assert json.loads(answer.body)["answer"] == post(asked, PREDICT, flight)[1]["answer"]


def test_nothing_typed_is_logged(dist: Path, flight: dict[str, Any]) -> None:
    with server_process(dist) as server:
        post_raw(server.url, PREDICT, {**flight, "tail": "TYPED1"})
        post_raw(server.url, PREDICT, {**flight, "carrier": "TYPED2", "TYPED3": 1})
        post_raw(server.url, f"{PREDICT}?variant=TYPED4", flight, {"Authorization": "Bearer TYPED5"})
        post_raw(
            server.url, "/v2/models/eta/infer", {"inputs": [{"name": "TYPED6", "shape": [1], "datatype": "INT32", "data": ["TYPED7"]}]}
        )
        post_raw(server.url, PREDICT, b"TYPED8")
        metrics = ask(server.url, "/metrics").body.decode()
        assert server.stop() == 0
        assert "TYPED" not in server.log() + metrics
        assert server.log().count(f'path="{PREDICT}"') == 4
