"""Least squares of a line and two harmonics over windows counted in periods, for every cadence at once.

A window that is as long as the movement asks for (1.25, 2.2 and 3.6 periods of the cadence in question) answers after
the same number of cycles at 6 and at 60 a minute; a window in seconds is too long for one and too short for the other.
The bases are made once, orthonormal, so that one matrix product gives the energy that each cadence explains.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qlmat.core.model import FloatArray
from qlmat.core.movement_slots import HISTORY, SLOT_S

LOWEST_HZ = 2.6 / 60  # the slowest person on record rolled the knees 3.0 times a minute
HIGHEST_HZ = 80 / 60
RATIO = 1.05  # step between candidates: a window of 2.2 periods is some 20 % wide
SPANS = (1.25, 2.2, 3.6)  # periods: the shortest that is well conditioned, the working one, the steady one
FLOOR = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Energies:
    """What each candidate explains: (candidates, spans) each; `r2` of what a straight line leaves over.

    `fundamental` and `second`: energy per slot of the two harmonics, `whole`: energy per slot that a line leaves.
    """

    r2: FloatArray
    fundamental: FloatArray
    second: FloatArray
    whole: FloatArray


class Bank:
    """The orthonormal bases of all candidates and spans, right-aligned on the newest slot."""

    def __init__(self) -> None:
        count = int(np.floor(np.log(HIGHEST_HZ / LOWEST_HZ) / np.log(RATIO))) + 1
        self.hz: FloatArray = LOWEST_HZ * np.power(RATIO, np.arange(count, dtype=np.float64))
        slots = np.array([[round(span / hz / SLOT_S) for span in SPANS] for hz in self.hz])
        self.slots: npt.NDArray[np.int64] = np.minimum(slots, HISTORY)
        self.whole_span: npt.NDArray[np.bool_] = slots <= HISTORY
        rows = np.zeros((count, len(SPANS), 6, HISTORY), dtype=np.float32)
        for i, hz in enumerate(self.hz):
            for k in range(len(SPANS)):
                n = int(self.slots[i, k])
                rows[i, k, :, HISTORY - n :] = basis(float(hz), n).T
        self._rows = rows.reshape(-1, HISTORY)

    def energies(self, channel: FloatArray) -> Energies:
        """Fit every candidate to the newest slots of `channel`: (n,), n up to 400; older ones count as absent."""
        n = len(channel)
        centred = channel - channel[-1]
        z = self._rows[:, HISTORY - n :] @ centred.astype(np.float32)
        power = (z * z).reshape(len(self.hz), len(SPANS), 6)
        squares = np.concatenate(([0.0], np.cumsum(centred[::-1] ** 2)))
        slots = np.minimum(self.slots, n)
        whole = squares[slots] - power[:, :, 0] - power[:, :, 1]
        fundamental = (power[:, :, 2] + power[:, :, 3]).astype(np.float64)
        second = (power[:, :, 4] + power[:, :, 5]).astype(np.float64)
        whole = np.maximum(whole, fundamental + second + FLOOR)
        return Energies((fundamental + second) / whole, fundamental / slots, second / slots, whole / slots)


def basis(hz: float, n: int) -> FloatArray:
    """Build the orthonormal columns 1, t, cos, sin, cos 2, sin 2 of one cadence over `n` slots: (n, 6)."""
    t = (np.arange(n) - (n - 1)) * SLOT_S
    angle = 2 * np.pi * hz * t
    columns = (np.ones(n), t, np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle))
    return np.linalg.qr(np.stack(columns, axis=1))[0]
