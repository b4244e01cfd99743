"""The terminal view: fits 80 columns, never holds the loop up, says the same in plain lines."""

import io
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from qlmat.cli.view import TerminalView
from qlmat.cli.view_pad import COLUMNS, ROWS, draw_pad
from qlmat.cli.view_picture import INFO, Look, line, picture, rhythm
from qlmat.cli.view_reading import Reading
from qlmat.core.model import Contact, Event, Frame, Movement, Side, State
from qlmat.core.plan import Plan
from qlmat.core.rhythms import PATTERNS
from qlmat.dashboard.words import load_words
from qlmat.payloads import live_payload, plan_payload
from tests.dashboard.payloads import tick

AIMS = plan_payload(Plan())  # comfortable at 100 N: zone 70 to 110, too hard at 130, cap 300
FRAME = Frame(0.0, np.zeros(8))


def _look(fancy: bool = True) -> Look:
    return Look("QL Mat", "Page http://127.0.0.1:8000/   Ctrl-C ends", fancy, load_words())


def _seen(force_n: float = 80.0, **options: Any) -> Reading:
    reading = Reading(AIMS)
    reading.see(live_payload(tick(force_n=force_n, **options)))
    return reading


def _drawn(reading: Reading, fancy: bool = True) -> list[str]:
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(picture(reading, _look(fancy)))
    return capture.get().splitlines()


@pytest.mark.parametrize("fancy", [True, False])
@pytest.mark.parametrize("cue", [None, "done", "too_hard", "a_cue_of_a_later_version_with_a_very_long_name"])
def test_the_picture_fits_80_columns_and_24_rows(fancy: bool, cue: str | None) -> None:
    long = Event(9.0, "something_of_a_later_version_" * 5, "left")
    rows = _drawn(_seen(999.0, cue=cue, events=(long,) * 9), fancy)

    assert len(rows) <= 24
    assert max(map(len, rows)) <= 80


def test_before_the_first_reading_it_says_that_it_waits() -> None:
    assert any("Waiting" in row for row in _drawn(Reading(AIMS)))


def test_a_simple_terminal_gets_only_ascii() -> None:
    assert "".join(_drawn(_seen(), fancy=False)).isascii()


@pytest.mark.parametrize(
    ("force_n", "zone"),
    [(40.0, "Light"), (80.0, "In your zone"), (120.0, "Firm"), (150.0, "A bit much"), (310.0, "Too much")],
)
def test_the_zone_is_said_in_words(force_n: float, zone: str) -> None:
    assert any(row.startswith("Left") and row.rstrip().endswith(zone) for row in _drawn(_seen(force_n)))


def test_a_pad_that_cannot_be_read_is_not_shown_as_empty() -> None:
    reading, now = Reading(AIMS), tick()
    reading.see(live_payload(replace(now, contacts=now.contacts._replace(left=Contact(None, None, False)))))

    assert any(row.startswith("Left") and "No reading" in row for row in _drawn(reading))


def test_one_breath_does_not_change_the_zone() -> None:
    reading = Reading(AIMS)
    for step in range(50):
        reading.see(live_payload(tick(t_s=step / 10, force_n=105.0)))
    reading.see(live_payload(tick(t_s=5.0, force_n=115.0)))

    assert reading.zone("left") == "in"


@pytest.mark.parametrize(
    ("state", "step"),
    [("placing", "Place ball"), ("settling", "Settle"), ("working", "First side"), ("switching", "Change")],
)
def test_the_step_of_the_session_is_marked(state: State, step: str) -> None:
    steps = _drawn(_seen(state=state))[1]

    assert steps.index(f"● {step}") == max(at for at, char in enumerate(steps) if char == "●")


def test_after_changing_over_it_is_the_second_side_until_a_new_session_begins() -> None:
    reading = Reading(AIMS)
    reading.see(live_payload(tick(1.0, events=(Event(1.0, "switch_sides", "right"),))))
    assert "● Second side" in _drawn(reading)[1]

    reading.see(live_payload(tick(2.0, events=(Event(2.0, "session_started"),))))
    assert "○ Second side" in _drawn(reading)[1]


def test_a_cue_is_shown_with_its_rhythm_for_some_seconds() -> None:
    reading = _seen(cue="too_fast")
    reading.see(live_payload(tick(t_s=12.0)))
    assert any(row.rstrip().endswith("  ▬▬▬▬▬▬▬  ▬▬▬▬▬▬▬  ▬▬▬▬▬▬▬") for row in _drawn(reading))

    for t_s in (13.5, 15.0, 16.5):
        reading.see(live_payload(tick(t_s=t_s)))
    assert any("Quiet" in row for row in _drawn(reading))


@pytest.mark.parametrize("cue", PATTERNS)
def test_every_rhythm_fits_its_column_with_all_its_pulses(cue: str) -> None:
    drawn = rhythm(cue, _look())

    assert len(drawn) < INFO
    assert len(drawn.split()) == len(PATTERNS[cue])


# --- the pad ----------------------------------------------------------------------------------------------------------


def _find(text: str, char: str) -> tuple[int, int]:
    rows = text.split("\n")
    return next((row.index(char), number) for number, row in enumerate(rows) if char in row)


@pytest.mark.parametrize(
    ("cop_mm", "column", "row"), [((0, 0), 10, 5), ((35, 0), 15, 5), ((0, 45), 10, 2), ((-35, -45), 5, 8)]
)
def test_the_ball_is_drawn_to_scale_with_the_head_up(cop_mm: tuple[float, float], column: int, row: int) -> None:
    assert _find(draw_pad(cop_mm, [], True, fancy=True).plain, "●") == (column, row)


def test_a_pad_shows_three_feet_and_no_ball_when_empty() -> None:
    drawn = draw_pad(None, [], False, fancy=False).plain

    assert (drawn.count("o"), drawn.count("@")) == (3, 0)
    assert [len(row) for row in drawn.split("\n")] == [COLUMNS] * ROWS


def test_a_ball_beyond_the_plate_is_shown_at_its_rim() -> None:
    assert draw_pad((4000.0, -9000.0), [], True, fancy=True).plain.count("●") == 1


# --- the sink ---------------------------------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A terminal that somebody may have stopped with Ctrl-S."""

    def __init__(self, terminal: bool, stopped: bool = False) -> None:
        super().__init__()
        self._terminal = terminal
        self.resumed = threading.Event()
        if not stopped:
            self.resumed.set()

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        self.resumed.wait(30)
        return super().write(text)


def _console(screen: Screen) -> Console:
    return Console(file=screen, width=80, height=24, color_system=None, force_terminal=screen.isatty())


@pytest.mark.parametrize("terminal", [True, False])
def test_a_stopped_terminal_does_not_hold_the_loop_up(terminal: bool) -> None:
    screen = Screen(terminal, stopped=True)
    view = TerminalView(AIMS, console=_console(screen))

    for step in range(1000):  # ten seconds of a mat; would hang for 30 s a write if `put` wrote
        view.put(tick(t_s=step / 100), FRAME)
    view.close()

    assert screen.getvalue() == ""
    screen.resumed.set()


def test_what_came_last_is_painted_when_it_is_closed() -> None:
    screen = Screen(terminal=True)
    view = TerminalView(AIMS, console=_console(screen))

    view.put(tick(t_s=754.0, force_n=88.0), FRAME)
    view.close()

    assert "12:34" in screen.getvalue() and " 88 N" in screen.getvalue()


def test_without_a_terminal_it_writes_plain_lines_with_every_event() -> None:
    screen = Screen(terminal=False)
    view = TerminalView(AIMS, console=_console(screen))

    view.put(tick(t_s=9.0, events=(Event(9.0, "settled", "left"), Event(9.0, "turn_ahead", "left"))), FRAME)
    view.put(tick(t_s=10.0, force_n=88.0, cue="too_fast"), FRAME)
    view.close()

    assert screen.getvalue() == (
        "0:09  * Settled\n"
        "0:10  Working the left side  left 88 N (In your zone)  Rocking 12 a minute, 7 cycles  "
        "0:30 done, 1:00 to go  buzz: Too fast\n"
    )


@pytest.mark.parametrize("side", ["left", None])
def test_a_plain_line_can_be_said_of_any_state(side: Side | None) -> None:
    now = tick(state="waiting")
    reading = Reading(None)
    reading.see(live_payload(replace(now, practice=replace(now.practice, side=side), movement=Movement())))

    assert line(reading, _look()).startswith("0:10  Ready when you are  left 80 N")
