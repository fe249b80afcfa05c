"""The endpoints of jobs, and of the answers that they keep."""

from __future__ import annotations

import math
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import IO, Any

from flask import Response, request

from foreshore import Contract, ValidationError
from foreshore.cells import text_reader
from foreshore.records import encode
from web.server.config import Config
from web.server.headers import UNCACHED
from web.server.jobs.answers import Answers, Stored, Wanted, moment
from web.server.jobs.database import Database, now_ms
from web.server.jobs.files import MEDIA_TYPES, JobFiles
from web.server.jobs.keys import Key
from web.server.jobs.models import DONE, RUNNING, Job
from web.server.jobs.queue import Queue, checked_id, new_id
from web.server.jobs.queue import Request as JobRequest
from web.server.jobs.requests import check_media_type, job_of_path, job_of_upload
from web.server.prediction.admission import Places
from web.server.prediction.bodies import CHUNK_BYTES, Patience, announced_bytes, connection_of, read_body, stream_body
from web.server.prediction.catalogue import ReleasedPipeline
from web.server.prediction.endpoints import OWNER, Endpoints
from web.server.prediction.errors import Conflict, Full, Malformed, Misfit, Unavailable, Unknown
from web.server.prediction.forms import answered, response_of
from web.server.prediction.protocol import parse_json

UPLOADS = 2
"""How many uploads each process takes in at once; each holds a thread."""
DOWNLOADS = 4
"""How many downloads each process sends at once; each holds a place among the requests that are being answered."""
TRANSFER_WAIT_S = 0.1
JOB = "job"
"""Parameter that names the one job whose answers count."""
NO_BAD_ROWS = b"row,field,reason\r\n"


def _in_a_place[**P](act: Callable[P, Response]) -> Callable[P, Response]:
    """Let a request of JobEndpoints hold a place while it is answered: what waits for a slow database must not take every thread."""

    @wraps(act)
    def placed(*args: P.args, **kwargs: P.kwargs) -> Response:
        endpoints = args[0]
        assert isinstance(endpoints, JobEndpoints)
        with endpoints.places.one():
            return act(*args, **kwargs)

    return placed


class JobEndpoints:
    """What answers for jobs.

    Parameters
    ----------
    config : Config
        With a folder of data.
    endpoints : Endpoints
        Those of predictions, which share limits and models.
    """

    def __init__(self, config: Config, endpoints: Endpoints) -> None:
        assert config.data is not None
        self._config, self._endpoints, self.places = config, endpoints, endpoints.places
        database = Database(config)
        self._queue, self._answers = Queue(database, config), Answers(database)
        self._files = JobFiles(config.data, config.batch_inputs)
        self._uploads, self._downloads = Places(UPLOADS, TRANSFER_WAIT_S), Places(DOWNLOADS, TRANSFER_WAIT_S)
        self._patience = Patience(config.max_upload_s, socket.SHUT_RDWR)

    # ---- jobs

    def create_job(self, name: str) -> Response:
        """Queue a job over an upload, or over a file among the inputs."""
        self._endpoints.hurry()
        released = self._released(name)
        check_media_type(request.mimetype)
        with self.places.one():
            self._queue.check_room()
        job = self._of_path(released) if request.mimetype == "application/json" else self._of_upload(released)
        return answered(_described(job), 202, {"Location": f"../../jobs/{job.id}"})

    def _of_path(self, released: ReleasedPipeline) -> Job:
        body = read_body(request.environ, self._config.max_body_bytes, self._endpoints.patience)
        wanted = job_of_path(released, body, _owner())
        self._files.input(str(wanted.source))
        with self.places.one():
            return self._queue.add(wanted)

    def _of_upload(self, released: ReleasedPipeline) -> Job:
        wanted, job_id = job_of_upload(released, request.mimetype, request.args, _owner()), new_id()
        limit = self._config.max_upload_bytes
        with self._uploads.one():
            self._files.upload(job_id, announced_bytes(request.environ, limit), self._fill)
            return self._add(wanted, job_id)

    def _fill(self, file: IO[bytes]) -> None:
        for part in stream_body(request.environ, self._config.max_upload_bytes, self._endpoints.patience):
            self._files.check_space(len(part))
            file.write(part)

    def _add(self, wanted: JobRequest, job_id: str) -> Job:
        try:
            return self._queue.add(wanted, job_id)
        except Exception:
            self._files.remove(job_id)
            raise

    @_in_a_place
    def list_jobs(self) -> Response:
        """The newest jobs, for those who have a key."""
        return answered({"jobs": [_described(job) for job in self._queue.jobs(_owner())]})

    @_in_a_place
    def show_job(self, job_id: str) -> Response:
        """How far a job is."""
        return answered(_described(self._job(job_id)))

    @_in_a_place
    def cancel_job(self, job_id: str) -> Response:
        """End a job before it is done."""
        return answered(_described(self._queue.cancel(job_id, _owner())))

    @_in_a_place
    def resume_job(self, job_id: str) -> Response:
        """Go on with a job that ended before it was done."""
        return answered(_described(self._queue.resume(job_id, _owner())), 202)

    @_in_a_place
    def delete_job(self, job_id: str) -> Response:
        """Remove a job, its files and its answers."""
        self._queue.remove(job_id, _owner())
        self._files.remove(job_id)
        return response_of(204, b"", "application/json")

    def job_results(self, job_id: str) -> Response:
        """The results of a job that is done."""
        with self._downloading() as held:
            job = self._done(job_id)
            return self._download(self._files.results(job), job.format, f"{job.pipeline}-{job.id[:8]}.{job.format}", held)

    def job_bad_rows(self, job_id: str) -> Response:
        """The rows that a job could not answer, and why."""
        with self._downloading() as held:
            job = self._done(job_id)
            file = self._files.bad_rows(job)
            if not job.bad_rows and not file.exists():
                return response_of(200, NO_BAD_ROWS, "text/csv; charset=utf-8")
            return self._download(file, "csv", f"{job.pipeline}-{job.id[:8]}.bad.csv", held)

    @contextmanager
    def _downloading(self) -> Iterator[ExitStack]:
        """What a download holds, let go of afterwards unless its response has taken it over."""
        with ExitStack() as held:
            held.enter_context(self._downloads.one())
            held.enter_context(self.places.one())
            yield held

    def _download(self, path: Path, format_name: str, name: str, held: ExitStack) -> Response:
        """A file as it is read from the disk, never whole in memory, to a client that takes it in time."""
        try:
            file = held.enter_context(path.open("rb"))
            size_bytes = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise Unavailable(f"the file can't be read ({error.strerror}): it was removed from the server's folder of data") from error
        parts = self._patience.each(iter(lambda: file.read(CHUNK_BYTES), b""), connection_of(request.environ))
        headers = {"Content-Disposition": f"attachment; filename={name}", "Content-Length": str(size_bytes), "Cache-Control": UNCACHED}
        response = Response(parts, headers=headers, mimetype=MEDIA_TYPES[format_name])
        response.call_on_close(held.pop_all().close)
        return response

    def _job(self, job_id: str) -> Job:
        return self._queue.job(job_id, _owner())

    def _done(self, job_id: str) -> Job:
        job = self._job(job_id)
        if job.schedule is not None and _owner() is None:  # whose id answers by key tell to everybody
            raise Unknown("the tables of schedules' jobs are given to who has an API key; their answers are found one by one, by lookup")
        if job.state != DONE:
            raise Conflict(f"the job's state is {job.state}, expected {DONE}: there are no results before")
        return job

    # ---- answers by key

    @_in_a_place
    def precomputed(self, name: str) -> Response:
        """The answer that was kept under some values of fields."""
        released = self._released(name)
        query, job = _job_apart(released.contract, request.args.to_dict(flat=False))
        key, record = _asked(released.contract, query)
        found = self._answers.find_by(key, record, Wanted(name, released.release, _owner(), job=job))
        if found is None:
            raise Unknown("there is no answer to this key from the current release; POST the record to lookup to have it answered online")
        return answered(found.to_json(now_ms()))

    def lookup(self, name: str) -> Response:
        """The answer that was kept for a record, or else one that is computed now."""
        self._endpoints.hurry()
        released, since_ms = self._released(name), _since_ms(request.args.get("max_age_s"))
        variant = request.args.get("variant")
        if variant is not None:
            released.variant(variant)
        with self.places.one():
            body = read_body(request.environ, self._config.max_predict_bytes, self._endpoints.patience)
            record = _record(released.contract, body)
            wanted = Wanted(name, released.release, _owner(), variant, since_ms, _job(request.args.get("job")))
            found = self._found(released.contract, record, wanted)
            return answered(found.to_json(now_ms()) if found else self._online(name, body, variant))

    def _found(self, contract: Contract, record: dict[str, Any], wanted: Wanted) -> Stored | None:
        """The answer that was kept; none where the database can't be asked, for which nobody has to wait."""
        try:
            return self._answers.find(contract, record, wanted)
        except (Unavailable, Full):  # the database has said so in the log
            return None

    def _online(self, name: str, body: bytes, variant: str | None) -> dict[str, Any]:
        answer = self._endpoints.service.ready(name).predict(body, variant)
        return {**answer, "as_of": moment(now_ms()), "age_s": 0, "precomputed": False}

    def _released(self, name: str) -> ReleasedPipeline:
        return self._endpoints.service.catalogue.current().pipeline(name)


def _owner() -> str | None:
    owner: str | None = request.environ.get(OWNER)
    return owner


def _record(contract: Contract, body: bytes) -> dict[str, Any]:
    """The one record of a body; raises Malformed, and Misfit in the validator's words."""
    record = parse_json(body)
    if not isinstance(record, dict):
        raise Malformed("got no record, expected one object of values by names of fields")
    try:
        encode(contract, [record])
    except ValidationError as error:
        raise Misfit(error) from error
    return record


def _job_apart(contract: Contract, query: dict[str, list[str]]) -> tuple[dict[str, list[str]], str | None]:
    """The fields that a query names, and the job whose answers count; a field that is itself called so goes first."""
    if JOB not in query or any(field.name == JOB for field in contract.inputs):
        return query, None
    return {name: values for name, values in query.items() if name != JOB}, _job(query[JOB][0])


def _job(job_id: str | None) -> str | None:
    return None if job_id is None else checked_id(job_id)


def _asked(contract: Contract, query: dict[str, list[str]]) -> tuple[Key, dict[str, Any]]:
    """The key that a query asks for, and its values, written as in a cell of a table."""
    if any(len(values) > 1 for values in query.values()):
        raise Malformed("got a field twice, expected each once")
    key = Key(contract, list(query))
    fields = {field.name: field for field in contract.inputs}
    return key, {name: text_reader(fields[name])(values[0]) for name, values in query.items()}


def _since_ms(max_age_s: str | None) -> int:
    if max_age_s is None:
        return 0
    try:
        age = float(max_age_s)
    except ValueError:
        age = math.nan
    if not 0 <= age < math.inf:
        raise Malformed("max_age_s: expected a number of seconds, 0 or more")
    return max(0, now_ms() - int(min(age * 1000, 1e15)))


def _described(job: Job) -> dict[str, Any]:
    """A job as its clients see it."""
    moments = {name: getattr(job, f"{name}_ms") for name in ("created", "started", "finished")}
    rows_here, share_here = job.rows_done - job.resumed_rows, job.share * (1 - job.resumed_rows / max(1, job.rows_done))
    rate = rows_here / job.running_ms * 1000 if job.running_ms and rows_here > 0 else None
    left = job.running_ms / 1000 * (1 - job.share) / share_here if job.state == RUNNING and share_here > 0 else None
    return {
        **{name: getattr(job, name) for name in ("id", "pipeline", "state", "cancelling", "schedule", "format", "source", "mapping")},
        "key": list(job.key_fields),
        "variant": job.used_variant or job.variant,
        "release": job.release,
        **{f"{name}_at": None if value is None else moment(value) for name, value in moments.items()},
        **{name: getattr(job, name) for name in ("share", "rows_done", "rows_total", "bad_rows")},
        "running_s": job.running_ms / 1000,
        "rows_per_s": None if rate is None else round(rate, 1),
        "seconds_left": None if left is None else round(left, 1),
        "error": job.error,
    }
