"""The mat's own health, once a minute: what its scans were like, what was lost, how the machine is."""

import time

from qlmat.payloads import Payload
from qlmat.pulse import Beat
from qlmat.vitals import RUNNING, clock_state, installed_version, temperature_c, trouble

PERIOD_S = 60.0


class Vitality:
    """Gathers the states of a minute. `step` returns what is known when the minute is over, and at first soon."""

    def __init__(self, boot: str) -> None:
        self._boot = boot
        self._begun_s = time.monotonic()
        self._beat = Beat(PERIOD_S)
        self._rates_hz: list[float] = []
        self._faults = 0
        self._installed: str | None = RUNNING
        self.chips_lost = 0

    def look(self) -> None:
        """See what is installed now. Reads a disk, so never in the control loop."""
        self._installed = installed_version()

    def step(self, state: Payload) -> Payload | None:
        """Take a state (`qlmat.payloads.state_payload`)."""
        self._faults = max(self._faults, state["faults"])
        if state["rate_hz"] is not None:
            self._rates_hz.append(state["rate_hz"])
        if not self._rates_hz or not self._beat.due(state["t_s"]):
            return None
        rate_hz = round(sum(self._rates_hz) / len(self._rates_hz), 1)
        said = {"t_s": state["t_s"], "rate_hz": rate_hz, "faults": self._faults, "chips_lost": self.chips_lost}
        self._rates_hz, self._faults = [], 0
        return said

    def say(
        self, known: Payload, time_utc: str, lost: int, dropped: int, refused: int, protocol: str | None
    ) -> Payload:
        """Complete what `step` returned to the payload of `health`."""
        hot_c = temperature_c()
        return {
            **known,
            "time": time_utc,
            "clock": clock_state(),
            "boot": self._boot,
            "uptime_s": round(time.monotonic() - self._begun_s, 1),
            "events_lost": lost,
            "live_dropped": dropped,
            "commands_refused": refused,
            "temperature_c": hot_c,
            "trouble": trouble(known["faults"], known["rate_hz"], hot_c, lost),
            "sw": RUNNING,
            "sw_installed": self._installed,
            "protocol": protocol,
        }
