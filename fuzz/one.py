"""One target under libFuzzer, by way of atheris: `python -m fuzz.one TARGET FIGURES [options] [CORPUS ...]`.

Time is the processor's, so that a busy machine finds no hangs that are none; the clock on the wall ends an input after
20 s all the same (`-timeout`). FIGURES is a file, written every few seconds and at the end.
"""

import json
import logging
import resource
import sys
import time
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["qlmat", "qlmat_firmware", "tomllib", "h11"]):
    from fuzz.targets import TARGETS

HANG_S = 1.0  # of the processor, for one input
GROWTH_MB = 96.0  # of memory, for one input
TOLD_S = 2.0
FREE = 50  # the first inputs load modules and fill caches


class Watched:
    """A target with its time and memory watched."""

    def __init__(self, name: str, figures: Path) -> None:
        self._target, self._figures = TARGETS[name](), figures
        self._executions, self._slowest_s, self._slowest_bytes = 0, 0.0, 0
        self._told_s = time.monotonic()
        self._memory_mb = _memory_mb()

    def __call__(self, data: bytes) -> None:
        """Run one input; raise what is wrong with it."""
        began_s = time.process_time()
        self._target(data)
        took_s = time.process_time() - began_s
        self._executions += 1
        if took_s > self._slowest_s and self._executions > FREE:
            self._slowest_s, self._slowest_bytes = took_s, len(data)
        memory_mb, before_mb = _memory_mb(), self._memory_mb
        self._memory_mb = memory_mb
        if time.monotonic() - self._told_s > TOLD_S or self._executions <= 1:
            self.tell()
        if self._executions > FREE:
            assert took_s < HANG_S, f"a hang: {took_s:.2f} s for {len(data)} bytes"
            assert memory_mb - before_mb < GROWTH_MB, f"{memory_mb - before_mb:.0f} MB for {len(data)} bytes"

    def tell(self) -> None:
        """Write the figures so far."""
        self._told_s = time.monotonic()
        said = {"executions": self._executions, "slowest_s": round(self._slowest_s, 4),
                "slowest_bytes": self._slowest_bytes, "peak_mb": round(self._memory_mb, 1)}  # fmt: skip
        self._figures.write_text(json.dumps(said))


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main() -> None:
    """Fuzz until libFuzzer's options say that it is enough, or something is found."""
    name, figures, *options = sys.argv[1:]
    logging.disable(logging.WARNING)
    warnings.simplefilter("error")
    watched = Watched(name, Path(figures))
    atheris.Setup([sys.argv[0], *options], watched)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
