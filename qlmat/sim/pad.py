"""A rigid plate on its feet: how a force at a place on the plate is shared among them."""

from collections.abc import Sequence

import numpy as np

from qlmat.core.model import FloatArray, Sensor


class RigidPad:
    """The plate of one pad. Feet at (x, y) millimetres from its centre, in the order given.

    Three feet make the plate statically determinate: their forces follow from force and place alone, on a circle of
    radius r as F_i = F/3 (1 + 2 (x cos a_i + y sin a_i) / r) (domain facts C.2). Other counts of feet share as equal
    springs under a stiff plate do. A foot cannot pull: beyond the feet it lifts, and the others carry all.

    >>> from math import cos, sin, radians
    >>> feet = [Sensor(f"f{a}", "left", 70 * cos(radians(a)), 70 * sin(radians(a)), 0x48, 0) for a in (90, 210, 330)]
    >>> RigidPad(feet).split(np.array([90.0]), np.array([0.0]), np.array([35.0])).round(6)
    array([[60., 15., 15.]])
    """

    def __init__(self, feet: Sequence[Sensor]) -> None:
        places = np.array([[1.0, foot.x_mm, foot.y_mm] for foot in feet]).T.reshape(3, len(feet))
        self._shares = np.linalg.pinv(places)  # (feet, 3): least-norm answer to the balance of force and two moments

    def split(self, force_n: FloatArray, x_mm: FloatArray, y_mm: FloatArray) -> FloatArray:
        """Share forces (n,) in N at places (n,) in mm among the feet: (n, feet) in N, none negative."""
        place = np.stack([np.ones_like(x_mm), x_mm, y_mm], axis=-1)
        shares = np.maximum(place @ self._shares.T, 0.0)
        total = np.sum(shares, axis=-1, keepdims=True)
        return np.asarray(shares / np.where(total > 0.0, total, 1.0) * force_n[:, None], dtype=np.float64)
