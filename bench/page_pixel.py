"""From a step of the force on the emulated FSRs to the line on the page's canvas, in real time."""

import threading
import time

import numpy as np

from bench.browser import Browser
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.device import open_virtual
from qlmat.config import load
from qlmat.connection import BrokerSettings
from qlmat.core.model import FloatArray
from qlmat.sim.clock import PacedClock
from qlmat_firmware.board import BOARD_V1

LOW_N, HIGH_N, LINE_N, TOP_N = 20.0, 200.0, 150.0, 300.0  # the line lies above the zone, whose edge is drawn too
FIRST_S, PERIOD_S = 5.0, 1.73  # no multiple of the picture's 0.1 s, so that every phase is met

# Each frame, after the page has drawn: does the line of the left pad rise above LINE_N in the newest part of the chart?
SEE = f"""(() => {{ window.qlSeen = []; let high = true;
  const look = () => {{
    const canvas = document.querySelector('#chart canvas');
    if (canvas && canvas.width) {{
      const ratio = devicePixelRatio, right = canvas.width - Math.round(22 * ratio);
      const top = Math.round(10 * ratio), bottom = canvas.height - Math.round(24 * ratio);
      const line = Math.round(bottom - (bottom - top) * {LINE_N / TOP_N});
      const dots = canvas.getContext('2d').getImageData(right - 10, top + 3, 12, line - top - 3).data;
      let inked = false;
      for (let at = 0; at < dots.length && !inked; at += 4)
        inked = dots[at + 3] > 128 && dots[at] < 80 && dots[at + 1] > 60 && dots[at + 1] < 160;
      if (inked && !high) window.qlSeen.push(performance.timeOrigin + performance.now());
      high = inked;
    }}
    requestAnimationFrame(look);
  }};
  requestAnimationFrame(look); }})()"""

CHOOSE = """document.querySelector('#mats').hidden ||
  [...document.querySelectorAll('#mats button')].find((button) => button.textContent === '%s').click()"""


class StepLoad:
    """All feet of the left pad together go from 20 to 200 N at regular moments, and back half a period later."""

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at the instants (n,)."""
        high = (t_s >= FIRST_S) & ((t_s - FIRST_S) % PERIOD_S < PERIOD_S / 2)
        left = np.where(high, HIGH_N, LOW_N) / 3.0
        sides = np.array([sensor.side == "left" for sensor in BOARD_V1.sensors], dtype=float)
        return np.outer(left, sides)


def pixel_delays(broker_port: int, url: str, steps: int) -> list[float]:
    """Run a virtual mat and watch the page; return the seconds from each step up to the pixel."""
    settings = load(None, BOARD_V1)
    clock = PacedClock(1.0)
    origin_s = time.time() - clock.now_s()
    ending = Ending()
    seconds = FIRST_S + steps * PERIOD_S
    broker = BrokerSettings("127.0.0.1", broker_port)
    device = open_virtual(settings, StepLoad(), clock)
    seen_s: list[float] = []
    watcher = threading.Thread(target=lambda: seen_s.extend(_watch(url, settings.mat.id, seconds)))
    watcher.start()
    run_mat(settings, device, broker, ending, real_s=seconds)  # here, because its stall guard needs the main thread
    watcher.join()
    return [delay for delay in (_since_step(at_s - origin_s) for at_s in seen_s) if delay is not None]


def _watch(url: str, mat: str, seconds: float) -> list[float]:
    """Note when the line rises, in seconds of the wall clock."""
    with Browser() as browser:
        browser.look(1280, 800, "light")
        browser.open(url)
        browser.wait_for("document.querySelector('#chart')?.dataset.chart")
        browser.wait_for("document.body?.dataset.link === 'live'", 60.0)
        browser.evaluate(CHOOSE % mat)
        browser.evaluate(SEE)
        end_s = time.monotonic() + seconds - 6.0
        while time.monotonic() < end_s:
            browser.evaluate("new Promise((done) => setTimeout(done, 1000))")
        return [stamp / 1000.0 for stamp in browser.evaluate("window.qlSeen")]


def _since_step(at_s: float) -> float | None:
    """Seconds since the last step up; None before the first and for a picture of the opening."""
    return (at_s - FIRST_S) % PERIOD_S if at_s > FIRST_S + 1.0 else None
