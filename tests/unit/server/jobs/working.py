"""Asking a server for jobs, and tables for them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import polars as pl

from tests.unit.server.small_site import Answer, ask
from web.server.config import Config
from web.server.jobs.database import Database
from web.server.jobs.models import ENDED
from web.server.jobs.queue import Queue, Request, new_id

CREATE = "/api/pipelines/eta/jobs"
LOOKUP = "/api/pipelines/eta/lookup"
PRECOMPUTED = "/api/pipelines/eta/precomputed"
KEY = ("carrier", "destination", "origin")
PATIENCE_S = 60.0
PAUSE_S = 0.02


def flights(count: int) -> list[dict[str, Any]]:
    """Records that validate, the first 900 of them by different keys; every value as in a cell of a CSV file."""
    carriers, origins, destinations = ("DL", "UA", "AA", "B6", "9E"), ("JFK", "EWR", "LGA"), ("LAX", "ORD", "ATL", "BOS", "MIA", "SEA")
    different = product(("", "0", "12", "95"), ("2013-10-05", "2013-12-20"), ("08:30", "17:05", "21:59"), destinations, origins, carriers)
    return [
        {
            "carrier": carrier,
            "origin": origin,
            "destination": destination,
            "date": date,
            "scheduled_departure": departure,
            "scheduled_arrival": "11:45",
            "departure_delay_min": delay,
            "flight": str(number),
        }
        for number, (delay, date, departure, destination, origin, carrier) in enumerate(islice(different, count), start=1)
    ]


def record_of(flight: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table as a record of wire values."""
    delay = flight["departure_delay_min"]
    return {**{name: value for name, value in flight.items() if name != "flight"}, "departure_delay_min": int(delay) if delay else None}


def table(rows: Sequence[Mapping[str, Any]], times: int = 1) -> bytes:
    """A CSV file of rows, as often as is said."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    head = len(written.getvalue())
    writer.writerows(rows)
    text = written.getvalue()
    return (text[:head] + text[head:] * times).encode()


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The same as a Parquet file."""
    written = io.BytesIO()
    pl.DataFrame(list(rows)).write_parquet(written)
    return written.getvalue()


def create(url: str, body: bytes, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Post a table."""
    return ask(url, f"{CREATE}?{urlencode(query or {})}", "POST", {"Content-Type": "text/csv", **(headers or {})}, body)


def create_of_path(url: str, path: str, **options: Any) -> Answer:
    """Post a job over a file among the inputs."""
    return ask(url, CREATE, "POST", {"Content-Type": "application/json"}, json.dumps({"path": path, **options}).encode())


def schedule(settings: Mapping[str, str], rows: Sequence[Mapping[str, Any]], variant: str | None = None) -> str:
    """The address of a job that keeps answers by `KEY`, queued as schedules queue theirs, where a server with these settings works."""
    config = Config.from_environment(settings)
    source = f"{new_id()}.csv"
    (Path(settings["FORESHORE_BATCH_INPUTS"]) / source).write_bytes(table(rows))
    with closing(Database(config)) as database:
        job = Queue(database, config).add(Request("eta", "csv", variant, key=",".join(KEY), source=source, schedule="nightly"))
    return f"/api/jobs/{job.id}"


def created(answer: Answer) -> str:
    """The address of the job that was made."""
    assert answer.status == 202, answer.body
    assert answer.headers["location"] == f"../../jobs/{json.loads(answer.body)['id']}"
    return urljoin(CREATE, answer.headers["location"])


def show(url: str, job: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A job as the server shows it."""
    answer = ask(url, job, headers=headers)
    assert answer.status == 200, answer.body
    return dict(json.loads(answer.body))


def ended(url: str, job: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A job once it is over."""
    found: dict[str, Any] = wait_for(lambda: (shown := show(url, job, headers))["state"] in ENDED and shown)
    return found


def wait_for(look: Any) -> Any:
    """What `look` gives, once it gives anything."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(PAUSE_S)
    return found


def results(url: str, job: str) -> pl.DataFrame:
    """The results of a job, read from its download."""
    answer = ask(url, f"{job}/results")
    assert answer.status == 200, answer.body
    return (pl.read_parquet if answer.body.startswith(b"PAR1") else pl.read_csv)(io.BytesIO(answer.body))


def results_on_disk(settings: Mapping[str, str], job: str) -> pl.DataFrame:
    """The same of a job that ended, as its operator finds them; those of schedules are given to nobody without a key."""
    (file,) = (Path(settings["FORESHORE_DATA"]) / "jobs" / job.rpartition("/")[2]).glob("results.csv")
    return pl.read_csv(file)


def bad_rows(url: str, job: str) -> list[dict[str, str]]:
    """The bad rows of a job, read from their download."""
    answer = ask(url, f"{job}/bad-rows")
    assert answer.status == 200, answer.body
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def with_schedules(dist: Path, copy: Path, schedules: Sequence[Mapping[str, Any]]) -> Path:
    """A site with the same files, whose release has these schedules for eta."""
    for file in dist.rglob("*"):
        if file.is_file() and not file.name.startswith("."):
            (copy / file.relative_to(dist)).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(file, copy / file.relative_to(dist))
    channel = json.loads((dist / "channels" / "stable.json").read_text())
    manifest = json.loads((dist / channel["manifest"]).read_text())
    manifest["pipelines"]["eta"]["schedules"] = list(schedules)
    manifest["id"] = hashlib.sha256(json.dumps(manifest).encode()).hexdigest()[:16]
    path = f"releases/{manifest['id']}/release.json"
    content = json.dumps(manifest).encode()
    (copy / path).parent.mkdir(parents=True)
    (copy / path).write_bytes(content)
    pointer = {**channel, "release": manifest["id"], "manifest": path, "sha256": hashlib.sha256(content).hexdigest()}
    (copy / "channels" / "stable.json").unlink()
    (copy / "channels" / "stable.json").write_text(json.dumps(pointer))
    return copy
