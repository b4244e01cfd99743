"""What reaches the inputs of a virtual converter: volts and the resistance they come from."""

from collections.abc import Callable
from typing import Protocol


class Analog(Protocol):
    """Four inputs. Volts are those of the unloaded source; the chip works out what its own input draws."""

    def mean(self, pin: int, start_ns: int, end_ns: int) -> tuple[float, float]:
        """Give (volts averaged over the window, source ohms) at one input; at one instant if both times are equal."""
        ...


class FixedVolts:
    """Constant volts on the inputs, for tests and for a chip nothing is wired to; `volts` may be changed."""

    def __init__(self, *volts: float, source_ohm: float = 0.0) -> None:
        self.volts = [*volts, *[0.0] * (4 - len(volts))]
        self.source_ohm = source_ohm

    def mean(self, pin: int, start_ns: int, end_ns: int) -> tuple[float, float]:
        """Give (volts, source ohms); see `Analog`."""
        return self.volts[pin], self.source_ohm


class FunctionVolts:
    """Volts as a function of input and seconds, averaged by the midpoint rule over `points` instants."""

    def __init__(self, volts: Callable[[int, float], float], source_ohm: float = 0.0, points: int = 16) -> None:
        self._volts = volts
        self._source_ohm = source_ohm
        self._points = points

    def mean(self, pin: int, start_ns: int, end_ns: int) -> tuple[float, float]:
        """Give (mean volts, source ohms); see `Analog`."""
        step_ns = (end_ns - start_ns) / self._points
        instants = ((start_ns + (k + 0.5) * step_ns) / 1e9 for k in range(self._points))
        return sum(self._volts(pin, t_s) for t_s in instants) / self._points, self._source_ohm
