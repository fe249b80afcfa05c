"""Answers that are not files: errors, in plain language for people and as JSON for programs."""

from __future__ import annotations

import html
from http import HTTPStatus

from flask import Response, jsonify, request

from web.server.headers import UNCACHED

MESSAGES = {
    400: "The server could not make sense of this request.",
    404: "There is nothing at this address. It may have moved, or it may have been mistyped.",
    405: "This address can only be read (GET or HEAD).",
    413: "The request is larger than this server accepts.",
    414: "This address is too long.",
    500: "Something went wrong on the server. It has been logged; trying again may help.",
    503: "The site is not ready to be served. Try again in a moment.",
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title} · Foreshore</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{message}</p>
<p><a href="{home}">Back to the start page</a></p>
</main>
</body>
</html>
"""


def error_response(status: int, message: str | None = None) -> Response:
    """Answer with `status` to the current request: a page if the client asks for HTML, else JSON.

    Parameters
    ----------
    status
        HTTP status, 400 to 599.
    message
        One or two sentences; by default those of `MESSAGES`.
    """
    text = message or MESSAGES.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
    response = Response(_page(status, text), mimetype="text/html") if _wants_html() else jsonify(status=status, message=text)
    response.status_code = status
    response.headers["Cache-Control"] = UNCACHED
    response.headers["Vary"] = "Accept"
    return response


def _wants_html() -> bool:
    """Browsers name text/html when they open a page; scripts and tools take anything."""
    accepted = request.accept_mimetypes
    named = any(value in ("text/html", "application/xhtml+xml", "text/*") for value, quality in accepted if quality > 0)
    return named and accepted["text/html"] >= accepted["application/json"]


def _page(status: int, message: str) -> str:
    home = html.escape(request.root_path + "/", quote=True)
    return PAGE.format(title=html.escape(HTTPStatus(status).phrase), message=html.escape(message), home=home)
