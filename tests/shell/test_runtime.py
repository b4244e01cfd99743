"""The control loop on real gpiozero outputs with mock pins, in virtual time."""

import doctest
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, Literal

import pytest
from gpiozero.pins.mock import MockFactory

import qlmat.runtime
from qlmat.core.cues import LENGTH_S
from qlmat.core.model import NO_CONTACT, Command, Contact, Contacts, Event, Frame, Practice, Tick
from qlmat.core.plan import Plan
from qlmat.core.rhythms import PATTERNS
from qlmat.errors import BusError
from qlmat.inbox import OVERTAKEN, TOO_LATE, Asked, Change, Requests, Weigh
from qlmat.ports import Sink
from qlmat.runtime import IDENTIFY_S, LATE_S, Outputs, Runtime
from qlmat.sim.clock import VirtualClock
from qlmat.steering import Steering
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.outputs import Buzzer, Led, Motor
from qlmat_firmware.pins import mock_pins
from tests.shell.ticks import frame, tick

PERIOD_S = 0.01


class Scans:
    """A source of `count` scans, one each 10 ms; `at` calls something before the scan of that number is returned."""

    def __init__(self, clock: VirtualClock, count: int, at: dict[int, Callable[[], object]] | None = None) -> None:
        self._clock = clock
        self._count = count
        self._at = {} if at is None else at
        self._read = 0

    def read(self) -> Frame | None:
        """Return the next scan."""
        if self._read == self._count:
            return None
        self._clock.sleep_until(self._read * PERIOD_S)
        scan = frame(self._clock.now_s())
        self._at.get(self._read, lambda: None)()
        self._read += 1
        return scan

    def close(self) -> None:
        """Hold nothing."""


class Script:
    """A pipeline that asks for a cue, or breaks, at given times, and remembers its commands."""

    def __init__(self, cues: dict[float, str], state: str = "working", error_s: float = 1e9) -> None:
        self._cues = cues
        self._state = state
        self._error_s = error_s
        self.commands: list[tuple[Command, ...]] = []
        self.followed: list[Plan] = []

    def push(self, scan: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Say what the script says for this time; a cue is named as long as it lasts, as the core does."""
        if scan.t_s >= self._error_s:
            raise ValueError("a bug in the core")
        self.commands.append(tuple(commands))
        playing = [cue for t_s, cue in self._cues.items() if t_s <= scan.t_s < t_s + LENGTH_S[cue]]
        practice = Practice(self._state, "left", 0.0, 0.0)  # type: ignore[arg-type]  # one of the states
        return tick(scan.t_s, cue=playing[-1] if playing else None, practice=practice)

    def follow(self, plan: Plan) -> None:
        """Note it."""
        self.followed.append(plan)


class Probe:
    """A sink that writes down what each output does at each tick."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self.seen: list[tuple[float, bool, bool, bool]] = []

    def put(self, one: Tick, scan: Frame) -> None:
        """Look at the outputs."""
        self.seen.append(
            (one.t_s, *(output.on for output in (self._outputs.motor, self._outputs.buzzer, self._outputs.led)))
        )  # type: ignore[attr-defined]  # the real ones can tell

    def close(self) -> None:
        """Hold nothing."""

    def motor(self) -> list[tuple[float, bool]]:
        """List when the motor changed."""
        changes: list[tuple[float, bool]] = []
        for t_s, on, _, _ in self.seen:
            if on != (changes[-1][1] if changes else False):
                changes.append((round(t_s, 6), on))
        return changes


class Broken:
    """A sink on a full disk."""

    def __init__(self) -> None:
        self.asked = 0

    def put(self, one: Tick, scan: Frame) -> None:
        """Fail."""
        self.asked += 1
        raise OSError("no space left on device")

    def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    """Pins that remember."""
    factory = mock_pins()
    yield factory
    factory.close()


@pytest.fixture
def outputs(pins: MockFactory) -> Iterator[Outputs]:
    """The real motor, buzzer and LED."""
    parts = Outputs(Motor(BOARD_V1.motor_pin, pins), Buzzer(BOARD_V1.buzzer_pin, pins), Led(BOARD_V1.led_pin, pins))
    yield parts
    parts.close()


@pytest.fixture
def clock() -> VirtualClock:
    """Time at zero."""
    return VirtualClock()


def build(source: Scans, script: Script, outputs: Outputs, clock: VirtualClock, *sinks: Sink) -> tuple[Runtime, Probe]:
    """Put a loop together with a probe on its outputs."""
    probe = Probe(outputs)
    return Runtime(source, script, outputs, [*sinks, probe], clock, SimpleQueue()), probe


def levels(pins: MockFactory) -> list[float]:
    """Read all three pins."""
    return [float(pins.pin(n).state) for n in (BOARD_V1.motor_pin, BOARD_V1.buzzer_pin, BOARD_V1.led_pin)]


def test_the_example_holds() -> None:
    assert doctest.testmod(qlmat.runtime).failed == 0


@pytest.mark.parametrize("cue", [cue for cue in PATTERNS if cue != "pace"])
def test_a_cue_is_felt_in_the_rhythm_of_its_pattern(cue: str, outputs: Outputs, clock: VirtualClock) -> None:
    runtime, probe = build(Scans(clock, 400), Script({1.0: cue}), outputs, clock)
    runtime.run()
    expected, t_s = [], 1.0
    for on_s, off_s in PATTERNS[cue]:
        expected += [(t_s, True), (t_s + on_s, False)]
        t_s += on_s + off_s
    motor = probe.motor()
    assert [on for _, on in motor] == [on for _, on in expected]
    assert [t for t, _ in motor] == pytest.approx([t for t, _ in expected], abs=PERIOD_S + 1e-9)
    assert [motor for _, motor, _, _ in probe.seen] == [buzzer for _, _, buzzer, _ in probe.seen]


def test_the_pace_is_heard_and_not_felt(outputs: Outputs, clock: VirtualClock) -> None:
    runtime, probe = build(Scans(clock, 100), Script({0.5: "pace"}), outputs, clock)
    runtime.run()
    assert probe.motor() == []
    assert any(buzzer for _, _, buzzer, _ in probe.seen)


def test_a_more_urgent_cue_cuts_in_after_the_shortest_gap_so_that_its_rhythm_stays_its_own(
    outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 300), Script({0.0: "ease_off", 0.4: "stopped"}), outputs, clock)
    runtime.run()
    assert [t_s for t_s, _ in probe.motor()] == pytest.approx(
        [0.0, 0.4, 0.55, 0.7, 0.85, 1.75, 1.9, 2.05], abs=PERIOD_S + 1e-9
    )


def test_a_stop_breaks_off_the_cue_of_a_session_that_is_over(outputs: Outputs, clock: VirtualClock) -> None:
    queue: Requests = SimpleQueue()
    probe = Probe(outputs)
    stop = lambda: queue.put(Command("stop"))
    Runtime(Scans(clock, 200, {5: stop}), Script({0.0: "done"}, "done"), outputs, [probe], clock, queue).run()
    assert probe.motor() == [(0.0, True), (0.05, False)]


@pytest.mark.parametrize(("state", "beats"), [("working", 3), ("paused", 3), ("waiting", 0), ("done", 0)])
def test_the_led_beats_once_a_second_in_a_session(
    state: str, beats: int, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 300), Script({}, state), outputs, clock)
    runtime.run()
    leds = [led for _, _, _, led in probe.seen]
    assert sum(on and not before for before, on in zip([False, *leds], leds, strict=False)) == beats


def test_everything_is_off_when_the_source_ends_in_mid_cue(
    pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 5), Script({0.0: "done"}), outputs, clock)
    runtime.run()
    assert probe.seen[-1][1:] == (True, True, True)
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_everything_is_off_when_the_time_is_over_in_mid_cue(
    pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 1000), Script({0.0: "done"}), outputs, clock)
    runtime.run(until_s=0.05)
    assert probe.seen[-1][1] is True
    assert clock.now_s() < 0.1
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_everything_is_off_when_stopped_in_mid_cue(pins: MockFactory, outputs: Outputs, clock: VirtualClock) -> None:
    at: dict[int, Callable[[], object]] = {}
    runtime, probe = build(Scans(clock, 1000, at), Script({0.0: "done"}), outputs, clock)
    at[5] = runtime.stop
    runtime.run()
    assert len(probe.seen) == 6
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_everything_is_off_when_the_core_breaks_in_mid_cue(
    pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    runtime, probe = build(Scans(clock, 1000), Script({0.0: "done"}, error_s=0.1), outputs, clock)
    with pytest.raises(ValueError, match="a bug in the core"):
        runtime.run()
    assert probe.seen[-1][1] is True
    assert levels(pins) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("error", [BusError("the bus is gone"), KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_everything_is_off_when_reading_breaks_in_mid_cue(
    error: BaseException, pins: MockFactory, outputs: Outputs, clock: VirtualClock
) -> None:
    def fail() -> None:
        raise error

    runtime, probe = build(Scans(clock, 1000, {5: fail}), Script({0.0: "done"}), outputs, clock)
    with pytest.raises(type(error)):
        runtime.run()
    assert probe.seen[-1][1] is True
    assert levels(pins) == [0.0, 0.0, 0.0]


def test_one_output_that_fails_does_not_keep_the_others_on(pins: MockFactory, clock: VirtualClock) -> None:
    class Stuck(Motor):
        def set(self, on: bool) -> None:
            if not on:
                raise OSError("gpiochip0 is gone")
            super().set(on)

    outputs = Outputs(Stuck(BOARD_V1.motor_pin, pins), Buzzer(BOARD_V1.buzzer_pin, pins), Led(BOARD_V1.led_pin, pins))
    runtime, _ = build(Scans(clock, 5), Script({0.0: "done"}), outputs, clock)
    runtime.run()
    assert levels(pins)[1:] == [0.0, 0.0]


def test_a_sink_that_fails_is_set_aside_and_the_session_goes_on(outputs: Outputs, clock: VirtualClock) -> None:
    broken = Broken()
    runtime, probe = build(Scans(clock, 100), Script({}), outputs, clock, broken)
    runtime.run()
    assert (broken.asked, len(probe.seen)) == (1, 100)


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


def test_a_frame_whose_outputs_moved_late_is_counted(outputs: Outputs, clock: VirtualClock) -> None:
    late = lambda: clock.advance_ns(int(1.5 * LATE_S * 1e9))
    runtime, _ = build(Scans(clock, 100, {20: late, 60: late}), Script({}), outputs, clock)
    stats = runtime.run()
    # The source catches up: scans 20 to 27 were due before the first delay was over, but are read after it.
    assert (stats.frames, stats.late) == (100, 2)
    assert stats.max_lateness_s == pytest.approx(1.5 * LATE_S, abs=1e-6)


def test_what_is_hushed_stays_off_while_the_clock_stands_still(outputs: Outputs, clock: VirtualClock) -> None:
    def stand_still() -> None:
        clock.advance_ns = lambda duration_ns: None  # type: ignore[method-assign]  # the loop turns, time does not pass

    calls = {105: stand_still, 110: lambda: runtime.hush()}  # noqa: PLW0108 - there is no runtime yet
    runtime, probe = build(Scans(clock, 200, calls), Script({1.0: "ease_off"}), outputs, clock)
    runtime.run()
    levels = [row[1:] for row in probe.seen]
    assert levels[105:110] == [(True, True, True)] * 5
    assert levels[110:] == [(False, False, False)] * 90


def test_a_cue_is_not_taken_up_again_after_a_stall(outputs: Outputs, clock: VirtualClock) -> None:
    stall = lambda: clock.advance_ns(1_100_000_000)
    runtime, probe = build(Scans(clock, 300, {5: stall}), Script({0.0: "ball_lost"}), outputs, clock)
    stats = runtime.run()
    assert stats.stalls == 1
    assert [on for _, on in probe.motor()] == [True, False], "the rest of a rhythm that was broken says nothing"
