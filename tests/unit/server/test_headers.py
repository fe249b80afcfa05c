"""The headers of our server, and the `_headers` file that gives static hosts the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.server.small_site import ask
from web.server.headers import CACHE_RULES, Header, cache_control, render_headers_file, security_headers
from web.server.testing import running_server

SERVED = [
    "/",
    "/arrivals/",
    "/see/",
    "/foreshore.js",
    "/NOTICES.txt",
    "/channels/stable.json",
    "/releases/1111222233334444/release.json",
    "/assets/foreshore-1a2b.js",
    "/assets/ort-3c4d.wasm",
    "/assets/pyodide-abcd/pyodide-lock.json",
]

Rule = tuple[re.Pattern[str], list[Header]]


def parse(text: str) -> list[Rule]:
    """Rules of a `_headers` file, read as its hosts document it and not as the server writes it."""
    rules: list[Rule] = []
    for line in text.splitlines():
        if line.startswith("/"):
            rules.append((compile_pattern(line), []))
        elif line.strip():
            name, value = line.strip().split(": ", 1)
            rules[-1][1].append((name, value))
    return rules


def compile_pattern(pattern: str) -> re.Pattern[str]:
    literal = re.escape(pattern).replace(r"\*", ".*")
    return re.compile(re.sub(r":[a-z]+", "[^/]+", literal))


def host_headers(path: str) -> dict[str, str]:
    """What a static host adds: all rules that match, equal names joined by commas."""
    found: dict[str, list[str]] = {}
    for pattern, headers in parse(render_headers_file()):
        if pattern.fullmatch(path):
            for name, value in headers:
                found.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(dict.fromkeys(values)) for name, values in found.items()}


@pytest.mark.parametrize("path", SERVED)
def test_a_static_host_and_our_server_send_the_same_headers(url: str, path: str) -> None:
    sent = ask(url, path).headers
    promised = host_headers(path)
    assert {name: sent.get(name) for name in promised} == promised
    assert {name.lower() for name, _ in security_headers()} | {"cache-control"} == set(promised)


@pytest.mark.parametrize(("path", "camera"), [("/", "()"), ("/arrivals/", "()"), ("/seen/", "()"), ("/see/", "(self)")])
def test_the_see_page_alone_may_ask_for_the_camera_and_for_nothing_else(url: str, path: str, camera: str) -> None:
    entries = ask(url, path).headers["permissions-policy"].split(", ")
    features = dict(entry.split("=") for entry in entries)  # of equal keys the last one counts, as in RFC 8941
    assert features.pop("camera") == camera
    assert set(features.values()) == {"()"}


@given(st.lists(st.sampled_from(["assets", "releases", "channels", "arrivals", "index.html", "a-1.js"]), max_size=4), st.booleans())
def test_no_file_gets_two_cache_rules_that_differ(segments: list[str], folder: bool) -> None:
    path = "/" + "/".join(segments) + ("/" if folder and segments else "")
    assume(path not in ("/assets/", "/releases/", "/channels/"))  # folders without an index
    matching = {value for pattern, value in CACHE_RULES if compile_pattern(pattern).fullmatch(path)}
    assert len(matching) <= 1
    assert matching <= {cache_control(path)}


def test_the_file_stays_within_the_limits_of_its_hosts() -> None:
    text = render_headers_file()
    assert len(parse(text)) <= 100
    assert max(len(line) for line in text.splitlines()) <= 2000
    assert all(line.count("*") <= 1 for line in text.splitlines() if line.startswith("/"))


def test_no_script_is_evaluated_or_inlined_and_nothing_comes_from_elsewhere() -> None:
    policy = dict(security_headers())["Content-Security-Policy"]
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert "'unsafe-" not in policy
    sources = {source for value in directives.values() for source in value.split()}
    assert sources <= {"'self'", "'none'", "'wasm-unsafe-eval'", "data:", "blob:"}


@pytest.mark.parametrize("path", ["/", "/assets/foreshore-1a2b.js", "/nowhere", "/healthz"])
def test_without_isolation_only_coop_and_coep_are_missing(url: str, small_dist: Path, path: str) -> None:
    with running_server(small_dist, isolation=False) as plain_url:
        plain, isolated = ask(plain_url, path).headers, ask(url, path).headers
    assert set(isolated) - set(plain) == {"cross-origin-opener-policy", "cross-origin-embedder-policy"}


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/", "GET", {}, 200),
        ("/", "HEAD", {}, 200),
        ("/arrivals", "GET", {}, 302),
        ("/see", "GET", {}, 302),
        ("/", "GET", {"If-None-Match": "*"}, 304),
        ("/assets/ort-3c4d.wasm", "GET", {"Range": "bytes=0-9"}, 206),
        ("/assets/ort-3c4d.wasm", "GET", {"Range": "bytes=999999-"}, 416),
        ("/nowhere", "GET", {}, 404),
        ("/nowhere", "GET", {"Accept": "text/html"}, 404),
        ("/", "DELETE", {}, 405),
        ("/", "POST", {"Content-Length": "99999999"}, 413),
        ("/" + "a" * 5000, "GET", {}, 414),
        ("/healthz", "GET", {}, 200),
    ],
)
def test_every_kind_of_answer_carries_the_security_headers(url: str, path: str, method: str, headers: dict[str, str], status: int) -> None:
    answer = ask(url, path, method, headers)
    assert answer.status == status
    expected = {name.lower(): value for name, value in security_headers()}
    assert {name: answer.headers.get(name) for name in expected} == expected
