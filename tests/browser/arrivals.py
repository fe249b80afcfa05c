"""The Arrivals page: what it shows, and what the host says to the same flight."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreshore import load_pipeline
from tests.browser.driver import Driver, until
from tests.golden import native_run

PIPELINE = load_pipeline("eta")
OUTPUT = "arrival_delay_min"
INT8_LIMIT_MIN = 0.5
"""int8 kernels round in another order on each processor; half a minute of delay is the most that this may cost."""

STATE = "document.body.dataset.state"
SELECTED = "document.querySelector('input[name=flight]:checked')?.value ?? ''"
PREDICTED = "document.querySelector('[data-testid=prediction]')?.dataset.value ?? ''"


@dataclass(frozen=True)
class Flights:
    """The real flights of the built site, and the host's predictions for them."""

    dist: Path
    release: dict[str, Any]

    def record(self, flight_id: str) -> dict[str, Any]:
        """A flight's record before departure, by the id that the page gives it: day and row."""
        day, _, row = flight_id.rpartition("-")
        sample = json.loads((self.dist / self.release["pipelines"]["eta"]["samples"] / f"{day}.json").read_text(encoding="utf-8"))
        record = {name: sample["columns"][name][int(row)] for name in sample["record_fields"]}
        return {**record, "departure_delay_min": None}

    def expected(self, record: dict[str, Any]) -> float:
        """Minutes of delay, by the host's Python and native ONNX Runtime."""
        variant = self.release["pipelines"]["eta"]["default_variant"]
        return PIPELINE.predict([record], native_run("eta", variant))[0][OUTPUT]

    def agrees(self, shown: str, record: dict[str, Any]) -> bool:
        """Whether a page shows what the host says."""
        if not shown:
            return False
        expected = self.expected(record)
        fp32 = self.release["pipelines"]["eta"]["default_variant"] == "fp32"
        limit = PIPELINE.contract.tolerance * max(1.0, abs(expected)) if fp32 else INT8_LIMIT_MIN
        return abs(float(shown) - expected) <= limit


def predict_two_flights(driver: Driver, site: str, flights: Flights) -> None:
    """Open the page, wait for the first flight's prediction, choose another and wait for that one's."""
    driver.goto(f"{site}/arrivals/")
    until(lambda: driver.evaluate(STATE) == "ready", "the Arrivals page to be ready")
    first = until(lambda: driver.evaluate(SELECTED), "a flight to be selected")
    until(lambda: flights.agrees(driver.evaluate(PREDICTED), flights.record(first)), f"the host's prediction of {first}")
    other = driver.evaluate("[...document.querySelectorAll('input[name=flight]')].at(-1).value")
    driver.click(f"label:has(input[value='{other}'])")
    until(lambda: flights.agrees(driver.evaluate(PREDICTED), flights.record(other)), f"the host's prediction of {other}")
