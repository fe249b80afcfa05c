"""What people and programs read when there is nothing to serve."""

from __future__ import annotations

import json

import pytest

from tests.unit.server.small_site import ask
from web.server.pages import MESSAGES

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def test_a_person_reads_a_page(url: str) -> None:
    answer = ask(url, "/nowhere", headers={"Accept": BROWSER})
    page = answer.body.decode()
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address" in page
    assert '<html lang="en">' in page
    assert '<a href="/">' in page
    assert "style=" not in page
    assert '<link rel="icon" href="data:,">' in page  # or browsers ask for /favicon.ico, and are told 404 again
    assert "<script" not in page


@pytest.mark.parametrize("accepted", ["application/json", "*/*", None, "application/json, text/html;q=0.5", "text/html;q=0, */*"])
def test_a_program_reads_json(url: str, accepted: str | None) -> None:
    answer = ask(url, "/nowhere", headers={} if accepted is None else {"Accept": accepted})
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert json.loads(answer.body) == {
        "status": 404,
        "message": MESSAGES[404],
    }


def test_the_address_is_not_repeated_in_the_page(url: str) -> None:
    answer = ask(url, "/<script>alert(1)</script>", headers={"Accept": BROWSER})
    assert answer.status == 404
    assert b"<script" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/assets/foreshore-1a2b.js", "/arrivals", "/nowhere", "/healthz"])
def test_only_get_and_head_are_allowed(url: str, method: str, path: str) -> None:
    answer = ask(url, path, method)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_body_that_is_too_large_is_refused_unread(url: str) -> None:
    assert ask(url, "/", "POST", {"Content-Length": str(1 << 40)}).status == 413


def test_a_body_that_nobody_reads_does_not_disturb_the_next_request(url: str) -> None:
    assert ask(url, "/", "POST", body=b"x" * 100_000).status == 405
    assert ask(url, "/", "GET", body=b"GET /secret HTTP/1.1\r\n\r\n").status == 200


@pytest.mark.parametrize("path", ["/nowhere", "/assets/foreshore-gone.js", "/releases/gone/release.json"])
def test_errors_are_never_kept(url: str, path: str) -> None:
    assert ask(url, path).headers["cache-control"] == "no-store"
