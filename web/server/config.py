"""The settings of the server, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from web.server.errors import ConfigError

ENVIRONMENT_PREFIX = "FORESHORE_"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder where several processes count together; its name is that of prometheus-client."""
SHA256 = re.compile(r"[0-9a-f]{64}")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?|\*")
COUNTS = ("max_body_bytes", "max_wait_ms", "batch_wait_ms", "requests_per_minute", "trusted_proxies")
SIZES = (
    *("max_predict_bytes", "max_rows", "max_in_flight", "max_upload_s", "predict_timeout_ms"),
    *("queue_limit", "batch_rows", "model_memory_bytes", "ort_threads"),
    *("max_upload_bytes", "queued_jobs", "job_days", "job_lease_s"),
)
DATABASE = re.compile(r"(sqlite:///|postgresql\+psycopg://).+")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class Config:
    """Settings of the server.

    Attributes
    ----------
    dist
        Folder that the build wrote.
    isolation
        Whether pages are cross-origin isolated (COOP and COEP). Without it browsers withhold shared memory, and with
        it threads: only for looking at the page as a plain host would serve it.
    channel
        Channel whose release `/healthz` checks.
    log_level
        One of `LOG_LEVELS`; requests are logged at "info".
    max_body_bytes
        Requests that announce a larger body are refused unread; those for predictions have a limit of their own.
    predictions
        Whether predictions are answered over HTTP.
    max_predict_bytes
        The same limit for requests for predictions.
    max_rows
        How many rows, or records, one of them may hold.
    max_in_flight
        How many of them each process answers at once; the other threads are left to the site.
    max_wait_ms
        A request that waited longer for a thread is refused (429) at once.
    max_upload_s
        The longest that the body of a request may take to arrive; of the uploads and downloads of jobs, each mebibyte.
    predict_timeout_ms
        The longest that a request waits for its model.
    queue_limit
        How many requests may wait for one model; further ones are refused (429).
    batch_rows, batch_wait_ms
        Requests of one model are joined up to so many rows; one waits at most so long for others that are being read.
    model_memory_bytes
        What the models of each process may take, about; those not used for longest are let go of.
    ort_threads
        Processor threads of one model's run.
    api_keys
        SHA-256 of each key that may ask, in hexadecimal; none: everybody may.
    requests_per_minute
        What one client may ask of each process; 0: no limit.
    trusted_proxies
        How many proxies in front add to X-Forwarded-For; 0: a client is its address.
    cors_origins
        Origins whose pages may ask, such as https://example.org; none by default.
    metrics
        Whether /metrics is answered.
    data
        Folder of jobs: uploads, results and, by default, the database. None: no jobs are taken.
    database
        URL of the database, `sqlite:///…` or `postgresql+psycopg://…`; None: SQLite in `data`.
    batch_inputs
        Folder whose files jobs may name; None: what a job reads is uploaded.
    max_upload_bytes
        The largest upload of a job.
    queued_jobs
        How many jobs may wait; further ones are refused (429).
    job_days
        So many days after its end a job is removed, with its files and answers.
    job_lease_s
        A running job whose runner was not heard of for so long is taken over by another.
    """

    dist: Path = Path("dist")
    isolation: bool = True
    channel: str = "stable"
    log_level: str = "info"
    max_body_bytes: int = 1 << 20
    predictions: bool = True
    max_predict_bytes: int = 16 << 20
    max_rows: int = 10_000
    max_in_flight: int = 12
    max_wait_ms: int = 2_000
    max_upload_s: int = 30
    predict_timeout_ms: int = 10_000
    queue_limit: int = 16
    batch_rows: int = 256
    batch_wait_ms: int = 2
    model_memory_bytes: int = 512 << 20
    ort_threads: int = 1
    api_keys: tuple[str, ...] = ()
    requests_per_minute: int = 0
    trusted_proxies: int = 0
    cors_origins: tuple[str, ...] = ()
    metrics: bool = True
    data: Path | None = None
    database: str | None = None
    batch_inputs: Path | None = None
    max_upload_bytes: int = 1 << 30
    queued_jobs: int = 100
    job_days: int = 7
    job_lease_s: int = 15

    def __post_init__(self) -> None:
        if self.log_level not in LOG_LEVELS:
            raise ConfigError(f"log_level: got {self.log_level!r}, expected one of {', '.join(LOG_LEVELS)}")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", self.channel):
            raise ConfigError(f"channel: got {self.channel!r}, expected lower-case letters and digits, such as stable")
        for names, least in ((COUNTS, 0), (SIZES, 1)):
            for name in names:
                if getattr(self, name) < least:
                    raise ConfigError(f"{name}: got {getattr(self, name)}, expected {least} or more")
        self._check_words("api_keys", SHA256, "SHA-256 of a key in 64 hexadecimal digits")
        self._check_words("cors_origins", ORIGIN, "an origin such as https://example.org")
        if self.database is not None and not DATABASE.fullmatch(self.database):  # which may hold a password, so it is not shown
            raise ConfigError("database: expected sqlite:///path or postgresql+psycopg://user@host/name")

    def _check_words(self, name: str, pattern: re.Pattern[str], expected: str) -> None:
        for place, word in enumerate(getattr(self, name), start=1):
            if not pattern.fullmatch(word):  # which may be a key itself, so it is not shown
                raise ConfigError(f"{name}: number {place} is not {expected}")

    @property
    def takes_jobs(self) -> bool:
        """Whether jobs are offered."""
        return self.predictions and self.data is not None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Config from variables such as `FORESHORE_DIST`; what is not set keeps its default.

        Parameters
        ----------
        environment
            Usually `os.environ`. `FORESHORE_` and the name of an attribute in capitals; switches take 1 or 0,
            lists are separated by commas.

        Raises
        ------
        ConfigError
            If a value can't be read or makes no sense.

        Examples
        --------
        >>> Config.from_environment({"FORESHORE_ISOLATION": "0"}).isolation
        False
        """
        settings = {
            name: _read(environment[ENVIRONMENT_PREFIX + name.upper()], name, reader)
            for name, reader in _READERS.items()
            if ENVIRONMENT_PREFIX + name.upper() in environment
        }
        return cls(**settings)  # type: ignore[arg-type]  # each reader gives the type of its attribute


def _read(text: str, name: str, reader: Callable[[str], object]) -> object:
    try:
        return reader(text)
    except ValueError as error:
        raise ConfigError(f"{ENVIRONMENT_PREFIX}{name.upper()}: got {text!r}, expected {error}") from error


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("1 or 0")
    return text == "1"


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number, 0 or more")
    return int(text)


def _folder(text: str) -> Path:
    if not text:
        raise ValueError("a folder")
    return Path(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


_READERS: dict[str, Callable[[str], object]] = {
    "dist": Path,
    "isolation": _switch,
    "channel": str,
    "log_level": str.lower,
    "predictions": _switch,
    "metrics": _switch,
    "api_keys": _words,
    "cors_origins": _words,
    "data": _folder,
    "database": str,
    "batch_inputs": _folder,
    **dict.fromkeys((*COUNTS, *SIZES), _count),
}
