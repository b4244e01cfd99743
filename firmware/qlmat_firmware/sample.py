"""A conversion under way, and a result that was believed."""

from dataclasses import dataclass


@dataclass(slots=True)
class Running:
    """The conversion under way: which of the chip's inputs, its middle, and how much is known of it.

    `proven`: the chip was idle, was started, and then was busy. `tainted`: it may not be what was asked for.
    """

    position: int
    middle_s: float
    proven: bool = False
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One result: index of the channel in `Board.channels`, volts, and the middle of the conversion."""

    channel: int
    volts: float
    t_s: float
