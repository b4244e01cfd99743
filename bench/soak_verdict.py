"""What a day of the soak left behind, and whether anything grows from day to day."""

from dataclasses import dataclass

import numpy as np

SETTLED = 15  # days after which every age of retention has been reached, and every cache has filled
LEAST_DAYS = 6  # fewer behind that say nothing of a trend
MEMORY_MB_A_DAY, OBJECTS_K_A_DAY = 0.1, 0.5
DISK_RATIO = 1.25  # a long session now and then makes a day's copy larger
RING_MB = 4.3  # 16 segments of 256 KiB, and one begun


@dataclass(frozen=True, slots=True)
class Day:
    """At the end of a day: memory in MB, open files, threads, thousands of objects; MB on disk; seconds it took."""

    day: int
    memory_mb: float
    files: int
    threads: int
    objects_k: int
    store_mb: float
    ring_mb: float
    took_s: float


def verdict(days: list[Day]) -> list[str]:
    """Say what grows, in words; nothing does when the list is empty.

    >>> flat = [Day(n, 90.0, 12, 1, 150, 5.0, 0.3, 9.0) for n in range(1, 31)]
    >>> verdict(flat), verdict([*flat[:-1], Day(30, 90.0, 13, 1, 150, 5.0, 0.3, 9.0)])
    ([], ['open files: 12 after the first day, 13 after the last'])
    """
    if not days:
        return []
    first, last = days[0], days[-1]
    found = [
        f"{what}: {before} after the first day, {after} after the last"
        for what, before, after in (
            ("open files", first.files, last.files),
            ("threads", first.threads, last.threads),
        )
        if after > before
    ]
    if last.ring_mb > RING_MB:
        found.append(f"ring: {last.ring_mb:.2f} MB, more than its bound of {RING_MB} MB")
    settled = days[SETTLED:]
    if len(settled) < LEAST_DAYS:
        return found
    for what, values, most in (
        ("memory [MB a day]", [day.memory_mb for day in settled], MEMORY_MB_A_DAY),
        ("objects [1000 a day]", [day.objects_k for day in settled], OBJECTS_K_A_DAY),
    ):
        if (slope := slope_a_day(values)) > most:
            found.append(f"{what}: {slope:.2f} on the last {len(settled)} days, more than {most}")
    half = len(settled) // 2
    early, late = (max(day.store_mb for day in part) for part in (settled[:half], settled[half:]))
    if late > DISK_RATIO * early:
        found.append(f"store: {early:.1f} MB at most, then {late:.1f} MB, although what is old has been deleted")
    return found


def slope_a_day(values: list[float] | list[int]) -> float:
    """Fit a line through one value a day; return its slope."""
    return float(np.polyfit(np.arange(len(values)), np.array(values, float), 1)[0])


def table(days: list[Day], head: bool = True) -> str:
    """Write days as rows of 80 columns at most."""
    titles = f"{'day':>4}{'memory':>11}{'files':>7}{'threads':>9}{'objects':>10}{'store':>10}{'ring':>10}{'took':>8}"
    rows = [
        f"{day.day:4}{day.memory_mb:8.1f} MB{day.files:7}{day.threads:9}{day.objects_k:8} k{day.store_mb:7.2f} MB"
        f"{day.ring_mb:7.3f} MB{day.took_s:6.1f} s"
        for day in days
    ]
    return "\n".join([titles, *rows] if head else rows)
