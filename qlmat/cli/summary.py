"""What a replay shows a person: a progress bar while it runs, then a table of what was seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from qlmat.core.model import SIDES, Event, Side, Tick
from qlmat.recording import Recording

CADENCE_FROM_S = 15.0  # the first seconds are settling


@dataclass(slots=True)
class Pad:
    """Forces of one pad while touched, and the instants of it."""

    forces_n: list[float] = field(default_factory=list)
    touched_s: float = 0.0


@dataclass(slots=True)
class Summary:
    """What a stream of ticks amounts to; `add` each of them."""

    frames: int = 0
    pads: dict[Side, Pad] = field(default_factory=lambda: {side: Pad() for side in SIDES})
    moved_s: dict[str, float] = field(default_factory=dict)
    cadences_cpm: list[float] = field(default_factory=list)
    cycles: int = 0
    events: list[Event] = field(default_factory=list)
    last: Tick | None = None
    start_s: float = 0.0

    def add(self, tick: Tick) -> None:
        """Take one tick."""
        if self.last is None:
            self.start_s = tick.t_s
        passed_s = 0.0 if self.last is None else tick.t_s - self.last.t_s
        self.frames += 1
        self.events += tick.events
        for side in SIDES:
            contact = tick.contacts.of(side)
            if contact.touching and contact.force_n is not None:
                self.pads[side].forces_n.append(contact.force_n)
                self.pads[side].touched_s += passed_s
        movement = tick.movement
        if movement.kind is not None:
            self.moved_s[movement.kind] = self.moved_s.get(movement.kind, 0.0) + passed_s
        if movement.cadence_hz is not None and tick.t_s - self.start_s >= CADENCE_FROM_S:
            self.cadences_cpm.append(60.0 * movement.cadence_hz)
        self.cycles += max(0, movement.cycles - (0 if self.last is None else self.last.movement.cycles))
        self.last = tick


def show(recording: Recording, ticks: Iterator[Tick]) -> None:
    """Run through the ticks with a progress bar on standard error, then print the table on standard output."""
    summary, end_s = Summary(), float(recording.t_s[-1])
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=end_s - float(recording.t_s[0]))
        for tick in ticks:
            summary.add(tick)
            if summary.frames % 100 == 0:
                progress.update(task, completed=tick.t_s - summary.start_s)
    console = Console()
    console.print(_table(recording, summary))
    if summary.events:
        console.print(_events(summary.events))


def _table(recording: Recording, summary: Summary) -> Table:
    table = Table("what", "value", title=recording.name, title_justify="left")
    table.add_row("duration", f"{recording.t_s[-1] - recording.t_s[0]:.1f} s")
    table.add_row("rows, frames", f"{recording.t_s.size}, {summary.frames}")
    table.add_row("irregularities", "; ".join(recording.notes) or "none")
    for side, pad in summary.pads.items():
        table.add_row(f"{side} pad", _force(pad))
    kinds = [f"{kind} {seconds:.0f} s" for kind, seconds in summary.moved_s.items() if round(seconds)]
    table.add_row("movement", ", ".join(kinds) or "none")
    cadence = f"{median(summary.cadences_cpm):.1f} a minute" if summary.cadences_cpm else "none"
    table.add_row(f"median cadence after {CADENCE_FROM_S:.0f} s", cadence)
    table.add_row("cycles", str(summary.cycles))
    if summary.last is not None:
        table.add_row(
            "session", f"{summary.last.practice.state}, {summary.last.practice.worked_s:.0f} s worked on this side"
        )
    table.add_row("events", str(len(summary.events)))
    return table


def _force(pad: Pad) -> str:
    if not pad.forces_n:
        return "not touched"
    return f"touched {pad.touched_s:.0f} s, median {median(pad.forces_n):.0f} N, at most {max(pad.forces_n):.0f} N"


def _events(events: list[Event]) -> Table:
    table = Table("t", "event", "side", "detail")
    for event in events:
        detail = ", ".join(f"{key} {_plain(value)}" for key, value in event.detail.items())
        table.add_row(f"{event.t_s:.2f} s", event.name, event.side or "", detail)
    return table


def _plain(value: float | str | None) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
