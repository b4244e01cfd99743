"""What goes wrong while sampling: counted each time, told once when it begins and once when it is over."""

import logging
from collections import Counter
from dataclasses import dataclass, field

from qlmat.core.model import Event

log = logging.getLogger(__name__)

CALM_S = 1.0  # an intermittent contact is one trouble, not a hundred
HERE = "program"  # where a trouble is when it is ours, not a chip's
WIRES = "check its wires SDA, SCL, 3.3 V and ground, then run 'qlmat doctor'"
CHECKS = {  # what a person can do about it, by the kind of trouble
    "no_answer": WIRES,
    "bus_error": "check the wires SDA and SCL and keep them short, then run 'qlmat doctor'",
    "timed_out": "something holds SDA or SCL: unplug the chips one by one, then run 'qlmat doctor'",
    "stuck": "it answers with nothing but zeros or ones: " + WIRES,
    "reset": "it lost its settings: check the 3.3 V supply and its wire",
    "swapped": "two chips have changed places: check the wires of their ADDR pins, then restart the mat",
    "lost_start": "it did not take an order to measure: check the wires SDA and SCL, then run 'qlmat doctor'",
    "lost_pointer": "it answers with another register than asked for: check the wires SDA and SCL",
    "slow_clock": "it needs longer than its data sheet allows: check the 3.3 V supply, or replace the chip",
    "stretched": "it, or a busy processor, holds up the bus: check SDA and SCL and what else runs, then 'qlmat doctor'",
    "late": "the mat's program was held up: close other programs and check the Pi's power supply",
    "garbled": "its registers do not hold what was written: " + WIRES,
}


class GarbledError(OSError):
    """A chip answers, but not as it should. `kind` is a key of CHECKS."""

    def __init__(self, kind: str = "garbled") -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class Troubles:
    """The open troubles of each place: a chip's address, or HERE. `counts` counts every occurrence by kind.

    >>> troubles = Troubles()
    >>> for t_s in (1.0, 1.1):
    ...     troubles.note(t_s, "0x48", "no_answer")
    >>> troubles.calm(1.5, "0x48"); troubles.calm(2.5, "0x48")
    >>> [(event.name, event.t_s, event.detail["what"]) for event in troubles.take()], troubles.counts["no_answer"]
    ([('adc_fault', 1.0, 'no_answer'), ('adc_ok', 2.5, 'no_answer')], 2)
    """

    counts: Counter[str] = field(default_factory=Counter)
    _open: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    _events: list[Event] = field(default_factory=list)

    def note(self, t_s: float, where: str, kind: str) -> None:
        """Count one occurrence; tell it unless this trouble is already open at this place."""
        self.counts[kind] += 1
        opened = self._open.setdefault(where, {})
        since_s, _ = opened.get(kind, (t_s, t_s))
        if kind not in opened:
            log.warning("adc=%s trouble=%s todo=%r", where, kind, CHECKS[kind])
            self._events.append(_event(t_s, "adc_fault", where, kind))
        opened[kind] = (since_s, t_s)

    def calm(self, t_s: float, where: str) -> None:
        """Say that this place works now; its troubles are over after a second without another."""
        opened = self._open.get(where)
        if not opened or t_s - max(last_s for _, last_s in opened.values()) < CALM_S:
            return
        for kind, (since_s, last_s) in self._open.pop(where).items():
            log.info("adc=%s trouble=%s lasted_s=%.3f", where, kind, last_s - since_s)
            self._events.append(_event(t_s, "adc_ok", where, kind))

    @property
    def bus_is_slow(self) -> bool:
        """Say whether a chip holds up the bus, so that everything else is late too."""
        return any(kind in opened for opened in self._open.values() for kind in ("stretched", "timed_out"))

    def take(self) -> tuple[Event, ...]:
        """Give what has changed since the last call."""
        if not self._events:
            return ()
        events, self._events = tuple(self._events), []
        return events


def _event(t_s: float, name: str, where: str, kind: str) -> Event:
    return Event(t_s, name, None, {"chip": where, "what": kind, "check": CHECKS[kind]})


def kind_of(error: Exception) -> str:
    """Name the trouble an error of the bus or of the Adafruit driver stands for."""
    if isinstance(error, GarbledError):
        return error.kind
    number = getattr(error, "errno", None)
    if isinstance(error, TimeoutError) or number == 110:  # ETIMEDOUT
        return "timed_out"
    if isinstance(error, ValueError) or number in (6, 121):  # ENXIO, EREMOTEIO: nobody acknowledges
        return "no_answer"
    return "bus_error"
