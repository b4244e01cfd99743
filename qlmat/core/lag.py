"""Take the lag out of forces: a force-sensitive resistor shows more on the way down than on the way up (hysteresis).

    force  --+---------- x (1 - ratio) --+--> shown        the pointer is dragged along by the force,
             +--> pointer --- x ratio ---+                 `reach_n` behind it at most

That is the play operator (domain facts C.4-2). What is shown rises with the force wherever the pointer stands, so the
force can be found from it; the loop is 2 x ratio x reach_n high. Where less presses than `reach_n`, the reach is the
force itself: an empty sensor shows nothing.
"""

import numpy as np

from qlmat.core.model import FloatArray, Forces


def trailed(pointer_n: FloatArray, force_n: FloatArray, reach_n: FloatArray) -> FloatArray:
    """Drag the pointer along: where it stands once `force_n` presses. Arrays of any shapes that broadcast.

    >>> up = trailed(np.array(0.0), np.array(60.0), np.array(25.0))
    >>> float(up), float(trailed(up, np.array(50.0), np.array(25.0))), float(trailed(up, np.array(5.0), np.array(25.0)))
    (35.0, 35.0, 10.0)
    """
    reach = np.minimum(reach_n, force_n)
    return np.asarray(np.minimum(np.maximum(pointer_n, force_n - reach), force_n + reach))


def lagging(force_n: FloatArray, pointer_n: FloatArray, ratio: FloatArray) -> FloatArray:
    """Give what a sensor shows of a force when its pointer stands at `pointer_n`."""
    return np.asarray((1.0 - ratio) * force_n + ratio * pointer_n)


def unlagged(shown_n: FloatArray, pointer_n: FloatArray, ratio: FloatArray, reach_n: FloatArray) -> FloatArray:
    """Find the force under which a sensor shows `shown_n` when its pointer stood at `pointer_n` before.

    Rising pulls the pointer behind it, falling pushes it ahead of it, and in between it stays.

    >>> shown, ratio, reach = np.array([57.5, 53.5, 5.5]), np.array(0.1), np.array(25.0)
    >>> unlagged(shown, np.array([0.0, 35.0, 35.0]), ratio, reach).round(2)
    array([60.  , 55.56,  5.  ])
    """
    play_n = ratio * reach_n
    rising = np.minimum(shown_n + play_n, shown_n / (1.0 - ratio))
    falling = np.maximum(shown_n - play_n, shown_n / (1.0 + ratio))
    return np.asarray(np.minimum(rising, np.maximum((shown_n - ratio * pointer_n) / (1.0 - ratio), falling)))


class LagCompensator:
    """The stage after the creep: one pointer for each sensor. Sensors whose lag nobody measured pass unchanged."""

    def __init__(self, ratios: tuple[float, ...], reaches_n: tuple[float, ...]) -> None:
        """Take share and reach of each sensor's pointer in the order of `Board.sensors`; a share of 0 is no lag."""
        self._ratio = np.array(ratios)
        self._reach_n = np.array(reaches_n)
        self._idle = not any(ratios)
        self.reset()

    def reset(self) -> None:
        """Forget all load there ever was."""
        self._pointer_n = np.zeros_like(self._ratio)

    def pressed(self, shown_n: FloatArray) -> FloatArray:
        """Return what presses, (sensors,) in N, when the sensors show `shown_n`; NaN gives NaN and moves nothing.

        >>> stage = LagCompensator((0.1,), (25.0,))
        >>> [float(stage.pressed(np.array([shown_n]))[0].round(1)) for shown_n in (57.5, 98.0, 66.0, 66.5)]
        [60.0, 100.5, 64.9, 65.5]
        """
        found_n = unlagged(shown_n, self._pointer_n, self._ratio, self._reach_n)
        moved_n = trailed(self._pointer_n, found_n, self._reach_n)
        self._pointer_n = np.where(np.isnan(moved_n), self._pointer_n, moved_n)
        return found_n

    def step(self, forces: Forces) -> Forces:
        """Return the forces without their lag: (sensors,) in N, NaN where absent. Raise ValueError on other counts."""
        if forces.newtons.shape != self._ratio.shape:
            raise ValueError(f"{forces.newtons.size} forces for {self._ratio.size} sensors: check the board.")
        if self._idle:
            return forces
        newtons = self.pressed(forces.newtons)
        newtons.flags.writeable = False
        return Forces(forces.t_s, newtons)
