"""Fill a store with two weeks of a virtual person's practice, through the real pipeline and the real writer.

    python -m bench.fortnight DIR [--days 14]        then: qlmat report --store DIR -o REPORT

Each day is a story with its own mistakes, fewer as the days go by; one day is missed. Force comes from the person model
of `qlmat.sim`, volts from the nominal divider. Time is virtual; the clock of each day is made up and counts as set.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import SIDES, Command, FloatArray, Frame
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.records import Comfort, Note
from qlmat.sim.person import Person, PersonLoad
from qlmat.sim.steps import Story
from qlmat.store.database import opened
from qlmat.store.people import add_person, use_person
from qlmat.store.rows import keep_comfort, keep_note
from qlmat.store.sink import StoreSink
from qlmat_firmware.board import BOARD_V1

FIRST = datetime(2026, 11, 2, 19, 10, tzinfo=UTC)
RATE_HZ = 50.0
MISSED = frozenset({6})
SEED = 14
NOTES = {
    0: ("First time. Took a while to find the place.", None),
    4: ("Easier to go slowly when I breathe out on the way down.", None),
    9: ("A little further up feels better on this side.", "right"),
    13: ("Both sides feel about the same now.", None),
}


def story_of(day: int, rng: np.random.Generator) -> Story:
    """Tell one day: where the ball is put, how hard, how fast; mistakes become rarer."""
    steps: list[dict[str, Any]] = [{"do": "wait", "seconds": 2.0}]
    for side, place in (("left", (5.0, 9.0)), ("right", (-4.0, 2.0 + 0.5 * day))):
        wander = rng.normal(0.0, 5.0 / (1.0 + 0.3 * day), 2)
        where = [float(np.clip(axis + by, -20.0, 20.0)) for axis, by in zip(place, wander, strict=True)]
        lean = float(86.0 + rng.normal(0.0, 3.0) + (4.0 if side == "left" else 0.0))
        cpm = float(np.clip(12.0 + 7.0 * np.exp(-day / 3.0) * rng.uniform(0.4, 1.0) + rng.normal(0.0, 0.5), 8.0, 19.5))
        begin = {"do": "place", "side": side} if side == "left" else {"do": "change_pad", "seconds": 9.0}
        steps += [
            {**begin, "newtons": lean, "place_mm": where},
            {"do": "settle", "seconds": 17.0 if side == "left" else 5.0},
        ]
        good = {"do": "rock", "seconds": 24.0, "cpm": cpm, "mm": 17.0, "newtons": 9.0}
        steps.append(good)
        if rng.uniform() < 0.9 * np.exp(-day / 4.0):
            steps.append({**good, "seconds": 7.0, "lean_newtons": 165.0})
        if rng.uniform() < 0.8 * np.exp(-day / 4.0):
            steps.append({**good, "seconds": 12.0, "cpm": 25.0, "mm": 15.0})
        if rng.uniform() < 0.5 * np.exp(-day / 5.0):
            steps += [{"do": "lose_ball", "seconds": 5.0},
                      {"do": "place", "side": side, "newtons": lean, "place_mm": where},
                      {"do": "rest", "seconds": 3.0}]  # fmt: skip
        steps += [good, {**good, "seconds": 62.0}]
    steps += [{"do": "lift_off"}, {"do": "wait", "seconds": 4.0}]
    return Story.model_validate({"step": steps})


def frames(load: PersonLoad, end_s: float) -> Iterator[Frame]:
    """Scan the pads as an ideal converter would."""
    t_s = np.arange(0.0, end_s, 1.0 / RATE_HZ)
    volts = _volts(load.newtons(t_s))
    rails = np.full((len(t_s), len(BOARD_V1.chips)), BOARD_V1.supply_v)
    for stamp_s, row in zip(t_s.tolist(), np.hstack([volts, rails]), strict=True):
        yield Frame(stamp_s, row)


def _volts(newtons: FloatArray) -> FloatArray:
    """Turn force into the divider's volts: R = 16.96 kOhm N / F + 0.5 kOhm above 1 kOhm (domain facts C.4)."""
    return BOARD_V1.supply_v * newtons / (newtons * 1.5 + 16.96)


def live(folder: Path, day: int) -> None:
    """Live one day's session, a start of the program of its own."""
    rng = np.random.default_rng([SEED, day])  # fixed: the same fortnight every time
    person = Person(story_of(day, rng), rng)
    began = FIRST + timedelta(days=day, minutes=float(rng.normal(0.0, 25.0)))
    plan = Plan()
    sink = StoreSink(folder, plan, wall=lambda: began, synced=lambda: True, gather_s=0.0)
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), plan)
    worked = 0
    for frame in frames(PersonLoad(person, BOARD_V1), person.end_s):
        commands = (Command("mark"),) if worked in (3000, 8000) and day % 2 == 0 else ()
        tick = pipeline.push(frame, commands)
        worked += tick.practice.state == "working"
        sink.put(tick, frame)
    sink.close()


def fill(folder: Path, days: int) -> None:
    """Live `days` days, with comfortable forces and notes in between."""
    with opened(folder, create=True) as store:
        person = add_person(store, "A. Example", FIRST).person
        use_person(store, person)
    for day in range(days):
        if day not in MISSED:
            live(folder, day)
        with opened(folder) as store:
            at = FIRST + timedelta(days=day, minutes=-6)
            if day in (0, 3, 7, 10, 13):
                for side in SIDES:
                    keep_comfort(store, person, _comfort(at, day, side == "left"))
            if day in NOTES:
                text, of = NOTES[day]
                keep_note(store, person, Note(at + timedelta(minutes=12), text, of))  # type: ignore[arg-type]  # a literal above


def _comfort(at: datetime, day: int, left: bool) -> Comfort:
    rng = np.random.default_rng([SEED, day, left])
    loads = sorted((92.0 + (1.2 if left else 2.9) * day + rng.normal(0.0, 6.0, 3)).tolist())
    return Comfort(at, "left" if left else "right", "floor", "medium", median(loads), loads[0], loads[-1], len(loads))


def main() -> None:
    """Fill the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=14)
    asked = parser.parse_args()
    began_s = time.monotonic()
    fill(asked.folder, asked.days)
    size = sum(path.stat().st_size for path in asked.folder.iterdir())
    print(f"{asked.days} days in {time.monotonic() - began_s:.1f} s, {size / 1e6:.2f} MB in {asked.folder}")


if __name__ == "__main__":
    main()
