"""A whole mat that keeps sessions on a real file system, to be killed: `python -m bench.reliability_store_life FOLDER`.

The daemon's `run_mat` with the real store and the real queue for a broker that is away, on the virtual mat, eight times
as fast as life. FOLDER/now tells, in memory that outlives the process, how far it had come.
"""

import mmap
import struct
import sys
from math import nan
from pathlib import Path

from bench.stories import rocks
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.device import open_story
from qlmat.config import load
from qlmat.connection import BrokerSettings
from qlmat.core.model import Frame, Tick
from qlmat.core.moves import ACTIVE
from qlmat.sim.scenario import parse_scenario
from qlmat.store.sink import StoreSink
from qlmat.store.writer import GATHER_S
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.pins import mock_pins

SPEED = 8.0
NOW = struct.Struct("<dd8sc")  # last frame of a running session; when it began; the start's word; "!" once it turns
NOBODY = 9  # the discard port: no broker listens there
LIES_DOWN_AND_GETS_UP = (
    rocks(settle_s=14, rock_s=20)
    + """
[[step]]
do = "lift_off"
[[step]]
do = "wait"
seconds = 2
[[moment]]
do = "press_button"
at_seconds = 33
"""
)


class Position:
    """A sink that writes down how far the mat has come, where a kill cannot reach it."""

    def __init__(self, path: Path, boot: str) -> None:
        self._boot, self._began_s = boot.encode(), nan
        with path.open("wb") as file:
            file.write(NOW.pack(nan, nan, self._boot, b"?"))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), NOW.size)

    def put(self, tick: Tick, frame: Frame) -> None:
        """Note the frame while a session runs."""
        for event in tick.events:
            if event.name == "session_started":
                self._began_s = event.t_s
        active = tick.practice.state in ACTIVE
        self._map[:] = NOW.pack(frame.t_s if active else nan, self._began_s, self._boot, b"!")

    def close(self) -> None:
        """Keep what is there."""


def live(folder: Path, seconds: float | None) -> None:
    """Live `seconds` of real time, or until something ends it."""
    settings = load(None, BOARD_V1)
    device = open_story(settings, parse_scenario(LIES_DOWN_AND_GETS_UP, "bench"), SPEED, mock_pins())
    store = StoreSink(folder, settings.plan, gather_s=GATHER_S / SPEED)
    sinks = [store, Position(folder / "now", store.boot)]
    away = BrokerSettings("127.0.0.1", NOBODY)
    with Ending() as ending:
        run_mat(settings, device, away, ending, sinks, real_s=seconds, folder=folder / "mqtt")


if __name__ == "__main__":
    live(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None)
