"""The process that works through jobs: `python -m web.server.jobs.runner`.

It takes its settings from the environment, as the server does. Any number of them may run beside each other.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

from web.server.config import Config
from web.server.errors import ConfigError
from web.server.jobs.answers import Answers
from web.server.jobs.database import Database
from web.server.jobs.files import JobFiles
from web.server.jobs.models import Job
from web.server.jobs.queue import LeaseLostError, Queue
from web.server.jobs.schedules import Schedules
from web.server.jobs.supervision import PARENT
from web.server.prediction.catalogue import Catalogue, ReleasedPipeline
from web.server.prediction.errors import Refusal
from web.server.requestlog import LOGGER, write_to_stderr

if TYPE_CHECKING:
    from web.server.jobs.run import Run

POLL_S = 0.5
PULSE_S = 1.0
CLEAN_EVERY_S = 600.0
LAST_TRIES = 5
"""How often a runner that stops tries to say what has become of its job, where the database does not answer."""
NICENESS = 10
"""Who asks the server and waits goes before jobs."""


class Runner:
    """Works through jobs, one at a time, until it is told to stop.

    Parameters
    ----------
    config : Config
        With a folder of data.
    parent : int or None
        A process that it does not outlive.

    Attributes
    ----------
    is_stopping : bool
        Set it to have the runner stop after the chunk at hand.
    """

    def __init__(self, config: Config, parent: int | None = None) -> None:
        assert config.data is not None
        self.is_stopping = False
        self._parent = parent
        self._name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._catalogue = Catalogue(config.dist.absolute(), config.channel)
        self._database = Database(config)
        self._queue, self._answers = Queue(self._database, config), Answers(self._database)
        self._files = JobFiles(config.data, config.batch_inputs)
        self._schedules = Schedules(self._catalogue.current, self._database, self._queue, self._files)
        self._run: Run | None = None
        self._ended = threading.Event()
        self._cleaned_at = -CLEAN_EVERY_S

    def run(self) -> bool:
        """Work until told to stop; true if it is to be started anew, because there is another release, and so perhaps other code."""
        pulse = threading.Thread(target=self._beat, name="pulse")
        pulse.start()
        try:
            return self._work()
        finally:
            self._ended.set()
            pulse.join()
            self._database.close()

    def _work(self) -> bool:
        first = self._catalogue.current().id
        while not self.is_stopping:
            release = self._catalogue.current().id
            if release != first and release is not None:
                return True
            job = self._claimed()
            if job is None:
                time.sleep(POLL_S)
            else:
                self._do(job)
        return False

    def _claimed(self) -> Job | None:
        try:
            self._clean()
            return self._queue.claim(self._name)
        except Refusal:  # the database has said so in the log
            time.sleep(PULSE_S)
            return None

    def _do(self, job: Job) -> None:
        from web.server.jobs.run import Run  # and with it what reads tables and runs models: an idle runner is small

        LOGGER.info("job %s of %s: begun", job.id, job.pipeline)
        run = self._run = Run(job, self._name, self._queue, self._answers, self._files, lambda: self.is_stopping)
        settle = run.work(lambda: self._pipeline(job))
        self._run = None
        for _ in range(LAST_TRIES if self.is_stopping else sys.maxsize):
            try:
                settle()
            except LeaseLostError:
                LOGGER.warning("job %s: given up, another runner has it", job.id)
            except Refusal:
                time.sleep(PULSE_S)
                continue
            break

    def _pipeline(self, job: Job) -> ReleasedPipeline:
        return self._catalogue.current().pipeline(job.pipeline)

    def _clean(self) -> None:
        """Remove what is too old, now and then."""
        if time.monotonic() - self._cleaned_at >= CLEAN_EVERY_S:
            self._cleaned_at = time.monotonic()
            for job_id in self._queue.remove_old():
                self._files.remove(job_id)
            self._files.remove_forgotten(self._queue.known)

    def _beat(self) -> None:
        """What must go on while a job runs."""
        while not self._ended.wait(PULSE_S):
            if self._parent is not None and os.getppid() != self._parent:
                self.is_stopping = True
            try:
                run = self._run
                if run is not None:
                    run.pulse()
                self._schedules.fire_due()
            except Refusal:  # the database has said so in the log; the next beat tries again
                continue
            except Exception as error:
                LOGGER.error("unexpected error in the runner's pulse", exc_info=error)


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    try:
        config = Config.from_environment(os.environ)
        if not config.takes_jobs:
            raise ConfigError("FORESHORE_DATA: got none, expected a folder for jobs (and FORESHORE_PREDICTIONS may not be 0)")
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write_to_stderr(config.log_level)
    if hasattr(os, "nice"):
        os.nice(NICENESS - os.nice(0))
    parent = os.environ.get(PARENT, "")
    runner = Runner(config, int(parent) if parent.isdecimal() else None)

    def stop(_: int, __: FrameType | None) -> None:
        runner.is_stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    again = runner.run()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # from here on there is nothing to finish; whoever came before has been heard
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if again and not runner.is_stopping:
        LOGGER.info("there is another release: starting anew")
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606
    return 0


if __name__ == "__main__":
    sys.exit(main())
