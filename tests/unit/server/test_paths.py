"""Addresses that no link of ours has: nothing outside the site is served, nothing breaks."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.server.small_site import FILES, SECRET, ask, send_raw

TRAVERSALS = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "//../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/%252e%252e/secret.txt",
    "/..%c0%afsecret.txt",
    "/./../secret.txt",
    "/assets/..;/..;/secret.txt",
    "/secret.txt%00.html",
    "/index.html%00",
    "/.hidden",
    "/%2ehidden",
]

ODD = [
    "/%00",
    "/%ff%fe",
    "/%",
    "/%zz",
    "/a%0d%0aSet-Cookie:%20x=1",
    "/%e2%80%ae",
    "//",
    "//evil.example/",
    "/assets",
    "/assets/",
    "/assets//foreshore-1a2b.js",
    "/assets/./foreshore-1a2b.js",
    "/ASSETS/foreshore-1a2b.js",
    "/healthz/",
    "/index.html/",
    "/NOTICES.txt/",
    "/con",
    "/" + "a" * 3000,
    "/" + "a/" * 1500,
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_nothing_outside_the_site_is_served(url: str, path: str) -> None:
    answer = ask(url, path)
    assert answer.status == 404
    assert SECRET.encode() not in answer.body


@pytest.mark.parametrize("path", ODD)
def test_an_odd_address_is_not_found(url: str, path: str) -> None:
    answer = ask(url, path)
    assert answer.status == 404
    assert "set-cookie" not in answer.headers


def test_an_escaped_slash_is_a_slash(url: str) -> None:
    assert ask(url, "/assets%2fforeshore-1a2b.js").body == FILES["assets/foreshore-1a2b.js"]


def test_an_address_that_is_too_long_is_refused(url: str) -> None:
    answer = ask(url, "/" + "a" * 100_000)
    assert (answer.status, answer.body) == (414, b"")


def test_headers_that_are_too_long_are_refused(url: str) -> None:
    assert ask(url, "/", headers={"X-Long": "a" * 20_000}).status in (400, 431)


@pytest.mark.parametrize("target", ["http://elsewhere.example/arrivals/", "/arrivals/?a=1&b=2", "/arrivals/#part"])
def test_every_form_of_a_target_leads_to_the_same_page(url: str, target: str) -> None:
    assert ask(url, target).body == FILES["arrivals/index.html"]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\nBad\x00Name: 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_politely(url: str, request_bytes: bytes) -> None:
    answer = send_raw(url, request_bytes)
    assert answer.status == 400
    assert answer.body == b""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-embedder-policy"] == "require-corp"


@settings(max_examples=150, deadline=None)  # real requests: their time is not under test
@given(st.binary(max_size=60))
def test_any_bytes_in_a_path_get_an_answer_from_the_site_or_none(url: str, raw: bytes) -> None:
    answer = ask(url, "/" + quote(raw, safe="/.%"))
    assert answer.status in (200, 302, 404)
    assert SECRET.encode() not in answer.body
    assert answer.status != 200 or answer.body in FILES.values()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["..", ".", "", "assets", "index.html", "secret.txt", "%2e%2e", "%2f", "\\", "%00"]), max_size=8))
def test_no_way_of_climbing_leaves_the_site(url: str, segments: list[str]) -> None:
    answer = ask(url, "/" + "/".join(segments))
    assert answer.status in (200, 302, 404)
    assert SECRET.encode() not in answer.body
