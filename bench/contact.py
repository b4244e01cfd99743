"""Contact under drift, creep, residue, noise and spikes: missed, false, split, late; three plain detectors beside ours.

    python -m bench.contact [--json FILE] [--seeds 1000 1001 ...] [--feet 3|4]

The disturbances and the measures are those of the cadence facts, section 6: 15 minutes a seed, 100 frames a second,
two pads, a thermal walk of +-1.2 N a sensor, creep of 2 to 8 % a decade, 3 % left after a release, noise, spikes of one
or two samples; taps, light loads of 6 to 12 N, loads of up to 240 s. A load counts as contact above 3 N. Generator and
detector have one author: "reachable", no more. No constant was set on seeds 1000 to 1005; 0 to 5 were seen in writing.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qlmat.core.contact import ContactDetector
from qlmat.core.model import SIDES, Board, Chip, Contact, Contacts, FloatArray, Forces, Sensor

RATE_HZ = 100.0
LENGTH_S = 900.0
TRUTH_N = 3.0
REACH_MM = 25.0
TEST_SEEDS = range(1000, 1006)
Table = dict[str, dict[str, float]]  # detector, then figure


def board_with(feet: int) -> Board:
    """Build two pads of `feet` feet each on a circle of 70 mm."""
    angles = [np.pi / 2 + 2 * np.pi * foot / feet for foot in range(feet)]
    sensors = tuple(
        Sensor(f"{side}_{i + 1}", side, 70 * float(np.cos(a)), 70 * float(np.sin(a)), 0x48 + pad, i)
        for pad, side in enumerate(SIDES)
        for i, a in enumerate(angles)
    )
    return Board(chips=(Chip(0x48, rail_input=None), Chip(0x49, rail_input=None)), sensors=sensors)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One generated quarter of an hour: newtons (frames, sensors); true load_n (frames, 2), cop_mm (frames, 2, 2)."""

    t_s: FloatArray
    newtons: FloatArray
    load_n: FloatArray
    cop_mm: FloatArray


def generate(board: Board, rng: np.random.Generator) -> Record:
    """Draw one record: true loads on two pads, then what creeping, warming, noisy sensors make of them."""
    t_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    load_n, cop_mm = _loads(t_s, rng)
    newtons = np.empty((len(t_s), len(board.sensors)))
    feet = len(board.sensors) // 2
    for index, sensor in enumerate(board.sensors):
        pad = SIDES.index(sensor.side)
        place = cop_mm[:, pad] @ (sensor.x_mm, sensor.y_mm) / 70.0**2
        share = load_n[:, pad] / feet * (1 + 2 * place)
        newtons[:, index] = _disturb(np.maximum(share, 0.0), rng)
    return Record(t_s, newtons, load_n, cop_mm)


def _loads(t_s: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    load_n, cop_mm = np.zeros((len(t_s), 2)), np.zeros((len(t_s), 2, 2))
    begin_s = rng.uniform(2, 10)
    while begin_s < LENGTH_S - 10:
        kind = rng.choice(["tap", "light", "work", "long"], p=[0.25, 0.25, 0.35, 0.15])
        low_s, high_s = {"tap": (0.25, 0.6), "light": (2, 30), "work": (5, 60), "long": (60, 240)}[kind]
        low_n, high_n = {"tap": (20, 60), "light": (6, 12), "work": (40, 200), "long": (6, 200)}[kind]
        last_s = min(rng.uniform(low_s, high_s), LENGTH_S - 5 - begin_s)
        pad, newtons = rng.integers(2), rng.uniform(low_n, high_n)
        rise_s, fall_s = rng.uniform(0.03, 0.1 if kind == "tap" else 0.5, 2)
        since_s, left_s = t_s - begin_s, begin_s + last_s - t_s
        shape = np.clip(since_s / rise_s, 0, 1) * np.clip(left_s / fall_s, 0, 1)
        on = shape > 0
        cadence_hz, swing_mm = rng.uniform(0.1, 0.5), rng.uniform(0, 12)
        turn = np.sin(2 * np.pi * cadence_hz * since_s[on])
        sway = 1 + (0.0 if kind == "light" else 0.15) * turn
        load_n[on, pad] = newtons * shape[on] * sway
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0, REACH_MM - 12)
        cop_mm[on, pad, 0] = reach * np.cos(angle) + swing_mm * turn
        cop_mm[on, pad, 1] = reach * np.sin(angle)
        begin_s += last_s + rng.uniform(3, 40)
    return load_n, cop_mm


def _disturb(load_n: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Creep, residue, warming, noise and spikes of one sensor."""
    n, dt = len(load_n), 1 / RATE_HZ
    decade = rng.uniform(0.02, 0.08)
    crept = load_n * (1 + decade * np.log10(1 + _loaded_s(load_n, dt)))
    residue = 0.03 * _afterglow(load_n, dt)
    walk = np.cumsum(rng.normal(0, 1, n))
    walk -= walk[0]
    walk *= 1.2 / max(1e-9, np.abs(walk).max())
    noise = rng.normal(0, 1, n) * (0.05 + 0.005 * load_n)
    out = crept + residue + walk + noise + rng.uniform(1, 3)
    spikes = rng.random(n) < 0.02 * dt * 10
    out[spikes] += rng.choice([-1, 1], spikes.sum()) * rng.uniform(10, 80, spikes.sum())
    twice = np.flatnonzero(spikes)[::3] + 1
    out[twice[twice < n]] += rng.uniform(10, 80)
    return out


def _loaded_s(load_n: FloatArray, dt: float) -> FloatArray:
    """Seconds since the load now on the sensor came, 0 where there is none."""
    ticks = np.arange(len(load_n))
    return np.asarray((ticks - np.maximum.accumulate(np.where(load_n > 0.1, 0, ticks))) * dt)


def _afterglow(load_n: FloatArray, dt: float) -> FloatArray:
    """What a sensor keeps of a load once it is gone: all of it at first, less with the logarithm of time."""
    glow, level, gone_s = np.zeros(len(load_n)), 0.0, 0.0
    for i, load in enumerate(load_n.tolist()):
        if load > 1.0:
            level, gone_s = max(load, glow[i - 1] if gone_s else level), 0.0
        elif level:
            gone_s += dt
            glow[i] = level * max(0.0, 1 - np.log10(1 + gone_s) / 2.5)
            level = level if glow[i] else 0.0
    return glow


# --- detectors -----------------------------------------------------------------------------------------------------


def ours(board: Board, record: Record) -> list[Contacts]:
    """Run the detector of the core."""
    detector = ContactDetector(board)
    return [detector.step(Forces(t_s, row)) for t_s, row in zip(record.t_s.tolist(), record.newtons, strict=True)]


def _plain(board: Board, record: Record, touch: Callable[[FloatArray], list[bool]], ema: float) -> list[Contacts]:
    pads = []
    for side in SIDES:
        feet = [i for i, sensor in enumerate(board.sensors) if sensor.side == side]
        loads = record.newtons[:, feet] - record.newtons[:5, feet].mean(axis=0)
        if ema:
            loads = loads - _moving_average(loads, ema)
        places = np.array([[board.sensors[i].x_mm, board.sensors[i].y_mm] for i in feet])
        cop = np.maximum(loads, 0) @ places / np.maximum(np.maximum(loads, 0).sum(axis=1), 1e-9)[:, None]
        touching = touch(loads.sum(axis=1))
        pads.append(
            [Contact(None, (x, y) if on else None, on) for on, (x, y) in zip(touching, cop.tolist(), strict=True)]
        )
    return [Contacts(t, left, right) for t, left, right in zip(record.t_s.tolist(), *pads, strict=True)]


def _moving_average(loads: FloatArray, ema: float) -> FloatArray:
    level, levels = np.zeros(loads.shape[1]), np.empty_like(loads)
    for i, row in enumerate(loads):
        level = level + ema * (row - level)
        levels[i] = level
    return levels


def fixed(board: Board, record: Record) -> list[Contacts]:
    """Touching above 3 N."""
    return _plain(board, record, lambda total: (total > TRUTH_N).tolist(), 0.0)


def hysteresis(board: Board, record: Record) -> list[Contacts]:
    """Touching from 3 N until below 1.5 N."""
    return _plain(board, record, _schmitt, 0.0)


def baseline(board: Board, record: Record) -> list[Contacts]:
    """Touching above 3 N over a moving average of 30 s that never stops."""
    return _plain(board, record, lambda total: (total > TRUTH_N).tolist(), 1 / (30 * RATE_HZ))


def _schmitt(total: FloatArray) -> list[bool]:
    on, out = False, []
    for newtons in total.tolist():
        on = newtons > (1.5 if on else TRUTH_N)
        out.append(on)
    return out


DETECTORS: dict[str, Callable[[Board, Record], list[Contacts]]] = {
    "qlmat": ours,
    "fixed 3 N": fixed,
    "hysteresis": hysteresis,
    "moving average": baseline,
}


# --- scores --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Score:
    """Sums over records."""

    contacts: int = 0
    missed: int = 0
    extra: int = 0
    false: int = 0
    hours: float = 0.0
    on_s: list[float] = field(default_factory=list)
    off_s: list[float] = field(default_factory=list)
    cop_mm: list[float] = field(default_factory=list)
    busy_s: float = 0.0

    def figures(self) -> dict[str, float]:
        """Give the figures of the table under plain names."""
        on, off, cop = (np.array(values or [np.nan]) for values in (self.on_s, self.off_s, self.cop_mm))
        return {
            "contacts": self.contacts,
            "missed_ratio": self.missed / self.contacts,
            "on_ms_p50": 1000 * float(np.median(on)),
            "on_ms_p95": 1000 * float(np.quantile(on, 0.95)),
            "off_ms_p50": 1000 * float(np.median(off)),
            "off_ms_p95": 1000 * float(np.quantile(off, 0.95)),
            "splits_per_contact": self.extra / self.contacts,
            "false_per_hour": self.false / self.hours,
            "cop_mm_p50": float(np.median(cop)),
            "cop_mm_p95": float(np.quantile(cop, 0.95)),
            "us_per_s": 1e6 * self.busy_s / (3600 * self.hours),
        }


def score(detect: Callable[[Board, Record], list[Contacts]], board: Board, records: Sequence[Record]) -> Score:
    """Run one detector over the records and compare each pad with the truth."""
    total = Score()
    for record in records:
        begun = time.perf_counter()
        answers = detect(board, record)
        total.busy_s += time.perf_counter() - begun
        total.hours += len(record.t_s) / RATE_HZ / 3600
        for pad, side in enumerate(SIDES):
            _score_pad(total, record, pad, [contacts.of(side) for contacts in answers])
    return total


def _score_pad(total: Score, record: Record, pad: int, answers: list[Contact]) -> None:
    truth = _spans(record.load_n[:, pad] > TRUTH_N)
    found = _spans(np.array([contact.touching for contact in answers]))
    hits: list[list[tuple[int, int]]] = [[] for _ in truth]
    for span in found:
        over = [i for i, (a, b) in enumerate(truth) if span[0] < b + 30 and span[1] > a]
        total.false += not over
        for i in over:
            hits[i].append(span)
    for (a, b), spans in zip(truth, hits, strict=True):
        total.contacts += 1
        total.missed += not spans
        if not spans:
            continue
        total.extra += len(spans) - 1
        total.on_s.append(abs(spans[0][0] - a) / RATE_HZ)
        total.off_s.append(abs(spans[-1][1] - b) / RATE_HZ)
        for i in range(a, b, 5):
            cop = answers[i].cop_mm
            if cop is not None:
                total.cop_mm.append(float(np.hypot(*(np.array(cop) - record.cop_mm[i, pad]))))


def _spans(on: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], on.astype(int), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def measured(seeds: Iterable[int], feet: int = 3) -> Table:
    """Run every detector over one record a seed."""
    board = board_with(feet)
    records = [generate(board, np.random.default_rng(seed)) for seed in seeds]  # fixed seeds, named above
    return {name: score(detect, board, records).figures() for name, detect in DETECTORS.items()}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table; with --json also write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(TEST_SEEDS))
    parser.add_argument("--feet", type=int, choices=(3, 4), default=3)
    options = parser.parse_args(argv)
    table = measured(options.seeds, options.feet)
    for name, figures in table.items():
        print(f"{name:15s}", "  ".join(f"{key} {value:.3g}" for key, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
