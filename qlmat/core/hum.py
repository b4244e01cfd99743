"""Take mains hum and the motor's shaking out of the volts: the mean of the last tenth of a second.

A tenth of a second holds five cycles of 50 Hz and six of 60 Hz, so their mean is nothing. What is sampled folds to a
lower frequency first; at 70 scans a second 50, 60, 100, 120 and 180 Hz fold to 20, 10, 30, 20 and 30 Hz, and a mean
over seven scans is nothing at every multiple of 10 Hz. At 50 scans a second 50 Hz would fold to a constant force that
no filter finds again. The motor's 150 to 200 Hz fold to 10 to 35 Hz.
"""

from collections import deque
from math import isnan, nan

import numpy as np

from qlmat.core.model import Frame

WINDOW_S = 0.1
JITTER_S = 0.003  # scans come a little early or late


class HumFilter:
    """Averages frames of one instant each. An absent channel stays absent; it counts for nothing while it was.

    50 Hz of 10 mV on 1 V, seventy scans a second:

    >>> from math import pi, sin
    >>> hum = HumFilter()
    >>> scans = [Frame(n / 70, np.array([1.0 + 0.01 * sin(2 * pi * 50 * n / 70)])) for n in range(70)]
    >>> volts = [float(hum.step(scan).volts[0]) for scan in scans]
    >>> round(max(volts[10:]) - min(volts[10:]), 9)
    0.0
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was averaged."""
        self._recent: deque[tuple[float, list[float], list[int] | None]] = deque()
        self._sums: list[float] = []
        self._gaps = 0

    def step(self, frame: Frame) -> Frame:
        """Return the frame with the mean of its channels over the last 0.1 s; the time stays that of the frame."""
        volts: list[float] = frame.volts.tolist()  # plain floats: for eight channels twice as fast as arrays
        absent = [index for index, value in enumerate(volts) if isnan(value)] if isnan(sum(volts)) else None
        for index in absent or ():
            volts[index] = 0.0
        self._drop_before(frame.t_s - WINDOW_S + JITTER_S)
        if self._recent:
            self._sums = [total + value for total, value in zip(self._sums, volts, strict=True)]
        else:
            self._sums = volts  # afresh, so that rounding never adds up over a gap
        self._recent.append((frame.t_s, volts, absent))
        self._gaps += absent is not None
        mean = np.array(self._means(absent or []))
        mean.flags.writeable = False
        return Frame(frame.t_s, mean, frame.sample_t_s, frame.events)

    def _means(self, absent: list[int]) -> list[float]:
        count = len(self._recent)
        if not self._gaps:
            return [total / count for total in self._sums]
        counts = [count] * len(self._sums)
        for _, _, missing in self._recent:
            for index in missing or ():
                counts[index] -= 1
        means = [total / max(count, 1) for total, count in zip(self._sums, counts, strict=True)]
        for index in absent:
            means[index] = nan
        return means

    def _drop_before(self, t_s: float) -> None:
        while self._recent and not self._recent[0][0] > t_s:
            _, volts, absent = self._recent.popleft()
            self._sums = [total - value for total, value in zip(self._sums, volts, strict=True)]
            self._gaps -= absent is not None
