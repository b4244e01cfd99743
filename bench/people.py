"""How well the mat follows ten recorded people: `python -m bench.people [--json FILE] [--write DIR] [--direct]`.

Each person's patches go through the pads' feet and the pipeline, and the median cadence after the first 15 s is
compared with the accelerometer on the thigh. Nobody who lies still may be given a cadence.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.knees import NEWTONS_PER_COUNT, RECORDINGS, Feet, Person, people, still, write_csv
from qlmat.core.calibration import Calibrator, nominal_calibration
from qlmat.core.contact import ContactDetector
from qlmat.core.model import FloatArray, Forces, Frame, Movement
from qlmat.core.movement import MovementEstimator
from qlmat_firmware.board import BOARD_V1

SETTLE_S = 15.0
ALLOWED_CPM = 1.5
Track = list[tuple[float, Movement]]


def follow(t_s: FloatArray, newtons: FloatArray) -> Track:
    """Send newtons (n, 6) straight through contact and movement."""
    return list(_follow(Forces(float(t), row) for t, row in zip(t_s, newtons, strict=True)))


def _follow(forces: Iterator[Forces]) -> Iterator[tuple[float, Movement]]:
    contact, movement = ContactDetector(BOARD_V1), MovementEstimator()
    for each in forces:
        yield each.t_s, movement.step(contact.step(each))


def follow_volts(t_s: FloatArray, volts: FloatArray) -> Track:
    """Read one resistor's volts (n,) as the first foot of the left pad; the other five carry nothing."""
    calibrator = Calibrator(BOARD_V1, nominal_calibration(BOARD_V1))
    frames = np.zeros((len(t_s), len(BOARD_V1.channels)))
    frames[:, 0] = np.maximum(volts, 0.0)
    frames[:, len(BOARD_V1.sensors) :] = BOARD_V1.supply_v
    return list(_follow(calibrator.forces(Frame(float(t), row)) for t, row in zip(t_s, frames, strict=True)))


def judge(person: Person, track: Track) -> dict[str, Any]:
    """Compare one person's track with the thigh."""
    later = [(t, m) for t, m in track if t - track[0][0] >= SETTLE_S]
    cadence = [60 * m.cadence_hz for _, m in later if m.cadence_hz is not None]
    median = float(np.median(cadence)) if cadence else None
    return {
        "person": person.name,
        "reference_cpm": person.reference_cpm,
        "median_cpm": median,
        "error_cpm": None if median is None else median - person.reference_cpm,
        "coverage": len(cadence) / max(len(later), 1),
        "rock_share": sum(m.kind == "rock" for _, m in later) / max(len(later), 1),
        "cycles": max(m.cycles for _, m in track),
        "ok": median is not None and abs(median - person.reference_cpm) <= ALLOWED_CPM,
    }


def run(newtons_per_count: float, feet: Feet) -> dict[str, Any]:
    """Follow everybody; return the figures under plain names."""
    rows = [judge(person, follow(person.t_s, person.newtons(feet))) for person in people(newtons_per_count)]
    quiet = [
        {"recording": s.name, "reported": sum(m.cadence_hz is not None for _, m in follow_volts(s.t_s, s.volts))}
        for s in still()
    ]
    return {"people": rows, "still": quiet, "within": sum(row["ok"] for row in rows), "of": len(rows)}


def show(figures: dict[str, Any]) -> None:
    """Print the table for people."""
    print(f"{'person':>7} {'thigh':>7} {'mat':>7} {'error':>7} {'covered':>8} {'rock':>6} {'cycles':>7}")
    for row in figures["people"]:
        median = row["median_cpm"]
        mat, error = ("-", "-") if median is None else (f"{median:.2f}", f"{row['error_cpm']:+.2f}")
        print(
            f"{row['person']:>7} {row['reference_cpm']:7.2f} {mat:>7} {error:>7} {row['coverage']:8.0%} "
            f"{row['rock_share']:6.0%} {row['cycles']:7d}{'' if row['ok'] else '  <-- off'}"
        )
    print(f"within {ALLOWED_CPM} cpm: {figures['within']} of {figures['of']}")
    for row in figures["still"]:
        print(f"still, {row['recording']}: {row['reported']} frames with a cadence")


def main(arguments: list[str] | None = None) -> int:
    """Run the bench; 0 when everybody is right and nobody still is given a cadence."""
    parser = argparse.ArgumentParser(prog="python -m bench.people", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--write", type=Path, metavar="DIR", help="write the ten as CSV for 'qlmat replay', then end")
    parser.add_argument("--newtons-per-count", type=float, default=NEWTONS_PER_COUNT)
    parser.add_argument(
        "--feet", choices=("plate", "thirds"), default="plate", help="how a pad's force reaches its feet"
    )
    options = parser.parse_args(arguments)
    if not RECORDINGS.is_dir():
        print(f"No recordings at {RECORDINGS}: nothing to measure.", file=sys.stderr)
        return 2
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        for person in people(options.newtons_per_count):
            write_csv(options.write / f"{person.name}.csv", person.t_s, person.newtons(options.feet))
        return 0
    figures = run(options.newtons_per_count, options.feet)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if figures["within"] == figures["of"] and not any(s["reported"] for s in figures["still"]) else 1


if __name__ == "__main__":
    sys.exit(main())
