"""Every pipeline's windows in the site's Pyodide, held to the host's on random events and questions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreshore import Pipeline
from foreshore.contract import utc_text
from foreshore.live import Live
from foreshore.windows import EventField, EventType
from models.verification.browser import BrowserExecutions

PYODIDE = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NOW_MIN = 23016000
"""2013-10-05T08:00Z."""
SPAN_MIN = 300

type Record = dict[str, Any]


@pytest.fixture
def live(pipeline: Pipeline) -> Live:
    if pipeline.view is None:
        pytest.skip("this pipeline has no view")
    return Live(pipeline)


def logs(live: Live) -> st.SearchStrategy[list[tuple[str, Record]]]:
    """Events of all declared types, most of them good, in an order that is mostly that of time."""
    good = st.one_of([st.tuples(st.just(event.name), events(live, event)) for event in live.view.windows.events])
    first = live.view.windows.events[0].name
    wrong: st.SearchStrategy[Any] = st.sampled_from([("landings", {}), (first, {}), (first, None)])
    return st.lists(st.one_of(good, good, good, wrong), max_size=30)


def events(live: Live, event: EventType) -> st.SearchStrategy[Record]:
    names = (event.event_time_field, event.known_time_field)
    values = {field.name: values_of(live, field) for field in event.fields if field.name not in names}
    known = st.integers(NOW_MIN, NOW_MIN + SPAN_MIN)
    times = st.tuples(known, st.integers(-1, 60)).map(lambda drawn: dict(zip(names, (drawn[0] - drawn[1], drawn[0]), strict=True)))
    return st.tuples(times, st.fixed_dictionaries(values)).map(lambda parts: {**parts[0], **parts[1]})


def values_of(live: Live, field: EventField) -> st.SearchStrategy[Any]:
    """Few values, those that questions ask for among them."""
    if field.dtype == "text":
        asked = [each.example for each in live.pipeline.contract.fields if each.name == field.name and each.example]
        values: st.SearchStrategy[Any] = st.sampled_from([*asked, *(field.categories or ("a", "b"))])
    else:
        low, high = field.bounds
        values = st.integers(int(max(low, -50)), int(min(high, 50)))
    return st.none() | values if field.nullable else values


def questions(live: Live) -> st.SearchStrategy[list[Record]]:
    """The contract's example at times that rise."""
    example = {field.name: field.example for field in live.pipeline.contract.fields}
    times = st.lists(st.integers(NOW_MIN, NOW_MIN + 2 * SPAN_MIN), max_size=5).map(sorted)
    return times.map(lambda minutes: [{**example, live.clock_field: utc_text(time)} for time in minutes])


@PYODIDE
@given(data=st.data())
def test_windows_are_the_hosts(pyodide: BrowserExecutions, name: str, live: Live, data: st.DataObject) -> None:
    log, more, asked = data.draw(logs(live)), data.draw(logs(live)), data.draw(questions(live))
    last = [{**record, live.clock_field: utc_text(NOW_MIN + 3 * SPAN_MIN)} for record in asked]
    pyodide.open(name)

    filled, intake = live.follow(log, asked, restart=True)

    assert pyodide.follow(name, log, asked, restart=True)["ok"] == as_json({"records": filled, "intake": intake})
    assert pyodide.observe(name, more)["ok"] == as_json(live.observe(more))
    state = pyodide.save_windows(name)
    assert state == live.save()
    live.restart()
    pyodide.restart_windows(name)
    assert pyodide.fill(name, last)["ok"] == as_json(live.fill(last))
    live.restore(state)
    assert pyodide.restore_windows(name, state) == {}
    assert pyodide.fill(name, last)["ok"] == as_json(live.fill(last))


def test_a_state_of_other_declarations_is_refused(pyodide: BrowserExecutions, name: str, live: Live) -> None:
    head, body = live.save().split(b"\n", 1)
    other = json.dumps({**json.loads(head), "windows": "0" * 64}).encode() + b"\n" + body
    pyodide.open(name)

    assert pyodide.restore_windows(name, other)["error"]["kind"] == "artefact"
    assert pyodide.restore_windows(name, live.save()[:-1])["error"]["kind"] == "artefact"


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
