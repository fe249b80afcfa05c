"""`/healthz` tells whether there is a release to serve, and if not, why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.server.small_site import ask, write_site
from web.server.errors import DistError
from web.server.health import current_release
from web.server.testing import server_process

RELEASE = "1111222233334444"
WASM = "assets/ort-3c4d.wasm"
MANIFEST = f"releases/{RELEASE}/release.json"


def report(url: str) -> tuple[int, dict[str, Any]]:
    answer = ask(url, "/healthz")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status, json.loads(answer.body)


def test_a_good_site_is_healthy(url: str) -> None:
    status, health = report(url)
    assert status == 200
    assert (health["status"], health["release"]) == ("ok", RELEASE)
    assert health["uptime_s"] >= 0
    assert report(url)[1]["uptime_s"] >= health["uptime_s"]


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "channel missing": (lambda dist: (dist / "channels/stable.json").unlink(), "channels/stable.json can't be read (No such file"),
    "channel truncated": (lambda dist: (dist / "channels/stable.json").write_text('{"release": '), "channels/stable.json is not JSON"),
    "channel not text": (lambda dist: (dist / "channels/stable.json").write_bytes(b"\xff\xfe\xff"), "channels/stable.json is not JSON"),
    "channel a list": (lambda dist: (dist / "channels/stable.json").write_text("[]"), "channels/stable.json is not a JSON object"),
    "no manifest named": (lambda dist: edit(dist / "channels/stable.json", manifest=7), "got manifest 7, expected text"),
    "manifest outside": (lambda dist: edit(dist / "channels/stable.json", manifest="../secret.txt"), "lies outside the site"),
    "manifest missing": (lambda dist: (dist / MANIFEST).unlink(), f"{MANIFEST} can't be read"),
    "manifest changed": (lambda dist: edit(dist / MANIFEST, extra=1), f"{MANIFEST} does not match the hash"),
    "other release": (lambda dist: edit(dist / "channels/stable.json", release="9" * 16), f"got id {RELEASE}, expected 9999"),
    "file missing": (lambda dist: (dist / WASM).unlink(), f"{WASM} can't be read"),
    "file truncated": (
        lambda dist: (dist / WASM).write_bytes(b"\0asm"),
        f"{WASM}: got 4 bytes, expected 4104",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_site_is_reported_with_the_reason(own_dist: Path, name: str) -> None:
    damage, reason = DAMAGE[name]
    assert current_release(own_dist, "stable") == RELEASE
    damage(own_dist)
    with pytest.raises(DistError) as caught:
        current_release(own_dist, "stable")
    assert reason in str(caught.value)
    assert "run python3 build.py build" in str(caught.value)
    assert str(own_dist) not in str(caught.value)


def test_health_follows_the_folder_while_the_server_runs(tmp_path: Path) -> None:
    dist = write_site(tmp_path / "dist")
    with server_process(dist) as server:
        assert report(server.url)[0] == 200
        (dist / "channels" / "stable.json").unlink()
        status, health = report(server.url)
        assert (status, health["status"], health["release"]) == (503, "unavailable", None)
        assert "channels/stable.json" in health["reason"]
        shutil.rmtree(dist)
        status, health = report(server.url)
        assert (status, health["reason"]) == (503, "there is no built site: run python3 build.py build")
        page = ask(server.url, "/", headers={"Accept": "text/html"})
        assert page.status == 503
        assert b"run python3 build.py build" in page.body
        write_site(dist, release="5555666677778888")
        assert report(server.url)[1]["release"] == "5555666677778888"
        assert ask(server.url, "/").status == 200
