"""How well the mat follows ten recorded people: `python -m bench.people [--json FILE] [--write DIR] [--direct]`.

Each person's patches go through feet, force-sensitive resistors, emulated ADC, driver and pipeline, exactly as
`qlmat replay --through-adc` does it, and are compared with the accelerometer on the thigh: the median cadence after the
first 15 s, windows of 20 s, the count of cycles, how soon it is right, and each pad alone. Nobody who lies still may be
given a cadence.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

from bench.knees import NEWTONS_PER_COUNT, PLATE_N, RECORDINGS, Feet, Person, Still, people, still, write_csv
from bench.thigh import cycles, cycles_by, window_cpm
from qlmat.cli.through_adc import ticks
from qlmat.config import load
from qlmat.core.contact import ContactDetector
from qlmat.core.model import Movement
from qlmat.core.movement import MovementEstimator
from qlmat.core.pipeline import Pipeline
from qlmat.recording import Recording
from qlmat_firmware.board import BOARD_V1

SETTLE_S, WINDOW_S, WINDOW_STEP_S = 15.0, 20.0, 5.0
ALLOWED_CPM, WINDOW_CPM = 1.5, 1.5
EVERY_S = 0.2
Track = list[tuple[float, Movement]]
PROCESSES = 2


def through_adc(recording: Recording) -> Track:
    """Play a recording on the virtual mat; keep five movements a second."""
    return _kept((tick.t_s, tick.movement) for tick in ticks(recording, load(None, BOARD_V1)))


def direct(recording: Recording) -> Track:
    """Send the rows of a recording in newtons straight into the pipeline."""
    settings = load(None, BOARD_V1)
    pipeline = Pipeline(settings.board, settings.calibration, settings.plan)
    found = (pipeline.push_forces(forces) for forces in recording.forces())
    return _kept((tick.t_s, tick.movement) for tick in found)


def _kept(track: Any) -> Track:
    kept: Track = []
    for t_s, movement in track:
        if not kept or t_s >= kept[-1][0] + EVERY_S - 1e-3:
            kept.append((t_s, movement))
    return kept


def cadences(track: Track, start_s: float, end_s: float) -> list[float]:
    """List the cadences told in a stretch of time, in cycles a minute."""
    return [60 * m.cadence_hz for t_s, m in track if start_s <= t_s < end_s and m.cadence_hz is not None]


def judge(person: Person, track: Track) -> dict[str, Any]:
    """Compare one person's track with the thigh; shares from 0 to 1, None where nothing was told."""
    end_s = track[-1][0]
    later = [m for t_s, m in track if t_s >= SETTLE_S]
    told = cadences(track, SETTLE_S, end_s + 1)
    median = float(np.median(told)) if told else None
    windows = [_window_ok(person, track, s) for s in np.arange(0.0, end_s - WINDOW_S, WINDOW_STEP_S).tolist()]
    counted = np.diff([0] + [m.cycles for _, m in track])
    near = max(1.0, 0.1 * person.reference_cpm)
    right = [m.cadence_hz is not None and abs(60 * m.cadence_hz - person.reference_cpm) < 2 * near for _, m in track]
    lasting = [t for (t, _), *three in zip(track, right, right[1:], right[2:], strict=False) if all(three)]
    first = cycles_by(person, lasting[0]) if lasting else None
    return {
        "person": person.name,
        "reference_cpm": person.reference_cpm,
        "median_cpm": median,
        "error_cpm": None if median is None else median - person.reference_cpm,
        "coverage": len(told) / max(len(later), 1),
        "rock_share": sum(m.kind == "rock" for m in later) / max(len(later), 1),
        "within_2cpm": float(np.mean(np.abs(np.array(told) - person.reference_cpm) <= 2.0)) if told else 0.0,
        "within_5pct": float(np.mean(np.abs(np.array(told) / person.reference_cpm - 1) <= 0.05)) if told else 0.0,
        "mae_cpm": float(np.mean(np.abs(np.array(told) - person.reference_cpm))) if told else None,
        "octave": _octave(told, person.reference_cpm),
        "sum_cpm": sum_cpm(person),
        "windows_ok": sum(windows),
        "windows": len(windows),
        "cycles": int(counted[counted > 0].sum()),
        "thigh_cycles": cycles(person),
        "count_within_1": float(abs(int(counted[counted > 0].sum()) - cycles(person)) <= 1),
        "cycles_to_first_right_p50": first,
        "cycles_to_first_right_p90": first,  # one person, one start
        "stop_cycles_p50": None,  # nobody stops before the recording does
        "stop_cycles_p90": None,
        "kind_right": sum(m.kind == "rock" for m in later) / max(len(told), 1),
        "rest_false": None,  # nobody rests; see "still"
        "ok": median is not None and abs(median - person.reference_cpm) <= ALLOWED_CPM,
    }


def sum_cpm(person: Person) -> float:
    """Take the highest peak of a periodogram of everything that presses: what one reads who does not tell the sides."""
    t_s = np.arange(person.t_s[0], person.t_s[-1], 0.1)
    total_n = signal.detrend(np.interp(t_s, person.t_s, person.cells.sum(axis=(1, 2, 3))))
    hz, power = signal.periodogram(total_n, 10.0, "hann", nfft=8192)
    inside = (hz > 2.6 / 60) & (hz < 1.0)
    return float(60 * hz[inside][np.argmax(power[inside])])


def _octave(told: list[float], reference_cpm: float) -> float:
    ratio = np.array(told) / reference_cpm
    return float(np.mean((np.abs(ratio - 2) < 0.2) | (np.abs(ratio - 0.5) < 0.05))) if told else 0.0


def _window_ok(person: Person, track: Track, start_s: float) -> bool:
    told = cadences(track, start_s, start_s + WINDOW_S)
    reference = window_cpm(person, start_s, WINDOW_S)
    return bool(told) and abs(float(np.median(told)) - reference) <= WINDOW_CPM


# --- one person in one way --------------------------------------------------------------------------------------


def follow(job: tuple[Person, str | None], way: Callable[[Recording], Track], feet: Feet) -> dict[str, Any]:
    """Follow one person on both pads, or on one alone; the other then carries nothing but its plate."""
    person, alone = job
    newtons = person.newtons(feet)
    if alone is not None:
        newtons[:, slice(3, 6) if alone == "left" else slice(0, 3)] = PLATE_N / 3
    recording = Recording(person.name, "n", person.t_s, newtons)
    return judge(person, way(recording)) | {"pads": alone or "both", "ms_per_s": _cost_ms(recording)}


def _cost_ms(recording: Recording) -> float:
    """Time the estimator alone, in ms a second of signal."""
    detector, estimator = ContactDetector(BOARD_V1), MovementEstimator()
    contacts = [detector.step(forces) for forces in recording.forces()]
    began = time.process_time()
    for each in contacts:
        estimator.step(each)
    return 1000 * (time.process_time() - began) / (contacts[-1].t_s - contacts[0].t_s)


def follow_still(one: Still) -> dict[str, Any]:
    """Count the answers with a cadence for somebody who lies still, as volts on the first foot of the left pad."""
    volts = np.zeros((len(one.t_s), len(BOARD_V1.channels)))
    volts[:, 0] = np.maximum(one.volts, 0.0)
    volts[:, len(BOARD_V1.sensors) :] = BOARD_V1.supply_v
    track = through_adc(Recording(one.name, "v", one.t_s, volts))
    newtons = np.repeat((volts[:, :1] * 40.0), 6, axis=1) / 3  # as if it were linear: some 80 N a pad
    spread = through_adc(Recording(one.name, "n", one.t_s, newtons))
    return {"recording": one.name, "reported": sum(m.cadence_hz is not None for _, m in track + spread)}


def run(newtons_per_count: float, feet: Feet, way: Callable[[Recording], Track]) -> dict[str, Any]:
    """Follow everybody in every way; return the figures under plain names."""
    who = people(newtons_per_count)
    jobs: list[tuple[Person, str | None]] = [(p, pads) for pads in (None, "left", "right") for p in who]
    with ProcessPoolExecutor(PROCESSES) as pool:
        rows = list(pool.map(partial(follow, way=way, feet=feet), jobs))
        quiet = list(pool.map(follow_still, still()))
    both, alone = [r for r in rows if r["pads"] == "both"], [r for r in rows if r["pads"] != "both"]
    windows = sum(r["windows"] for r in both)
    return {
        "people": both,
        "alone": alone,
        "still": quiet,
        "within": sum(row["ok"] for row in both),
        "of": len(both),
        "within_half_cpm": sum(row["ok"] and abs(row["error_cpm"]) < 0.5 for row in both),
        "windows_ok_share": sum(r["windows_ok"] for r in both) / max(windows, 1),
        "count_within_1": sum(abs(r["cycles"] - r["thigh_cycles"]) <= 1 for r in both),
        "lock_within_2": sum((r["cycles_to_first_right_p50"] or 99.0) <= 2.0 for r in both),
        "alone_within_1_cpm": {
            side: sum(r["error_cpm"] is not None and abs(r["error_cpm"]) <= 1.0 for r in alone if r["pads"] == side)
            for side in ("left", "right")
        },
    }


def show(figures: dict[str, Any]) -> None:
    """Print the tables for people."""
    print(
        f"{'person':>7} {'pads':>6} {'thigh':>6} {'mat':>6} {'error':>6} {'covered':>8} {'rock':>5} "
        f"{'windows':>8} {'cycles':>6} {'thigh':>6} {'right from':>11}"
    )
    for row in figures["people"] + figures["alone"]:
        median, first = row["median_cpm"], row["cycles_to_first_right_p50"]
        mat, error = ("-", "-") if median is None else (f"{median:.2f}", f"{row['error_cpm']:+.2f}")
        print(
            f"{row['person']:>7} {row['pads']:>6} {row['reference_cpm']:6.2f} {mat:>6} {error:>6} "
            f"{row['coverage']:8.0%} {row['rock_share']:5.0%} {row['windows_ok']:>3d} of {row['windows']:<2d} "
            f"{row['cycles']:6d} {row['thigh_cycles']:6d} {'-' if first is None else f'{first:.1f} cycles':>11}"
            f"{'' if row['ok'] else '  <-- off'}"
        )
    print(f"both pads: within {ALLOWED_CPM} cpm {figures['within']} of {figures['of']}, ", end="")
    print(f"within 0.5 cpm {figures['within_half_cpm']}, windows right {figures['windows_ok_share']:.1%}, ", end="")
    print(f"cycles within one {figures['count_within_1']}, lock within two cycles {figures['lock_within_2']}")
    for row in figures["still"]:
        print(f"still, {row['recording']}: {row['reported']} answers with a cadence")


def main(arguments: list[str] | None = None) -> int:
    """Run the bench; 0 when everybody is right and nobody still is given a cadence."""
    parser = argparse.ArgumentParser(prog="python -m bench.people", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--write", type=Path, metavar="DIR", help="write the ten as CSV for 'qlmat replay', then end")
    parser.add_argument("--direct", action="store_true", help="newtons straight into the pipeline, no virtual mat")
    parser.add_argument("--newtons-per-count", type=float, default=NEWTONS_PER_COUNT)
    parser.add_argument("--feet", choices=("plate", "thirds"), default="plate", help="how a pad's force meets its feet")
    options = parser.parse_args(arguments)
    if not RECORDINGS.is_dir():
        print(f"No recordings at {RECORDINGS}: nothing to measure.", file=sys.stderr)
        return 2
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        for person in people(options.newtons_per_count):
            write_csv(options.write / f"{person.name}.csv", person.t_s, person.newtons(options.feet))
        return 0
    figures = run(options.newtons_per_count, options.feet, direct if options.direct else through_adc)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if figures["within"] == figures["of"] and not any(s["reported"] for s in figures["still"]) else 1


if __name__ == "__main__":
    sys.exit(main())
