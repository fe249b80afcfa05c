"""Stock WebKitGTK, driven by its own WebDriver under a virtual X display."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from packing.browsers import Browsers

AWAITED = "const done = arguments[arguments.length - 1]; (async () => (%s))().then(value => done([value]), error => done(String(error)))"


class WebKitError(RuntimeError):
    """An expression threw in the page."""


class BrowserLostError(RuntimeError):
    """MiniBrowser itself has ended, not a page in it; the message ends with what it and its driver had to say."""


class VirtualDisplay:
    """An X server of our own on a free display number."""

    def __init__(self, xvfb: Path) -> None:
        reader, writer = os.pipe()
        command = [str(xvfb), "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-terminate"]
        self._process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as numbers:
            self.name = f":{numbers.readline().strip()}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


class WebKit:
    """One tab of a MiniBrowser of our own.

    `shared_memory` turns on SharedArrayBuffer, which WebKitGTK leaves off even where a page is isolated.
    """

    def __init__(self, browsers: Browsers, *, shared_memory: bool = True) -> None:
        assert browsers.webkit_driver
        assert browsers.mini_browser
        self._browsers, self._shared_memory = browsers, shared_memory
        self._start()

    def restart(self) -> None:
        """Begin anew with a new browser, after the old one has ended."""
        self._end_processes()
        self._start()

    def _start(self) -> None:
        browsers = self._browsers
        self._display = VirtualDisplay(browsers.xvfb) if browsers.xvfb else None
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the browser
        self._service = Service(
            str(browsers.webkit_driver),
            env=self._environment(),
            log_output=self._output,
            popen_kw={"start_new_session": True},
        )
        options = Options()
        options.binary_location = str(browsers.mini_browser)
        options.add_argument("--automation")
        try:
            self._service.start()
            address = ClientConfig(remote_server_addr=self._service.service_url)
            self._driver = webdriver.Remote(RemoteConnection(client_config=address), options=options)
            self._driver.set_script_timeout(600)
        except BaseException:
            self._end_processes()
            raise

    def goto(self, url: str) -> None:
        self._driver.get(url)

    def evaluate(self, expression: str) -> Any:
        try:
            answer = self._driver.execute_async_script(AWAITED % expression)
        except WebDriverException as error:
            if not self.processes("MiniBrowser"):
                raise BrowserLostError(f"MiniBrowser has ended: {self._said()}") from error
            raise
        if isinstance(answer, str):
            raise WebKitError(answer)
        return answer[0]

    def click(self, selector: str) -> None:
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def screenshot(self, path: Path) -> None:
        self._driver.save_screenshot(str(path))

    def errors(self) -> list[str]:
        """Always empty: the driver gives no access to the console."""
        return []

    def processes(self, program: str) -> list[int]:
        """Numbers of those processes in the driver's group that run the program; a dead one is none."""
        command = ["ps", "-A", "-o", "pid=,pgid=,stat=,comm="]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows = [line.split(maxsplit=3) for line in listed.splitlines()]
        group = str(self._service.process.pid)
        return [int(pid) for pid, of, state, name in rows if of == group and name == program[:15] and not state.startswith("Z")]

    def close(self) -> None:
        try:
            self._driver.quit()
        finally:
            self._end_processes()

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "JSC_useSharedArrayBuffer": str(int(self._shared_memory))}
        if self._display:
            environment["DISPLAY"] = self._display.name
        if os.geteuid() == 0:
            # Its sandbox refuses to start for root; only pages of our own are opened.
            environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        return environment

    def _said(self) -> str:
        self._output.seek(0)
        return self._output.read()[-2000:] or "nothing was said"

    def _end_processes(self) -> None:
        """End the driver's process group: a crashed MiniBrowser can outlive its driver."""
        process = getattr(self._service, "process", None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if self._display:
            self._display.close()
        self._output.close()
