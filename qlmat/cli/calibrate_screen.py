"""What `qlmat calibrate` shows: the step, a bar while it reads, at the end every weight beside what the pad reads."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from qlmat.cli import calibrate_guide as guide
from qlmat.core.fitting import PadFit, centre_mm
from qlmat.core.fitting_checks import Remaining, weigh
from qlmat.core.model import Sensor, Side
from qlmat.core.placements import Placement

FULL_RATIO, HALF_BAR = 0.20, 10  # the error that fills half the bar, and how many letters that is


class Screen:
    """Shows the steps of one pad; on a pipe, one line for each step."""

    def __init__(self, console: Console, side: Side) -> None:
        self._console, self._side = console, side
        self._number = 0
        words = TextColumn("{task.description}")
        self._progress = Progress(words, BarColumn(), TaskProgressColumn(), console=console, transient=True)
        self._task = self._progress.add_task("", total=1.0)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the screen as it is."""
        self._progress.stop()

    def show(self, progress: guide.Progress) -> None:
        """Show how far a step is."""
        if progress.number != self._number:
            self._number = progress.number
            self._console.print(
                f"[dim]{progress.number:3d}/{progress.of}[/] [bold]{self._side}[/]  {progress.step.say}"
            )
        done = f"step {progress.number} of {progress.of}, "
        what = "waiting for you" if progress.share is None else "hold still"
        self._progress.update(self._task, description=done + what, completed=progress.share or 0.0)


def result(console: Console, side: Side, feet: Sequence[Sensor], placements: Sequence[Placement], fit: PadFit) -> None:
    """Print the weights beside what the fitted pad reads, the curves, and the feet."""
    table = Table(title=f"{side} pad: weights and readings", title_justify="left")
    for name in ("weight", "at (x, y)", "reads", "off by", "-20 %     0     +20 %"):
        table.add_column(name, justify="left" if "%" in name or name == "at (x, y)" else "right")
    rows = iter(weigh(placements, fit))
    for placement in placements:
        newtons = [next(rows).tolist() for _ in placement.readings]
        if newtons and placement.force_n > 0.0:
            total_n, place = sum(newtons[-1]), f"({placement.x_mm:.0f}, {placement.y_mm:.0f})"
            ratio = total_n / placement.force_n - 1.0
            x_mm, y_mm = centre_mm(fit, newtons[-1])
            table.add_row(f"{placement.force_n:.0f} N", f"{place} -> ({x_mm:.0f}, {y_mm:.0f})", f"{total_n:.0f} N",
                          f"{ratio:+.0%}", _bar(ratio))  # fmt: skip
    console.print(table)
    curves = Table(title=f"{side} pad: sensors", title_justify="left")
    for name in ("sensor", "scale kOhm N", "floor Ohm", "exponent", "creep/decade", "lag", "foot mm"):
        curves.add_column(name, justify="right")
    for foot, curve, (x_mm, y_mm) in zip(feet, fit.curves, fit.feet_mm, strict=True):
        numbers = (f"{curve.scale_ohm_n / 1000:.1f}", f"{curve.floor_ohm:.0f}", f"{curve.exponent:.3f}")
        memory = (f"{curve.creep_per_decade:.1%}", f"±{curve.lag_ratio * curve.lag_n:.1f} N")
        curves.add_row(foot.name, *numbers, *memory, f"({x_mm:.1f}, {y_mm:.1f})")
    console.print(curves)


def remains(console: Console, side: Side, left: Remaining) -> None:
    """Print what the pad is still off by."""
    low, high = left.force_interval
    near, far = left.centre_interval_mm
    console.print(
        f"[bold]{side}[/]: a weight it was not fitted to reads within [bold]{left.force_ratio:.1%}[/] "
        f"(95 % sure: {low:.1%} to {high:.1%}), its place within [bold]{left.centre_mm:.1f} mm[/] "
        f"({near:.1f} to {far:.1f} mm) a direction, one sigma, {left.weights} weights."
    )


def _bar(ratio: float) -> str:
    """Draw an error as a bar from the middle: `----------|####------`."""
    length = min(round(abs(ratio) / FULL_RATIO * HALF_BAR), HALF_BAR)
    full, rest = "█" * length, "·" * (HALF_BAR - length)
    return f"{'·' * HALF_BAR}|{full}{rest}" if ratio >= 0.0 else f"{rest}{full}|{'·' * HALF_BAR}"
