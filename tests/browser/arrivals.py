"""The Arrivals page: what it shows, and what the host says to the same flight."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from foreshore import load_pipeline
from foreshore.contract import utc_text
from foreshore.live import Event, Live
from models.segments import SegmentedModel
from models.tables import read_tables
from tests.browser.driver import Driver, until
from tests.golden import artefacts_of

type Moment = Literal["before", "after"]

PIPELINE = load_pipeline("eta")
OUTPUT = "arrival_delay_min"
INT8_LIMIT_MIN = 0.5
"""int8 kernels round in another order on each processor; half a minute of delay is the most that this may cost."""
AHEAD_MIN = 60
"""How long before scheduled departure the page asks about a flight that has not left."""
EVENT_TYPES = ("departures", "arrivals")

STATE = "document.body.dataset.state"
SELECTED = "document.querySelector('input[name=flight]:checked')?.value ?? ''"
PREDICTED = "document.querySelector('[data-testid=prediction]')?.dataset.value ?? ''"


@dataclass(frozen=True)
class Flights:
    """The real flights of the built site, and the host's predictions for them."""

    dist: Path
    release: dict[str, Any]

    def record(self, flight_id: str, moment: Moment = "before") -> dict[str, Any]:
        """A flight's record as asked at a moment, by the id that the page gives it: day and row."""
        day, _, row = flight_id.rpartition("-")
        sample = self._sample(day)
        record = {name: column[int(row)] for name, column in sample["columns"].items()}
        delay = record["departure_delay_min"] if moment == "after" else None
        asked_min = sample["scheduled_departure_min"][int(row)] + (-AHEAD_MIN if delay is None else delay)
        return {**record, "departure_delay_min": delay, "asked_at": utc_text(asked_min)}

    def without_news(self, record: Mapping[str, Any]) -> float:
        """Minutes of delay by the host, who knows the release's tables and no event."""
        return self._answer(Live(PIPELINE, self._tables).fill([record])[0])

    def with_news(self, flight_id: str, moment: Moment = "before") -> float:
        """Minutes of delay by the host, who lets the flight's day and the day before pass until it is asked."""
        filled, _ = Live(PIPELINE, self._tables).follow(self._events(flight_id[:10]), [self.record(flight_id, moment)])
        return self._answer(filled[0])

    def agrees(self, shown: str, expected: float) -> bool:
        """Whether a page shows what the host says."""
        fp32 = self._entry["default_variant"] == "fp32"
        limit = PIPELINE.contract.tolerance * max(1.0, abs(expected)) if fp32 else INT8_LIMIT_MIN
        return shown != "" and abs(float(shown) - expected) <= limit

    def _answer(self, record: Mapping[str, Any]) -> float:
        return float(self._model.answer(PIPELINE, [record])[0][OUTPUT])

    def _events(self, day: str) -> list[Event]:
        days = [(date.fromisoformat(day) - timedelta(days=1)).isoformat(), day]
        events = [event for kind in EVENT_TYPES for each in days for event in self._events_of(kind, each)]
        return sorted(events, key=lambda event: event[1]["known_time_min"])

    def _events_of(self, kind: str, day: str) -> list[Event]:
        columns = self._sample(f"events/{day}")[kind]
        return [(kind, dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]

    def _sample(self, name: str) -> dict[str, Any]:
        return dict(json.loads((self.dist / self._entry["samples"] / f"{name}.json").read_text(encoding="utf-8")))

    @property
    def _entry(self) -> dict[str, Any]:
        return dict(self.release["pipelines"]["eta"])

    @cached_property
    def _tables(self) -> list[Any]:
        return read_tables(self.dist / self._entry["history"])

    @cached_property
    def _model(self) -> SegmentedModel:
        folder = artefacts_of("eta")
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        variant = next(each for each in card["variants"] if each["name"] == self._entry["default_variant"])
        return SegmentedModel.of_variant(PIPELINE.contract, variant, folder.joinpath)


def predict_two_flights(driver: Driver, site: str, flights: Flights) -> None:
    """Open the page, wait for the first flight's prediction, choose another and wait for that one's."""
    driver.goto(f"{site}/arrivals/")
    until(lambda: driver.evaluate(STATE) == "ready", "the Arrivals page to be ready")
    first = until(lambda: driver.evaluate(SELECTED), "a flight to be selected")
    wait_for(driver, flights, flights.with_news(first))
    other = driver.evaluate("[...document.querySelectorAll('input[name=flight]')].at(-1).value")
    driver.click(f"label:has(input[value='{other}'])")
    wait_for(driver, flights, flights.with_news(other))


def wait_for(page: Driver | Page, flights: Flights, expected: float) -> None:
    """Wait until the page shows so many minutes of delay."""
    until(lambda: flights.agrees(page.evaluate(PREDICTED), expected), f"the page to predict {expected}")
