"""A rebuild replaces the folder by renaming while the server hands it out."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from tests.unit.server.small_site import Answer, ask, write_site
from web.server import static_site
from web.server.app import create_app
from web.server.config import Config
from web.server.static_files import DistIndex
from web.server.static_site import RELIST_AFTER_S
from web.server.testing import RunningServer, server_process


def generation(number: int) -> dict[str, bytes]:
    """A site whose common files differ in content and length each time, and whose assets have other names."""
    content = f"{number} ".encode() * (50 + number * 13)
    name = f"assets/app-{hashlib.sha256(content).hexdigest()[:8]}.js"
    return {"index.html": content, "foreshore.js": content, name: content}


def asset_of(number: int) -> str:
    return "/" + list(generation(number))[-1]


def write_generation(folder: Path, number: int) -> Path:
    return write_site(folder, release=f"{number:016x}", files=generation(number))


def swap(dist: Path, number: int) -> None:
    """Replace the site as the build does: written beside, moved into place."""
    following = write_generation(dist.with_name("dist.next"), number)
    previous = dist.with_name("dist.previous")
    os.rename(dist, previous)
    os.rename(following, dist)
    shutil.rmtree(previous)


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    return write_generation(tmp_path / "dist", 0)


@pytest.fixture
def server(changing: Path) -> Iterator[RunningServer]:
    with server_process(changing, "--log-level", "warning") as running:
        yield running


def test_the_new_site_is_served_at_once(server: RunningServer, changing: Path) -> None:
    for number in range(1, 6):
        swap(changing, number)
        content = generation(number)["index.html"]
        assert ask(server.url, asset_of(number)).body == content
        assert ask(server.url, "/").body == content
        assert ask(server.url, "/foreshore.js", "HEAD").headers["content-length"] == str(len(content))
        assert ask(server.url, asset_of(number - 1)).status == 404


def test_a_new_site_is_seen_right_after_a_miss(server: RunningServer, changing: Path) -> None:
    assert ask(server.url, "/favicon.ico").status == 404
    swap(changing, 1)
    assert ask(server.url, asset_of(1)).status == 200


def test_who_revalidates_gets_the_new_site(server: RunningServer, changing: Path) -> None:
    tag = ask(server.url, "/").headers["etag"]
    assert ask(server.url, "/", headers={"If-None-Match": tag}).status == 304
    swap(changing, 1)
    answer = ask(server.url, "/", headers={"If-None-Match": tag})
    assert (answer.status, answer.body) == (200, generation(1)["index.html"])


def test_equal_length_and_date_do_not_hide_a_change(server: RunningServer, changing: Path) -> None:
    page = changing / "index.html"
    os.utime(page, (1_000_000_000, 1_000_000_000))
    first = ask(server.url, "/")
    swapped = first.body.replace(b"0", b"9")
    following = page.with_name("next.html")
    following.write_bytes(swapped)
    os.utime(following, (1_000_000_000, 1_000_000_000))
    os.rename(following, page)
    again = ask(server.url, "/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (200, swapped)
    assert again.headers["last-modified"] == first.headers["last-modified"]


def test_a_file_changed_in_place_is_served_as_it_is(server: RunningServer, changing: Path) -> None:
    (changing / "index.html").write_bytes(b"shorter")
    assert ask(server.url, "/").body == b"shorter"
    (changing / "index.html").unlink()
    assert ask(server.url, "/").status == 404


def test_a_file_added_deep_inside_is_found_soon(server: RunningServer, changing: Path) -> None:
    folder = changing / "assets" / "samples-0000"
    folder.mkdir()
    assert ask(server.url, "/assets/samples-0000/day.json").status == 404
    (folder / "day.json").write_text("{}")
    threading.Event().wait(RELIST_AFTER_S)
    assert ask(server.url, "/assets/samples-0000/day.json").status == 200


def test_clients_never_notice_a_swap(server: RunningServer, changing: Path) -> None:
    generations = 25
    contents = {generation(number)["index.html"] for number in range(generations)}
    answers: list[Answer] = []
    done = threading.Event()

    def read_on() -> None:
        while not done.is_set():
            answers.extend(ask(server.url, path) for path in ("/", "/foreshore.js"))

    readers = [threading.Thread(target=read_on) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for number in range(1, generations):
            swap(changing, number)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert {answer.status for answer in answers} == {200}
    assert {answer.body for answer in answers} <= contents
    assert len({answer.body for answer in answers}) > 2


def test_who_asks_between_two_folders_waits_for_the_next(server: RunningServer, changing: Path) -> None:
    content = generation(1)["index.html"]
    following = write_generation(changing.with_name("dist.next"), 1)
    os.rename(changing, changing.with_name("dist.previous"))
    moving = threading.Timer(0.1, os.rename, (following, changing))
    moving.start()
    answers = [ask(server.url, path) for path in ("/", asset_of(1))]
    moving.join()
    assert [(answer.status, answer.body) for answer in answers] == [(200, content)] * 2


def test_a_link_to_nowhere_hides_nothing_else(server: RunningServer, changing: Path) -> None:
    (changing / "assets" / "nowhere.js").symlink_to("gone.js")
    (changing / "added.txt").write_text("added")
    assert ask(server.url, "/added.txt").status == 200
    assert ask(server.url, "/assets/nowhere.js").status == 404


def test_a_file_that_cannot_be_opened_is_an_error_and_is_logged(server: RunningServer, changing: Path) -> None:
    assert ask(server.url, "/").status == 200
    (changing / "index.html").unlink()
    (changing / "index.html").symlink_to("index.html")
    answer = ask(server.url, "/", headers={"Accept": "text/html"})
    assert answer.status == 500
    assert b"Something went wrong on the server" in answer.body
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert ask(server.url, "/foreshore.js").status == 200
    assert 'unexpected error at path="/"' in server.log()


def swap_after_listing(monkeypatch: pytest.MonkeyPatch, dist: Path, numbers: Iterator[int]) -> None:
    """Replace the site right after each listing of it, so that the listing is outdated, while there are numbers."""

    def list_then_swap(folder: Path | None = None) -> DistIndex:
        index = DistIndex(folder)
        for number in islice(numbers, 1):
            swap(dist, number)
        return index

    monkeypatch.setattr(static_site, "DistIndex", list_then_swap)


def test_a_request_outlasts_several_swaps(monkeypatch: pytest.MonkeyPatch, changing: Path) -> None:
    swap_after_listing(monkeypatch, changing, iter(range(1, 8)))
    client = create_app(Config(dist=changing, log_level="critical", predictions=False)).test_client()
    answer = client.get("/", buffered=True)
    assert (answer.status_code, answer.data) == (200, generation(7)["index.html"])


def test_a_site_that_never_rests_is_asked_for_later(monkeypatch: pytest.MonkeyPatch, changing: Path) -> None:
    monkeypatch.setattr(static_site, "SWAP_WAIT_S", 0.2)
    swap_after_listing(monkeypatch, changing, count(1))
    client = create_app(Config(dist=changing, log_level="critical", predictions=False)).test_client()
    answer = client.get("/", buffered=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    monkeypatch.undo()
    assert client.get("/", buffered=True).status_code == 200


def test_a_site_that_vanishes_and_returns(server: RunningServer, changing: Path) -> None:
    away = changing.with_name("away")
    os.rename(changing, away)
    assert [ask(server.url, path).status for path in ("/", "/foreshore.js", "/healthz")] == [503, 503, 503]
    os.rename(away, changing)
    assert [ask(server.url, path).status for path in ("/", "/foreshore.js", "/healthz")] == [200, 200, 200]
