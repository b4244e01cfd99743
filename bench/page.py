"""What the live page costs browser and server: `python -m bench.page [--json FILE] [--parts PART ...]`.

Needs Chromium and Mosquitto (`apt-get install chromium mosquitto`) and, for the peer, npm. Everything on loopback; each
mat publishes 20 live pictures a second of somebody who rocks.

frame_ms: CPU time of the browser's main thread for each frame drawn, with 1 and 4 mats on the broker, at 1x and 6x CPU
slow-down; dropped: share of the frames due at 20 a second that were not drawn. canvas_ is our page without uPlot,
peer_ a page as Node-RED's dashboard draws it: Chart.js with animation off, the same four numbers, chart of 30 s, no
pads, rhythm, steps or list.
first_load_bytes: everything the browser fetched to show the page, compressed, with headers.
heap_growth_bytes: JavaScript heap after `--minutes`, collected, less that after the first minute: the chart fills in
half a minute, and what runs often is compiled.
server_cpu_share, server_rss_mb: the page's process with 5 watchers and one mat at 10 Hz.
pixel_p50_ms, pixel_p99_ms: from a step of the force on the emulated FSRs to the line on the canvas, through ADC,
driver, pipeline, broker and page, at 10 live pictures a second.
"""

import argparse
import json
import math
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Console
from rich.table import Table

from bench.browser import Browser
from bench.page_peer import serve_peer
from bench.page_pixel import pixel_delays
from qlmat.core.model import Contact, Contacts, Movement, Practice, Tick
from qlmat.core.plan import Plan
from qlmat.dashboard.process import PageProcess, start_process
from qlmat.payloads import encode, live_payload, plan_payload, state_payload
from tests.dashboard.browsers import EventStream
from tests.shell.brokers import Mosquitto

RATE_HZ = 20.0
SIZE = (1280, 800)
COUNT = """(() => { const real = window.requestAnimationFrame; window.qlFrames = 0;
  window.requestAnimationFrame = (call) => real((t) => { window.qlFrames += 1; call(t); }); })()"""
FETCHED = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""


class Rockers:
    """Mats on the broker: each publishes what somebody who rocks twelve times a minute would."""

    def __init__(self, port: int, mats: int, rate_hz: float) -> None:
        self._names = [f"mat-{n}" for n in range(1, mats + 1)]
        self._period_s = 1.0 / rate_hz
        self._ending = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        for name in self._names:
            self._client.publish(f"qlmat/{name}/plan", encode(plan_payload(Plan())), retain=True)
        self._thread = threading.Thread(target=self._rock)
        self._thread.start()

    def _rock(self) -> None:
        began_s, turn = time.monotonic(), 0
        while not self._ending.wait(max(0.0, began_s + turn * self._period_s - time.monotonic())):
            tick = _tick(turn * self._period_s)
            for name in self._names:
                self._client.publish(f"qlmat/{name}/live", encode(live_payload(tick)))
                if turn % round(1.0 / self._period_s) == 0:
                    self._client.publish(f"qlmat/{name}/state", encode(state_payload(tick, 70.0, 0)))
            turn += 1

    def close(self) -> None:
        """Stop telling and leave the broker."""
        self._ending.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()


def _tick(t_s: float) -> Tick:
    swing = math.sin(2.0 * math.pi * 0.2 * t_s)
    contacts = Contacts(t_s, Contact(92.0 + 14.0 * swing, (18.0 * swing, -5.0), True), Contact(0.4, None, False))
    cue = "too_fast" if t_s % 30.0 > 28.0 else None
    cycles = int(t_s * 0.2)
    return Tick(
        t_s, contacts, Movement("left", "rock", 0.2, None, cycles), Practice("working", "left", t_s, 90.0), (), cue
    )


@contextmanager
def rocking(port: int, mats: int = 1, rate_hz: float = RATE_HZ) -> Iterator[None]:
    """Have somebody rock on each mat."""
    rockers = Rockers(port, mats, rate_hz)
    try:
        yield
    finally:
        rockers.close()


def frames(browser: Browser, url: str, ready: str, slow_down: float, seconds: float) -> dict[str, float]:
    """Watch a page draw: main-thread milliseconds a frame, and the share of due frames that were dropped."""
    browser.look(*SIZE, "light")
    browser.call("Emulation.setCPUThrottlingRate", rate=1)
    browser.open(url)
    browser.wait_for(ready, 40.0)
    browser.call("Emulation.setCPUThrottlingRate", rate=slow_down)
    browser.evaluate("new Promise((done) => setTimeout(done, 3000))")  # the opening is not the running
    before, drawn_before = _task_s(browser), browser.evaluate("window.qlFrames")
    began_s = time.monotonic()
    browser.evaluate(f"new Promise((done) => setTimeout(done, {seconds * 1000}))", seconds + 60.0)
    took_s = time.monotonic() - began_s
    drawn = browser.evaluate("window.qlFrames") - drawn_before
    busy_s = _task_s(browser) - before
    browser.call("Emulation.setCPUThrottlingRate", rate=1)
    dropped = max(0.0, 1.0 - drawn / (took_s * RATE_HZ))
    return {"frame_ms": 1000.0 * busy_s / drawn, "dropped": dropped, "busy": busy_s / took_s}


def _task_s(browser: Browser) -> float:
    told = browser.call("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in told if metric["name"] == "TaskDuration"))


def all_frames(broker: Mosquitto, page: PageProcess, seconds: float) -> dict[str, float]:
    """Measure our page with uPlot and without, and the peer."""
    figures: dict[str, float] = {}
    live = "document.body?.dataset.link === 'live' && document.querySelector('#chart').dataset.chart"
    with ExitStack() as closing:
        peer = closing.enter_context(serve_peer(page.url))
        for name, mats, url, blocked in (
            ("uplot_1_mat", 1, page.url, []),
            ("uplot_4_mats", 4, page.url, []),
            ("canvas_1_mat", 1, page.url, ["*/uplot.js"]),
            ("peer_1_mat", 1, peer, []),
        ):
            with rocking(broker.port, mats), Browser() as browser:
                browser.call("Performance.enable", timeDomain="threadTicks")
                browser.call("Page.addScriptToEvaluateOnNewDocument", source=COUNT)
                browser.call("Network.setBlockedURLs", urls=blocked)
                for slow_down in (1, 6):
                    found = frames(browser, url, "window.peerLive" if url == peer else live, slow_down, seconds)
                    figures |= {f"{key}_{name}_{slow_down}x": value for key, value in found.items()}
    return figures


def heap_growth(broker: Mosquitto, page: PageProcess, minutes: float) -> dict[str, float]:
    """Let the page run and compare its heap, collected, with that after its first minute."""
    with rocking(broker.port), Browser() as browser:
        browser.look(*SIZE, "light")
        browser.open(page.url)
        browser.wait_for("document.body?.dataset.link === 'live'")
        browser.wait_for("document.querySelector('#force').textContent > 0")
        fetched = browser.evaluate(FETCHED)
        for _ in range(6):
            browser.evaluate("new Promise((done) => setTimeout(done, 10000))")
        before = _heap(browser)
        for _ in range(round(minutes * 6)):
            browser.evaluate("new Promise((done) => setTimeout(done, 10000))")
        return {"first_load_bytes": fetched, "heap_bytes": before, "heap_growth_bytes": _heap(browser) - before}


def _heap(browser: Browser) -> float:
    browser.call("HeapProfiler.collectGarbage")
    return float(browser.call("Runtime.getHeapUsage")["usedSize"])


def server_cost(broker: Mosquitto, page: PageProcess, seconds: float) -> dict[str, float]:
    """Measure the page's process while five watch one mat at 10 Hz."""
    ending = threading.Event()

    def watch() -> None:
        stream = EventStream(page.url)
        while not ending.is_set():
            stream.next()
        stream.close()

    with rocking(broker.port, 1, 10.0):
        watchers = [threading.Thread(target=watch) for _ in range(5)]
        for watcher in watchers:
            watcher.start()
        time.sleep(3.0)
        before_s = _cpu_s(page.process.pid)
        time.sleep(seconds)
        share = (_cpu_s(page.process.pid) - before_s) / seconds
        rss_mb = _rss_mb(page.process.pid)
        ending.set()
        for watcher in watchers:
            watcher.join()
    return {"server_cpu_share": share, "server_rss_mb": rss_mb}


def _cpu_s(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024 / 1e6


PARTS = ("server", "heap", "frames", "pixel")


def measure(parts: list[str], seconds: float, minutes: float, steps: int) -> Iterator[dict[str, float]]:
    """Measure one part after the other; yield its figures when it is done."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        broker = Mosquitto(Path(folder))
        broker.start()
        closing.callback(broker.stop)
        page = start_process("127.0.0.1", broker.port, port=0)
        closing.callback(page.close)
        if "server" in parts:
            yield server_cost(broker, page, seconds)
        if "heap" in parts:
            yield heap_growth(broker, page, minutes)
        if "frames" in parts:
            yield all_frames(broker, page, seconds)
        if "pixel" in parts:
            yield pixel_figures(sorted(1000.0 * each for each in pixel_delays(broker.port, page.url, steps)))


def pixel_figures(delays_ms: list[float]) -> dict[str, float]:
    """Sum up the delays, sorted."""
    worst = delays_ms[min(len(delays_ms) - 1, math.ceil(0.99 * len(delays_ms)) - 1)]
    return {"pixel_p50_ms": statistics.median(delays_ms), "pixel_p99_ms": worst, "pixel_steps": len(delays_ms)}


def main() -> None:
    """Measure and print, and write the figures as JSON if asked to."""
    parser = argparse.ArgumentParser(description="What the live page costs browser and server.")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=60.0, help="of each run")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the run that watches the heap")
    parser.add_argument("--steps", type=int, default=200, help="of the force, for the time to the pixel")
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    for found in measure(asked.parts, asked.seconds, asked.minutes, asked.steps):
        figures |= found
        if asked.json is not None:
            asked.json.write_text(json.dumps(figures, indent=2) + "\n")
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.4g}")
    Console().print(table)


if __name__ == "__main__":
    main()
