"""An emulated bench on which one thing is wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np

from qlmat.cli.doctor_mat import Bench, virtual_bench
from qlmat.cli.doctor_person import NOBODY
from qlmat.config import Settings, parse
from qlmat.core.model import Board
from qlmat.doctor import Finding
from qlmat.sim.ads1x15 import ChipTraits
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import VirtualI2C
from qlmat.sim.load import NoLoad
from qlmat.sim.mat import VirtualMat
from qlmat_firmware.board import BOARD_V1

SEED = 1  # fixed: the parts are the same in every run


def settings(text: str = "") -> Settings:
    """Read a configuration over the defaults."""
    return parse(text, BOARD_V1, "test")


def bench(change: Callable[[VirtualMat], None] = lambda mat: None, board: Board = BOARD_V1, **hardware: Any) -> Bench:
    """Build an emulated mat with nothing on it and nobody beside it, then let `change` spoil it."""
    made = virtual_bench(settings())
    hardware.setdefault("software_s", 130e-6)
    clock = cast(VirtualClock, made.clock)
    mat = VirtualMat(board, NoLoad(len(board.sensors)), clock, np.random.default_rng(SEED), **hardware)
    change(mat)
    return replace(made, i2c=mat.i2c, person=NOBODY)


class Meddler:
    """A bus on which another program starts a conversion of its own after each of our writes."""

    def __init__(self, bus: VirtualI2C) -> None:
        self._bus = bus

    def writeto(self, address: int, buffer: bytes, **span: Any) -> None:
        """Write, and be meddled with."""
        self._bus.writeto(address, buffer, **span)
        self._bus.writeto(address, b"\x01\xb3\xe3")

    def __getattr__(self, name: str) -> Any:
        """Leave the rest as it is."""
        return getattr(self._bus, name)


def slow_chip(ratio: float) -> dict[int, ChipTraits]:
    """Give the left pad's chip a clock that runs at `ratio` of its data sheet."""
    return {0x48: ChipTraits(oscillator_ratio=ratio)}


def told(findings: list[Finding]) -> dict[str, Finding]:
    """Index what is wrong by name; a name twice is its first."""
    wrong: dict[str, Finding] = {}
    for finding in findings:
        if finding.verdict in ("warning", "failed"):
            wrong.setdefault(finding.name, finding)
    return wrong
