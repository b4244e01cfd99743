"""Take the creep out of forces: under a constant load a force-sensitive resistor shows ever more, 2 to 6 % a decade.

A sensor that feels f shows f + d/2 (u_1 + ... + u_9), each state following f with its own time constant, 3.16 s to 9
hours; together they grow as d log10(1 + t) (domain facts C.4-5). Run on what it gives back, the same states tell what
to take off. A sensor without load shows nothing however long it was loaded, so what is taken off never exceeds what all
nine states would have if they had seen the present force for ever.
"""

from math import isfinite, isnan, nan

import numpy as np

from qlmat.core.model import Forces

CREEP_TAU_S = tuple(3.16 * 10.0 ** (k / 2.0) for k in range(9))
STEP_S = 0.1  # states move at this pace at most: the fastest takes 3.16 s, and 100 frames a second cost what 10 do


class Creep:
    """The memory of one sensor. `step(t_s, shown_n)` gives what presses now; numpy arrays do as well as floats.

    100 N put on at 0 s and read each second with 6 % a decade:

    >>> creep = Creep(per_decade=0.06)
    >>> shown = [100.0 * (1 + 0.06 * np.log10(1 + second)) for second in range(121)]
    >>> pressed = [creep.step(float(second), shown_n) for second, shown_n in enumerate(shown)]
    >>> [round(float(shown[k]), 1) for k in (0, 1, 10, 120)], [round(float(pressed[k]), 1) for k in (0, 1, 10, 120)]
    ([100.0, 101.8, 106.2, 112.5], [100.0, 101.8, 100.6, 100.0])
    """

    __slots__ = ("_ceiling", "_half", "_off_n", "_states", "_t_s")

    def __init__(self, per_decade: float) -> None:
        """Start without load; `per_decade` is the growth per factor of ten in time, 0.06 for 6 %."""
        self._half = per_decade / 2.0
        self._ceiling = 1.0 + self._half * len(CREEP_TAU_S)
        self.reset()

    def reset(self) -> None:
        """Forget all load there ever was."""
        self._states = [0.0] * len(CREEP_TAU_S)
        self._off_n = 0.0
        self._t_s = nan

    def step(self, t_s: float, shown_n: float) -> float:
        """Return what presses, in N, when the sensor shows `shown_n`; NaN in gives NaN and changes nothing."""
        one, other = shown_n - self._off_n, shown_n / self._ceiling
        pressed_n = (one + other + abs(one - other)) / 2.0  # the larger one, of floats and of arrays alike
        passed_s = t_s - self._t_s
        if passed_s < STEP_S:
            return pressed_n
        if isnan(passed_s):
            self._t_s = t_s
        elif not (isinstance(pressed_n, float) and isnan(pressed_n)):
            self._follow(passed_s, pressed_n)
            self._t_s = t_s
        return pressed_n

    def _follow(self, passed_s: float, pressed_n: float) -> None:
        """Move the states by an implicit step, which no gap in the frames can upset."""
        total_n = 0.0
        states = self._states
        for k, tau_s in enumerate(CREEP_TAU_S):
            states[k] = state = states[k] + passed_s / (passed_s + tau_s) * (pressed_n - states[k])
            total_n += state
        self._off_n = self._half * total_n


class CreepCompensator:
    """The stage between calibration and contact: one `Creep` for each sensor, none for a sensor without a figure."""

    def __init__(self, per_decade: tuple[float, ...]) -> None:
        """Take the growth per decade of each sensor in the order of `Board.sensors`; 0 leaves a sensor alone."""
        self._memories = tuple(Creep(each) if each else None for each in per_decade)
        self._idle = not any(self._memories)

    def reset(self) -> None:
        """Forget all load there ever was."""
        for memory in self._memories:
            if memory is not None:
                memory.reset()

    def step(self, forces: Forces) -> Forces:
        """Return the forces without their creep: (sensors,) in N, NaN where absent. Raise ValueError on other counts.

        >>> stage = CreepCompensator((0.06, 0.0))
        >>> for second in range(121):
        ...     shown_n = 100.0 * (1 + 0.06 * np.log10(1 + second))
        ...     pressed = stage.step(Forces(float(second), np.array([shown_n, shown_n])))
        >>> pressed.newtons.round(1)
        array([100. , 112.5])
        """
        t_s = forces.t_s
        if self._idle or not isfinite(t_s):
            return forces
        newtons = np.array(
            [
                each if memory is None else memory.step(t_s, each)
                for memory, each in zip(self._memories, forces.newtons.tolist(), strict=True)
            ]
        )
        newtons.flags.writeable = False
        return Forces(t_s, newtons)
