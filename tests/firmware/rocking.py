"""A person who rocks on the left pad of a virtual mat, scanned by the real sampler: chips, bus, noise and all."""

from collections.abc import Iterator
from math import pi

import numpy as np

from qlmat.core.model import Event, FloatArray, Frame
from qlmat.ports import FrameSource
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import PI_LEAN_S
from qlmat.sim.mat import VirtualMat
from qlmat.sim.sensor_faults import SensorFault
from qlmat.sim.signal import Imperfections
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.sampler import DEFAULT_RATE_HZ, PipelinedSource

RADIUS_MM = 70.0


class Rocking:
    """`force_n` on the left pad from `start_s` on, its centre swinging from side to side; breathing moves the force."""

    def __init__(self, cpm: float = 12.0, force_n: float = 90.0, swing_mm: float = 18.0, start_s: float = 6.0) -> None:
        self._hz, self._force_n, self._swing_mm, self._start_s = cpm / 60, force_n, swing_mm, start_s

    def x_mm(self, t_s: FloatArray) -> FloatArray:
        """Give where the centre of pressure really is: (n,) in mm."""
        return np.asarray(self._swing_mm * np.sin(2 * pi * self._hz * t_s))

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N."""
        total_n = np.where(t_s < self._start_s, 0.0, self._force_n + 4.0 * np.sin(2 * pi * 0.25 * t_s))
        forces = np.zeros((len(t_s), len(BOARD_V1.sensors)))
        for index, foot in enumerate(BOARD_V1.sensors[:3]):
            forces[:, index] = total_n / 3 * (1 + 2 * self.x_mm(t_s) * foot.x_mm / RADIUS_MM**2)
        return forces


class RockedMat:
    """The virtual mat under a load, with its sampler."""

    def __init__(
        self,
        load: Rocking,
        faults: tuple[SensorFault, ...] = (),
        imperfections: Imperfections | None = None,
        rate_hz: float | None = DEFAULT_RATE_HZ,
        seed: int = 5,
    ) -> None:
        self.clock = VirtualClock(sleep_overshoot_s=80e-6)
        how = Imperfections() if imperfections is None else imperfections
        rng = np.random.default_rng(seed)  # fixed: the same parts and noise in every run
        self.mat = VirtualMat(BOARD_V1, load, self.clock, rng, software_s=PI_LEAN_S, imperfections=how, faults=faults)
        self.source: FrameSource = PipelinedSource(BOARD_V1, self.mat.i2c, self.clock, rate_hz)

    def frames(self, until_s: float) -> Iterator[Frame]:
        """Scan until virtual time is `until_s`."""
        while self.clock.now_s() < until_s:
            frame = self.source.read()
            assert frame is not None
            yield frame


def told(events: list[Event]) -> list[tuple[str, str, str]]:
    """Shorten events to (name, sensor, what)."""
    return [(event.name, str(event.detail["sensor"]), str(event.detail["what"])) for event in events]
