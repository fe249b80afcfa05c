"""A small site as the build lays it out, and a client that shows exactly what a server answers."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import brotli

WASM = b"\0asm\1\0\0\0" + bytes(4096)
SCRIPT = b"export const answer = 42;\n" * 200
SECRET = "nobody may read this"  # noqa: S105

FILES: Mapping[str, bytes] = {
    "index.html": b"<!doctype html><title>Start</title>" + b"<p>Hello</p>" * 100,
    "arrivals/index.html": b"<!doctype html><title>Arrivals</title>" + b"<p>Late</p>" * 100,
    "see/index.html": b"<!doctype html><title>See</title>" + b"<p>A cat</p>" * 100,
    "foreshore.js": b'export * from "./assets/foreshore-1a2b.js";\n' * 20,
    "assets/foreshore-1a2b.js": SCRIPT,
    "assets/ort-3c4d.mjs": SCRIPT,
    "assets/ort-3c4d.wasm": WASM,
    "assets/style-5e6f.css": b"body { margin: 0 }\n" * 100,
    "assets/eta-card-7a8b.json": json.dumps({"card": ["eta"] * 200}).encode(),
    "assets/eta-fp32-9c0d.onnx": bytes(range(256)) * 40,
    "assets/pyodide-abcd/pyodide-lock.json": json.dumps({"packages": ["numpy"] * 200}).encode(),
    "assets/empty-0000.txt": b"",
    "NOTICES.txt": b"Notices.\n" * 50,
    "LICENSE": b"Apache-2.0\n" * 50,
    "_headers": b"/*\n",
    ".hidden": SECRET.encode(),
}
TWINNED = (".html", ".js", ".mjs", ".wasm", ".css", ".json")


def write_site(folder: Path, release: str = "1111222233334444", files: Mapping[str, bytes] = FILES) -> Path:
    """Write a site with one release to `folder`, brotli twins included."""
    for name, content in files.items():
        _write(folder / name, content)
        if name.endswith(TWINNED):
            _write(folder / f"{name}.br", brotli.compress(content))
    listed = {name: {"size_bytes": len(content)} for name, content in files.items() if name.startswith("assets/")}
    manifest = json.dumps({"format": 1, "id": release, "files": listed}).encode()
    _write(folder / "releases" / release / "release.json", manifest)
    pointer = {"release": release, "manifest": f"releases/{release}/release.json", "sequence": 1}
    pointer["sha256"] = hashlib.sha256(manifest).hexdigest()
    _write(folder / "channels" / "stable.json", json.dumps(pointer).encode())
    return folder


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@dataclass(frozen=True)
class Answer:
    """A response as it came over the wire; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(url: str, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
    """Send one request, with `path` as it is and no header but `headers` and Host."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, _single(response), response.read())
    finally:
        connection.close()


def _single(response: http.client.HTTPResponse) -> dict[str, str]:
    """Headers by name; a header sent twice is joined, as a browser does, and so never goes unnoticed."""
    joined: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def connect(url: str) -> socket.socket:
    """Bare connection to the server at `url`."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=60)


def send_raw(url: str, request: bytes) -> Answer:
    """Send bytes that need not be a request, and read the answer up to its end."""
    with connect(url) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Answer(response.status, _single(response), response.read())
