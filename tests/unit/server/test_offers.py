"""What the server does for pages is said with the channel, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.server.small_site import ask
from web.server.offers import HEADER
from web.server.testing import server_process

CHANNEL = "/channels/stable.json"
OFFERED = HEADER.lower()


def test_the_channel_says_what_is_offered_whether_it_changed_or_not(url: str) -> None:
    whole = ask(url, CHANNEL)
    unchanged = ask(url, CHANNEL, headers={"If-None-Match": whole.headers["etag"]})
    assert (whole.status, unchanged.status) == (200, 304)
    assert "predict" in whole.headers[OFFERED].split(", ")
    assert unchanged.headers[OFFERED] == whole.headers[OFFERED]


def test_look_ups_are_offered_where_there_are_jobs(small_dist: Path, tmp_path: Path) -> None:
    with server_process(small_dist, settings={"FORESHORE_DATA": str(tmp_path / "data")}) as server:
        assert ask(server.url, CHANNEL).headers[OFFERED] == "predict, lookup"


@pytest.mark.parametrize("path", ["/", "/foreshore.js", "/healthz", "/channels"])
def test_nothing_else_does(url: str, path: str) -> None:
    assert OFFERED not in ask(url, path).headers


@pytest.mark.parametrize("settings", [{"FORESHORE_PREDICTIONS": "0"}, {"FORESHORE_API_KEYS": "0" * 64}])
def test_where_no_page_may_ask_nothing_is_offered(small_dist: Path, settings: dict[str, str]) -> None:
    with server_process(small_dist, settings=settings) as server:
        assert OFFERED not in ask(server.url, CHANNEL).headers
