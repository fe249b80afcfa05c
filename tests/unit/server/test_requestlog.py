"""The request log: one line each, and nothing in it that a visitor typed."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.server.small_site import FILES, ask, send_raw
from web.server.requestlog import LONGEST_PATH, printable_path, request_line
from web.server.testing import RunningServer, server_process

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO "
    r'method=(?P<method>[A-Z]+) path=(?P<path>"(?:[^"\\]|\\.)*") status=(?P<status>\d{3}) bytes=(?P<bytes>\d+) ms=\d+\.\d\d'
)


def logged(server: RunningServer, marker: str) -> list[dict[str, str]]:
    """Lines whose path holds `marker`, waited for: a line is written after its answer is sent."""
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        matches = [LINE.fullmatch(line) for line in server.log().splitlines()]
        found = [match.groupdict() for match in matches if match and marker in match["path"]]
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing logged with {marker} in its path:\n{server.log()}")


def test_a_line_says_what_was_answered(server: RunningServer) -> None:
    ask(server.url, "/assets/style-5e6f.css")
    assert logged(server, "style-5e6f")[-1] == {
        "method": "GET",
        "path": '"/assets/style-5e6f.css"',
        "status": "200",
        "bytes": str(len(FILES["assets/style-5e6f.css"])),
    }


@pytest.mark.parametrize(("method", "marker"), [("HEAD", "assets/eta-card"), ("GET", "assets/eta-fp32")])
def test_bytes_are_those_of_the_body(server: RunningServer, method: str, marker: str) -> None:
    name = next(name for name in FILES if name.startswith(marker))
    headers = {"Range": "bytes=10-19"} if method == "GET" else {}
    ask(server.url, f"/{name}", method, headers)
    assert logged(server, marker)[-1]["bytes"] == ("10" if method == "GET" else "0")


def test_nothing_typed_reaches_the_log(small_dist: Path) -> None:
    with server_process(small_dist) as server:
        typed = {
            "Referer": "http://x/?typed-1",
            "User-Agent": "typed-2",
            "Cookie": "typed-3",
            "Authorization": "Basic dHlwZWQtNTo=",
        }
        ask(server.url, "/arrivals/?flight=typed-6#typed-7", headers=typed)
        ask(server.url, "/arrivals?typed-8", "POST", body=b"typed-9")
        ask(server.url, "/nowhere?typed-10")
        send_raw(server.url, b"GET /?typed-11 HTTP/9.9\r\n\r\n")
        send_raw(server.url, b"GET /nowhere HTTP/1.1\r\nHost: typed-4\r\nConnection: close\r\n\r\n")
        send_raw(server.url, b"typed-12\r\n\r\n")
        ask(server.url, "/the-end")
        assert len(logged(server, "the-end")) == 1
        assert server.stop() == 0
        log = server.log()
    assert "typed" not in log
    assert "dHlwZWQ" not in log
    assert all(LINE.fullmatch(line) for line in log.splitlines()), log
    assert log.count("status=400") == 2


def test_a_path_cannot_forge_a_line(server: RunningServer) -> None:
    ask(server.url, "/forged%0a2026-01-01T00:00:00.000Z%20INFO%20method=GET%20path=%22/%1b[31m%22")
    assert logged(server, "forged")[-1]["path"] == r'"/forged\n2026-01-01T00:00:00.000Z INFO method=GET path=\"/\u001b[31m\""'


def test_a_long_path_is_cut(server: RunningServer) -> None:
    ask(server.url, "/long-" + "x" * 3000)
    assert len(logged(server, "/long-")[-1]["path"]) == LONGEST_PATH + len('"..."')


@given(st.text(max_size=500))
@example("\x7f\x85\u2028\U0001f6eb\ud800")
def test_any_path_is_one_printable_word_in_ascii(path: str) -> None:
    shown = printable_path(path)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= LONGEST_PATH * 12 + 5
    assert path.startswith(json.loads(shown).removesuffix("...")) or len(path) > LONGEST_PATH


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_method_and_path_make_one_line(method: str, path: str) -> None:
    line = request_line(method, path, 200, 1, 0.5)
    assert LINE.fullmatch(f"2026-01-01T00:00:00.000Z INFO {line}")


def test_no_line_is_written_above_level_info(small_dist: Path) -> None:
    with server_process(small_dist, "--log-level", "warning") as server:
        ask(server.url, "/")
        assert server.stop() == 0
        assert server.log() == ""
