"""Is anything moving, and is it rocking or bending? What is large enough, repeats and has swung to and fro."""

import numpy as np

from qlmat.core.model import FloatArray, Kind
from qlmat.core.movement_bank import Rhythm, search
from qlmat.core.movement_channels import Channels
from qlmat.core.movement_count import turns
from qlmat.core.movement_slots import SLOT_S

LEAST_SLOTS = 10
SEEN_SLOTS = 100  # 10 s: even half a slow cycle is seen in it
LOUD_RATIO = 1.6  # peak to peak of that over the amplitude asked for
BACKED_GATES, BACKED_MM = 0.55, 3.0  # less force counts as bending when the load travels along the body with it
SLOW_S, SLOW_PERIODS = 11.0, 2.0  # posture shifts every so often look like a slow rhythm for a cycle
WIDE_SLOTS, WIDE_MM = 100, 30.0  # knees that roll from pad to pad press twice a cycle: the sides tell, not the sum
ALONG_RATIO = 0.8  # rocking wanders up to 0.15 of its travel along the body, bending as much across


def find(channels: Channels, fresh: int) -> tuple[Kind, Rhythm] | None:
    """Find the movement in the newest `fresh` slots; None when there is none that can be told."""
    along_mm = channels.y_mm[-min(fresh, SEEN_SLOTS) :]
    backed = len(along_mm) > 0 and float(along_mm.max() - along_mm.min()) > LOUD_RATIO * BACKED_MM
    signals = np.stack((channels.rock[-fresh:], channels.bend[-fresh:]))
    rock, bend = promising(signals, (1.0, BACKED_GATES if backed else 1.0))
    if bend is not None and bend.amplitude < 1.0 and not travels_along(channels, bend.hz, bend.periods):
        bend = None
    if rock is None:
        return None if bend is None or _rolls(channels) else ("bend", bend)
    if bend is None or channels.wide or _across(channels, bend.hz):
        return "rock", rock
    return "bend", bend


def travels_along(channels: Channels, hz: float, periods: float) -> bool:
    """Tell whether the load travels along the body at this cadence, as it does under a bending knee."""
    along_mm = channels.y_mm[-round(periods / hz / SLOT_S) :]
    return amplitude(along_mm, hz) > BACKED_MM


def _rolls(channels: Channels) -> bool:
    return channels.wide and float(np.ptp(channels.x_mm[-WIDE_SLOTS:])) > WIDE_MM


def _across(channels: Channels, hz: float) -> bool:
    span = round(1.0 / hz / SLOT_S)
    return float(np.ptp(channels.x_mm[-span:])) > ALONG_RATIO * float(np.ptp(channels.y_mm[-span:]))


def smooth(values: FloatArray, width: int) -> FloatArray:
    """Average each value with its neighbours: (n,) to (n - width + 1,)."""
    if width <= 1 or len(values) <= width:
        return values
    sums = np.cumsum(np.concatenate(([0.0], values)))
    return np.asarray((sums[width:] - sums[:-width]) / width)


def promising(signals: FloatArray, least: tuple[float, ...]) -> list[Rhythm | None]:
    """Find in each row (slots) a rhythm of at least `least` gates that has swung to and fro.

    A shift of posture has one swing, there and back has two.
    """
    recent = signals[:, -SEEN_SLOTS:]
    loud = (recent.max(axis=1) - recent.min(axis=1) > 1.6 * np.array(least)).tolist()
    if signals.shape[1] < LEAST_SLOTS or not any(loud):
        return [None] * len(signals)
    return [
        rhythm if is_loud and rhythm is not None and _swings(signal, rhythm, enough) else None
        for signal, is_loud, rhythm, enough in zip(signals, loud, search(signals), least, strict=True)
    ]


def _swings(signal: FloatArray, rhythm: Rhythm, least: float) -> bool:
    if rhythm.amplitude < least or (rhythm.hz * SLOW_S < 1.0 and rhythm.periods < SLOW_PERIODS):
        return False
    width = max(1, round(0.1 / rhythm.hz / SLOT_S))
    span = smooth(signal[-round(1.6 / rhythm.hz / SLOT_S) - width :], width)
    return turns(span.tolist(), 1.1 * rhythm.amplitude) >= 3


def amplitude(values: FloatArray, hz: float) -> float:
    """Give the amplitude of one cadence in slots (n,), a whole number of its periods or some."""
    turn = np.exp(-2j * np.pi * hz * SLOT_S * np.arange(len(values)))
    return 2.0 * abs(complex(turn @ (values - values.sum() / len(values)))) / len(values)
