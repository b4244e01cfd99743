"""What the chips of one board share: the time, the pace of their passes, how to sample, and the list of troubles.

A pass is one turn of a chip through its inputs; pass n of all chips together is one frame.
"""

from dataclasses import dataclass, field
from math import inf

from qlmat.ports import Clock
from qlmat_firmware.bus_speed import BusSpeed
from qlmat_firmware.i2c import I2C
from qlmat_firmware.tempo import START_BITS, Chips, Tempo
from qlmat_firmware.trouble import Troubles


@dataclass(slots=True)
class Passes:
    """When each pass may begin: every `period_s`, or as soon as it can with 0."""

    period_s: float
    latest: int = -1
    latest_t_s: float = -inf

    def start_s(self, number: int, now_s: float) -> float:
        """Give the time for a pass to begin; the first to ask fixes it for all.

        A period missed is not made up for: pushing scans closer together would not bring it back.

        >>> passes = Passes(0.01)
        >>> [round(passes.start_s(number, now_s), 3) for number, now_s in ((0, 5.0), (0, 5.1), (1, 5.003), (2, 7.0))]
        [5.0, 5.0, 5.01, 7.0]
        """
        if number > self.latest:
            due_s = self.latest_t_s + self.period_s
            self.latest, self.latest_t_s = number, due_s if due_s > now_s - self.period_s else now_s
        return self.latest_t_s


@dataclass(slots=True)
class Shared:
    """One for the board; each chip's sampler has it.

    `rate_hz`: the scans wanted, None for as many as possible. `bus` is None until it has been measured.
    """

    i2c: I2C
    clock: Clock
    passes: Passes
    chips: Chips
    rate_hz: float | None = None
    calibrate: bool = False
    tempo: Tempo = field(default_factory=Tempo)
    bus: BusSpeed | None = None
    troubles: Troubles = field(default_factory=Troubles)

    @property
    def shortest_bit_s(self) -> float:
        """Say what a bit on the bus takes at least."""
        return 0.0 if self.bus is None else self.bus.shortest_bit_s

    @property
    def lead_s(self) -> float:
        """Say how much earlier than needed a start may be sent off: it takes effect with its last bit."""
        return START_BITS * self.shortest_bit_s

    @property
    def transfer_s(self) -> float:
        """Say what a transfer usually takes, with its software."""
        return 0.0 if self.bus is None else max(self.bus.write_s, self.bus.read_s)
