"""The reference of the recorded people: cadence and cycles of a thigh from its accelerometer, offline and two-sided."""

import numpy as np
from scipy import signal

from bench.knees import Person
from qlmat.core.model import FloatArray

RATE_HZ = 20.0
NEAR = 0.6, 1.6  # the cadence of a window lies between these multiples of that of the whole recording


def thigh(person: Person) -> tuple[FloatArray, FloatArray]:
    """Give (t_s, first principal component) at 20 Hz, low-passed at 3 Hz as `reference.csv` was made."""
    order = np.argsort(person.thigh_t_s, kind="stable")
    t_s = np.arange(person.thigh_t_s.min(), person.thigh_t_s.max(), 1 / RATE_HZ)
    axes = np.stack([np.interp(t_s, person.thigh_t_s[order], axis) for axis in person.thigh_g[order].T], axis=1)
    smooth = signal.sosfiltfilt(signal.butter(4, 3.0, fs=RATE_HZ, output="sos"), axes, axis=0)
    centred = smooth - smooth.mean(axis=0)
    return t_s, np.asarray(centred @ np.linalg.svd(centred, full_matrices=False)[2][0])


def window_cpm(person: Person, start_s: float, length_s: float) -> float:
    """Fit a line and two harmonics to a window; give the cadence near the whole recording's that explains most."""
    t_s, g = thigh(person)
    inside = (t_s >= start_s) & (t_s < start_s + length_s)
    t_s, g = t_s[inside] - start_s, g[inside]
    tried = person.reference_cpm * np.geomspace(*NEAR, 200)
    return float(tried[np.argmin([_left(t_s, g, cpm / 60) for cpm in tried])])


def _left(t_s: FloatArray, g: FloatArray, hz: float) -> float:
    angle = 2 * np.pi * hz * t_s
    columns = np.stack([np.ones_like(t_s), t_s, np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], 1)
    return float(np.sum((g - columns @ np.linalg.lstsq(columns, g, rcond=None)[0]) ** 2))


def maxima_s(person: Person) -> FloatArray:
    """List the times of the thigh's maxima: those of the band around its cadence that stand out by its deviation."""
    t_s, g = thigh(person)
    hz = person.reference_cpm / 60
    band = signal.sosfiltfilt(signal.butter(2, [0.4 * hz, 1.9 * hz], "bandpass", fs=RATE_HZ, output="sos"), g)
    return t_s[signal.find_peaks(band, prominence=float(band.std()), distance=int(0.5 / hz * RATE_HZ))[0]]


def cycles(person: Person) -> int:
    """Count the cycles of the thigh."""
    return len(maxima_s(person))


def cycles_by(person: Person, t_s: float) -> float:
    """Say how many of the person's own cycles have passed since the recording began; the first is as the second."""
    at_s = maxima_s(person)
    at_s = np.concatenate(([2 * at_s[0] - at_s[1]], at_s))
    return float(np.interp(t_s, at_s, np.arange(len(at_s))) - np.interp(0.0, at_s, np.arange(len(at_s))))
