"""A headless Chromium for tests, driven through the DevTools protocol.

Only what the tests of the pages need: open, evaluate, resize, take pictures, print; everything
that a page asks for over the network and every error it reports is noted.
"""

import base64
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from websockets.sync.client import ClientConnection, connect

from warehouse.home.settings import DevelopmentSettings

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ADDRESS = re.compile(r"DevTools listening on (ws://\S+)")


def executable() -> str | None:
    """The browser on this machine: ECO_CHROMIUM, else the first known name on the path."""
    chosen = DevelopmentSettings.load().chromium
    return str(chosen) if chosen else next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A browser with one page. Use it as a context manager.

    `requests` are the addresses that were asked for since the last `open`, `problems` what the
    page reported: exceptions, console errors, failed loads.
    """

    def __init__(self, program: str) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="eco-chromium-", ignore_cleanup_errors=True
        )
        self._process = subprocess.Popen(
            [
                *(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio"),
                *("--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"),
                *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
                *("--remote-debugging-port=0", f"--user-data-dir={self._folder.name}"),
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._numbers = itertools.count(1)
        self.requests: list[str] = []
        self.problems: list[str] = []
        self._socket: ClientConnection = connect(self._address(), max_size=None)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session: str | None = None
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    _session: str | None = None

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if found := _ADDRESS.search(line):
                return found[1]
        raise RuntimeError(f"the browser did not start: exit code {self._process.wait()}")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its result."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        method, said = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = said["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", str(details)))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning"):
            self.problems.append(" ".join(str(a.get("value")) for a in said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.problems.append(said["entry"]["text"])

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """The size of the window in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )

    def open(self, page: Path | str) -> None:
        """Go to a file or an address."""
        self.call("Page.navigate", url="about:blank")
        self.requests.clear()
        self.problems.clear()
        self.call("Page.navigate", url=page.as_uri() if isinstance(page, Path) else page)
        # Until the load event has ended, a change of the address replaces the entry in the history.
        self.until("location.href !== 'about:blank' && performance.timing.loadEventEnd > 0")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for.

        It counts as an act of a person: without one, the browser may replace an entry of the
        history where a person's click would add one.
        """
        answer = self.call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, script: str, seconds: float = 20) -> Any:
        """The value of an expression as soon as it is true. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if value := self.run(script):
                    return value
            except RuntimeError as error:
                # The page is just being left, or what is asked about is not drawn yet.
                if not any(passing in str(error) for passing in ("navigated", "of null")):
                    raise
            time.sleep(0.02)
        raise TimeoutError(f"{script} did not become true; the page said {self.problems}")

    def picture(self, target: Path, *, whole: bool = False) -> None:
        """Save what is seen, or the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        target.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, target: Path) -> None:
        """Print the page."""
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        target.write_bytes(base64.b64decode(printed["data"]))
