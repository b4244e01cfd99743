"""From the seconds of a session to one row a side."""

from collections.abc import Sequence
from statistics import fmean, stdev

from qlmat.core.model import SIDES, Side
from qlmat.records import Second, SideSummary


def summarise(seconds: Sequence[Second]) -> tuple[SideSummary, ...]:
    """Sum up the sides that were worked, left first; forces, paces and places are of the seconds while working.

    >>> rows = [(n, "working", "left", 80.0 + n, 95.0, 1.0, 2.0, 0.2, n, n + 1.0, 0.0, 1.0) for n in (0, 2)]
    >>> side, = summarise([Second(*row) for row in rows])
    >>> side.side, side.worked_s, side.inside_s, side.force_n, round(side.force_sd_n, 2), side.cycles
    ('left', 3.0, 2.0, 81.0, 1.41, 2)
    """
    return tuple(
        _side(side, [each for each in seconds if each.side == side and each.state == "working"])
        for side in SIDES
        if any(each.side == side and each.state == "working" for each in seconds)
    )


def _side(side: Side, seconds: Sequence[Second]) -> SideSummary:
    forces_n = [each.force_n for each in seconds if each.force_n is not None]
    paces_hz = [each.cadence_hz for each in seconds if each.cadence_hz is not None]
    x_mm = [each.x_mm for each in seconds if each.x_mm is not None]
    y_mm = [each.y_mm for each in seconds if each.y_mm is not None]
    return SideSummary(
        side=side,
        worked_s=max(each.worked_s for each in seconds),
        below_s=sum(each.below_s for each in seconds),
        inside_s=sum(each.inside_s for each in seconds),
        above_s=sum(each.above_s for each in seconds),
        hard_s=sum(each.hard_s for each in seconds),
        force_n=_mean(forces_n),
        force_sd_n=_spread(forces_n),
        force_max_n=max((each.force_max_n for each in seconds if each.force_max_n is not None), default=None),
        cadence_hz=_mean(paces_hz),
        cadence_sd_hz=_spread(paces_hz),
        cycles=_counted([each.cycles for each in seconds]),
        x_mm=_mean(x_mm),
        y_mm=_mean(y_mm),
    )


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _spread(values: Sequence[float]) -> float | None:
    return stdev(values) if len(values) > 1 else None


def _counted(cycles: Sequence[int]) -> int:
    """Add up a count that begins anew with each contact.

    >>> _counted([0, 1, 2, 2, 0, 1])
    3
    """
    return sum(
        max(0, now - before if now >= before else now) for before, now in zip([0, *cycles], cycles, strict=False)
    )
