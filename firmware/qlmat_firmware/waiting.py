"""How long a conversion of this very chip takes: its oscillator is within 10 % of nominal, and we can look."""

from collections.abc import Generator

from qlmat.ports import Clock
from qlmat_firmware.conversion import WAKE_UP_MARGIN_S, WAKE_UP_S, fastest_conversion_s, slowest_conversion_s
from qlmat_firmware.converter import Converter

LOOKS = 10
FINE_S = 3e-6
BITS_AFTER_LOOK = 18  # of a check: the two bytes and the stop come after the chip has said whether it is idle
DRIFT_RATIO = 1.01  # between one look a second and the next, with temperature and supply
LOWEST_RATIO, HIGHEST_RATIO = 0.95, 1.05


def longest_wait_s(rate_sps: int) -> float:
    """Give the wait that suits every chip of the data sheet: 1327 us at 860 SPS."""
    return slowest_conversion_s(rate_sps) + WAKE_UP_MARGIN_S


def measured_wait_s(conversion_s: float) -> float:
    """Give the wait for a chip that was measured: 1 % for drift, 10 us for the rest."""
    return conversion_s * DRIFT_RATIO + WAKE_UP_MARGIN_S


def expected_wait_s(rate_sps: int) -> float:
    """Give the wait for a chip at exactly its data rate, once it is measured."""
    return measured_wait_s(WAKE_UP_S + 1.0 / rate_sps)


def conversion_time_s(chip: Converter, clock: Clock, shortest_bit_s: float) -> Generator[float, None, float | None]:
    """Measure the time from a start to its end by bisection; yields the times to wait for.

    `shortest_bit_s`: what a bit on the bus takes at least. The chip must be idle. Returns seconds, never too few, or
    None when what was seen is outside the data sheet.
    """
    shortest_s = fastest_conversion_s(chip.rate_sps)
    low_s, high_s = shortest_s * LOWEST_RATIO, slowest_conversion_s(chip.rate_sps) * HIGHEST_RATIO
    longest_s = high_s
    seen_idle = False
    after_look_s = BITS_AFTER_LOOK * shortest_bit_s
    lag_s = 0.0  # from the time waited for to the look: waking up, software, and the bits before the look
    for _ in range(LOOKS):
        chip.start(0)
        aim_s = (low_s + high_s) / 2 - lag_s
        yield chip.acked_s + aim_s
        idle = chip.idle()
        looked_s = clock.now_s() - after_look_s - chip.acked_s
        lag_s = looked_s - aim_s
        if idle:
            high_s, seen_idle = min(high_s, looked_s), True
        else:
            low_s = max(low_s, looked_s)
            yield chip.acked_s + longest_s
            chip.idle()
        if high_s - low_s < FINE_S:
            break
    return high_s if seen_idle and shortest_s * LOWEST_RATIO < high_s < longest_s else None
