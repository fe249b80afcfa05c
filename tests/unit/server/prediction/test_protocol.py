"""The Open Inference Protocol, spoken by the clients that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import tritonclient.http as triton
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

from foreshore import MISSING_INT, Pipeline
from tests.unit.server.prediction.asking import INFER, close, expected, post, post_raw, tensors
from tests.unit.server.small_site import ask

RECORDS = (
    {"origin": "JFK", "destination": "LAX", "carrier": "DL"},
    {"origin": "EWR", "destination": "ORD", "carrier": "UA"},
    {"origin": "LGA", "destination": "ATL", "carrier": "DL", "departure_delay_min": None},
)


@pytest.fixture
def client(asked: str) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(urlsplit(asked).netloc) as made:
        yield made


@pytest.fixture
def records(flight: dict[str, Any]) -> list[dict[str, Any]]:
    """One flight of each airport: EWR has a model of its own."""
    known = {"route_arrival_delay_28d": 3.5}
    return [{**flight, **known, **changes} for changes in RECORDS]


@pytest.fixture
def columns(eta: Pipeline, records: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    return eta.encode(records)


def triton_inputs(columns: dict[str, NDArray[Any]], binary: bool = True) -> list[triton.InferInput]:
    inputs = []
    for name, column in columns.items():
        given = triton.InferInput(name, list(column.shape), "INT32" if column.dtype == np.int32 else "FP32")
        given.set_data_from_numpy(column, binary_data=binary)
        inputs.append(given)
    return inputs


@pytest.mark.parametrize("binary_output", [True, False])
def test_tritonclient_gets_the_answers_of_the_host(
    client: triton.InferenceServerClient,
    columns: dict[str, NDArray[Any]],
    records: list[dict[str, Any]],
    eta: Pipeline,
    dist: Path,
    release: dict[str, Any],
    binary_output: bool,
) -> None:
    wanted = [triton.InferRequestedOutput("arrival_delay", binary_data=binary_output)]
    result = client.infer("eta", triton_inputs(columns), outputs=wanted, request_id="42")
    delays = result.as_numpy("arrival_delay")
    answers = [answer["arrival_delay_min"] for answer in expected(eta, dist, release, records)]
    assert delays.shape == (3, 1)
    assert all(close(got, want, eta.contract.tolerance) for got, want in zip(delays[:, 0], answers, strict=True))
    assert len(set(answers)) == 3  # rows that were mixed up would not go unnoticed
    said = result.get_response()
    assert (said["id"], said["model_name"], said["model_version"]) == ("42", "eta", release["id"])


def test_tritonclient_finds_server_and_model_ready(client: triton.InferenceServerClient, release: dict[str, Any]) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("eta")
    assert client.is_model_ready("eta", release["id"])
    assert not client.is_model_ready("nobody")
    assert client.get_server_metadata() == {"name": "foreshore", "version": release["id"], "extensions": ["binary_tensor_data"]}


def test_metadata_names_every_column_of_the_contract(client: triton.InferenceServerClient, eta: Pipeline, release: dict[str, Any]) -> None:
    told = client.get_model_metadata("eta")
    datatypes = {"float32": "FP32"}
    assert [(each["name"], each["datatype"], each["shape"]) for each in told["inputs"]] == [
        (field.name, datatypes.get(field.dtype, "INT32"), [-1]) for field in eta.contract.columns
    ]
    assert told["outputs"] == [{"name": "arrival_delay", "datatype": "FP32", "shape": [-1, 1]}]
    assert told["versions"] == [release["id"], str(eta.contract.version)]


def test_variants_answer_by_their_own_models(client: triton.InferenceServerClient, columns: dict[str, NDArray[Any]]) -> None:
    fp32 = client.infer("eta", triton_inputs(columns)).as_numpy("arrival_delay")
    int8 = client.infer("eta", triton_inputs(columns), parameters={"variant": "int8"})
    assert int8.get_response()["parameters"] == {"variant": "int8"}
    delays = int8.as_numpy("arrival_delay")
    assert not np.array_equal(fp32, delays)
    assert np.abs(fp32 - delays).max() < 10  # minutes: the same flights, by a coarser model


def test_json_and_binary_say_the_same(asked: str, client: triton.InferenceServerClient, columns: dict[str, NDArray[Any]]) -> None:
    binary = client.infer("eta", triton_inputs(columns)).as_numpy("arrival_delay")
    plain = client.infer("eta", triton_inputs(columns, binary=False)).as_numpy("arrival_delay")
    status, answer = post(asked, INFER, {"inputs": tensors(columns)})
    assert status == 200
    assert np.array_equal(np.array(answer["outputs"][0]["data"], np.float32).reshape(3, 1), binary)
    assert np.array_equal(plain, binary)


def test_a_request_that_takes_binary_answers_by_parameter_gets_them(asked: str, columns: dict[str, NDArray[Any]]) -> None:
    answer = post_raw(asked, INFER, {"inputs": tensors(columns), "parameters": {"binary_data_output": True}})
    length = int(answer.headers["inference-header-content-length"])
    head = json.loads(answer.body[:length])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert head["outputs"] == [{"name": "arrival_delay", "datatype": "FP32", "shape": [3, 1], "parameters": {"binary_data_size": 12}}]
    assert len(answer.body) == length + 12


def test_inputs_that_may_be_missing_may_be_left_out(asked: str, columns: dict[str, NDArray[Any]]) -> None:
    said = columns | {"asked_at": np.full(3, MISSING_INT, np.int32), "route_arrival_delay_28d": np.full(3, np.nan, np.float32)}
    silent = {name: column for name, column in said.items() if name not in ("asked_at", "route_arrival_delay_28d")}
    first, second = (post(asked, INFER, {"inputs": tensors(given)})[1]["outputs"] for given in (said, silent))
    assert first == second


def test_nested_data_is_a_tensor_too(asked: str, eta: Pipeline, flight: dict[str, Any]) -> None:
    inputs = tensors(eta.encode([flight]))
    flat = post(asked, INFER, {"inputs": inputs})[1]["outputs"]
    inputs[0]["data"] = [inputs[0]["data"]]
    assert post(asked, INFER, {"inputs": inputs})[1]["outputs"] == flat


@pytest.mark.parametrize("version", ["release", "2"])
def test_a_version_is_a_release_or_a_contract(asked: str, release: dict[str, Any], version: str) -> None:
    answer = ask(asked, f"/v2/models/eta/versions/{release['id'] if version == 'release' else version}")
    assert answer.status == 200
    assert json.loads(answer.body)["name"] == "eta"


def spoilt(**changes: object) -> dict[str, Any]:
    return {"name": "carrier", "shape": [1], "datatype": "INT32", "data": [4], **changes}


MISTAKES: dict[str, tuple[Any, str]] = {
    "no JSON": (b'{"inputs": [', "the body is not JSON: Expecting value"),
    "no text": (b"\xff\xfe", "the body is not JSON: 'utf-8' codec can't decode"),
    "NaN for a list": (b'{"inputs": NaN}', "inputs: got NaN, expected a list of tensors"),
    "NaN for an integer": (
        b'{"inputs": [{"name": "carrier", "shape": [1], "datatype": "INT32", "data": [NaN]}]}',
        "input carrier: got NaN",
    ),
    "too deep": (b"[" * 100_000, "the JSON is nested too deeply"),
    "a list": ([], "got a list as the request, expected an object"),
    "no inputs": ({}, "inputs: got null, expected a list of tensors"),
    "empty inputs": ({"inputs": []}, "inputs: got an empty list, expected a list of tensors"),
    "input no object": ({"inputs": [7]}, "got 7 as an input, expected an object"),
    "unknown input": ({"inputs": [spoilt(name="nobody")]}, 'inputs: got an input named "nobody", expected one of date, carrier,'),
    "twice": ({"inputs": [spoilt(), spoilt()]}, "input carrier: it is given twice"),
    "other datatype": ({"inputs": [spoilt(datatype="FP32")]}, 'input carrier: got datatype "FP32", expected INT32'),
    "unknown datatype": ({"inputs": [spoilt(datatype=["INT32"])]}, "input carrier: got datatype a list, expected INT32"),
    "other rank": ({"inputs": [spoilt(shape=[1, 1])]}, 'input carrier: got shape [1, 1], expected ["N"]'),
    "negative size": ({"inputs": [spoilt(shape=[-1])]}, 'input carrier: got shape [-1], expected ["N"]'),
    "no shape": ({"inputs": [spoilt(shape=None)]}, 'input carrier: got shape null, expected ["N"]'),
    "too few values": ({"inputs": [spoilt(shape=[3])]}, "input carrier: got 1 values, expected 3 for shape [3]"),
    "no data": ({"inputs": [spoilt(data=None)]}, "input carrier: got no data, expected a list of numbers"),
    "ragged": ({"inputs": [spoilt(shape=[3], data=[[1], [2, 3]])]}, "input carrier: got lists of different lengths"),
    "text": ({"inputs": [spoilt(data=["DL"])]}, 'input carrier: got "DL", expected an integer from 0 to 15'),
    "a truth": ({"inputs": [spoilt(data=[True])]}, "input carrier: got true, expected an integer from 0 to 15"),
    "a fraction": ({"inputs": [spoilt(data=[1.5])]}, "input carrier: got 1.5, expected an integer from 0 to 15"),
    "null": ({"inputs": [spoilt(data=[None])]}, "input carrier: got null, expected an integer from 0 to 15"),
    "beyond int32": ({"inputs": [spoilt(data=[2**40])]}, "input carrier: got a number beyond INT32, expected an integer from 0 to 15"),
    "no rows": ({"inputs": [spoilt(shape=[0], data=[])]}, "inputs: got no rows, expected at least one"),
    "lacking": ({"inputs": [spoilt()]}, "inputs: got none of date, origin, destination, scheduled_departure, scheduled_arrival"),
    "binary without its size": (
        {"inputs": [spoilt(parameters={"binary_data_size": 4})]},
        "input carrier: got 0 bytes of binary data, expected 4",
    ),
    "binary of another size": (
        {"inputs": [spoilt(parameters={"binary_data_size": 5})]},
        "input carrier: got binary_data_size 5, expected 4",
    ),
    "parameters": ({"inputs": [spoilt(parameters=3)]}, "got 3 as parameters of input carrier, expected an object"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_in_the_protocols_own_form(asked: str, name: str) -> None:
    body, message = MISTAKES[name]
    status, answer = post(asked, INFER, body)
    assert (status, list(answer)) == (400, ["error"])
    assert answer["error"].startswith(message), answer["error"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"carrier": 99}, "carrier: got 99, expected an integer from 0 to 15 (row 0)"),
        ({"scheduled_departure": 1440}, "scheduled_departure: got 1440, expected an integer from 0 to 1439 (row 0)"),
        ({"date": MISSING_INT}, f"date: got {MISSING_INT}, expected an integer from 15706 to 16070 (row 0)"),
        ({"route_arrival_delay_28d": 1e30}, "route_arrival_delay_28d: got 1e+30, expected a finite number from"),
    ],
)
def test_values_out_of_bounds_never_reach_the_model(
    asked: str, eta: Pipeline, flight: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    columns = eta.encode([flight])
    for name, value in changes.items():
        columns[name][0] = value
    status, answer = post(asked, INFER, {"inputs": tensors(columns)})
    assert status == 400
    assert answer["error"].startswith(message)


def test_infinity_in_binary_is_refused_and_nan_is_a_missing_value(
    client: triton.InferenceServerClient, eta: Pipeline, flight: dict[str, Any]
) -> None:
    columns = eta.encode([flight])
    assert np.isnan(columns["route_arrival_delay_28d"]).all()
    client.infer("eta", triton_inputs(columns))
    columns["route_arrival_delay_28d"][0] = np.inf
    with pytest.raises(InferenceServerException, match="route_arrival_delay_28d: got inf, expected a finite number"):
        client.infer("eta", triton_inputs(columns))


def test_rows_must_be_as_many_in_every_input(asked: str, eta: Pipeline, flight: dict[str, Any]) -> None:
    inputs = tensors(eta.encode([flight]))
    inputs[2] |= {"shape": [2], "data": [1, 1]}
    status, answer = post(asked, INFER, {"inputs": inputs})
    assert (status, answer) == (400, {"error": "input origin: got 2 rows, expected 1 as the inputs before it"})


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ({"outputs": [{"name": "nobody"}]}, 'outputs: got an output named "nobody", expected one of arrival_delay'),
        (
            {"outputs": [{"name": "arrival_delay", "parameters": {"classification": 3}}]},
            "output arrival_delay: classification is not offered",
        ),
        (
            {"outputs": [{"name": "arrival_delay", "parameters": {"binary_data": 1}}]},
            "output arrival_delay: got binary_data 1, expected true",
        ),
        ({"id": 5}, "id: got 5, expected a text of at most 200 characters"),
    ],
)
def test_what_is_asked_for_must_be_there(asked: str, eta: Pipeline, flight: dict[str, Any], addition: dict[str, Any], message: str) -> None:
    status, answer = post(asked, INFER, {"inputs": tensors(eta.encode([flight])), **addition})
    assert status == 400
    assert answer["error"].startswith(message)


@pytest.mark.parametrize("length", ["0", "-1", "1e2", "9" * 30, "x"])
def test_a_length_of_the_header_that_cannot_be_is_refused(asked: str, length: str) -> None:
    status, answer = post(asked, INFER, {"inputs": []}, {"Inference-Header-Content-Length": length})
    assert status == 400
    assert answer["error"].startswith("Inference-Header-Content-Length: got")


def test_binary_data_that_nobody_names_is_refused(asked: str, eta: Pipeline, flight: dict[str, Any]) -> None:
    head = json.dumps({"inputs": tensors(eta.encode([flight]))}).encode()
    status, answer = post(asked, INFER, head + b"1234", {"Inference-Header-Content-Length": str(len(head))})
    assert (status, answer) == (400, {"error": "got 4 bytes of binary data that no input names"})


@pytest.mark.parametrize(
    ("path", "method", "status", "message"),
    [
        ("/v2/models/nobody", "GET", 404, "there is no such pipeline, expected one of eta"),
        ("/v2/models/nobody/infer", "POST", 404, "there is no such pipeline, expected one of eta"),
        ("/v2/models/eta/versions/9", "GET", 404, "pipeline eta: there is no such version, expected"),
        ("/v2/models/eta/infer", "GET", 405, "this address is not asked by this method"),
        ("/v2/nothing", "GET", 404, "there is nothing at this address"),
        ("/v2/models/eta/infer?x", "DELETE", 405, "this address is not asked by this method"),
    ],
)
def test_wrong_addresses_are_told_in_the_protocols_own_form(asked: str, path: str, method: str, status: int, message: str) -> None:
    answer = ask(asked, path, method, body=b"{}" if method == "POST" else None)
    assert answer.status == status
    assert json.loads(answer.body)["error"].startswith(message)
    assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_variant_is_named(asked: str, release: dict[str, Any], eta: Pipeline, flight: dict[str, Any]) -> None:
    body = {"inputs": tensors(eta.encode([flight])), "parameters": {"variant": "nobody"}}
    status, answer = post(asked, INFER, body)
    names = ", ".join(variant["name"] for variant in release["pipelines"]["eta"]["variants"])
    assert (status, answer) == (404, {"error": f"pipeline eta: there is no such variant, expected one of {names}"})
