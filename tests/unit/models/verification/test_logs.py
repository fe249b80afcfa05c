"""Drawn logs: valid questions in the order of time, and events of every fate, the same for the same seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshore import load_pipeline
from foreshore.contract import minutes_since_epoch
from foreshore.live import Live
from foreshore.windows import REASONS
from foreshore.windows.columns import FITS
from models.verification.context import context_columns, outcome_codes, places, refer
from models.verification.logs import draw_log
from tests.harbour.pipeline import PIPELINE, VIEW

LOG = draw_log(PIPELINE, seed=1)


def test_log_is_the_same_for_the_same_seed() -> None:
    assert draw_log(PIPELINE, seed=1) == LOG != draw_log(PIPELINE, seed=2)


def test_questions_fit_the_contract_and_come_in_the_order_of_time() -> None:
    PIPELINE.encode(LOG.records)
    assert sorted(LOG.times_min) == LOG.times_min == [minutes_since_epoch(record["asked_at"]) for record in LOG.records]
    assert not any(set(VIEW.names) & set(record) for record in LOG.records)


def test_events_meet_every_fate() -> None:
    fates = set(refer(PIPELINE, VIEW, LOG).outcomes.tolist())
    assert fates == {FITS, *range(len(REASONS))}


def test_every_feature_is_known_to_some_questions_and_differs_between_them() -> None:
    for name, column in refer(PIPELINE, VIEW, LOG).context.items():
        assert len(np.unique(column[~np.isnan(column)])) > 3, name


def test_questions_are_asked_where_events_enter_and_leave_windows() -> None:
    ships = [record for (source, record), defect in zip(LOG.events, LOG.defects, strict=True) if source == "ships" and defect is None]
    for field, later in (("known_time_min", 0), ("event_time_min", 60), ("event_time_min", 59)):
        assert {record[field] + later for record in ships if record.get(field)} & set(LOG.times_min), (field, later)


def test_entries_have_a_place_each_and_keep_their_order() -> None:
    events, questions = places(VIEW, LOG)
    assert sorted([*events, *questions]) == list(range(len(LOG.events) + len(LOG.records)))
    assert (np.diff(events) > 0).all()
    assert (np.diff(questions) > 0).all()


@settings(max_examples=10)
@given(st.sampled_from(["harbour", "eta"]), st.integers(0, 2**31 - 1))
def test_a_device_in_the_midst_of_the_log_answers_as_its_history_does(name: str, seed: int) -> None:
    pipeline = PIPELINE if name == "harbour" else load_pipeline(name)
    assert pipeline.view is not None
    log = draw_log(pipeline, seed, events=400, questions=80)
    reference = refer(pipeline, pipeline.view, log)
    filled, intake = Live(pipeline, reference.tables).follow(log.events, log.records)
    np.testing.assert_array_equal(outcome_codes(intake["outcomes"]), reference.outcomes)
    for column, values in context_columns(filled, pipeline.view.names).items():
        np.testing.assert_array_equal(values, reference.context[column], column)
