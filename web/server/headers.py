"""The one source of the headers that every response carries, whoever serves the site.

Our own server asks `security_headers` and `cache_control`; a static host reads the same rules from the `_headers`
file that `render_headers_file` writes. Patterns are those of that file: `*` matches anything, `:name` matches up to
the next slash. No file matches two cache rules that differ, because hosts join the values of all that match.

References
----------
Netlify, "Custom headers"; Cloudflare Pages, "Headers": the format of `_headers`.
HTML, 7.1 "Origins" (cross-origin isolation); CSP Level 3; RFC 9111 and RFC 8246 (caching, immutable).
"""

from __future__ import annotations

import re
from functools import cache

Header = tuple[str, str]

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Pages work on what the visitor types or opens, so no device has to be asked for; a page that needs one says so in PAGE_RULES.
PERMISSIONS_POLICY = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")

ISOLATION_HEADERS: tuple[Header, ...] = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
)
COMMON_HEADERS: tuple[Header, ...] = (
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in CONTENT_SECURITY_POLICY.items())),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in PERMISSIONS_POLICY)),
)

PAGE_RULES: tuple[tuple[str, Header], ...] = (("/see/*", ("Permissions-Policy", "camera=(self)")),)
"""What a page adds to the value of everyone's header. Hosts join the two, and of equal keys the last one counts (RFC 8941, 3.2)."""

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
UNCACHED = "no-store"

CACHE_RULES: tuple[tuple[str, str], ...] = (
    ("/assets/*", IMMUTABLE),
    ("/releases/*", IMMUTABLE),
    ("/channels/*", REVALIDATED),
    ("/", REVALIDATED),
    ("/:page", REVALIDATED),
    ("/:page/", REVALIDATED),
)


def security_headers(path: str = "/", *, isolation: bool = True) -> tuple[Header, ...]:
    """Headers of every response for a path, errors included; without `isolation`, those of a host that can't isolate.

    Examples
    --------
    >>> dict(security_headers("/see/"))["Permissions-Policy"]
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), camera=(self)'
    """
    added = [header for pattern, header in PAGE_RULES if _expression(pattern).fullmatch(path)]
    common = tuple((name, ", ".join([value, *(more for one, more in added if one == name)])) for name, value in COMMON_HEADERS)
    return ISOLATION_HEADERS + common if isolation else common


def cache_control(path: str) -> str:
    """`Cache-Control` of the file at `path`, the part of its URL that begins with the site's first slash.

    Examples
    --------
    >>> cache_control("/assets/app-1a2b.js"), cache_control("/arrivals/")
    ('public, max-age=31536000, immutable', 'no-cache')
    """
    return next((value for pattern, value in CACHE_RULES if _expression(pattern).fullmatch(path)), REVALIDATED)


def render_headers_file() -> str:
    """Text of `_headers`, which Netlify, Cloudflare Pages and others like them read."""
    pages = [(pattern, (header,)) for pattern, header in PAGE_RULES]
    rules = [("/*", security_headers()), *pages, *((pattern, (("Cache-Control", value),)) for pattern, value in CACHE_RULES)]
    return "".join(_render_rule(pattern, headers) for pattern, headers in rules)


def _render_rule(pattern: str, headers: tuple[Header, ...]) -> str:
    return "\n".join([pattern, *(f"  {name}: {value}" for name, value in headers)]) + "\n"


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*|:\w+)", pattern)
    return re.compile("".join(_expression_part(part) for part in parts), re.DOTALL)


def _expression_part(part: str) -> str:
    if part == "*":
        return ".*"
    return "[^/]+" if part.startswith(":") else re.escape(part)
