"""What the page's server knows of the mats, for Prometheus: `GET /metrics`, by its official client, in base units.

A value that is unknown, or of a mat that has been silent for a while, is left out rather than repeated.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from qlmat.dashboard.room import Room

SILENT_S = 30.0
Known = dict[str, Any]  # a mat as `qlmat.dashboard.mats` tells it: its last message of each kind

# name, what it says, kind of message, key, factor to base units
GAUGES: tuple[tuple[str, str, str, str, float], ...] = (
    ("qlmat_on_mat", "Whether something rests on a pad", "state", "on_mat", 1.0),
    ("qlmat_worked_seconds", "Time counted on this side", "state", "worked_s", 1.0),
    ("qlmat_remaining_seconds", "Time still to do on this side", "state", "remaining_s", 1.0),
    ("qlmat_cadence_hertz", "Pace of the movement", "state", "cadence_cpm", 1.0 / 60.0),
    ("qlmat_scan_rate_hertz", "Scans of the board", "state", "rate_hz", 1.0),
    ("qlmat_failed_inputs", "Inputs that failed in the last second", "state", "faults", 1.0),
    ("qlmat_temperature_celsius", "Temperature of the processor", "health", "temperature_c", 1.0),
    ("qlmat_uptime_seconds", "Since the program started", "health", "uptime_s", 1.0),
)
COUNTERS: tuple[tuple[str, str, str], ...] = (
    ("qlmat_events_lost", "Events that found no room", "events_lost"),
    ("qlmat_live_dropped", "Live pictures left out", "live_dropped"),
    ("qlmat_commands_refused", "Commands refused", "commands_refused"),
    ("qlmat_chips_lost", "Times a converter stopped answering", "chips_lost"),
)


class RoomCollector:
    """Reads the room anew at each scrape; nothing is counted twice and nothing is kept."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def collect(self) -> Iterator[Metric]:
        """Give every metric of every mat."""
        mats: dict[str, Known] = self._room.hello()["mats"]
        yield _gauge("qlmat_up", "Whether the mat is connected to the broker", mats, _up)
        yield _gauge("qlmat_state_age_seconds", "Since the last live or state message", mats, lambda mat: mat["age_s"])
        for name, about, kind, key, factor in GAUGES:
            yield _gauge(name, about, mats, partial(_read, kind, key, factor))
        yield _sides(mats)
        for name, about, key in COUNTERS:
            counter = CounterMetricFamily(name, about, labels=["mat"])
            for mat, known in mats.items():
                if (value := _of(known, "health", key)) is not None:
                    counter.add_metric([mat], float(value))
            yield counter
        ignored = CounterMetricFamily("qlmat_page_messages_ignored", "Messages the page could not use", labels=["why"])
        for why, count in self._room.health()["ignored"].items():
            ignored.add_metric([why], float(count))
        yield ignored


def _gauge(name: str, about: str, mats: dict[str, Known], read: Any) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, about, labels=["mat"])
    for mat, known in mats.items():
        value = read(known)
        if value is not None:
            gauge.add_metric([mat], float(value))
    return gauge


def _sides(mats: dict[str, Known]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily("qlmat_force_newtons", "Force on a pad", labels=["mat", "side"])
    for mat, known in mats.items():
        for side in ("left", "right"):
            value = _of(known, "state", f"{side}_force_n")
            if value is not None:
                gauge.add_metric([mat, side], float(value))
    return gauge


def _up(mat: Known) -> bool:
    return bool((mat.get("status") or {}).get("state") == "online")


def _of(mat: Known, kind: str, key: str) -> float | None:
    if kind == "state" and (mat["age_s"] is None or mat["age_s"] > SILENT_S):
        return None
    value: float | None = (mat.get(kind) or {}).get(key)
    return value


def _read(kind: str, key: str, factor: float, mat: Known) -> float | None:
    value = _of(mat, kind, key)
    return None if value is None else value * factor


def metrics(room: Room) -> bytes:
    """Write the page that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(RoomCollector(room))
    return generate_latest(registry)
