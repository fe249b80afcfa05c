"""Files over HTTP: media types, encodings, conditions, ranges, folders."""

from __future__ import annotations

from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from tests.unit.server.small_site import FILES, SCRIPT, WASM, ask
from web.server.headers import IMMUTABLE, REVALIDATED
from web.server.static_files import DistFile, DistIndex

SCRIPT_PATH = "/assets/foreshore-1a2b.js"
WASM_PATH = "/assets/ort-3c4d.wasm"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/arrivals/", "text/html; charset=utf-8"),
        ("/foreshore.js", "text/javascript; charset=utf-8"),
        ("/assets/ort-3c4d.mjs", "text/javascript; charset=utf-8"),
        (WASM_PATH, "application/wasm"),
        ("/assets/style-5e6f.css", "text/css; charset=utf-8"),
        ("/channels/stable.json", "application/json"),
        ("/assets/eta-fp32-9c0d.onnx", "application/octet-stream"),
        ("/NOTICES.txt", "text/plain; charset=utf-8"),
        ("/LICENSE", "text/plain; charset=utf-8"),
    ],
)
def test_each_file_has_the_media_type_that_browsers_ask_for(url: str, path: str, media_type: str) -> None:
    assert ask(url, path).headers["content-type"] == media_type


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".html", ".js", ".mjs", ".wasm", ".css", ".json"))])
def test_brotli_twin_is_sent_and_holds_the_same_bytes(url: str, name: str) -> None:
    path = "/" + name.removesuffix("index.html")
    answer = ask(url, path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert brotli.decompress(answer.body) == FILES[name]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        (None, None),
        ("", None),
        ("br", "br"),
        ("BR", "br"),
        ("gzip, deflate", None),
        ("gzip, br;q=0", None),
        ("br;q=0, *", None),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0.1", "br"),
        ("br;q=0.5, identity", None),
        ("identity;q=0.5, br", "br"),
        ("identity;q=0", None),
        ("brotli", None),
        ("x-br", None),
        ("br;q=what", None),
        (";;,,=", None),
    ],
)
def test_encoding_follows_the_quality_values(url: str, accepted: str | None, encoding: str | None) -> None:
    answer = ask(url, SCRIPT_PATH, headers={} if accepted is None else {"Accept-Encoding": accepted})
    assert answer.status == 200
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"


@given(st.lists(st.tuples(st.sampled_from(["br", "gzip", "identity", "*", "zstd"]), st.sampled_from(["", ";q=0", ";q=0.3", ";q=1"]))))
def test_brotli_is_never_sent_to_a_client_that_refuses_it(small_dist: Path, entries: list[tuple[str, str]]) -> None:
    header = ", ".join(name + quality for name, quality in entries)
    file = DistIndex(small_dist).files[SCRIPT_PATH]
    assert isinstance(file, DistFile)
    headers = dict(file.get_response("HEAD", {"HTTP_ACCEPT_ENCODING": header}).headers)
    if parse_accept_header(header, Accept).quality("br") == 0:
        assert "Content-Encoding" not in headers


@pytest.mark.parametrize("name", ["assets/foreshore-1a2b.js.br", "_headers", ".hidden", "index.html.br"])
def test_what_is_not_meant_for_browsers_is_not_served(url: str, name: str) -> None:
    assert ask(url, f"/{name}").status == 404


@pytest.mark.parametrize("path", [SCRIPT_PATH, WASM_PATH, "/assets/pyodide-abcd/pyodide-lock.json"])
def test_hashed_files_are_kept_for_good(url: str, path: str) -> None:
    assert ask(url, path).headers["cache-control"] == IMMUTABLE


@pytest.mark.parametrize("path", ["/", "/arrivals/", "/arrivals", "/foreshore.js", "/channels/stable.json"])
def test_entry_points_are_asked_for_again(url: str, path: str) -> None:
    assert ask(url, path).headers["cache-control"] == REVALIDATED


@pytest.mark.parametrize("path", ["/", "/channels/stable.json", SCRIPT_PATH])
@pytest.mark.parametrize("encoding", ["br", "identity"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_an_unchanged_file_is_not_sent_again(url: str, path: str, encoding: str, form: str) -> None:
    accepting = {"Accept-Encoding": encoding}
    first = ask(url, path, headers=accepting)
    again = ask(url, path, headers=accepting | {"If-None-Match": form.format(first.headers["etag"])})
    assert (again.status, again.body) == (304, b"")
    kept = ("etag", "cache-control", "last-modified", "vary")
    assert [again.headers.get(name) for name in kept] == [first.headers.get(name) for name in kept]
    assert "content-type" not in again.headers


def test_an_unchanged_file_is_not_sent_again_to_who_only_knows_its_date(url: str) -> None:
    modified = ask(url, "/").headers["last-modified"]
    assert ask(url, "/", headers={"If-Modified-Since": modified}).status == 304
    assert ask(url, "/", headers={"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}).status == 200
    assert ask(url, "/", headers={"If-Modified-Since": "yesterday"}).status == 200


def test_another_tag_wins_over_an_equal_date(url: str) -> None:
    modified = ask(url, "/").headers["last-modified"]
    assert ask(url, "/", headers={"If-Modified-Since": modified, "If-None-Match": '"other"'}).status == 200


def test_each_encoding_has_its_own_tag(url: str) -> None:
    plain = ask(url, SCRIPT_PATH).headers["etag"]
    compressed = ask(url, SCRIPT_PATH, headers={"Accept-Encoding": "br"}).headers["etag"]
    assert plain != compressed
    assert ask(url, SCRIPT_PATH, headers={"If-None-Match": compressed}).status == 200


@pytest.mark.parametrize("path", ["/", SCRIPT_PATH, WASM_PATH, "/arrivals", "/healthz"])
@pytest.mark.parametrize("encoding", ["br", "identity"])
def test_head_says_what_get_says_without_the_body(url: str, path: str, encoding: str) -> None:
    got, headed = (ask(url, path, method, {"Accept-Encoding": encoding}) for method in ("GET", "HEAD"))
    volatile = {"date"}
    assert headed.body == b""
    assert headed.status == got.status
    if path != "/healthz":  # its uptime differs
        assert {**headed.headers, **dict.fromkeys(volatile, "")} == {**got.headers, **dict.fromkeys(volatile, "")}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", WASM[:1]),
        ("bytes=0-9", WASM[:10]),
        ("bytes=100-", WASM[100:]),
        ("bytes=-7", WASM[-7:]),
        ("bytes=-999999", WASM),
        ("bytes=4000-999999", WASM[4000:]),
    ],
)
def test_a_range_is_a_part_of_the_plain_bytes(url: str, asked: str, expected: bytes) -> None:
    answer = ask(url, WASM_PATH, headers={"Range": asked, "Accept-Encoding": "br"})
    assert (answer.status, answer.body) == (206, expected)
    assert "content-encoding" not in answer.headers
    first = WASM.index(expected) if asked != "bytes=-7" else len(WASM) - 7
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(WASM)}" or expected in WASM[first:]
    assert int(answer.headers["content-length"]) == len(expected)


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=5000-6000"])
def test_a_range_beyond_the_end_is_refused(url: str, asked: str) -> None:
    answer = ask(url, WASM_PATH, headers={"Range": asked})
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(WASM)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes", "bytes=-0", "bytes=--5"])
def test_a_range_that_makes_no_sense_gets_the_whole_file(url: str, asked: str) -> None:
    answer = ask(url, WASM_PATH, headers={"Range": asked})
    assert (answer.status, answer.body) == (200, WASM)


def test_a_download_is_resumed_only_if_the_file_is_still_the_same(url: str) -> None:
    known = ask(url, WASM_PATH).headers
    for condition in (known["etag"], known["last-modified"]):
        assert ask(url, WASM_PATH, headers={"Range": "bytes=9-", "If-Range": condition}).status == 206
    for condition in ('"other"', f"W/{known['etag']}", "Thu, 01 Jan 1970 00:00:00 GMT"):
        answer = ask(url, WASM_PATH, headers={"Range": "bytes=9-", "If-Range": condition})
        assert (answer.status, answer.body) == (200, WASM)


def test_an_empty_file_is_served(url: str) -> None:
    answer = ask(url, "/assets/empty-0000.txt")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/arrivals", "arrivals/"),
        ("/arrivals?engine=python", "arrivals/?engine=python"),
        ("/arrivals/index.html", "./"),
        ("/index.html", "./"),
    ],
)
def test_a_folder_has_one_address(url: str, path: str, location: str) -> None:
    answer = ask(url, path)
    assert (answer.status, answer.headers["location"]) == (302, location)


def test_a_range_answer_and_a_whole_one_agree(url: str) -> None:
    halves = [ask(url, SCRIPT_PATH, headers={"Range": f"bytes={span}"}).body for span in ("0-1999", "2000-")]
    assert b"".join(halves) == SCRIPT
