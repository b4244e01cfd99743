"""What is asked of the control loop: in which scan it is done, and what is answered."""

import time
from collections.abc import Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, Literal

import pytest
from gpiozero.pins.mock import MockFactory

from qlmat.core.model import NO_CONTACT, Command, Contact, Contacts, Event, Frame, Tick
from qlmat.core.plan import Plan
from qlmat.inbox import OVERTAKEN, TOO_LATE, Asked, Change, Requests, Weigh
from qlmat.runtime import IDENTIFY_S, Outputs, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat.steering import Steering
from tests.shell.loops import PERIOD_S, Probe, Scans, Script, levels


class Clerk:
    """Somebody who asks, and notes the answers with the scan in which they came."""

    def __init__(self, script: Script, clock: VirtualClock) -> None:
        self.queue: Requests = SimpleQueue()
        self.answers: list[tuple[int, object, str | None]] = []
        self._script = script
        self._clock = clock

    def ask(self, wish: Command | Change | Weigh | Literal["identify", "zero"]) -> None:
        """Ask for something now."""
        noted = lambda reason: self.answers.append((len(self._script.commands), wish, reason))
        self.queue.put(Asked(wish, noted, time.monotonic()))


def run_asked(
    outputs: Outputs, clock: VirtualClock, script: Script, at: dict[int, list[Any]]
) -> tuple[Clerk, Steering]:
    """Run 100 scans, asking for things before some of them."""
    clerk, steering = Clerk(script, clock), Steering(Plan())
    calls = {scan: lambda wishes=wishes: [clerk.ask(wish) for wish in wishes] for scan, wishes in at.items()}
    Runtime(Scans(clock, 100, calls), script, outputs, [], clock, clerk.queue, steering).run()
    return clerk, steering


def test_presses_of_the_button_reach_the_core_at_once_and_in_order(outputs: Outputs, clock: VirtualClock) -> None:
    script, queue = Script({}), SimpleQueue()
    pressed = [Command("tare"), Command("start", "left"), *[Command("mark")] * 30]
    for command in pressed:
        queue.put(command)
    Runtime(Scans(clock, 100), script, outputs, [], clock, queue).run()
    assert script.commands[0] == tuple(pressed)


def test_what_is_asked_is_done_one_in_a_scan_and_answered_in_that_scan(outputs: Outputs, clock: VirtualClock) -> None:
    wishes = [Command("start"), Command("mark"), Command("tare")]
    clerk, _ = run_asked(outputs, clock, Script({}), {10: wishes})
    assert clerk.answers == [(11, wishes[0], None), (12, wishes[1], None), (13, wishes[2], None)]


def test_an_answer_gives_the_reason_of_the_core(outputs: Outputs, clock: VirtualClock) -> None:
    class Refusing(Script):
        def push(self, scan: Frame, commands: Sequence[Command] = ()) -> Tick:
            refused = [Event(scan.t_s, "command_refused", None, {"command": c.name, "reason": "no"}) for c in commands]
            return replace(super().push(scan, commands), events=tuple(refused))

    clerk, _ = run_asked(outputs, clock, Refusing({}), {10: [Command("start")]})
    assert clerk.answers == [(11, Command("start"), "no")]


def test_a_stop_overtakes_everything_and_what_came_before_it_is_not_done(outputs: Outputs, clock: VirtualClock) -> None:
    script = Script({})
    clerk, _ = run_asked(outputs, clock, script, {10: [*[Command("start")] * 5, Command("stop"), Command("mark")]})
    assert [commands for commands in script.commands if commands] == [(Command("stop"),), (Command("mark"),)]
    assert [reason for _, wish, reason in clerk.answers if wish == Command("start")] == [OVERTAKEN] * 5
    assert script.commands[10] == (Command("stop"),), "in the very next scan"


def test_what_waited_too_long_for_the_loop_is_not_done(outputs: Outputs, clock: VirtualClock) -> None:
    script = Script({})
    clerk = Clerk(script, clock)
    clerk.queue.put(Asked(Command("start"), lambda reason: clerk.answers.append((0, "start", reason)), 0.0))
    Runtime(Scans(clock, 100), script, outputs, [], clock, clerk.queue).run()
    assert clerk.answers == [(0, "start", TOO_LATE)]
    assert not any(script.commands)


def test_other_aims_are_followed_between_sessions_and_refused_during_one(outputs: Outputs, clock: VirtualClock) -> None:
    wish = Change({"comfortable_n": 80.0})
    for state, reason, followed in (
        ("waiting", None, [Plan(comfortable_n=80.0)]),
        ("paused", "a session is running", []),
    ):
        script = Script({}, state)
        clerk, steering = run_asked(outputs, clock, script, {10: [wish]})
        assert [answer[2] for answer in clerk.answers] == [reason]
        assert script.followed == followed
        assert (steering.plan == Plan()) is (reason is not None)


def test_aims_that_contradict_each_other_are_refused_and_change_nothing(outputs: Outputs, clock: VirtualClock) -> None:
    script = Script({}, "waiting")
    steering = Steering(Plan(body_weight_n=500.0))  # its cap is 175 N
    clerk = Clerk(script, clock)
    calls = {10: lambda: clerk.ask(Change({"comfortable_n": 150.0}))}
    Runtime(Scans(clock, 100, calls), script, outputs, [], clock, clerk.queue, steering).run()
    assert "above the cap" in str(clerk.answers[0][2])
    assert (script.followed, steering.plan) == ([], Plan(body_weight_n=500.0))


class Loaded(Script):
    """A script whose left pad reads so many newtons."""

    def __init__(self, force_n: float | None) -> None:
        super().__init__({}, "waiting")
        self._force_n = force_n

    def push(self, scan: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Say what the script says, and what the pads read."""
        pads = Contacts(scan.t_s, Contact(self._force_n, None, False), NO_CONTACT)
        return replace(super().push(scan, commands), contacts=pads)


@pytest.mark.parametrize(
    ("force_n", "words", "done"),
    [(2.0, None, (Command("tare"),)), (82.0, "take everything off it", ()), (None, "cannot be read", ())],
)
def test_zero_is_taken_from_afar_only_when_the_pads_read_empty(
    outputs: Outputs, clock: VirtualClock, force_n: float | None, words: str | None, done: tuple[Command, ...]
) -> None:
    script = Loaded(force_n)
    clerk, _ = run_asked(outputs, clock, script, {10: ["zero"]})
    ((turn, _, reason),) = clerk.answers
    assert (turn, script.commands[10]) == (11, done)
    assert (reason is None) if words is None else (words in str(reason))


def test_a_known_weight_is_answered_with_what_the_pad_reads_under_it(outputs: Outputs, clock: VirtualClock) -> None:
    script = Loaded(15.0)
    clerk, _ = run_asked(
        outputs, clock, script, {10: [Weigh(15.0)], 20: [Weigh(30.0, "left")], 30: [Weigh(15.0, "right")]}
    )
    reasons = [reason for _, _, reason in clerk.answers]
    assert reasons[0] is None
    assert "the left pad reads 15.0 N under 30.0 N" in str(reasons[1])
    assert "the right pad reads 0.0 N" in str(reasons[2])
    assert not any(script.commands)


def test_a_mat_that_identifies_itself_blinks_and_beeps_and_shakes_nothing(
    outputs: Outputs, clock: VirtualClock, pins: MockFactory
) -> None:
    script = Script({}, "waiting")
    clerk = Clerk(script, clock)
    calls = {10: lambda: clerk.ask("identify")}
    probe = Probe(outputs)
    Runtime(Scans(clock, 400, calls), script, outputs, [probe], clock, clerk.queue).run()
    on_s = [t_s for t_s, motor, buzzer, led in probe.seen if buzzer and led and not motor]
    assert 0.4 * IDENTIFY_S < len(on_s) * PERIOD_S < 0.6 * IDENTIFY_S
    assert on_s[-1] - 0.1 <= IDENTIFY_S
    assert not any(motor for _, motor, _, _ in probe.seen)
    assert levels(pins) == [0.0, 0.0, 0.0]
