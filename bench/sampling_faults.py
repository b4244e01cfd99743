"""A campaign of faults against the sampler: boards drawn at random, everything that can go wrong, every sample judged.

The virtual chips know the truth of each conversion: which input, which word, when. A delivered sample is right if the
chip it is attributed to made, at the time it carries, a conversion of that input that gave that word. It is stale if
an older conversion of that input gave it, otherwise it counts as the wrong channel.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from multiprocessing import get_context
from typing import Any

import numpy as np

from bench.sampling_boards import UNSURE_S, BusyMachine, DeafChip, Waves, draw_board, draw_traits
from qlmat.core.model import Frame
from qlmat.sim.ads1x15 import Conversion, VirtualAds1x15
from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault, FaultKind
from qlmat_firmware.conversion import FULL_SCALE_V, STEPS
from qlmat_firmware.sampler import PipelinedSource

KINDS: tuple[FaultKind, ...] = (
    "nack", "io_error", "timeout", "stuck_low", "stuck_high", "config_word", "swapped", "stretch",
)  # fmt: skip
OTHER_KINDS = ("reset", "lost_start", "late")
FIRST_SEED, SAMPLES_A_TRIAL = 10_000, 4000  # fixed: every run meets the same boards and faults
SHORTEST_SWAP_S = 0.3  # nobody moves the wire of an ADDR pin and back in less
ON_TIME_S = 0.0005  # beyond 5 % of a period: how far a sample's time may lie from the middle of its conversion


@dataclass(slots=True)
class Tally:
    """What a trial found; tallies add up."""

    samples: int = 0
    absent: int = 0
    wrong_channel: int = 0
    stale: int = 0
    recoveries_s: list[float] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    told: int = 0
    first_wrong: str = ""

    def add(self, other: "Tally") -> None:
        """Take another trial's findings in."""
        self.samples += other.samples
        self.absent += other.absent
        self.wrong_channel += other.wrong_channel
        self.stale += other.stale
        self.recoveries_s += other.recoveries_s
        self.injected += other.injected
        self.noticed += other.noticed
        self.told += other.told
        self.first_wrong = self.first_wrong or other.first_wrong


class Trial:
    """One board under fire."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = np.random.default_rng(seed)
        self.clock = VirtualClock(sleep_overshoot_s=self._overshoot)
        self.bus = BusyMachine(self.clock, float(rng.choice([100e3, 250e3, 400e3])), rng)
        self.board = draw_board(rng)
        self.chips: dict[int, DeafChip] = {}
        for chip in self.board.chips:
            silicon = DeafChip(
                chip.part, Waves(rng), draw_traits(rng), np.random.default_rng(int(rng.integers(1 << 32)))
            )
            self.chips[chip.address] = silicon
            self.bus.attach(chip.address, silicon)
        rate_hz = None if rng.random() < 0.6 else float(rng.choice([20.0, 50.0, 70.0, 100.0]))
        self.source = PipelinedSource(self.board, self.bus, self.clock, rate_hz, calibrate=bool(rng.random() < 0.5))
        self.late_s = 0.0
        self.tally = Tally()
        self.scan_s = len(self.board.channels) / len(self.chips) / (0.9 * self.board.data_rate_sps) + 0.005

    def _overshoot(self) -> float:
        late_s, self.late_s = self.late_s, 0.0
        return late_s + float(self.rng.choice([10e-6, 80e-6]))

    def run(self, samples: int) -> Tally:
        """Sample until enough was delivered; judge each sample as it comes."""
        windows = self._plan(samples)
        recovery = {address: Recovery(windows[address]) for address in self.chips}
        end_s = self.clock.now_s() + 4 * samples / len(self.board.channels) * self.scan_s + 10.0
        while self.tally.samples < samples and self.clock.now_s() < end_s:
            frame = self.source.read()
            good = self._judge(frame)
            for address in good:
                recovery[address].saw_good(self.clock.now_s())
        self.tally.recoveries_s = [s for one in recovery.values() for s in one.took_s]
        self.tally.noticed = self.source.troubles.counts.copy()
        return self.tally

    # --- what goes wrong, and when ---

    def _plan(self, samples: int) -> dict[int, list[tuple[float, float]]]:
        """Plan faults over the whole trial; return for each chip when it suffered."""
        windows: dict[int, list[tuple[float, float]]] = {address: [] for address in self.chips}
        length_s = samples / len(self.board.channels) * self.scan_s
        t_s = 0.5 + 10 * self.scan_s
        while t_s < length_s:
            kind = str(self.rng.choice([*KINDS, *OTHER_KINDS]))
            duration_s = float(10 ** self.rng.uniform(-3.5, 0.3))
            for address, window in self._inject(kind, t_s, duration_s):
                windows[address].append(window)
            self.tally.injected[kind] += 1
            t_s += duration_s + float(self.rng.exponential(60 * self.scan_s + 0.3))
        return windows

    def _inject(self, kind: str, t_s: float, duration_s: float) -> Iterator[tuple[int, tuple[float, float]]]:
        address = int(self.rng.choice(list(self.chips)))
        silicon = self.chips[address]
        if kind == "reset":
            self.clock.call_at(t_s, lambda: silicon.reset(self.clock.now_ns()))
            yield address, (t_s, t_s)
        elif kind == "lost_start":
            self.clock.call_at(t_s, lambda: setattr(silicon, "deaf", True))
            yield address, (t_s, t_s)
        elif kind == "late":
            self.clock.call_at(t_s, lambda: setattr(self, "late_s", min(duration_s, 0.6)))
            yield address, (t_s, t_s + min(duration_s, 0.6))
        else:
            yield from self._plan_bus_fault(kind, t_s, duration_s, address)

    def _plan_bus_fault(
        self, kind: str, t_s: float, duration_s: float, address: int
    ) -> Iterator[tuple[int, tuple[float, float]]]:
        everywhere = kind != "swapped" and self.rng.random() < 0.4
        others = [other for other in self.chips if other != address]
        if kind == "swapped" and not others:
            kind = "nack"
        other = int(self.rng.choice(others)) if kind == "swapped" else None
        if kind == "swapped":
            duration_s = max(duration_s, SHORTEST_SWAP_S)
        cost_s = float(10 ** self.rng.uniform(-4, -1)) if kind == "stretch" else 0.05
        end_s = t_s + duration_s
        where = None if everywhere else address
        self.bus.faults.add(Fault(kind, t_s, end_s, where, other, cost_s))  # type: ignore[arg-type]  # one of KINDS
        for hit in self.chips if everywhere else [address] if other is None else [address, other]:
            yield hit, (t_s, end_s)

    # --- the judge ---

    def _judge(self, frame: Frame) -> set[int]:
        """Compare each sample with the truth; return the chips that gave a right one."""
        good = set()
        self.tally.told += len(frame.events)
        for index, channel in enumerate(self.board.channels):
            if frame.sample_t_s is None or np.isnan(frame.volts[index]):
                self.tally.absent += 1
                continue
            word = round(float(frame.volts[index]) * STEPS / FULL_SCALE_V) & 0xFFFF
            t_s = float(frame.sample_t_s[index])
            self.tally.samples += 1
            unsure_s = UNSURE_S if self.bus.slow_around(t_s) else 0.0
            verdict = _verdict(self.chips[channel.chip], channel.input, word, t_s, unsure_s)
            if verdict == "right":
                good.add(channel.chip)
            else:
                self._blame(verdict, f"{channel} word={word:#06x} t_s={t_s:.6f} now_s={self.clock.now_s():.6f}")
        return good

    def _blame(self, verdict: str, what: str) -> None:
        if verdict == "stale":
            self.tally.stale += 1
        else:
            self.tally.wrong_channel += 1
        self.tally.first_wrong = self.tally.first_wrong or f"{verdict}: {what} {self.source.tempo}"


class Recovery:
    """Measures how long after each fault of one chip its first right sample came."""

    def __init__(self, windows: list[tuple[float, float]]) -> None:
        self._windows = sorted(windows)
        self._next = 0
        self.took_s: list[float] = []

    def saw_good(self, now_s: float) -> None:
        """Note a right sample delivered now; faults that ended before are over. One delivered within a fault is not."""
        while self._next < len(self._windows) and self._windows[self._next][1] <= now_s:
            end_s = self._windows[self._next][1]
            self._next += 1
            following_s = self._windows[self._next][0] if self._next < len(self._windows) else inf
            if following_s > now_s or following_s - end_s > 2.0:
                self.took_s.append(now_s - end_s)


def _verdict(silicon: VirtualAds1x15, input_: int, word: int, t_s: float, unsure_s: float) -> str:
    stale = False
    for conversion in reversed(silicon.truth):
        if conversion.inputs == (input_, None) and conversion.word == word:
            if _away_s(conversion, t_s) < ON_TIME_S + unsure_s:
                return "right"
            stale = True
        if conversion.middle_s < t_s - 3.0:
            break
    return "stale" if stale else "wrong channel"


def _away_s(conversion: Conversion, t_s: float) -> float:
    """Say how far a time lies from the middle of a conversion, beyond what an unmeasured oscillator explains."""
    period_s = (conversion.end_ns - conversion.start_ns) / 1e9
    return abs(conversion.middle_s - t_s) - 0.06 * period_s


def _some(seeds: tuple[int, int, int]) -> Tally:
    first, step, samples = seeds
    logging.disable(logging.CRITICAL)
    tally = Tally()
    seed = first
    while tally.samples < samples:
        tally.add(Trial(seed).run(SAMPLES_A_TRIAL))
        seed += step
    return tally


def campaign(samples: int, processes: int = 2) -> dict[str, Any]:
    """Run trials until `samples` were delivered and judged; return the figures."""
    with get_context("spawn").Pool(processes) as pool:
        shares = [(FIRST_SEED + number, processes, samples // processes + 1) for number in range(processes)]
        parts = pool.map(_some, shares)
    tally = Tally()
    for part in parts:
        tally.add(part)
    return {
        "samples": tally.samples,
        "wrong_channel": tally.wrong_channel,
        "stale": tally.stale,
        "absent": tally.absent,
        "faults": sum(tally.injected.values()),
        "faults_by_kind": dict(sorted(tally.injected.items())),
        "noticed_by_kind": dict(sorted(tally.noticed.items())),
        "events_told": tally.told,
        "recoveries": len(tally.recoveries_s),
        "recovery_p50_s": round(float(np.percentile(tally.recoveries_s, 50)), 4),
        "recovery_p99_s": round(float(np.percentile(tally.recoveries_s, 99)), 4),
        "recovery_max_s": round(max(tally.recoveries_s), 4),
        "first_wrong": tally.first_wrong,
    }
