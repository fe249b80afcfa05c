"""Tables of flights to be predicted, in whatever form."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from foreshore import Contract
from foreshore.contract import utc_text

type Row = dict[str, Any]

FIELDS = ("date", "carrier", "origin", "destination", "scheduled_departure", "scheduled_arrival", "departure_delay_min", "tail", "asked_at")
OCTOBER_MIN, DECEMBER_MIN = 23_010_000, 23_130_000


def flights(contract: Contract, count: int, seed: int = 5) -> list[Row]:
    """Valid records of eta, some with a time in the months of which the release has tables; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    values = {field.name: [category.value for category in field.categories] for field in contract.fields if field.categories}
    return [
        {
            "date": f"2013-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            **{name: chance.choice(values[name]) for name in ("carrier", "origin", "destination")},
            "scheduled_departure": f"{chance.randint(5, 23):02}:{chance.randint(0, 59):02}",
            "scheduled_arrival": f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}",
            "departure_delay_min": chance.choice([None, chance.randint(-20, 300)]),
            "tail": chance.choice([None, f"N{chance.randint(1, 999)}"]),
            "asked_at": chance.choice([None, utc_text(chance.randint(OCTOBER_MIN, DECEMBER_MIN))]),
        }
        for _ in range(count)
    ]


def csv_text(rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> str:
    """Rows as a CSV file, an empty cell where nothing is known."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def csv_rows(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows, as texts."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a Polars table."""
    return pl.DataFrame(rows, infer_schema_length=None)
