"""The peers: what one would take from a library, or write by the book, each on the right channel of its own.

A peer is told which channel moves (force when bending, lateral place when rocking) and gets an amplitude gate with the
thresholds of the facts file (2.5 mm, 3 %, standard deviation over the window). Window peers see the last 15 s on an
even 10 Hz grid and answer twice a second; `online_*` follow the 10 Hz stream. Peers whose package is missing are left
out and said so.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
from scipy import signal

from bench.cadence_chain import Record
from bench.cadence_online import ONLINE, Online
from bench.cadence_score import Answers
from qlmat.core.model import FloatArray
from qlmat.core.movement_slots import SLOT_S, Slots

WINDOW_S, STEP_S = 15.0, 0.5
LOW_HZ, HIGH_HZ = 5 / 60, 78 / 60
GATE_MM, GATE_RATIO = 2.5, 0.03
RATE_HZ = 1 / SLOT_S
Estimate = Callable[[FloatArray], float]  # the cleaned window in, Hz out, NaN when there is none
_LOW = signal.butter(2, 1.5, "lowpass", fs=RATE_HZ, output="sos")
_BAND = signal.butter(2, [0.07, 1.5], "bandpass", fs=RATE_HZ, output="sos")


def channel(record: Record) -> tuple[FloatArray, FloatArray, float]:
    """Give (t_s, values, gate) of the channel that moves, in slots of 0.1 s over the whole record."""
    slots = Slots()
    column = (0 if record.body.side == "left" else 3) + (0 if record.body.kind == "bend" else 1)
    t_s, values = [], []
    for contacts in record.contacts:
        for k in range(slots.add(contacts), 0, -1):
            t_s.append(slots.end_t_s - (k - 1) * SLOT_S)
            values.append(float(slots.values[-min(k, slots.length), column]) if slots.length else 0.0)
    filled = np.nan_to_num(np.array(values))
    gate = GATE_RATIO * float(np.abs(filled).mean()) if record.body.kind == "bend" else GATE_MM
    return np.array(t_s), filled, gate


def cleaned(window: FloatArray, name: str) -> FloatArray:
    """Clean as serves this peer better of two ways: line away and below 1.5 Hz, or 0.07 to 1.5 Hz, both undelayed."""
    return np.asarray(signal.sosfiltfilt(_BAND if name in BANDED else _LOW, signal.detrend(window)))


# --- windows ---------------------------------------------------------------------------------------------------


def numpy_acf(window: FloatArray) -> float:
    """Take the first strong peak of the autocorrelation after it was first negative, refined by a parabola."""
    n = len(window)
    acf = np.fft.irfft(np.abs(np.fft.rfft(window - window.mean(), 2 * n)) ** 2)[:n]
    acf = acf / acf[0]
    below = np.flatnonzero(acf < 0)
    if not len(below):
        return float("nan")
    lags = range(max(int(below[0]), int(RATE_HZ / HIGH_HZ)), min(int(RATE_HZ / LOW_HZ) + 5, int(0.85 * n)))
    peaks = [k for k in lags if acf[k] > acf[k - 1] and acf[k] >= acf[k + 1] and acf[k] > 0.15]
    if not peaks:
        return float("nan")
    best = max(acf[k] for k in peaks)
    k = next(k for k in peaks if acf[k] > 0.8 * best)
    bend = acf[k - 1] - 2 * acf[k] + acf[k + 1]
    return float(RATE_HZ / (k + 0.5 * (acf[k - 1] - acf[k + 1]) / bend))


def scipy_periodogram(window: FloatArray) -> float:
    """Take the highest peak of a Hann periodogram padded to 4096 points."""
    hz, power = signal.periodogram(window, RATE_HZ, "hann", nfft=4096)
    inside = (hz >= LOW_HZ) & (hz <= HIGH_HZ)
    return float(hz[inside][np.argmax(power[inside])])


def scipy_find_peaks(window: FloatArray) -> float:
    """Take the median distance of maxima that stand out by half a standard deviation."""
    at = signal.find_peaks(window, prominence=float(window.std()), distance=int(0.6 * RATE_HZ))[0]
    return float(RATE_HZ / np.median(np.diff(at))) if len(at) > 1 else float("nan")


def librosa_yin(window: FloatArray) -> float:
    """Let librosa's YIN look at the whole window."""
    import librosa

    n = len(window)
    found = librosa.yin(window, fmin=2.2 * RATE_HZ / n, fmax=HIGH_HZ, sr=RATE_HZ, frame_length=n, center=False)
    return float(np.median(found))


def neurokit2_peaks(window: FloatArray) -> float:
    """Let neurokit2 find peaks and take their median distance."""
    import neurokit2

    with warnings.catch_warnings(action="ignore"):  # of statistics of no peaks at all
        at = neurokit2.signal_findpeaks(window, relative_height_min=0.0)["Peaks"]
    return float(RATE_HZ / np.median(np.diff(at))) if len(at) > 1 else float("nan")


def scipy_welch(window: FloatArray) -> float:
    """Take the highest peak of Welch's spectrum with two halves, padded to 4096 points."""
    hz, power = signal.welch(window, RATE_HZ, nperseg=len(window) * 2 // 3, nfft=4096)
    inside = (hz >= LOW_HZ) & (hz <= HIGH_HZ)
    return float(hz[inside][np.argmax(power[inside])])


WINDOWS: dict[str, Estimate] = {
    "numpy_acf": numpy_acf,
    "scipy_periodogram": scipy_periodogram,
    "scipy_welch": scipy_welch,
    "scipy_find_peaks": scipy_find_peaks,
    "librosa_yin": librosa_yin,
    "neurokit2_peaks": neurokit2_peaks,
}
BANDED = ("librosa_yin", "neurokit2_peaks")  # the others do better without the high-pass (seeds 0-5)
NAMES = (*WINDOWS, *ONLINE)


def available(name: str) -> bool:
    """Say whether a peer's package is installed here."""
    with suppress(ImportError):
        if name.startswith(("librosa", "neurokit2")):
            __import__(name.split("_", maxsplit=1)[0])
        return True
    return False


def peer(name: str, record: Record) -> Answers:
    """Run one peer over one record; the cost is that of its own calls, cleaning included."""
    t_s, values, gate = channel(record)
    rows = list(_windowed(name, t_s, values, gate) if name in WINDOWS else _online(name, t_s, values, gate))
    hz = np.array([row[1] for row in rows])
    hz = np.where((hz >= LOW_HZ * 0.8) & (hz <= HIGH_HZ * 1.2), hz, np.nan)
    at_s = np.array([row[0] for row in rows])
    counts = [row[3] for row in rows if np.isfinite(row[3])]
    count = counts[-1] if counts else float(np.nansum(hz) * STEP_S)
    none = np.full(len(rows), np.nan)
    return Answers(at_s, hz, np.isfinite(hz), none, count, float(sum(row[2] for row in rows)))


Row = tuple[float, float, float, float]  # t_s, Hz, cost in seconds, cycles counted so far


def _windowed(name: str, t_s: FloatArray, values: FloatArray, gate: float) -> Iterator[Row]:
    size, step = int(WINDOW_S * RATE_HZ), int(STEP_S * RATE_HZ)
    for end in range(int(4 * RATE_HZ), len(t_s), step):
        window = values[max(0, end - size) : end]
        began = time.process_time()
        clean = cleaned(window, name)
        hz = WINDOWS[name](clean) if clean.std() > gate else float("nan")
        yield float(t_s[end - 1]), hz, time.process_time() - began, float("nan")


def _online(name: str, t_s: FloatArray, values: FloatArray, gate: float) -> Iterator[Row]:
    method: Online = ONLINE[name](gate)
    cost_s = 0.0
    for k, (at_s, value) in enumerate(zip(t_s.tolist(), values.tolist(), strict=True)):
        began = time.process_time()
        method.feed(value)
        cost_s += time.process_time() - began
        if k % int(STEP_S * RATE_HZ) == 0:
            yield at_s, method.hz, cost_s, method.count
            cost_s = 0.0
