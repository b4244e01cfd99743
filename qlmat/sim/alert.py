"""The ALERT/RDY pin of an ADS1x15: comparator or conversion-ready signal, with every change of level recorded.

The SMBus alert response is not modelled: nobody on this bus asks for it.
"""

from collections import deque
from typing import NamedTuple

from qlmat.sim.registers import (
    COMP_ACTIVE_HIGH,
    COMP_LATCHING,
    COMP_OFF,
    COMP_WINDOW,
    HI_RESET,
    LO_RESET,
    MODE_SINGLE,
    signed,
)

READY_PULSE_NS = 8_000  # "approximately 8 us", datasheet 9.3.8
HISTORY = 4096


class Edge(NamedTuple):
    """A change of the pin: when, and its new level (True is high)."""

    t_ns: int
    high: bool


class AlertPin:
    """Open drain with a pull-up: high when released. `history` holds the latest 4096 changes, oldest first."""

    def __init__(self, ready_until_start: bool = True) -> None:
        self._ready_until_start = ready_until_start
        self.history: deque[Edge] = deque(maxlen=HISTORY)
        self.lo_word = LO_RESET
        self.hi_word = HI_RESET
        self._high = True
        self._beyond = 0  # conversions in a row beyond a threshold
        self._latched = False

    def level(self, t_ns: int) -> bool:
        """Tell whether the pin was high at `t_ns`."""
        high = not self.history[0].high if self.history else self._high
        for edge in self.history:
            if edge.t_ns > t_ns:
                break
            high = edge.high
        return high

    @property
    def ready_mode(self) -> bool:
        """Whether the thresholds ask for conversion-ready: most significant bits high 1, low 0."""
        return bool(self.hi_word & 0x8000) and not self.lo_word & 0x8000

    def configured(self, config: int, t_ns: int) -> None:
        """Take a new configuration: with the comparator off the pin is released, otherwise it idles."""
        if config & COMP_OFF == COMP_OFF:
            self._beyond, self._latched = 0, False
            self._set(True, t_ns)
        elif not self._latched:
            self._show(config, active=False, t_ns=t_ns)

    def started(self, config: int, t_ns: int) -> None:
        """A single conversion starts: a ready signal goes away."""
        if self.ready_mode and config & COMP_OFF != COMP_OFF:
            self._show(config, active=False, t_ns=t_ns)

    def converted(self, config: int, word: int, t_ns: int) -> None:
        """A conversion made with `config` ended with `word`."""
        if config & COMP_OFF == COMP_OFF:
            return
        if self.ready_mode:
            self._show(config, active=True, t_ns=t_ns)
            if not (config & MODE_SINGLE and self._ready_until_start):
                self._show(config, active=False, t_ns=t_ns + READY_PULSE_NS)
            return
        self._compare(config, signed(word), t_ns)

    def result_read(self, config: int, t_ns: int) -> None:
        """Reading the result clears a latched alert."""
        if self._latched:
            self._latched = False
            self._show(config, active=False, t_ns=t_ns)

    def _compare(self, config: int, value: int, t_ns: int) -> None:
        low, high = signed(self.lo_word), signed(self.hi_word)
        window = bool(config & COMP_WINDOW)
        beyond = value > high or (window and value < low)
        back = low <= value <= high if window else value < low
        self._beyond = self._beyond + 1 if beyond else 0
        if self._beyond >= 1 << (config & COMP_OFF):
            self._latched = bool(config & COMP_LATCHING)
            self._show(config, active=True, t_ns=t_ns)
        elif back and not self._latched:
            self._show(config, active=False, t_ns=t_ns)

    def _show(self, config: int, *, active: bool, t_ns: int) -> None:
        self._set(active == bool(config & COMP_ACTIVE_HIGH), t_ns)

    def _set(self, high: bool, t_ns: int) -> None:
        if high != self._high:
            self._high = high
            self.history.append(Edge(t_ns, high))
