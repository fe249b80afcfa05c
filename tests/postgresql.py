"""A PostgreSQL of one's own for a while: a fresh cluster in a temporary folder, reached by a socket in there alone."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

START_LIMIT_S = 60.0
OWNER = "owner"
INITIALISED = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL."""

    folder: Path

    def new_database(self) -> str:
        """URL of an empty database, as `FORESHORE_DATABASE` takes it."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"


@contextmanager
def running_cluster(programs: Path) -> Iterator[Cluster]:
    """A cluster while this lasts; PostgreSQL refuses to run as root, so root starts it as another user.

    Parameters
    ----------
    programs : Path
        Folder of `initdb` and `postgres`.
    """
    folder = Path(tempfile.mkdtemp(prefix="foreshore-postgresql-", dir="/tmp"))  # paths of sockets must be short
    identity = _identity(folder)
    try:
        data = folder / "data"
        initialise: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            OWNER,
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]
        subprocess.run(initialise, check=True, capture_output=True, cwd=folder, **identity)
        settings = ["listen_addresses=", "fsync=off", "shared_buffers=16MB", "max_connections=40"]
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, *(word for each in settings for word in ("-c", each))]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **identity)
        try:
            _wait_until_it_answers(folder, process)
            yield Cluster(folder)
        finally:
            process.send_signal(signal.SIGINT)  # its fast way to stop, which waits for no client
            process.wait(START_LIMIT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait_until_it_answers(folder: Path, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_LIMIT_S
    while True:
        try:
            psycopg.connect(host=str(folder), user=OWNER, dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}") from error
            time.sleep(0.05)
