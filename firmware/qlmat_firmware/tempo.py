"""How to sample: in which order to start and fetch, and how often to check. Decided once the bus has been measured.

careful   start .. check, fetch, start ..      each result is checked after it is finished and before the next start
fast      start .. start the next, fetch ..    the fetch crosses the bus while the next conversion runs
joined    the same, both in one transfer       saves the software of one transfer a sample
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from qlmat_firmware.bus_speed import BusSpeed

SLEEP_S = 20e-6  # how late a sleeper wakes with its timer slack cut
SPARE_RATIO = 1.05  # a tempo must be able to do this much more than is asked of it
FASTER_RATIO, HELD_RATIO = 1.01, 1.05  # flat out, what less care must bring, and holding back results
FETCH_IN_TIME_RATIO = 0.95  # start and fetch must normally fit into this part of the shortest conversion
CHECK_SHARE = 0.01  # of the time, for confirming chips, when the bus is what limits
LONGEST_HOLD_S = 0.22  # results wait this long at most for the check that frees them: `read` gives up at 0.24
JOINED_BITS, READ_BITS, START_BITS = 85, 48, 37


@dataclass(frozen=True, slots=True)
class Tempo:
    """`confirm_every`: passes between two looks at a chip's marker. `limit_hz`: scans a second to expect at most."""

    fast: bool = False
    joined: bool = False
    confirm_every: int = 1
    limit_hz: float = 0.0


@dataclass(frozen=True, slots=True)
class Chips:
    """What a tempo depends on: inputs in use of each chip, the wait for a conversion, the shortest it may take."""

    inputs: Sequence[int]
    wait_s: float
    shortest_s: float


def choose_tempo(chips: Chips, bus: BusSpeed, rate_hz: float | None, can_join: Callable[[], bool]) -> Tempo:
    """Choose the most careful way that gives `rate_hz` scans a second, or with None as many as possible.

    `can_join` tries whether the bus takes joined transfers; it is asked only when they would help.

    >>> bus = BusSpeed(400e3, write_s=155e-6, read_s=180e-6)
    >>> for rate_hz in (70, 150, None):
    ...     tempo = choose_tempo(Chips([4] * 4, 1327e-6, 1057e-6), bus, rate_hz, lambda: True)
    ...     print(tempo.fast, tempo.joined, round(tempo.limit_hz))
    False False 112
    True False 164
    True True 168
    """
    best = Tempo()
    for tempo in _by_care(chips, bus):
        least_hz = best.limit_hz * (HELD_RATIO if tempo.confirm_every > 1 else 1.0 if best.fast else FASTER_RATIO)
        if tempo.limit_hz > least_hz and (not tempo.joined or can_join()):
            best = tempo
        if rate_hz is not None and best.limit_hz >= rate_hz * SPARE_RATIO:
            break
    return best


def _by_care(chips: Chips, bus: BusSpeed) -> Iterator[Tempo]:
    """List the ways, the most careful first, with the scans a second each gives; only ways that are possible."""
    careful_s = bus.write_s + 2 * bus.read_s
    yield Tempo(limit_hz=_limit(chips, chips.wait_s + careful_s, careful_s, bus.read_s))
    apart_s, joined_s = bus.write_s + bus.read_s, _joined_s(bus)
    wait_s = chips.wait_s + SLEEP_S - START_BITS * bus.shortest_bit_s
    apart_step_s, joined_step_s = wait_s + bus.write_s, wait_s + joined_s - READ_BITS * bus.shortest_bit_s
    ways = [(False, apart_step_s, apart_s), (True, joined_step_s, joined_s)]
    ways = [way for way in ways if way[2] <= FETCH_IN_TIME_RATIO * chips.shortest_s]
    for joined, step_s, sample_s in ways:
        yield Tempo(True, joined, 1, _limit(chips, step_s, sample_s, bus.read_s))
    for joined, step_s, sample_s in ways:
        confirm_every = _confirm_seldom(chips, step_s, sample_s, bus.read_s)
        yield Tempo(True, joined, confirm_every, _limit(chips, step_s, sample_s, bus.read_s / confirm_every))


def _joined_s(bus: BusSpeed) -> float:
    """Estimate the time of a joined transfer: its bits, and the software of one of the two it replaces."""
    more_bits_s = 0.0 if bus.scl_hz is None else (JOINED_BITS - READ_BITS) / bus.scl_hz
    return bus.read_s + more_bits_s


def _limit(chips: Chips, step_s: float, sample_s: float, confirm_s: float) -> float:
    """Give the scans a second that conversions (`step_s` each) and bus (`sample_s` and `confirm_s`) allow."""
    bus_s = sum(chips.inputs) * sample_s + len(chips.inputs) * confirm_s
    return 1.0 / max(max(chips.inputs) * step_s, bus_s)


def _confirm_seldom(chips: Chips, step_s: float, sample_s: float, confirm_s: float) -> int:
    """Say after how many passes to confirm, so that it costs little and nothing waits too long for it."""
    pass_s = max(max(chips.inputs) * step_s, sum(chips.inputs) * sample_s)
    enough = ceil(len(chips.inputs) * confirm_s / (CHECK_SHARE * pass_s))
    return max(1, min(enough, int(LONGEST_HOLD_S / pass_s)))
