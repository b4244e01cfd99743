"""Taking a chip into service, at the start and after every trouble: is it ours, does it obey, how long does it take?"""

import logging
from collections.abc import Generator

from qlmat_firmware.bus_speed import measure_bus
from qlmat_firmware.conversion import LO_THRESH_RESET, WAKE_UP_S
from qlmat_firmware.converter import Converter
from qlmat_firmware.passes import Shared
from qlmat_firmware.tempo import choose_tempo
from qlmat_firmware.trouble import GarbledError
from qlmat_firmware.waiting import conversion_time_s, longest_wait_s, measured_wait_s

log = logging.getLogger(__name__)

Steps = Generator[float, None, None]

TRIALS = 3
LEAST_SPS = 250  # below, ten looks at conversions take longer than all they can win in a session
LENGTHEN_RATIO, LONGEST_RATIO, LOOK_AGAIN_RATIO = 1.05, 1.5, 0.05  # of a conversion that is not done in time
PATIENCE = 20  # looks at a chip that somebody else left converting: two of its slowest conversions


class Waker:
    """What is known of one chip: `wait_s` from a start until it is surely done, `period_s` of its conversion.

    `marked`: it keeps our marker, as every ADS1115 does. `blind`: we never see it busy, because the bus is slower than
    its conversions. `undisturbed`: it is being measured, and transfers to other chips would come at the wrong time.
    """

    def __init__(self, chip: Converter, shared: Shared) -> None:
        self.chip = chip
        self.marked = False
        self.blind = False
        self.undisturbed = False
        self.wait_s = self._longest_s = longest_wait_s(chip.rate_sps)
        self.period_s = 1.0 / chip.rate_sps
        self._shared = shared
        self._known = False

    def wake_up(self) -> Steps:
        """Bring the chip to rest with our marker in it. Raises OSError while it cannot be trusted."""
        self._identify()
        self.chip.rest()
        yield from self._come_to_rest()
        if self._shared.bus is None:
            self._measure_bus()
        if not self._known:
            yield from self._look_for_busy()
            if self._shared.tempo.fast and self._shared.calibrate and self.chip.rate_sps >= LEAST_SPS:
                yield from self._calibrate()
            self._known = True

    def confirm(self) -> None:
        """Prove that the chip is ours and was not reset. Raises OSError otherwise."""
        if self.marked:
            self.chip.confirm()
        else:
            self.chip.idle()

    def until_idle(self) -> Generator[float, None, bool]:
        """Wait until the chip is idle; True if it was not so at once, as it should have been, and then wait longer."""
        waited_s = 0.0
        while not self.chip.idle():
            self._shared.troubles.counts["overdue"] += 1
            self.wait_s = min(max(self.wait_s * LENGTHEN_RATIO, self._longest_s), self._longest_s * LONGEST_RATIO)
            if waited_s > LONGEST_RATIO * self.period_s:
                raise GarbledError("slow_clock")
            waited_s += LOOK_AGAIN_RATIO * self.period_s
            yield self._shared.clock.now_s() + LOOK_AGAIN_RATIO * self.period_s
        return waited_s > 0.0

    def in_doubt(self) -> None:
        """Go back from a measured wait to the one that suits every chip."""
        self.wait_s = max(self.wait_s, self._longest_s)

    # --- steps ---

    def _identify(self) -> None:
        if self.marked:
            found = self.chip.read_marker()
            if found == self.chip.marker:
                return
            self._judge(found)
        self.marked = self.chip.mark()

    def _judge(self, found: int) -> None:
        """Raise GarbledError unless the chip that answers here has merely lost our marker."""
        if found == LO_THRESH_RESET:
            if any(_marker_at(other) == self.chip.marker for other in self.chip.others):
                raise GarbledError("swapped")  # ours answers elsewhere, so this is another, and it was reset
            return
        owner = next((other for other in self.chip.others if other.marker == found), None)
        if owner is None:
            raise GarbledError(self.chip.misread(found))
        if _marker_at(owner) != found:  # the same marker twice is no exchange of places
            raise GarbledError("swapped")

    def _come_to_rest(self) -> Steps:
        for _ in range(PATIENCE):
            if self.chip.idle():
                return
            yield self._shared.clock.now_s() + self._longest_s / 10
        raise GarbledError("slow_clock")

    def _measure_bus(self) -> None:
        shared = self._shared
        bus = measure_bus(shared.i2c, shared.clock, self.chip.address)
        shared.tempo = choose_tempo(shared.chips, bus, shared.rate_hz, self.chip.can_join)
        shared.bus = bus
        bus.tell()
        log.info("tempo=%s", shared.tempo)

    def _look_for_busy(self) -> Steps:
        """Find out whether the chip ever says that it is busy; then a start can be proven."""
        for _ in range(TRIALS):
            self.chip.start(0)
            if self.chip.busy():
                self.blind = False
                yield self.chip.acked_s + self._longest_s
                yield from self._come_to_rest()
                return
            yield self.chip.acked_s + self._longest_s
        self.blind = True
        log.info("adc=%#x seen_busy=never result='equal results are measured twice'", self.chip.address)

    def _calibrate(self) -> Generator[float, None, None]:
        self.undisturbed = True
        try:
            conversion_s = yield from conversion_time_s(self.chip, self._shared.clock, self._shared.shortest_bit_s)
        finally:
            self.undisturbed = False
        if conversion_s is not None:
            self.wait_s = min(measured_wait_s(conversion_s), self._longest_s)
            self.period_s = conversion_s - WAKE_UP_S
        log.info("adc=%#x conversion_us=%s wait_us=%.0f", self.chip.address, conversion_s, self.wait_s * 1e6)


def _marker_at(chip: Converter) -> int | None:
    """Read the marker at a chip's address; None if nobody answers there."""
    try:
        return chip.read_marker()
    except OSError:
        return None
