"""`qlmat cues`: feel and hear what the mat says, and try which cues you tell apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.options import DeviceOption, Hardware, positive
from qlmat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from qlmat.ports import Clock

MEANING = {
    "on_the_spot": "on the spot: comfortable, right place",
    "too_hard": "a bit much: ease off",
    "ease_off": "too much: lift off",
    "too_fast": "too fast: slow down",
    "keep_going": "keep going; or half a minute left",
    "switch_sides": "change to the other side",
    "done": "done",
    "ball_lost": "the ball is lost",
    "stopped": "stopped; or: not now",
    "pace": "the pace: turn with the tick",
}
TAUGHT = tuple(cue for cue in MEANING if cue != "pace")
APART_S = 1.5
CELL_S = 0.1  # one character of a drawn rhythm


def cues(
    device: DeviceOption = Hardware.pi,
    only: Annotated[str | None, typer.Option("--only", metavar="CUE", help="Play one alone.")] = None,
    test: Annotated[
        int, typer.Option("--test", metavar="N", help="Then play N at random and ask which it was.", min=0, max=50)
    ] = 0,
    seed: Annotated[int | None, typer.Option("--seed", help="Of the test; without it another one each time.")] = None,
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", help="On virtual hardware: X times as fast as real time.")
    ] = 1.0,
) -> None:
    """Play every cue with its meaning; with --test, see which of them you confuse. Needs no mat, only its outputs."""
    positive("--speed", speed)
    if only is not None and only not in MEANING:
        raise UsageError(f"--only {only}: there is no such cue: write one of {', '.join(MEANING)}")
    from rich.console import Console

    console = Console()
    with _outputs(device, speed) as (switch, clock):
        for cue in MEANING if only is None else (only,):
            console.print(f"[bold]{cue:13}[/bold] {drawn(cue):20} {MEANING[cue]}")
            play(cue, switch, clock)
            clock.sleep_until(clock.now_s() + APART_S)
        if test:
            _examine(console, test, seed, switch, clock)


def drawn(cue: str) -> str:
    """Draw a rhythm, a tenth of a second a character.

    >>> drawn("keep_going"), drawn("too_fast")
    ('█', '████ ████ ████')
    """
    from qlmat.core.rhythms import PATTERNS

    return "".join(
        "█" * max(1, int(on_s / CELL_S + 1e-9)) + " " * int(off_s / CELL_S + 1e-9) for on_s, off_s in PATTERNS[cue]
    )


def play(cue: str, switch: Callable[[str, bool], None], clock: Clock) -> None:
    """Play one cue to its end on whatever `switch(cue, on)` moves."""
    from qlmat.core.rhythms import PATTERNS

    t_s = clock.now_s()
    for on_s, off_s in PATTERNS[cue]:
        for on, seconds in ((True, on_s), (False, off_s)):
            switch(cue, on)
            t_s += seconds
            clock.sleep_until(t_s)


def _examine(
    console: Console, rounds: int, seed: int | None, switch: Callable[[str, bool], None], clock: Clock
) -> None:
    """Play at random, ask, and say which were taken for which."""
    import random

    rng = random.Random(seed)  # noqa: S311 - a quiz
    console.print("\nWhich one was it?  " + "   ".join(f"{n} {cue}" for n, cue in enumerate(TAUGHT, start=1)))
    answers: list[tuple[str, str]] = []
    for number in range(1, rounds + 1):
        cue = rng.choice(TAUGHT)
        play(cue, switch, clock)
        said = 0
        while not 0 < said <= len(TAUGHT):
            said = typer.prompt(f"{number} of {rounds}", type=int)
        answers.append((cue, TAUGHT[said - 1]))
    for line in judged(answers):
        console.print(line)


def judged(answers: Sequence[tuple[str, str]]) -> list[str]:
    """Say how many of (played, said) were right, and which were confused, the most frequent first.

    >>> judged([("done", "done"), ("done", "switch_sides"), ("too_fast", "too_fast")])
    ['2 of 3 right.', 'done was taken for switch_sides, once.']
    """
    right = sum(played == said for played, said in answers)
    wrong = Counter((played, said) for played, said in answers if played != said)
    times = {1: "once", 2: "twice"}
    return [
        f"{right} of {len(answers)} right.",
        *(
            f"{played} was taken for {said}, {times.get(count, f'{count} times')}."
            for (played, said), count in wrong.most_common()
        ),
    ]


@contextmanager
def _outputs(device: Hardware, speed: float) -> Iterator[tuple[Callable[[str, bool], None], Clock]]:
    """Open motor and buzzer alone, real or virtual; whatever happens they are off afterwards."""
    from qlmat.clock import MonotonicClock
    from qlmat.sim.clock import PacedClock
    from qlmat.speaking import HEARD_ONLY
    from qlmat_firmware.board import BOARD_V1
    from qlmat_firmware.outputs import Buzzer, Motor
    from qlmat_firmware.pins import machine_pins, mock_pins

    real = device is Hardware.pi
    pins = machine_pins() if real else mock_pins()
    with ExitStack() as closing:
        motor = Motor(BOARD_V1.motor_pin, pins)
        closing.callback(motor.close)
        buzzer = Buzzer(BOARD_V1.buzzer_pin, pins)
        closing.callback(buzzer.close)

        def switch(cue: str, on: bool) -> None:
            motor.set(on and cue not in HEARD_ONLY)
            buzzer.set(on)

        yield switch, MonotonicClock() if real else PacedClock(speed)
