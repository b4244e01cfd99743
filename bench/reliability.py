"""Break everything on purpose and count: `python -m bench.reliability [--kills 200] [--stores 500] ... [--json FILE]`.

Each campaign stands in a module of its own (`reliability_kills`, `_store`, `_disk`, `_damage`, `_broker`, `_bus`) and
runs only when it is asked for with a number; without any number all run, for about two hours. `--json FILE`
adds what was found to a file, `--docs FILE` writes the table of faults of everything in it into docs/reliability.md.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from math import inf
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import reliability_table
from bench.reliability_kernel import build

if TYPE_CHECKING:
    from bench.reliability_store import Found

Result = dict[str, Any]
DEFAULTS = {
    "kills": 200,
    "stores": 500,
    "cuts": 100,
    "disks": 1,
    "damages": 1,
    "brokers": 10,
    "buses": 1,
    "clocks": 400,
    "starts": 10,
}


def kills(number: int, folder: Path) -> Result:
    """Kill the real process in mid-cue."""
    from bench.reliability_kills import WAYS, campaign

    deaths = campaign(number, build(folder), at_once=2)
    found: Result = {}
    for way in WAYS:
        mine = [each for each in deaths if each.way == way]
        if mine:
            found[way] = {
                "tries": len(mine),
                "left_on": sum(each.off_s is None for each in mine),
                "in_pulse": sum(each.in_pulse for each in mine),
                "off_median_s": median([each.off_s for each in mine if each.off_s is not None] or [inf]),
                "off_max_s": max((each.off_s for each in mine if each.off_s is not None), default=None),
                "over_1_s": sum(each.off_s is not None and each.off_s > 1.0 for each in mine),
                "by": sorted({each.by for each in mine if each.in_pulse}),
                "helper_failed": sum(not each.helper_low for each in mine),
                "helper_max_s": max(each.helper_s for each in mine),
            }
    return found


def stores(number: int, folder: Path) -> Result:
    """Kill -9 at random moments of sessions that are being kept."""
    from bench.reliability_store import campaign

    return _kept(campaign(number, folder))


def cuts(number: int, folder: Path) -> Result:
    """Cut the power at random moments of sessions that are being kept: what had not been synced is gone."""
    from bench.reliability_store import campaign

    return _kept(campaign(number, folder, library=build(folder)))


def _kept(found: "Found") -> Result:
    return {
        "kills": found.kills,
        "in_session": len(found.missing_s),
        "broken": len(found.broken),
        "confirmed": sum(found.confirmed.values()),
        "confirmed_lost": found.confirmed_lost,
        "twice_or_gaps": found.twice_or_gaps,
        "queued_lost": found.queued_lost,
        "missing_max_s": max(found.missing_s, default=0.0),
        "missing_median_s": median(found.missing_s or [0.0]),
        "sessions": found.sessions,
        "interrupted": found.interrupted,
        "dishonest": found.dishonest,
    }


def disks(step: int, folder: Path) -> Result:
    """Let each `step`-th change to the disk fail, once and for good, with each error."""
    from bench.reliability_disk import ERRORS, NAMES, campaign

    library, found = build(folder), {}
    for error in ERRORS:
        outcomes = campaign(library, folder, error, step)
        frames = max(each.frames for each in outcomes)
        found[error] = {
            "tries": len(outcomes),
            "not_whole": sum(not each.whole for each in outcomes),
            "events_wrong": sum(each.events != NAMES for each in outcomes),
            "frames_lost": sum(frames - each.frames for each in outcomes),
            "untold": sum(each.for_good and not each.told for each in outcomes),
            "recovered_max_s": max(each.seconds for each in outcomes),
        }
    return found


def damages(step: int, folder: Path) -> Result:
    """Damage each `step`-th page of a store, hold one, tear recordings."""
    from bench.reliability_damage import damage_pages, hold_store, tear_recordings
    from bench.reliability_disk import NAMES

    pages = damage_pages(folder, step)
    events, late_s = hold_store(HELD_S, folder / "held")
    read, refused, wrong = tear_recordings(1000 // step)
    return {
        "pages": len(pages),
        "set_aside": sum(each.set_aside for each in pages),
        "not_kept": sum(not each.kept for each in pages),
        "untold": sum(each.set_aside and not each.told for each in pages),
        "held": {"seconds": HELD_S, "lost": len(NAMES) * 2 - len(events), "recovered_s": late_s},
        "torn": {"cuts": read + refused + wrong, "read": read, "refused": refused, "wrong": wrong},
    }


HELD_S = 10.0


def brokers(rounds: int, folder: Path) -> Result:
    """Let the broker fail in every way, so many times each, and once for a day."""
    from bench.reliability_broker import FAULTS, Seen, away, try_fault

    found: Result = {}
    for fault in (*FAULTS, "a_day_away"):
        seen: list[Seen] = []
        for number in range(1 if fault == "a_day_away" else rounds):
            place = folder / f"{fault}-{number}"
            place.mkdir()
            seen.append(away(place) if fault == "a_day_away" else try_fault(fault, place))
        found[fault] = {
            "tries": len(seen),
            "events": sum(each.put for each in seen),
            "not_in_order": sum(not each.in_order for each in seen),
            "false_times": sum(each.false_times for each in seen),
            "missing": sum(each.put - len(each.numbers) for each in seen),
            "lost_counted": sum(each.lost_counted for each in seen),
            "repeated": sum(each.repeated for each in seen),
            "late_before_ms": median(each.late_before_ms for each in seen),
            "late_under_ms": median(each.late_under_ms for each in seen),
            "recovered_max_s": max(each.recovered_s for each in seen),
            "grown_mb": max(each.grown_mb for each in seen),
            "queued_mb": max(each.queued_mb for each in seen),
        }
    return found


def buses(_: int, folder: Path) -> Result:
    """Let bus, chips and feet fail under the whole program."""
    from bench.reliability_bus import campaign

    return {
        each.fault: {
            "told_s": each.told_s, "told": each.told, "paused_s": each.paused_s, "back_s": each.back_s,
            "longest_gap_s": each.longest_gap_s, "survived": each.survived,
        }
        for each in campaign()
    }  # fmt: skip


def clocks(number: int, folder: Path) -> Result:
    """Keep sessions by wall clocks that are wrong and jump."""
    from bench.reliability_clock import campaign

    return asdict(campaign(number, folder))


def starts(number: int, folder: Path) -> Result:
    """Measure how long the program takes from its start to its first scan."""
    from bench.reliability_store import start_s

    seconds = [start_s(folder) for _ in range(number)]
    return {"tries": number, "median_s": median(seconds), "max_s": max(seconds)}


CAMPAIGNS: dict[str, Callable[[int, Path], Result]] = {
    "kills": kills, "stores": stores, "cuts": cuts, "disks": disks, "damages": damages, "brokers": brokers,
    "buses": buses, "clocks": clocks, "starts": starts,
}  # fmt: skip


def main() -> None:
    """Run what is asked for, tell, and write it down."""
    arguments = _parse()
    asked = {name: number for name in CAMPAIGNS if (number := getattr(arguments, name)) is not None}
    if not asked and arguments.docs is None:
        asked = DEFAULTS
    results: Result = {}
    if arguments.json is not None and arguments.json.exists():
        results = json.loads(arguments.json.read_text())
    for name, number in asked.items():
        with tempfile.TemporaryDirectory(prefix=f"qlmat-{name}-") as folder:
            results[name] = CAMPAIGNS[name](number, Path(folder))
        sys.stdout.write(f"{name}: {json.dumps(results[name], indent=1)}\n")
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    if arguments.docs is not None:
        reliability_table.write(results, arguments.docs)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in DEFAULTS.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{CAMPAIGNS[name].__doc__} Usually {number}.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was found, beside what is in it")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write the table of what is in --json into this page")
    return parser.parse_args()


if __name__ == "__main__":
    main()
