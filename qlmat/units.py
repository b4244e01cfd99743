"""Quantities as people write them: `90 s`, `12 cpm`, `400 kHz`. A bare number is refused and the mend proposed."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic_core import PydanticCustomError

_WRITTEN = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S.*?)?\s*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One kind of quantity: an example, its units with their sizes in SI, and the range that makes sense (SI).

    Calling it with a value from a configuration returns the SI number, or raises `PydanticCustomError` whose message
    says what to write instead. The first spelling is the one proposed and the one samples are written in.
    """

    kind: str
    example: str
    sizes: Mapping[str, float] = field(hash=False)
    low: float
    high: float

    def __call__(self, value: object) -> float:
        """Convert what stands in the file to SI."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise _refusal(f"needs a {self.kind} in quotes, such as {self._shown()}")
        written = _WRITTEN.match(str(value))
        if written is None:
            raise _refusal(f"cannot read {value!r} as a {self.kind}: write it like {self._shown()}")
        number, unit = float(written[1]), written[2]
        if unit is None:
            raise _refusal(f'{value} has no unit: write "{written[1]} {self.first}" (units: {self._spelled()})')
        if unit not in self.sizes:
            raise _refusal(f'{unit!r} is not a unit of {self.kind}: write "{written[1]} {self.first}" '
                           f"or another of {self._spelled()}")  # fmt: skip
        return self._checked(number * self.sizes[unit], value)

    @property
    def first(self) -> str:
        """The spelling to propose."""
        return next(iter(self.sizes))

    def write(self, number_si: float, unit: str | None = None) -> str:
        """Write an SI number so that reading it back gives the same number: `write(0.2) == "12 cpm"` for a cadence."""
        unit = unit or self.first
        text = f"{number_si / self.sizes[unit]:.12g} {unit}"
        return text if self(text) == number_si else f"{number_si!r} {self._si()}"

    def _checked(self, number_si: float, value: object) -> float:
        if not math.isfinite(number_si) or not self.low <= number_si <= self.high:
            raise _refusal(f"{value} is out of range: {self.write(self.low)} to {self.write(self.high)} is possible")
        return number_si

    def _si(self) -> str:
        return next(name for name, size in self.sizes.items() if size == 1.0)

    def _spelled(self) -> str:
        return ", ".join(self.sizes)

    def _shown(self) -> str:
        return f'"{self.example}"'


SECONDS = Unit("time", "90 s", {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}, 0.0, 86_400.0)
AGE = Unit(
    "time to keep",
    "7 d",
    {"d": 86_400.0, "h": 3600.0, "weeks": 604_800.0, "months": 2_629_800.0, "years": 31_557_600.0, "s": 1.0},
    3600.0,
    100 * 31_557_600.0,
)
CADENCE = Unit("cadence", "12 cpm", {"cpm": 1 / 60, "Hz": 1.0}, 1 / 60, 2.0)
WEIGHT = Unit("weight", "75 kg", {"kg": 9.80665, "N": 1.0}, 20 * 9.80665, 300 * 9.80665)
NEWTONS = Unit("force", "100 N", {"N": 1.0, "kN": 1000.0}, 0.0, 5000.0)
SAMPLES = Unit("data rate", "860 SPS", {"SPS": 1.0, "Hz": 1.0}, 8.0, 3300.0)
SCANS = Unit("rate", "50 Hz", {"Hz": 1.0, "kHz": 1000.0}, 1.0, 1000.0)
CLOCK = Unit("clock rate", "400 kHz", {"kHz": 1000.0, "Hz": 1.0, "MHz": 1e6}, 10_000.0, 400_000.0)
VOLTS = Unit("voltage", "3.3 V", {"V": 1.0, "mV": 0.001}, 1.0, 5.5)
OHMS = Unit("resistance", "1 kOhm", {"kOhm": 1000.0, "Ohm": 1.0, "kΩ": 1000.0, "Ω": 1.0}, 10.0, 1e6)
MILLIMETRES = Unit("length", "70 mm", {"mm": 1.0, "cm": 10.0}, -1000.0, 1000.0)


def _refusal(message: str) -> PydanticCustomError:
    return PydanticCustomError("quantity", "{what}", {"what": message})
