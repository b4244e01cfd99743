"""The control loop: read a scan, push it through the pipeline, play the cue, tell the sinks. One thread, no locks.

Whatever ends the loop (the source, a time, a signal, an exception), every output is off when `run` returns.
What happens when the loop itself stalls stands in `qlmat.watchdog`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from queue import SimpleQueue
from typing import Any, Protocol

from qlmat.core.cues import APART_S, level
from qlmat.core.model import Command, Contact, Contacts, Frame, Tick
from qlmat.core.moves import ACTIVE
from qlmat.core.plan import Plan
from qlmat.core.weighing import not_empty, reads_off
from qlmat.errors import QlmatError
from qlmat.inbox import Asked, Change, Inbox, Weigh
from qlmat.ports import Actuator, Clock, FrameSource, Sink
from qlmat.pulse import RESTING
from qlmat.speaking import Voice
from qlmat.steering import Steering
from qlmat.wishes import RefusedError

log = logging.getLogger(__name__)

LATE_S = 0.05  # half of the 100 ms within which `stop` must work
STALL_S = 1.0  # a cue is not taken up again in its middle after a silence as long as the longest pulse
IDENTIFY_S, IDENTIFY_PERIOD_S = 3.0, 0.3  # quick and even: none of the cues
HEARTBEAT_S, HEARTBEAT_ON_S = 1.0, 0.1
_UNREAD = Contact(None, None, False)
NO_CONTACTS = Contacts(0.0, _UNREAD, _UNREAD)


class Pushes(Protocol):
    """What the loop needs of the core: `qlmat.core.pipeline.Pipeline`."""

    def push(self, frame: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Take one scan and what was asked since the last one; return everything known after it."""
        ...

    def follow(self, plan: Plan) -> None:
        """Ask for something else from the next session on, or from now on when none runs."""
        ...


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the person feels, hears and sees."""

    motor: Actuator
    buzzer: Actuator
    led: Actuator

    def off(self) -> None:
        """Switch everything off; one output that fails does not keep the others on."""
        for output in (self.motor, self.buzzer, self.led):
            try:
                output.set(False)
            except Exception:
                log.exception("output=%s problem='could not be switched off'", type(output).__name__)

    def close(self) -> None:
        """Switch everything off and release the pins."""
        self.off()
        for output in (self.motor, self.buzzer, self.led):
            output.close()


@dataclass(slots=True)
class Stats:
    """How the loop kept its time. A frame is late when its outputs moved more than `LATE_S` after its last sample."""

    frames: int = 0
    late: int = 0
    stalls: int = 0
    max_lateness_s: float = 0.0

    def note(self, lateness_s: float) -> None:
        """Count one frame."""
        self.frames += 1
        self.late += lateness_s > LATE_S
        self.max_lateness_s = max(self.max_lateness_s, lateness_s)


class CuePlayer:
    """Plays one cue at a time, from where its name first appears to the end of its pattern.

    A cue that cuts into a pulse of another waits in silence for the shortest gap, then begins.

    >>> player = CuePlayer()
    >>> player.step(10.0, "keep_going"), player.step(10.1, None), player.step(10.3, None)  # one pulse of 200 ms
    ('keep_going', 'keep_going', None)
    """

    def __init__(self) -> None:
        self._asked: str | None = None
        self._playing: str | None = None
        self._since_s = 0.0

    def step(self, t_s: float, asked: str | None) -> str | None:
        """Return the cue whose pattern is on at `t_s`, None when all is quiet."""
        if asked is not None and asked != self._asked:
            cut = self._playing is not None and level(self._playing, t_s - self._since_s)
            # A pulse that is cut must not run into the first one of the cue that cuts: that would be another rhythm.
            self._playing, self._since_s = asked, t_s + (APART_S if cut else 0.0)
        self._asked = asked
        on = self._playing is not None and level(self._playing, t_s - self._since_s)
        return self._playing if on else None

    def hush(self, asked: str | None) -> None:
        """Break the cue off unless another is asked for now, which cuts it by itself."""
        if asked is None or asked == self._asked:
            self.silence()

    def silence(self) -> None:
        """Break the cue off; it is not begun again while the same one is asked for."""
        self._playing = None


class Runtime:
    """Runs a mat. Who opened source, outputs and sinks closes them; the loop only switches the outputs off."""

    def __init__(
        self,
        source: FrameSource,
        pipeline: Pushes,
        outputs: Outputs,
        sinks: Sequence[Sink],
        clock: Clock,
        commands: "SimpleQueue[Any]",
        steering: Steering | None = None,
        voice: Voice = Voice(),
        time_of_day: Callable[[], time] = lambda: datetime.now().time(),
    ) -> None:
        self._source = source
        self._pipeline = pipeline
        self._outputs = outputs
        self._sinks = list(sinks)
        self._clock = clock
        self._inbox = Inbox(commands)
        self._steering = Steering(Plan()) if steering is None else steering
        self._active = False  # a session runs
        self._contacts = NO_CONTACTS  # of the scan before
        self._shown_until_s = float("-inf")  # identifying itself
        self._played_s = self._hushed_s = float("-inf")
        self._player = CuePlayer()
        self._voice, self._time_of_day = voice, time_of_day
        self._stopping = False
        self._turned_s: float | None = None
        self.stats = Stats()

    def stop(self) -> None:
        """End the loop after the scan being read; safe from a signal handler or another thread."""
        self._stopping = True

    def hush(self) -> None:
        """Break off what is felt, heard and seen, because the loop or its clock stands still; safe from a handler."""
        self._player.silence()
        self._shown_until_s = float("-inf")
        self._hushed_s = self._played_s
        self._outputs.off()

    def run(self, until_s: float | None = None) -> Stats:
        """Loop until the source ends, the clock reads `until_s` or `stop` is called; every output is off afterwards."""
        try:
            while not self._stopping and (until_s is None or self._clock.now_s() < until_s):
                frame = self._source.read()
                if frame is None:
                    break
                self._turn(frame)
        finally:
            self._outputs.off()
        return self.stats

    def _turn(self, frame: Frame) -> None:
        self._note_stall()
        pressed, asked = self._inbox.take()
        wished = [each for each in map(self._command, asked[:1]) if each is not None]  # several are all stops
        tick = self._pipeline.push(frame, (*pressed, *wished))
        self._active = tick.practice.state in ACTIVE
        if any(each.stops for each in asked) or any(each.name == "stop" for each in pressed):
            self._shown_until_s = float("-inf")
            self._player.hush(tick.cue)
        self._play(tick)
        self.stats.note(self._clock.now_s() - frame.t_s)
        for each in asked:
            each.answer(self._outcome(each, tick))
        self._contacts = tick.contacts
        for sink in tuple(self._sinks):
            self._tell(sink, tick, frame)

    def _command(self, asked: Asked) -> Command | None:
        """Say what the core is to do; zero only on what was empty in the scan before."""
        if asked.wish == "zero":
            return None if not_empty(self._contacts) else Command("tare")
        return asked.wish if isinstance(asked.wish, Command) else None

    def _outcome(self, asked: Asked, tick: Tick) -> str | None:
        """Do what is not the core's, and say why something was not done."""
        wish = asked.wish
        if isinstance(wish, Command):
            refusals = [e.detail for e in tick.events if e.name == "command_refused"]
            return next((str(each["reason"]) for each in refusals if each["command"] == wish.name), None)
        if isinstance(wish, Weigh):
            return reads_off(tick.contacts, wish.side, wish.weight_n)
        if self._active:
            return "a session is running"
        if isinstance(wish, Change):
            return self._change(wish)
        if wish == "zero":
            return not_empty(self._contacts)
        self._shown_until_s = tick.t_s + IDENTIFY_S
        return None

    def _change(self, change: Change) -> str | None:
        try:
            self._pipeline.follow(self._steering.change(change.values))
        except RefusedError as refusal:
            return str(refusal)
        return None

    def _note_stall(self) -> None:
        now_s = self._clock.now_s()
        if self._turned_s is not None and now_s - self._turned_s > STALL_S:
            self.stats.stalls += 1
            self._player.silence()
            log.warning("loop=stalled seconds=%.2f stalls=%d", now_s - self._turned_s, self.stats.stalls)
        self._turned_s = now_s

    def _play(self, tick: Tick) -> None:
        sounding = self._player.step(tick.t_s, tick.cue)
        showing = not self._active and tick.t_s < self._shown_until_s
        blink = showing and tick.t_s % IDENTIFY_PERIOD_S < IDENTIFY_PERIOD_S / 2
        self._played_s = tick.t_s
        beat = tick.t_s > self._hushed_s and tick.practice.state not in RESTING and _beats(tick.t_s)
        felt, heard = (False, False) if sounding is None else self._voice.by(sounding, self._time_of_day())
        self._outputs.motor.set(felt)
        self._outputs.buzzer.set(heard or blink)
        self._outputs.led.set(beat or blink)

    def _tell(self, sink: Sink, tick: Tick, frame: Frame) -> None:
        """Tell one sink; a sink that fails is set aside, because the person on the mat goes on without it."""
        try:
            sink.put(tick, frame)
        except (QlmatError, OSError) as error:
            self._sinks.remove(sink)
            log.error("sink=%s problem=%r result='set aside, the session goes on'", type(sink).__name__, str(error))


def _beats(t_s: float) -> bool:
    return t_s % HEARTBEAT_S < HEARTBEAT_ON_S
