"""What goes wrong between the body and the ADC's input: leads, parts, feet and the rail."""

from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
import numpy.typing as npt

from qlmat.core.model import FloatArray

Mask = npt.NDArray[np.bool_]
SensorFaultKind = Literal["open", "short", "stuck", "intermittent", "foot_lifted", "swapped", "drifting", "rail_sag"]
SHORT_SIEMENS = 10.0  # 0.1 Ohm of lead
CONTACT_CHANGES_HZ = 10.0  # how often a loose lead opens or closes


@dataclass(frozen=True, slots=True)
class SensorFault:
    """One fault from `start_s` until `end_s` at the sensor called `sensor`.

    open          the lead is broken: no volts
    short         the part is bridged: the rail's volts
    stuck         the volts stay what they were
    intermittent  the lead opens and closes at random, about ten times a second
    foot_lifted   nothing rests on the foot
    swapped       the leads of `sensor` and `other` have changed places
    drifting      conductance grows by `per_minute_ratio` of itself each minute
    rail_sag      the 3.3 V rail falls by `volts`; concerns all sensors
    """

    kind: SensorFaultKind
    start_s: float
    end_s: float = inf
    sensor: str | None = None
    other: str | None = None
    volts: float = 0.0
    per_minute_ratio: float = 0.0

    def __post_init__(self) -> None:
        if self.kind != "rail_sag" and self.sensor is None:
            raise ValueError(f"A fault of kind {self.kind} needs the name of its `sensor`.")
        if self.kind == "swapped" and self.other is None:
            raise ValueError("Two leads change places: give `sensor` and `other`.")


class SensorFaults:
    """The faults of one board, applied to blocks on the time grid: `t_s` (n,), arrays (n, sensors) changed in place."""

    def __init__(
        self, names: tuple[str, ...], faults: tuple[SensorFault, ...], rng: np.random.Generator | None
    ) -> None:
        self._names = names
        self._rng = rng
        self.faults: list[SensorFault] = []
        self._held: dict[SensorFault, float] = {}
        self._open: dict[SensorFault, bool] = {}
        for fault in faults:
            self.add(fault)

    def add(self, fault: SensorFault) -> None:
        """Plan a fault. Raises ValueError for an unknown sensor, or if it needs random numbers and there are none."""
        for name in (fault.sensor, fault.other):
            if name is not None and name not in self._names:
                raise ValueError(f"No sensor is called {name}: this board has {', '.join(self._names)}.")
        if fault.kind == "intermittent":
            self._random()
        self.faults.append(fault)

    def lift_feet(self, t_s: FloatArray, newtons: FloatArray) -> None:
        """Take the force from lifted feet."""
        for _, column, during in self._of("foot_lifted", t_s):
            newtons[during, column] = 0.0

    def change_parts(self, t_s: FloatArray, siemens: FloatArray) -> None:
        """Open, bridge and detune the parts."""
        for fault, column, during in self._of("drifting", t_s):
            siemens[during, column] *= 1.0 + fault.per_minute_ratio * (t_s[during] - fault.start_s) / 60.0
        for _, column, during in self._of("open", t_s):
            siemens[during, column] = 0.0
        for _, column, during in self._of("short", t_s):
            siemens[during, column] = SHORT_SIEMENS
        for fault, column, during in self._of("intermittent", t_s):
            siemens[self._loose(fault, t_s) & during, column] = 0.0

    def change_leads(self, t_s: FloatArray, volts: FloatArray) -> None:
        """Hold and swap what arrives at the inputs."""
        for fault, column, during in self._of("stuck", t_s):
            held = self._held.setdefault(fault, float(volts[np.argmax(during), column]))
            volts[during, column] = held
        for fault, column, during in self._of("swapped", t_s):
            other = self._names.index(str(fault.other))
            volts[during, column], volts[during, other] = volts[during, other], volts[during, column]

    def sag_v(self, t_s: FloatArray) -> FloatArray:
        """Give how far the rail has fallen: (n,) in V."""
        sag = np.zeros_like(t_s)
        for fault in self.faults:
            if fault.kind == "rail_sag":
                sag[(t_s >= fault.start_s) & (t_s < fault.end_s)] += fault.volts
        return sag

    def _of(self, kind: SensorFaultKind, t_s: FloatArray) -> list[tuple[SensorFault, int, Mask]]:
        found = []
        for fault in self.faults:
            if fault.kind == kind and fault.start_s <= t_s[-1] and fault.end_s > t_s[0]:
                during = (t_s >= fault.start_s) & (t_s < fault.end_s)
                if during.any():
                    found.append((fault, self._names.index(str(fault.sensor)), during))
        return found

    def _loose(self, fault: SensorFault, t_s: FloatArray) -> Mask:
        """Tell for each instant whether the loose lead is open: it changes at random, with a memory."""
        step_s = float(t_s[-1] - t_s[0]) / max(1, len(t_s) - 1)
        changes = self._random().random(len(t_s)) < CONTACT_CHANGES_HZ * step_s
        is_open: Mask = (np.cumsum(changes) + self._open.get(fault, False)) % 2 == 1
        self._open[fault] = bool(is_open[-1])
        return is_open

    def _random(self) -> np.random.Generator:
        if self._rng is None:
            raise ValueError("An intermittent fault needs a random generator: pass `rng`.")
        return self._rng
