"""Bring the samples of a frame to one instant: converters take their inputs one after the other, over some 6 ms.

Between two frames a pad's feet move in straight lines near enough, so each channel is read off the line between its
sample in the frame before and the one in this frame, at the time of this frame's earliest sample.

    channel 0   --o----------------o--          o  sample
    channel 1   ----o----------------o          |  the instant all are read off at
    channel 2   ------o------------|---o
                                   ^ here none has to be guessed beyond its samples
"""

from math import inf, isnan

import numpy as np

from qlmat.core.model import Frame

LONGEST_GAP_S = 0.15  # beyond it a line between two samples says little; 0.15 s is a tenth of a cycle at 40 cpm
LEAST_STEP_S = 1e-6


class Aligner:
    """Follows the frames of one board. A channel absent in the frame before keeps the value it has in this one.

    A ramp of 1 V/s on two channels that are sampled 4 ms apart reads alike once aligned:

    >>> import numpy as np
    >>> aligner = Aligner()
    >>> for n in range(2):
    ...     times = np.array([n * 0.01, n * 0.01 + 0.004])
    ...     frame = aligner.step(Frame(times[1], times.copy(), times))
    >>> frame.t_s, frame.volts.tolist()
    (0.01, [0.01, 0.01])
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the frame before."""
        self._volts: list[float] = []
        self._times_s: list[float] = []
        self._t_s = -inf

    def step(self, frame: Frame) -> Frame:
        """Return the frame with all its volts at one instant, its `t_s`; one without sample times stays as it is."""
        if frame.sample_t_s is None:
            return frame
        volts, times_s = frame.volts.tolist(), frame.sample_t_s.tolist()
        present_s = times_s
        if isnan(sum(volts) + sum(times_s)):
            present_s = [t_s for t_s, value in zip(times_s, volts, strict=True) if not isnan(value + t_s)]
        before_v, before_s = self._volts, self._times_s
        self._volts, self._times_s = volts, times_s
        if not present_s:
            return frame
        self._t_s = max(min(present_s), self._t_s + LEAST_STEP_S)
        aligned = np.array(self._read_off(before_s, before_v) if before_v else volts)
        aligned.flags.writeable = False
        return Frame(self._t_s, aligned, None, frame.events)

    def _read_off(self, before_s: list[float], before_v: list[float]) -> list[float]:
        lines = zip(before_s, before_v, self._times_s, self._volts, strict=True)
        return [_read_off(*line, self._t_s) for line in lines]


def _read_off(before_s: float, before_v: float, after_s: float, after_v: float, t_s: float) -> float:
    """Read a channel off the line through its last two samples; beyond them, and across a gap, the nearest counts."""
    step_s = after_s - before_s
    if not 0.0 < step_s <= LONGEST_GAP_S or t_s >= after_s or before_v != before_v:  # noqa: PLR0124 - NaN, quickly
        return after_v
    return before_v if t_s <= before_s else before_v + (after_v - before_v) * (t_s - before_s) / step_s
