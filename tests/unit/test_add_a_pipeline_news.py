"""The second half of docs/add-a-pipeline.md: what windows tell devices is what they told training, and what it says of events is so."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from rich.console import Console

from foreshore import Pipeline
from foreshore.contract import minutes_since_epoch
from foreshore.live import Event, Live
from foreshore.windows import training_columns
from models.lowering import graphs_stage, join, lower
from models.release import Parts, Site, release_pipeline
from models.segments import SegmentedModel, run_native
from models.tables import read_tables
from models.verification.browser import BrowserExecutions
from models.verification.gate import REPORT
from packing.stage import Made, Stages
from tests.documents import GUIDE, NAME, Checkout, blocks, pyodide_with, trained
from tests.golden import deviation
from tests.root import ROOT

type Record = dict[str, Any]

STREAMING, HISTORICAL = "station_wind_60", "station_wind_28d"
OUTPUT = "feels_like_c"
HOUR_MIN = 60
WEATHER = {
    "temperature_c": 31.5,
    "humidity_percent": 70,
    "sky": "clear",
    "time": "14:30",
    "station": "harbour",
    "asked_at": "2026-02-14T12:15Z",
}
"""What the page asks once it has told of its events."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    with trained(tmp_path_factory.mktemp("checkout"), news=True) as checkout:
        yield checkout


@pytest.fixture(scope="module")
def history(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pipeline's tables."""
    folder = tmp_path_factory.mktemp("history")
    checkout.module("history").write_history(folder)
    return folder


@pytest.fixture
def live(checkout: Checkout, history: Path) -> Live:
    """The documented pipeline on a device that has all tables and was told of no event."""
    return Live(checkout.pipeline, read_tables(history))


@pytest.fixture(scope="module")
def browser(
    checkout: Checkout, dist: Path, release: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserExecutions]:
    """The documented pipeline in the site's Pyodide."""
    pyodide = pyodide_with(checkout, dist / release["entry"]["pyodide_folder"], tmp_path_factory.mktemp("site"))
    executions = BrowserExecutions(ROOT / "web" / "verification" / "executions.js", pyodide)
    executions.open(NAME)
    yield executions
    executions.close()


def shown_json() -> list[Any]:
    """The page's JSON: events, what becomes of them, a variant with segments."""
    return [json.loads(block) for block in blocks(GUIDE.read_text(encoding="utf-8"), "json")]


def questions(checkout: Checkout) -> list[Record]:
    """Golden records that say when they are asked, without the context that they carry."""
    records = checkout.json("golden.json")["records"]
    return [{key: record[key] for key in record if key not in (STREAMING, HISTORICAL)} for record in records if record["asked_at"]]


def times_of(records: Sequence[Record]) -> list[int]:
    return [minutes_since_epoch(record["asked_at"]) for record in records]


def events_around(checkout: Checkout, times: Sequence[int]) -> list[Event]:
    """What stations measured from an hour before the first time to the last one, in the order in which it became known."""
    columns = checkout.module("stations").log()["measurements"]
    rows = np.flatnonzero((columns["event_time_min"] > times[0] - HOUR_MIN) & (columns["known_time_min"] <= times[-1]))
    rows = rows[np.argsort(columns["known_time_min"][rows], kind="stable")]
    lists = [column[rows].tolist() for column in columns.values()]
    return [("measurements", dict(zip(columns, row, strict=True))) for row in zip(*lists, strict=True)]


def taught(checkout: Checkout, asked: Sequence[Record]) -> dict[str, list[float]]:
    """What training is told at the places and times of these records."""
    stations = np.array([record["station"] for record in asked])
    view = checkout.pipeline.view
    assert view is not None
    columns = training_columns(view, checkout.module("stations").log(), {"station": stations}, np.array(times_of(asked)))
    return {name: column.tolist() for name, column in columns.items()}


def felt(answers: Sequence[Mapping[str, float]]) -> list[float]:
    return [answer[OUTPUT] for answer in answers]


def predicted(pipeline: Pipeline, model: Path, records: Sequence[Record]) -> list[float]:
    """What people feel, by Python's features and a model."""
    return felt(pipeline.predict(records, lambda feeds: run_native(model, feeds)))


def test_a_device_is_told_what_training_was_told(checkout: Checkout, live: Live) -> None:
    asked = questions(checkout)
    events = events_around(checkout, times_of(asked))
    filled, intake = live.follow(events, asked)
    assert {name: [record[name] for record in filled] for name in (STREAMING, HISTORICAL)} == taught(checkout, asked)
    assert intake["accepted"] == {"measurements": len(events)}
    assert len(asked) >= 300
    assert len(events) >= 500


def test_golden_cases_carry_what_training_was_told(checkout: Checkout) -> None:
    told = [record for record in checkout.json("golden.json")["records"] if record[STREAMING] is not None]
    assert {name: [record[name] for record in told] for name in (STREAMING, HISTORICAL)} == taught(checkout, told)
    assert len(told) >= 200


def test_news_makes_answers_better(checkout: Checkout) -> None:
    records, truth = checkout.module("data").measurements()
    unseen = range(len(records) * 4 // 5, len(records))
    rows = [row for row in unseen if records[row][STREAMING] is not None and records[row]["wind_m_s"] is None]
    model = checkout.artefacts / "fp32.onnx"

    def error_c(context: Mapping[str, None]) -> float:
        asked = [records[row] | context for row in rows]
        answers = predicted(checkout.pipeline, model, asked)
        return float(np.mean(np.abs(np.array(answers) - truth[rows])))

    assert len(rows) >= 500
    assert error_c({}) < error_c(dict.fromkeys((STREAMING, HISTORICAL))) / 4


def test_documented_events_become_what_the_page_says(live: Live) -> None:
    events, intake, _ = shown_json()
    assert live.observe(events) == intake
    (filled,) = live.fill([WEATHER])
    assert filled[STREAMING] == (7.5 + 9.0) / 2


def test_events_become_the_same_in_pyodide(live: Live, browser: BrowserExecutions) -> None:
    events, intake, _ = shown_json()
    browser.restart_windows(NAME)
    live.observe(events)
    assert browser.observe(NAME, events)["ok"] == intake
    asked = [WEATHER | {HISTORICAL: 3.0}]
    assert browser.fill(NAME, asked)["ok"] == live.fill(asked)


def test_replays_in_pyodide_are_the_hosts(checkout: Checkout, live: Live, browser: BrowserExecutions) -> None:
    asked = [record | {HISTORICAL: None} for record in questions(checkout)]
    events = events_around(checkout, times_of(asked))
    filled, intake = live.follow(events, asked)
    assert browser.follow(NAME, events, asked, restart=True)["ok"] == {"records": filled, "intake": intake}


def test_graph_answers_filled_records_as_python_does(checkout: Checkout, live: Live) -> None:
    asked = questions(checkout)
    filled, _ = live.follow(events_around(checkout, times_of(asked)), asked)
    pipeline, model = checkout.pipeline, checkout.artefacts / "fp32.onnx"
    joined = join(pipeline, lower(pipeline), onnx.load(model)).SerializeToString()
    graph = pipeline.decode(run_native(joined, dict(pipeline.encode(filled))))
    assert deviation(felt(graph), predicted(pipeline, model, filled)) <= pipeline.contract.tolerance


def test_pages_read_tables_as_the_host_does(checkout: Checkout, history: Path, live: Live, browser: BrowserExecutions) -> None:
    stations = [{"station": name} for name in (*checkout.module("stations").WINDS, "nowhere")]
    expected = [
        record[HISTORICAL] for record in live.fill([{**WEATHER, **station, "asked_at": "2026-12-31T00:00Z"} for station in stations])
    ]
    newest = read_tables(history)[-1]
    assert [each[HISTORICAL] for each in browser.look_up(newest.to_bytes(), stations)["ok"]["values"]] == expected
    assert expected[-1] is None
    assert None not in expected[:-1]


def test_a_value_of_the_segment_is_answered_by_its_own_model(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:  # fmt: skip
    shutil.copytree(checkout.root, tmp_path / "checkout", symlinks=True)
    checkout = Checkout(tmp_path / "checkout", [])
    variant, value, file = with_own_model(checkout)
    plain = checkout.pipeline
    pipeline = Pipeline(replace(plain.contract, segment="sky"), plain.features, plain.view)
    monkeypatch.setattr(checkout.module("pipeline"), "PIPELINE", pipeline)
    records = checkout.json("golden.json")["records"]

    answers = felt(SegmentedModel.of_variant(pipeline.contract, variant, checkout.artefacts.joinpath).answer(pipeline, records))

    of_all, own = (predicted(pipeline, path, records) for path in (checkout.artefacts / "fp32.onnx", file))
    assert answers == pytest.approx([b if record["sky"] == value else a for record, a, b in zip(records, of_all, own, strict=True)])
    assert released(checkout, tmp_path)["variants"][0]["segments"].keys() == {value}


def with_own_model(checkout: Checkout) -> tuple[dict[str, Any], str, Path]:
    """The card's variant, a value and its file, once that value has the model of its own that the page names."""
    *_, shown = shown_json()
    ((value, listed),) = shown["segments"].items()
    training = checkout.module("training")
    records, truth = checkout.module("data").measurements()
    rows = [row for row, record in enumerate(records) if record["sky"] == value]
    model = training.fit(checkout.pipeline.prepare([records[row] for row in rows])["features"], truth[rows])
    content = model.SerializeToString(deterministic=True)
    file = checkout.artefacts / listed["file"]
    file.write_bytes(content)
    card = checkout.json("card.json")
    variant = card["variants"][0]
    assert (shown["name"], shown["file"]) == (variant["name"], variant["file"])
    assert listed == {"file": f"{variant['name']}.{value}.onnx", "sha256": "…", "size_bytes": len(content)}
    variant["segments"] = {value: listed | {"sha256": hashlib.sha256(content).hexdigest()}}
    (checkout.artefacts / "card.json").write_text(json.dumps(card))
    return variant, value, file


def released(checkout: Checkout, scratch: Path) -> dict[str, Any]:
    """The pipeline's entry in a release."""
    (scratch / REPORT).write_text("{}")
    graphs = graphs_stage(Stages(checkout.root, scratch / ".cache", Console(file=io.StringIO())), NAME)
    assert {"fp32", "fp32.rain", "int8"} == graphs.facts["graphs"].keys()
    return release_pipeline(Site(), checkout.folder, Parts(graphs, Made(scratch, "", {}), {}))
