"""Is anything moving, and is it rocking or bending? What is large enough, repeats and has swung to and fro."""

from collections.abc import Mapping
from itertools import islice

import numpy as np

from qlmat.core.model import FloatArray
from qlmat.core.movement_bank import LOWEST_HZ, Rhythm, search
from qlmat.core.movement_channels import ACROSS_GATE_MM, Channels, Source, spread
from qlmat.core.movement_count import turns
from qlmat.core.movement_slots import HISTORY, SLOT_S

LEAST_SLOTS = 10
SEEN_SLOTS = 100  # 10 s: even half a slow cycle is seen in it
LOUD_RATIO = 1.6  # peak to peak of that over the least amplitude
TURNS, TURN_RATIO = 3, 1.1  # amplitudes; a shift of posture turns once, there and back twice
TURNED_SLOTS = round(1.7 / LOWEST_HZ / SLOT_S) + 1  # as far back as turns are looked for at all
SLOW_S, SLOW_PERIODS = 11.0, 2.0  # posture shifts every so often look like a slow rhythm for a cycle
WIDE_SLOTS, WIDE_MM = 100, 30.0  # knees that roll from pad to pad press twice a cycle: the sides tell, not the sum
ROLL_SLOTS, ROLL_MM = 300, 30.0  # a third of the way to a pad's centre
ROLL_EVEN, ROLL_LATE, ROLL_MOST_S = 0.2, 0.6, 20.0  # parts of a cycle; 3 cycles a minute is the slowest on record
ROLL_PERIODS = 1.25
STAYS_RATIO = 0.5  # rocking sways the force by a sixth to either side at most
PRESSED_MM = 8.0  # a whole load's coming moves the centre by as much where parts are 20 % apart
ALONG_RATIO = 0.8  # rocking wanders up to 0.15 of its travel along the body, bending as much across
_ONES = np.ones(HISTORY)


def find(channels: Channels, fresh: int) -> tuple[Source, Rhythm] | None:
    """Find the movement in the newest `fresh` slots, and the channel that shows it; None when there is none.

    Bending is followed by force or by the load's travel along the body, whichever shows it better: breathing is loud
    in force and quiet in place.

    >>> t_s = np.arange(120) * 0.1
    >>> swing, still = np.sin(2 * np.pi * 0.25 * t_s), np.zeros(120)
    >>> source, rhythm = find(Channels("left", False, 12 * swing, still, 90 + still, 10.5), fresh=120)
    >>> source, rhythm.periods
    ('across', 2.2)
    >>> find(Channels("left", False, 0.1 * swing, still, 90 + still, 10.5), fresh=120) is None
    True
    """
    sources: tuple[Source, ...] = ("across", "force") if channels.wide else ("across", "force", "along")
    seen = min(fresh, SEEN_SLOTS)
    loud = [source for source in sources if spread(channels.signal(source, seen)) > LOUD_RATIO]
    bending = promising({source: channels.signal(source, fresh) for source in loud}) if loud else []
    across = bending.pop(0) if bending and bending[0][0] == "across" else None
    if not bending:
        return across
    bend = max(bending, key=lambda each: each[1].amplitude * each[1].fit)
    if across is not None:
        return across if channels.wide or _sideways(channels, bend[1].hz) else bend
    return None if _rolls(channels) or _travels(channels, bend[1].hz) else bend


def rolled(channels: Channels) -> Rhythm | None:
    """Find knees that roll from pad to pad: the load changed sides three times; None when it did not.

    No wandering, no shift of posture and no breath takes the load over, back and over again, whatever the waveform
    between; so two changes to the same side are a cycle, long before its harmonics can be fitted.

    Knees that roll from pad to pad, 80 mm to either side, ten times a minute:

    >>> x_mm = 80 * np.sign(np.sin(2 * np.pi * 10 / 60 * np.arange(150) * SLOT_S))
    >>> rhythm = rolled(Channels("left", True, x_mm, 0 * x_mm, 90 + 0 * x_mm, 10.5))
    >>> round(60 * rhythm.hz)
    10
    """
    if not channels.wide:
        return None
    x_mm = channels.x_mm[-ROLL_SLOTS:]
    sides = np.flatnonzero(np.abs(x_mm) > ROLL_MM)
    changes = sides[1:][np.diff(np.sign(x_mm[sides])) != 0]
    if len(changes) < 3:
        return None
    first, middle, last = changes[-3:].tolist()
    slots = last - first
    even = min(middle - first, last - middle) >= ROLL_EVEN * slots
    if not even or len(x_mm) - last > ROLL_LATE * slots or slots * SLOT_S > ROLL_MOST_S:
        return None
    amplitude = float(np.sqrt(2.0) * x_mm[first:last].std()) / ACROSS_GATE_MM
    return Rhythm(1.0 / (slots * SLOT_S), amplitude, 1.0, ROLL_PERIODS)


def _rolls(channels: Channels) -> bool:
    return channels.wide and spread(channels.x_mm[-WIDE_SLOTS:]) > WIDE_MM


def _travels(channels: Channels, hz: float) -> bool:
    """Tell whether the load goes to and fro sideways, though its rhythm is not clear yet, and stays on the pad.

    Where most of the load comes and goes, as on one of two pads under rolling knees, its place says little.
    """
    span = round(1.0 / hz / SLOT_S)
    return _stays(channels, span) and spread(channels.x_mm[-span:]) > 2.0 * ACROSS_GATE_MM and _across(channels, hz)


def _sideways(channels: Channels, hz: float) -> bool:
    return _across(channels, hz) and not _presses(channels, hz)


def _presses(channels: Channels, hz: float) -> bool:
    """Tell whether the load comes and goes rather than travels: sensors that nobody calibrated share it unevenly."""
    span = round(1.0 / hz / SLOT_S)
    force_n = channels.force_n[-span:]
    wanders_mm = PRESSED_MM * spread(force_n) / max(float(force_n.mean()), 1.0)
    return not _stays(channels, span) and spread(channels.x_mm[-span:]) < wanders_mm


def _stays(channels: Channels, span: int) -> bool:
    force_n = channels.force_n[-span:]
    return spread(force_n) < STAYS_RATIO * float(force_n.max())


def _across(channels: Channels, hz: float) -> bool:
    span = round(1.0 / hz / SLOT_S)
    return spread(channels.x_mm[-span:]) > ALONG_RATIO * spread(channels.y_mm[-span:])


def smooth(values: FloatArray, width: int) -> FloatArray:
    """Average each value with its neighbours: (n,) to (n - width + 1,).

    >>> smooth(np.array([0.0, 3.0, 0.0, 3.0]), 2).tolist()
    [1.5, 1.5, 1.5]
    """
    if width <= 1 or len(values) <= width:
        return values
    return np.correlate(values, _ONES[:width]) / width


def promising(signals: Mapping[Source, FloatArray]) -> list[tuple[Source, Rhythm]]:
    """Find the signals (slots,) in gates with a rhythm of at least one gate that has swung to and fro.

    A shift of posture has one swing, there and back has two.

    >>> t_s = np.arange(120) * 0.1
    >>> swings, shift = 3 * np.sin(2 * np.pi * 0.25 * t_s), np.where(t_s > 6, 3.0, 0.0)
    >>> [source for source, _ in promising({"across": swings, "force": shift})]
    ['across']
    """
    # A tenth of what a search costs; what does not turn by the least amplitude does not by a larger one, once smoothed.
    turned = [source for source, signal in signals.items() if _turned(signal[-TURNED_SLOTS:], 1.0)]
    if not turned or len(signals[turned[0]]) < LEAST_SLOTS:
        return []
    rhythms = search(np.array([signals[source] for source in turned]))
    found = [(source, rhythm) for source, rhythm in zip(turned, rhythms, strict=True) if rhythm is not None]
    return [(source, rhythm) for source, rhythm in found if _swings(signals[source], rhythm)]


def _swings(signal: FloatArray, rhythm: Rhythm) -> bool:
    if rhythm.amplitude < 1.0 or (rhythm.hz * SLOW_S < 1.0 and rhythm.periods < SLOW_PERIODS):
        return False
    width = max(1, round(0.1 / rhythm.hz / SLOT_S))
    span = smooth(signal[-round(1.6 / rhythm.hz / SLOT_S) - width :], width)
    return _turned(span, rhythm.amplitude)


def _turned(signal: FloatArray, amplitude: float) -> bool:
    newest_first = signal[::-1].tolist()  # what moves has soon turned often enough, and from either end as often
    return any(islice(turns(newest_first, TURN_RATIO * amplitude), TURNS - 1, None))
