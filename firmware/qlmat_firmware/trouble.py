"""What goes wrong on the bus, counted each time and told once: at its beginning, and when it is over."""

import logging
from collections import Counter
from dataclasses import dataclass, field

from qlmat.core.model import Event

log = logging.getLogger(__name__)

CHECKS = {  # what a person can do about it, by the kind of trouble
    "no_answer": "check the wires SDA, SCL, 3.3 V and ground of this chip, then run 'qlmat doctor'",
    "bus_error": "check the wires SDA and SCL and keep them short, then run 'qlmat doctor'",
    "timed_out": "something holds SDA or SCL: unplug the chips one by one, then run 'qlmat doctor'",
    "garbled": "its registers do not hold what was written: check the 3.3 V supply and the wires SDA and SCL",
}


class GarbledError(OSError):
    """A chip answers, but not with what was written to it."""


@dataclass(slots=True)
class Troubles:
    """The open troubles of each chip. `counts` counts every occurrence by kind; `take` gives each change once.

    >>> troubles = Troubles()
    >>> for t_s in (1.0, 1.1):
    ...     troubles.note(t_s, 0x48, "no_answer")
    >>> troubles.clear(2.5, 0x48)
    >>> [(event.name, event.t_s, event.detail["what"]) for event in troubles.take()], troubles.counts["no_answer"]
    ([('adc_fault', 1.0, 'no_answer'), ('adc_ok', 2.5, 'no_answer')], 2)
    """

    counts: Counter[str] = field(default_factory=Counter)
    _open: dict[int, dict[str, float]] = field(default_factory=dict)
    _events: list[Event] = field(default_factory=list)

    def note(self, t_s: float, chip: int, kind: str) -> None:
        """Count one occurrence; tell it unless this trouble is already open at this chip."""
        self.counts[kind] += 1
        opened = self._open.setdefault(chip, {})
        if kind in opened:
            return
        opened[kind] = t_s
        log.warning("adc=%#x trouble=%s todo=%r", chip, kind, CHECKS[kind])
        self._events.append(_event(t_s, "adc_fault", chip, kind))

    def clear(self, t_s: float, chip: int) -> None:
        """Close the chip's troubles: it works again."""
        for kind, since_s in self._open.pop(chip, {}).items():
            log.info("adc=%#x trouble=%s over_after_s=%.3f", chip, kind, t_s - since_s)
            self._events.append(_event(t_s, "adc_ok", chip, kind))

    def take(self) -> tuple[Event, ...]:
        """Give what has changed since the last call."""
        events, self._events = tuple(self._events), []
        return events


def _event(t_s: float, name: str, chip: int, kind: str) -> Event:
    return Event(t_s, name, None, {"chip": f"{chip:#x}", "what": kind, "check": CHECKS[kind]})


def kind_of(error: Exception) -> str:
    """Name the trouble an error of the bus or of the Adafruit driver stands for."""
    if isinstance(error, TimeoutError):
        return "timed_out"
    if isinstance(error, GarbledError):
        return "garbled"
    if isinstance(error, ValueError) or getattr(error, "errno", None) in (6, 121):  # ENXIO, EREMOTEIO: nobody there
        return "no_answer"
    return "bus_error"
