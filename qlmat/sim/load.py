"""What presses on the sensors, or what they gave when somebody recorded them."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from qlmat.core.model import FloatArray


class Load(Protocol):
    """Forces on all sensors of a board as a function of time."""

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at the instants (n,) in seconds."""
        ...


class _Recorded:
    """Rows at instants, straight lines between them, zero before the first and after the last."""

    def __init__(self, t_s: npt.ArrayLike, rows: npt.ArrayLike) -> None:
        self._t_s = np.asarray(t_s, dtype=np.float64)
        self._rows = np.asarray(rows, dtype=np.float64)
        if self._t_s.ndim != 1 or self._rows.ndim != 2 or len(self._t_s) != len(self._rows) or not len(self._t_s):
            raise ValueError(
                f"Times {self._t_s.shape} and rows {self._rows.shape} do not match: give (n,), (n, sensors)."
            )
        if not (np.all(np.diff(self._t_s) > 0.0) and np.all(np.isfinite(self._t_s))):
            raise ValueError("The times of a recording must increase: sort them and drop repeated ones first.")

    @property
    def start_s(self) -> float:
        """The first instant."""
        return float(self._t_s[0])

    @property
    def end_s(self) -> float:
        """The last instant."""
        return float(self._t_s[-1])

    def _at(self, t_s: FloatArray) -> FloatArray:
        columns = [np.interp(t_s, self._t_s, column, left=0.0, right=0.0) for column in self._rows.T]
        return np.stack(columns, axis=-1)


class RecordedLoad(_Recorded):
    """Recorded forces: `t_s` (n,) increasing, `newtons` (n, sensors). Raises ValueError where they do not match."""

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N: linear between the rows, nothing beyond the ends."""
        return self._at(t_s)


class RecordedVolts(_Recorded):
    """Recorded volts at the dividers with a rail at its nominal value: `t_s` (n,) increasing, `volts` (n, sensors)."""

    def volts(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in V: linear between the rows, nothing beyond the ends."""
        return self._at(t_s)


class NoLoad:
    """An empty mat."""

    def __init__(self, sensors: int) -> None:
        self._sensors = sensors

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give zeros (n, sensors)."""
        return np.zeros((len(t_s), self._sensors))
