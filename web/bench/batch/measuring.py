"""The Batch page at work in a headless browser: rows a second, and what memory that takes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Playwright

from packing.errors import BuildError
from web.bench.chromium import fresh_chromium

PAGE = "/batch/"
LIMIT_S = 900
POLL_MS = 50
WORKER = "batch-worker"
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.M)


@dataclass(frozen=True, slots=True)
class Setting:
    """What answers.

    Attributes
    ----------
    form : str
        Of the file: "csv", "parquet".
    variant, engine : str
    threads : int
        Of the model.
    rows : int or None
        None where the whole file is meant.
    """

    form: str
    variant: str
    engine: str
    threads: int
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One job from the click to its end.

    Attributes
    ----------
    rows, bad : int
    job_s : float
        From the first byte read to the last answer stored.
    wall_s : float
        From the click: the file's copy and, at first, the model's start as well.
    js_heap_bytes : int
        The most that was seen in the worker that reads and stores, buffers included.
    """

    rows: int
    bad: int
    job_s: float
    wall_s: float
    js_heap_bytes: int

    @property
    def rows_per_s(self) -> float:
        """Rows a second, of the job."""
        return self.rows / self.job_s


@dataclass(frozen=True, slots=True)
class Measured:
    """Runs of one setting in one fresh browser, the first of which finds nothing warm.

    Attributes
    ----------
    setting : Setting
    runs : sequence of Run
    rss_bytes : int or None
        The renderer process's peak, WebAssembly and all; None where the system does not tell.
    user_agent : str
    """

    setting: Setting
    runs: Sequence[Run]
    rss_bytes: int | None
    user_agent: str


def measure(
    playwright: Playwright, where: tuple[str, str], file: Path, setting: Setting, runs: int, tell: Callable[[str], None]
) -> Measured:
    """Answer a file over and over.

    Parameters
    ----------
    playwright : Playwright
    where : (str, str)
        The site's address, and the pipeline's name.
    file : Path
    setting : Setting
    runs : int
    tell : callable
        Told what is under way.

    Raises
    ------
    BuildError
        If the page fails, or does not end.
    """
    with fresh_chromium(playwright) as browser:
        page = browser.new_page()
        workers = _Workers(page)
        page.goto(f"{where[0]}{PAGE}?pipeline={where[1]}")
        page.wait_for_selector("body[data-state=ready]")
        done = []
        for number in range(runs):
            tell(f"{setting.form}, {setting.variant}, {setting.engine}, {setting.threads} threads: run {number + 1} of {runs}")
            done.append(_run(page, workers, file, setting))
        rss = _peak_rss(browser.new_browser_cdp_session())
        return Measured(setting, done, rss, str(page.evaluate("navigator.userAgent")))


def _run(page: Page, workers: _Workers, file: Path, setting: Setting) -> Run:
    page.set_input_files("[data-testid=file]", file)
    for name, value in (("variant", setting.variant), ("engine", setting.engine), ("threads", str(setting.threads))):
        select = page.get_by_test_id(name)
        if select.is_enabled():
            select.select_option(value)
    heap = 0
    started = time.monotonic()
    page.get_by_test_id("start").click()
    while (state := _state(page)) != "done":
        if time.monotonic() - started > LIMIT_S:
            raise BuildError(f"{PAGE}: the job was not done after {LIMIT_S} s; open it in a browser and look")
        heap = max(heap, workers.heap_bytes(WORKER))
        if state in ("failed", "unfinished", "cancelled"):
            raise BuildError(f"{PAGE} ended in state {state!r}: {' '.join(page.inner_text('.panel').split())}")
        page.wait_for_timeout(POLL_MS)
    wall_s = time.monotonic() - started
    job = page.get_by_test_id("job")
    rows, bad, elapsed_ms = (float(job.get_attribute(f"data-{name}") or 0) for name in ("rows", "bad", "elapsed"))
    page.get_by_test_id("delete-job").click()
    page.get_by_text("No jobs yet").wait_for()
    return Run(int(rows), int(bad), elapsed_ms / 1000, wall_s, heap)


def _state(page: Page) -> str:
    """Of the job that is shown, or "failed" where none could be begun."""
    if page.get_by_test_id("start-failure").count():
        return "failed"
    job = page.get_by_test_id("job")
    return str(job.get_attribute("data-status")) if job.count() else "preparing"


class _Workers:
    """The page's workers, asked over the browser's debugging protocol."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._targets: dict[str, str] = {}
        self._answers: dict[int, dict[str, Any]] = {}
        self._asked = 0
        self._session.on("Target.attachedToTarget", lambda event: self._targets.update({event["targetInfo"]["url"]: event["sessionId"]}))
        self._session.on("Target.receivedMessageFromTarget", lambda event: self._take(json.loads(event["message"])))
        self._session.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False})

    def heap_bytes(self, name: str) -> int:
        """What a worker's heap holds now; 0 where it does not say in time."""
        for session in [session for url, session in self._targets.items() if name in url]:
            usage = self._ask(session, "Runtime.getHeapUsage")
            return int(usage.get("usedSize", 0) + usage.get("backingStorageSize", 0))
        return 0

    def _ask(self, session: str, method: str) -> dict[str, Any]:
        self._asked += 1
        asked = self._asked
        message = json.dumps({"id": asked, "method": method, "params": {}})
        self._session.send("Target.sendMessageToTarget", {"sessionId": session, "message": message})
        deadline = time.monotonic() + 1
        while asked not in self._answers and time.monotonic() < deadline:
            self._page.wait_for_timeout(5)
        return dict(self._answers.pop(asked, {}).get("result", {}))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message


def _peak_rss(session: CDPSession) -> int | None:
    """The largest of the browser's renderers."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return max((peak for each in processes if each["type"] == "renderer" and (peak := _peak_of(each["id"]))), default=None)


def _peak_of(process: int) -> int | None:
    try:
        found = PEAK.search(Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


@contextmanager
def first_rows(file: Path, rows: int | None, folder: Path) -> Iterator[Path]:
    """The file, or one with its header and first rows (of a CSV file)."""
    if rows is None:
        yield file
        return
    part = folder / f"{file.stem}-{rows}{file.suffix}"
    with file.open(encoding="utf-8") as source:
        part.write_text("".join(line for line, _ in zip(source, range(rows + 1), strict=False)), encoding="utf-8")
    yield part
    part.unlink()
