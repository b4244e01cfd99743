"""Drive Debian's Chromium over its DevTools socket: open a page at a size and colour scheme, wait, take a picture."""

import base64
import json
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from websockets.sync.client import connect

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"),
    *("--disable-quic", "--no-first-run", "--disable-background-networking"),  # it talks to nobody but us
    *("--disable-component-update", "--disable-sync"),
]
START_S = 30.0


class Browser:
    """A headless Chromium with one page: `with Browser() as browser: browser.open(url)`."""

    def __init__(self) -> None:
        """Start Chromium; raise FileNotFoundError when it is not installed."""
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if program is None:
            raise FileNotFoundError("Chromium is not installed: apt-get install chromium")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._socket = connect(self._page_address(), max_size=None)
        self._count = 0
        self._patience_s = START_S
        self.console: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _page_address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:  # it prints the address of its socket once it listens
            if line.startswith("DevTools listening on "):
                base = line.split("ws://")[1].split("/")[0]
                with urllib.request.urlopen(f"http://{base}/json/list", timeout=START_S) as answer:
                    pages = [target for target in json.load(answer) if target["type"] == "page"]
                return str(pages[0]["webSocketDebuggerUrl"])
        raise ConnectionError("Chromium ended before it listened.")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one DevTools command and return its result; what the page logs meanwhile goes to `console`."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=self._patience_s))
            if told.get("id") == self._count:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']['message']}")
                return dict(told["result"])
            if told.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                self.console.append(json.dumps(told["params"]))

    def look(self, width: int, height: int, scheme: str, ratio: float = 1.0, phone: bool = False) -> None:
        """Choose the size in CSS pixels, `light` or `dark`, and the device's pixel ratio."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=ratio, mobile=phone
        )
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url: str) -> None:
        """Go to a page."""
        self.call("Page.navigate", url=url)

    def evaluate(self, script: str, within_s: float = START_S) -> Any:
        """Return the value of an expression in the page, a promise's value once it is there."""
        self._patience_s = within_s
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        self._patience_s = START_S
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def wait_for(self, condition: str, within_s: float = 20.0) -> None:
        """Return once an expression in the page is true; raise TimeoutError."""
        script = (
            f"new Promise((done) => {{ const end = performance.now() + {within_s * 1000}; const look = () => "
            f"({condition}) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 50); look(); }})"
        )
        if not self.evaluate(script):
            raise TimeoutError(f"not so within {within_s} s: {condition}")

    def picture(self, path: Path) -> None:
        """Write what the page shows as PNG."""
        shot = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def __enter__(self) -> "Browser":
        """Give the running browser."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End Chromium and forget its profile."""
        self._socket.close()
        self._process.terminate()
        self._process.wait(10)
        self._profile.cleanup()
