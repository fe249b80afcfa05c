"""A replayed day by the host: what its forecasters should have been off by, from the site's own files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from foreshore.contract import utc_text
from foreshore.live import Live
from foreshore.store import Table
from tests.browser.arrivals import OUTPUT, PIPELINE, Flights


@dataclass(frozen=True)
class Score:
    """Mean absolute errors in minutes, over the same landed flights."""

    flights: int
    batch: float
    online: float
    schedule: float


@dataclass(frozen=True)
class Replay(Flights):
    """The real flights of the built site, and what the host makes of a day of them."""

    def known_minutes(self, day: str) -> list[int]:
        """When the news of a day and of the one before became known, in order."""
        return [event[1]["known_time_min"] for event in self._events(day)]

    def score(self, day: str, until_min: int) -> Score:
        """How far off the three were over the flights landed by a minute; the online forecast is that of the scheduled departure."""
        landed = self._landed(day, until_min)
        batch = self._batch(day)
        counted = sorted(
            (row for row in self._rows(day) if row["id"] in landed and row["key"] in batch), key=lambda row: row["record"]["asked_at"]
        )
        filled, _ = Live(PIPELINE, self._tables).follow(self._events(day), [row["record"] for row in counted])
        online = self._model.answer(PIPELINE, filled)
        truths = [landed[row["id"]] for row in counted]
        return Score(
            len(counted),
            _mean_miss([batch[row["key"]] for row in counted], truths),
            _mean_miss([answer[OUTPUT] for answer in online], truths),
            _mean_miss([0.0] * len(truths), truths),
        )

    def _landed(self, day: str, until_min: int) -> dict[str, int]:
        """Delays of the flights of a day that landed, by id."""
        events = [event for kind, event in self._events(day) if kind == "arrivals" and event["known_time_min"] <= until_min]
        return {event["id"]: event["delay_min"] for event in events if event["id"].startswith(day)}

    def _rows(self, day: str) -> list[dict[str, Any]]:
        sample = self._sample(day)
        return [self._row(sample, row) for row in range(len(sample["flight"]))]

    def _row(self, sample: dict[str, Any], row: int) -> dict[str, Any]:
        """A flight as asked at its scheduled departure, when it may already have left."""
        record = {name: column[row] for name, column in sample["columns"].items()}
        delay, key = record["departure_delay_min"], (sample["flight"][row], record["origin"])
        known = {"departure_delay_min": delay if delay is not None and delay <= 0 else None}
        asked = {"asked_at": utc_text(sample["scheduled_departure_min"][row])}
        return {"id": sample["day"] + "".join(key), "key": key, "record": {**record, **known, **asked}}

    def _batch(self, day: str) -> dict[tuple[str, str], float]:
        """What was forecast for a day the night before, by flight and origin."""
        folder = self.dist / self._entry["forecasts"]
        entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))["tables"]
        file = next(entry["file"] for entry in entries if entry["day"] == day)
        table = Table.from_bytes((folder / file).read_bytes())
        assert table.key_fields == ("flight", "origin")
        return {(str(key[0]), str(key[1])): float(table.columns[OUTPUT][row]) for row, key in enumerate(table.keys)}


def _mean_miss(forecasts: list[float], truths: list[int]) -> float:
    return sum(abs(forecast - truth) for forecast, truth in zip(forecasts, truths, strict=True)) / len(truths)
