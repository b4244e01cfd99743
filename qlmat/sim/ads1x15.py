"""The ADS1115 and ADS1015 at register level: what the silicon does with bytes and time, and a log of the truth.

A conversion starts `wakeup_s` after the start bit has arrived and lasts one period of the chip's own oscillator; its
result is the mean of the input over that window. Facts are from SBAS444D / SBAS473E; what those leave open is a trait.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qlmat.sim.alert import AlertPin
from qlmat.sim.analog import Analog, FixedVolts
from qlmat.sim.registers import (
    COMP_OFF,
    CONFIG,
    CONFIG_RESET,
    CONVERSION,
    GENERAL_CALL_RESET,
    HI_RESET,
    HI_THRESH,
    LO_RESET,
    LO_THRESH,
    LOW_BITS_UNUSED,
    MODE_SINGLE,
    OS,
    Part,
    data_rate_sps,
    mux_of,
    range_of,
)

TRUTH_LENGTH = 8192
NOISE_BLOCK = 512


@dataclass(frozen=True, slots=True)
class ChipTraits:
    """What distinguishes one chip from the ideal one; the defaults are the ideal one.

    `oscillator_ratio`: real over nominal data rate, 0.9 to 1.1. `offset_lsb` and `noise_lsb` (one sigma at the fastest
    rate, less below it) are in the part's own steps. `sampling`: "mean" over the conversion, or its "middle" only.
    `busy_in_wakeup`: whether OS already reads 0 while the chip wakes up. `ready_until_start`: whether a ready signal
    after a single conversion stays until the next start, or is a pulse. The datasheets say neither.
    """

    oscillator_ratio: float = 1.0
    wakeup_s: float = 25e-6
    gain_ratio: float = 1.0
    offset_lsb: float = 0.0
    noise_lsb: float = 0.0
    supply_v: float = 3.3
    sampling: Literal["mean", "middle"] = "mean"
    busy_in_wakeup: bool = True
    ready_until_start: bool = True

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "ChipTraits":
        """Draw a chip as they come: oscillator within 10 %, offset within 3 LSB, gain 0.05 % sigma, 1 LSB of noise."""
        return cls(
            oscillator_ratio=float(rng.uniform(0.9, 1.1)),
            gain_ratio=float(np.clip(rng.normal(1.0, 0.0005), 0.9985, 1.0015)),
            offset_lsb=float(rng.uniform(-3.0, 3.0)),
            noise_lsb=1.0,
        )


@dataclass(slots=True)
class Conversion:
    """One conversion as it truly was: settings, window, volts at the pins averaged over it, the word it gave."""

    number: int
    config: int
    start_ns: int
    end_ns: int
    true_volts: float = float("nan")
    word: int | None = None

    @property
    def inputs(self) -> tuple[int, int | None]:
        """Positive and negative input; None is ground."""
        return mux_of(self.config)

    @property
    def middle_s(self) -> float:
        """The instant the result belongs to."""
        return (self.start_ns + self.end_ns) / 2e9


class VirtualAds1x15:
    """One chip; attach it to a `VirtualI2C`.

    `truth` is a bounded ring of the finished conversions, `delivered` the one whose word the last read of the
    conversion register returned (None: never converted). `ignored_starts` counts start bits that had no effect because
    a conversion was running, `resets` resets and brown-outs.
    """

    def __init__(
        self,
        part: Part = "ads1115",
        analog: Analog | None = None,
        traits: ChipTraits | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.part: Part = part
        self.analog: Analog = FixedVolts() if analog is None else analog
        self.traits = ChipTraits() if traits is None else traits
        if self.traits.noise_lsb and rng is None:
            raise ValueError("A chip with noise needs a random generator: pass `rng`.")
        self._rng = rng
        self._noise: list[float] = []
        self._wakeup_ns = round(self.traits.wakeup_s * 1e9)
        self.truth: deque[Conversion] = deque(maxlen=TRUTH_LENGTH)
        self.delivered: Conversion | None = None
        self.ignored_starts = 0
        self.conversions = 0
        self.resets = 0
        self.alert = AlertPin(self.traits.ready_until_start)
        self._power_up()

    def _power_up(self) -> None:
        self._pointer = CONVERSION
        self._config = CONFIG_RESET & ~OS
        self._thresholds = {LO_THRESH: LO_RESET, HI_THRESH: HI_RESET}
        self._result: Conversion | None = None
        self._running: Conversion | None = None

    # --- the bus side ---

    def write(self, data: bytes, t_ns: int) -> None:
        """Take a pointer byte and, if two more follow, a register value. A half-written register keeps its value."""
        if not data:
            return
        self._pointer = data[0] & 3
        if len(data) >= 3:
            self._write_register(data[1] << 8 | data[2], t_ns)

    def read(self, count: int, t_ns: int) -> bytes:
        """Give the register the pointer is on, high byte first; beyond two bytes nobody drives the line."""
        word = self._read_register(t_ns)
        return word.to_bytes(2, "big")[:count] if count <= 2 else word.to_bytes(2, "big").ljust(count, b"\xff")

    def general_call(self, data: bytes, t_ns: int) -> None:
        """Reset on 06h; every other general call is ignored."""
        if data == GENERAL_CALL_RESET:
            self.reset(t_ns)

    def reset(self, t_ns: int) -> None:
        """Return to the state after power-up: by general call, or because the supply broke down."""
        self.settle(t_ns)
        self.resets += 1
        self._power_up()
        self.alert.lo_word, self.alert.hi_word = LO_RESET, HI_RESET
        self.alert.configured(self._config, t_ns)

    def alert_high(self, t_ns: int) -> bool:
        """Tell the level of the ALERT/RDY pin at `t_ns`, which must not lie before the last transfer."""
        self.settle(t_ns)
        return self.alert.level(t_ns)

    # --- registers ---

    @property
    def config(self) -> int:
        """The configuration as last written, OS bit cleared."""
        return self._config

    def _write_register(self, word: int, t_ns: int) -> None:
        if self._pointer == CONFIG:
            self._configure(word, t_ns)
        elif self._pointer != CONVERSION:
            self.settle(t_ns)
            unused = (
                1 << LOW_BITS_UNUSED[self.part]
            ) - 1  # they keep their reset value: 0 in the low, 1 in the high one
            self._thresholds[self._pointer] = word & ~unused if self._pointer == LO_THRESH else word | unused
            self.alert.lo_word, self.alert.hi_word = self._thresholds[LO_THRESH], self._thresholds[HI_THRESH]

    def _read_register(self, t_ns: int) -> int:
        self.settle(t_ns)
        if self._pointer == CONVERSION:
            self.alert.result_read(self._config, t_ns)
            self.delivered = self._result
            return 0 if self._result is None or self._result.word is None else self._result.word
        if self._pointer == CONFIG:
            return self._config if self._busy(t_ns) else self._config | OS
        return self._thresholds[self._pointer]

    def _busy(self, t_ns: int) -> bool:
        running = self._running
        return running is not None and (self.traits.busy_in_wakeup or t_ns >= running.start_ns)

    def _configure(self, word: int, t_ns: int) -> None:
        self.settle(t_ns)
        self._config = word & ~OS
        self.alert.configured(self._config, t_ns)
        if self._running is not None:
            self.ignored_starts += word & (OS | MODE_SINGLE) == OS | MODE_SINGLE
        elif not word & MODE_SINGLE:
            self._start(t_ns + self._wakeup_ns)
        elif word & OS:
            self.alert.started(self._config, t_ns)
            # The window of a single shot is settled now, so its value can be: no old analog need be kept for it.
            self._evaluate(self._start(t_ns + self._wakeup_ns))

    # --- converting ---

    def settle(self, t_ns: int) -> None:
        """Bring the chip to `t_ns`: finish what has ended, go on converting in continuous mode."""
        while self._running is not None and self._running.end_ns <= t_ns:
            done, self._running = self._running, None
            self._finish(done)
            if not self._config & MODE_SINGLE:
                self._start(self._continue_at(done.end_ns, t_ns))

    def _continue_at(self, end_ns: int, t_ns: int) -> int:
        """Say when the next conversion starts; those that nobody can have seen are left out."""
        if self._config & COMP_OFF != COMP_OFF:
            return end_ns
        unseen = (t_ns - end_ns) // self._period_ns() - 1
        self.conversions += max(0, unseen)
        return end_ns + max(0, unseen) * self._period_ns()

    def _period_ns(self) -> int:
        return round(1e9 / (data_rate_sps(self.part, self._config) * self.traits.oscillator_ratio))

    def _start(self, start_ns: int) -> Conversion:
        self.conversions += 1
        self._running = Conversion(self.conversions, self._config, start_ns, start_ns + self._period_ns())
        return self._running

    def _finish(self, done: Conversion) -> None:
        word = self._evaluate(done) if done.word is None else done.word
        self._result = done
        self.truth.append(done)
        self.alert.converted(done.config, word, done.end_ns)

    def _evaluate(self, conversion: Conversion) -> int:
        conversion.true_volts, loaded_v = self._at_the_pins(conversion)
        spare = LOW_BITS_UNUSED[self.part]
        steps = 0x8000 >> spare
        value = loaded_v * self.traits.gain_ratio / range_of(conversion.config).full_scale_v * steps
        code = round(value + self.traits.offset_lsb + self._noise_steps(conversion.config))
        conversion.word = word = (max(-steps, min(steps - 1, code)) << spare) & 0xFFFF
        return word

    def _at_the_pins(self, conversion: Conversion) -> tuple[float, float]:
        """Give the volts of the source and what is left of them under the load of the input."""
        start_ns, end_ns = conversion.start_ns, conversion.end_ns
        if self.traits.sampling == "middle":
            start_ns = end_ns = (start_ns + end_ns) // 2
        positive, negative = conversion.inputs
        setting = range_of(conversion.config)
        volts, ohms = self._input(positive, start_ns, end_ns)
        if negative is None:
            return volts, volts * setting.ground_ohm / (setting.ground_ohm + ohms)
        minus_v, minus_ohms = self._input(negative, start_ns, end_ns)
        volts -= minus_v
        return volts, volts * setting.differential_ohm / (setting.differential_ohm + ohms + minus_ohms)

    def _input(self, pin: int, start_ns: int, end_ns: int) -> tuple[float, float]:
        volts, ohms = self.analog.mean(pin, start_ns, end_ns)
        return max(-0.3, min(self.traits.supply_v + 0.3, volts)), ohms

    def _noise_steps(self, config: int) -> float:
        if self._rng is None or not self.traits.noise_lsb:
            return 0.0
        if not self._noise:
            self._noise = self._rng.standard_normal(NOISE_BLOCK).tolist()
        slower_ratio = data_rate_sps(self.part, config) / data_rate_sps(self.part, 0x00E0)
        return self._noise.pop() * self.traits.noise_lsb * float(slower_ratio**0.5)
