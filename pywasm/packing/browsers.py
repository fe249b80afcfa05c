"""Finds the browsers that measurements and tests drive, and installs those that are missing.

Chromium is required. Firefox and WebKitGTK carry a smaller set of tests: where they can neither be found nor
installed, that set is skipped and says why.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packing.debian import install_packages, is_debian_root, run_shown, tell
from packing.errors import BuildError

ENGINES = ("chromium", "firefox", "webkit")

DEBIAN_PACKAGES = {
    "chromium": "chromium",
    "firefox": "firefox-esr",
    "webkit_driver": "webkit2gtk-driver",
    "xvfb": "xvfb",
}

WELL_KNOWN = {
    "chromium": (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "microsoft-edge",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "C:/Program Files/Google/Chrome/Application/chrome.exe",
        "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    ),
    "firefox": (
        "firefox-esr",
        "firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        "C:/Program Files/Mozilla Firefox/firefox.exe",
    ),
    "webkit_driver": ("WebKitWebDriver",),
    "xvfb": ("Xvfb",),
}

MINI_BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/lib*/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser"


PARTS = {"chromium": ("chromium",), "firefox": ("firefox",), "webkit": ("webkit_driver", "xvfb")}
"""What each engine takes, by the names above."""


class BrowserSetupError(BuildError):
    """No browser to work with, and why none could be had."""


@dataclass(frozen=True)
class Browsers:
    """Paths of what was found; None where there is nothing.

    `managed` names the engines that Playwright brings itself ("chromium", "firefox", "webkit").
    """

    chromium: Path | None = None
    firefox: Path | None = None
    webkit_driver: Path | None = None
    xvfb: Path | None = None
    mini_browser: Path | None = None
    managed: frozenset[str] = frozenset()

    @property
    def has_webkitgtk(self) -> bool:
        """Whether stock WebKitGTK can be driven."""
        return bool(self.webkit_driver and self.mini_browser and (self.xvfb or os.environ.get("DISPLAY")))

    def engines(self) -> frozenset[str]:
        """The engines that a test can open, of "chromium", "firefox" and "webkit"."""
        stock = {"chromium": self.chromium, "firefox": self.firefox, "webkit": self.has_webkitgtk}
        return self.managed | {name for name, found in stock.items() if found}


def ensure_browsers(engines: Sequence[str] = ENGINES) -> Browsers:
    """The browsers to work with, installed first where that is possible.

    Parameters
    ----------
    engines : sequence of str
        Those that are wanted, of `ENGINES`; "chromium" is among them.

    Raises
    ------
    BrowserSetupError
        If there is no Chromium after every way of getting one was tried.
    """
    browsers = find_browsers()
    if missing := missing_engines(browsers, engines):
        tell(f"browsers to install: {', '.join(missing)}")
        problem = install_from_debian(browsers, missing) if is_debian_root() else install_from_playwright(missing)
        browsers = find_browsers()
        _report(missing_engines(browsers, engines), problem)
    return browsers


def find_browsers() -> Browsers:
    """What this machine has, without installing anything."""
    found = {name: _first_found(places) for name, places in WELL_KNOWN.items()}
    mini_browser = next((path for pattern in MINI_BROWSERS for path in sorted(Path("/").glob(pattern[1:]))), None)
    return Browsers(**found, mini_browser=mini_browser, managed=_managed_engines())


def missing_engines(browsers: Browsers, engines: Sequence[str] = ENGINES) -> list[str]:
    """The engines that cannot be opened yet."""
    return [name for name in engines if name not in browsers.engines()]


def install_from_debian(browsers: Browsers, engines: Sequence[str]) -> str:
    """Install with apt-get what engines lack; what went wrong, or nothing."""
    parts = [part for name in engines for part in PARTS[name]]
    packages = [DEBIAN_PACKAGES[part] for part in parts if getattr(browsers, part) is None]
    return install_packages(packages)


def install_from_playwright(engines: Sequence[str]) -> str:
    """Let Playwright download its own engines; what went wrong, or nothing."""
    problems = [run_shown([sys.executable, "-m", "playwright", "install", engine], dict(os.environ)) for engine in engines]
    return "; ".join(problem for problem in problems if problem)


def _report(missing: Sequence[str], problem: str) -> None:
    """Say what is still missing; without Chromium nothing can be measured or tested."""
    for name in missing:
        tell(f"{name}: not found and could not be installed ({problem or 'no error reported'}); what needs it will be skipped")
    if "chromium" in missing:
        raise BrowserSetupError(
            "chromium: none found on PATH or in the usual places, and installing it failed: "
            f"{problem or 'it installed, yet is not on PATH'}. "
            "Install Chromium or Google Chrome, or check the network and run this again."
        )


def _first_found(places: tuple[str, ...]) -> Path | None:
    for place in places:
        if found := shutil.which(place):
            return Path(found)
    return None


def _managed_engines() -> frozenset[str]:
    """The engines that an earlier `playwright install` left on this machine."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or _playwright_folder())
    return frozenset(name for name in ("chromium", "firefox", "webkit") if any(folder.glob(f"{name}-*/INSTALLATION_COMPLETE")))


def _playwright_folder() -> Path:
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "ms-playwright"
    if sys.platform == "win32":
        return home / "AppData" / "Local" / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "ms-playwright"
