"""One row a start of the program: which wall time its monotonic zero was, and whether that can be believed."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Boot:
    """A start: a random word, the kernel's boot if its monotonic time is the kernel's, and the zero of its time.

    `offset_s` is the wall time, in seconds since 1970, at which `t_s` was 0.
    """

    boot: str
    machine_boot: str | None
    first_t_s: float
    offset_s: float
    clock_synced: bool


def keep_boot(connection: sqlite3.Connection, boot: Boot) -> None:
    """Write a start, or correct it once the clock is set, and with it other starts of the same kernel boot."""
    connection.execute(
        "INSERT INTO boots SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5 FROM boots WHERE true "
        "ON CONFLICT (boot) DO UPDATE SET offset_s = excluded.offset_s, clock_synced = 1 "
        "WHERE excluded.clock_synced AND NOT boots.clock_synced",
        (boot.boot, boot.machine_boot, boot.first_t_s, boot.offset_s, boot.clock_synced),
    )
    if boot.clock_synced and boot.machine_boot is not None:
        connection.execute(
            "UPDATE boots SET offset_s = ?, clock_synced = 1 WHERE machine_boot = ? AND NOT clock_synced",
            (boot.offset_s, boot.machine_boot),
        )
