"""What goes wrong on a bus: faults of eight kinds, each in its window of time, each time counted."""

import heapq
from collections import Counter
from dataclasses import dataclass
from math import inf
from typing import Literal

from qlmat.sim.clock import to_ns

FaultKind = Literal["nack", "io_error", "timeout", "stuck_low", "stuck_high", "config_word", "swapped", "stretch"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the bus from `start_s` until `end_s`, at one address or, with None, at every address.

    nack         nobody acknowledges: OSError(121, 'Remote I/O error')
    io_error     the transfer breaks off: OSError(5)
    timeout      the controller gives up after `cost_s`: OSError(110). Linux waits 1 s unless I2C_TIMEOUT says less
    stuck_low    data line at ground: reads give 0x00, writes seem to work and reach nobody
    stuck_high   the chip fell silent after its acknowledge: reads give 0xFF, writes reach nobody
    config_word  pointer bytes are lost, so a read returns the register that was last written: the configuration
    swapped      the chips at `address` and `other` have changed places
    stretch      the chip holds the clock for `cost_s` after its address
    """

    kind: FaultKind
    start_s: float
    end_s: float = inf
    address: int | None = None
    other: int | None = None
    cost_s: float = 0.1

    def __post_init__(self) -> None:
        if not self.start_s <= self.end_s:
            raise ValueError(f"A fault cannot end at {self.end_s} s before it starts at {self.start_s} s.")
        if self.kind == "swapped" and None in {self.address, self.other}:
            raise ValueError("Two chips change places: give `address` and `other`.")

    def hits(self, address: int) -> bool:
        """Tell whether a transfer with this address suffers."""
        return self.address is None or address == self.address or (self.kind == "swapped" and address == self.other)


class FaultPlan:
    """The faults to come and those at work now. `counts[kind]` is how many messages each kind has spoilt."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._coming: list[tuple[int, int, Fault]] = []
        self._active: list[Fault] = []
        self.next_change_ns: float = inf

    @property
    def armed(self) -> bool:
        """Whether any fault is at work or still to come."""
        return bool(self._active or self._coming)

    def add(self, *faults: Fault) -> None:
        """Plan faults; their windows may overlap, then the one that started first wins."""
        for fault in faults:
            heapq.heappush(self._coming, (to_ns(fault.start_s), id(fault), fault))
        self.next_change_ns = min(self.next_change_ns, self._coming[0][0]) if self._coming else inf

    def clear(self) -> None:
        """Forget all faults; the counts stay."""
        self._coming.clear()
        self._active.clear()
        self.next_change_ns = inf

    def at(self, t_ns: int, address: int) -> Fault | None:
        """Find the fault that a message to `address` meets now, and count it. Times must not run backwards."""
        if t_ns >= self.next_change_ns:
            self._update(t_ns)
        for fault in self._active:
            if fault.hits(address):
                self.counts[fault.kind] += 1
                return fault
        return None

    def _update(self, t_ns: int) -> None:
        while self._coming and self._coming[0][0] <= t_ns:
            self._active.append(heapq.heappop(self._coming)[2])
        self._active = [fault for fault in self._active if t_ns < fault.end_s * 1e9]
        ends = (fault.end_s * 1e9 for fault in self._active)
        self.next_change_ns = min(*ends, self._coming[0][0] if self._coming else inf, inf)
