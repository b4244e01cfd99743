"""The campaign: `python -m fuzz [--seconds 600] [--targets config http] [--json]`; `make fuzz SECONDS=600` is the same.

Each target runs in a process of its own for its share of the time, beginning with its seeds and what earlier runs
found worth keeping (`out/fuzz/`). An input that breaks something is kept there, said, and makes the exit code 1.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from fuzz.seeds import CORPUS, seeds
from fuzz.targets import TARGETS

OUT = Path("out/fuzz")
SCRATCH = Path("/dev/shm")  # noqa: S108 - a fresh folder in it: millions of small files would wear a card out
LONGEST_BYTES = 4096
MEMORY_MB = 768  # of the whole process; with the instrumented program in it some 150 are used
WALL_S = 20  # for one input on a busy machine; of the processor's time a second is allowed: `fuzz.one`


@dataclass(slots=True)
class Figures:
    """What one target's run gave."""

    target: str
    executions: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    slowest_bytes: int = 0
    peak_mb: float = 0.0
    corpus: int = 0
    crashes: int = 0
    said: str = ""


def run(target: str, seconds: float) -> Figures:
    """Fuzz one target in a process of its own."""
    folder = OUT / target
    found, given = folder / "corpus", folder / "seeds"
    for each in (found, given):
        each.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (given / f"{number:03d}").write_bytes(seed)
    figures, before = folder / "figures.json", _artifacts(folder)
    figures.unlink(missing_ok=True)
    options = [f"-max_total_time={seconds:.0f}", f"-max_len={LONGEST_BYTES}", f"-timeout={WALL_S}",
               f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={folder}/found-", "-print_final_stats=1",
               "-verbosity=0", "-reload=0"]  # fmt: skip
    command = [sys.executable, "-m", "fuzz.one", target, str(figures), *options, str(found), str(given)]
    if (CORPUS / target).is_dir():
        command.append(str(CORPUS / target))
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="qlmat-fuzz-", dir=SCRATCH if SCRATCH.is_dir() else None) as scratch:
        ended = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "TMPDIR": scratch},
        )  # fmt: skip
    words = ended.stdout + ended.stderr
    (folder / "log.txt").write_text(words)
    result = Figures(target, seconds=round(time.monotonic() - began_s, 1), corpus=len(list(found.iterdir())))
    if figures.exists():
        for key, value in json.loads(figures.read_text()).items():
            setattr(result, key, value)
    if (counted := re.search(r"stat::number_of_executed_units: +(\d+)", words)) is not None:
        result.executions = int(counted[1])
    result.crashes = len(_artifacts(folder) - before) or int(ended.returncode != 0)
    if result.crashes:
        result.said = _told(words)
    return result


def _artifacts(folder: Path) -> set[Path]:
    return set(folder.glob("found-*"))


def _told(words: str) -> str:
    """Find the error in what the process wrote."""
    lines = [
        line.strip() for line in words.splitlines() if re.match(r"\s*[\w.]*(Error|Exception|Warning|ERROR)\b", line)
    ]
    return next(iter(lines), words[-300:])


def table(found: list[Figures]) -> str:
    """Write the figures for a terminal of 80 columns."""
    lines = [f"{'target':12}{'executions':>12}{'a second':>10}{'crashes':>9}{'slowest':>12}{'peak':>9}{'corpus':>8}"]
    for each in found:
        rate = each.executions / each.seconds if each.seconds else 0.0
        lines.append(f"{each.target:12}{each.executions:12,}{rate:10,.0f}{each.crashes:9}"
                     f"{1000 * each.slowest_s:9.0f} ms{each.peak_mb:6.0f} MB{each.corpus:8}")  # fmt: skip
    crashes = sum(each.crashes for each in found)
    lines.append(f"{'total':12}{sum(each.executions for each in found):12,}{'':10}{crashes:9}")
    return "\n".join(lines + [f"{each.target}: {each.said}" for each in found if each.crashes])


def main() -> int:
    """Run the campaign; return 1 when something was found."""
    options = argparse.ArgumentParser(prog="python -m fuzz", description="Mutated inputs against all that reads them.")
    options.add_argument("--seconds", type=float, default=600.0, help="for all targets together")
    options.add_argument("--targets", nargs="+", choices=list(TARGETS), default=list(TARGETS))
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    found = [run(target, max(1.0, asked.seconds / len(asked.targets))) for target in asked.targets]
    print(json.dumps([asdict(each) for each in found], indent=1) if asked.json else table(found))
    return int(any(each.crashes for each in found))


if __name__ == "__main__":
    sys.exit(main())
