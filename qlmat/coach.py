"""The coach around the pipeline: remembers, makes today's plan of what it remembers, and takes what people tell it.

It stands where the control loop expects the pipeline. Wishes come from the network's thread; they change what is
remembered under a lock and take effect in the loop's next turn. Without a coach, as in a replay, nothing is asked.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, Protocol, cast

from qlmat.core.course import (
    COURSE_DONE_WORD,
    GUEST,
    SECOND_WORD,
    CourseDay,
    Kept,
    Marked,
    Past,
    Practised,
    Reading,
    bar,
    course_day,
    plan_of_today,
    readings_of,
    remember,
)
from qlmat.core.model import SIDES, Command, Event, Frame, Side, Tick
from qlmat.core.moves import ACTIVE
from qlmat.core.plan import Plan
from qlmat.core.positions import STANCES, Position
from qlmat.core.screening import DAILY, QUESTIONS, Answered, Unlocked, standing, why_no_unlock
from qlmat.payloads import Payload, aim_payload, course_payload
from qlmat.remembering import Memory
from qlmat.wishes import RefusedError, Values

log = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks at the day and at what has been kept meanwhile


class Pushes(Protocol):
    """What the coach stands around: `qlmat.core.pipeline.Pipeline`."""

    def push(self, frame: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Take one scan and what was asked since the last one."""
        ...

    def follow(self, plan: Plan) -> None:
        """Ask for something else from the next session on."""
        ...


class Coach:
    """Leads one person at a time.

    `today`: the day's ordinal where the mat stands; `screened`, `limited`: as for `plan_of_today`.
    """

    def __init__(
        self,
        pipeline: Pushes,
        plan: Plan,
        memory: Memory,
        today: Callable[[], int],
        screened: bool = True,
        limited: bool = True,
    ) -> None:
        self._pipeline, self._base, self._memory, self._today = pipeline, plan, memory, today
        self._screened, self._limited = screened, limited
        self._lock = Lock()
        self._past = memory.news() or Past()
        self._changed = True
        self._day = today()
        self._look_s = float("-inf")
        self._active = False
        self._side: Side | None = None
        self._stop = False
        self._plan = plan
        self._told: Payload = {}
        self._worked_s: dict[Side, float] = {}
        self._follow_today()

    @property
    def past(self) -> Past:
        """All that is remembered of the person now."""
        return self._past

    def plan(self) -> Plan:
        """Give the plan of today, on the side being worked if one is."""
        return self._plan.of(self._side) if self._active else self._plan

    def chosen(self) -> Payload:
        """Say whose practice it is and what they chose, by the keys of the topic `config`."""
        choices = self._past.choices
        said: Payload = {
            "guest": self._past.person == GUEST,
            "position": choices.position,
            "ball": choices.ball,
            "only_side": choices.only or "both",
            "extra_left_s": choices.extra_s[0],
            "extra_right_s": choices.extra_s[1],
        }
        return said if choices.start is None else said | {"start_side": choices.start}

    def aims(self) -> Payload:
        """Say what is asked of either side today, by the keys of the topic `plan`."""
        past, said = self._past, Payload()
        for side in SIDES:
            known = readings_of(past.readings, side, past.choices.position, past.choices.ball)
            low_n, high_n = (known[-1].low_n, known[-1].high_n) if known else (None, None)
            said[side] = aim_payload(self._plan.of(side), low_n, high_n)
        return said

    def course(self) -> Payload:
        """Say where the course stands, as a payload."""
        return self._told

    def push(self, frame: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Take one scan like the pipeline, with today's plan."""
        if self._changed or frame.t_s - self._look_s >= LOOK_S:
            self._look(frame.t_s)
        if self._stop:
            commands = (*commands, Command("stop"))
            self._stop = False
        tick = self._pipeline.push(frame, commands)
        self._active, self._side = tick.practice.state in ACTIVE, tick.practice.side
        if tick.events:
            tick = replace(tick, events=tuple(map(self._placed, tick.events)) + self._hear(tick))
            if self._changed:
                self._look(frame.t_s)
        return tick

    def follow(self, plan: Plan) -> None:
        """Take other settings; what is remembered counts on top of them."""
        self._base = plan
        self._changed = True

    # --- in the control loop ------------------------------------------------------------------------------------------

    def _look(self, t_s: float) -> None:
        """See whether a new day has begun, or somebody has told or kept something, and plan anew if so."""
        self._look_s = t_s
        if not self._active:
            self._memory.ask()
        day = self._today()
        with self._lock:
            kept = self._memory.news()
            if kept is not None:
                self._past = kept
            changed = self._changed or kept is not None or day != self._day
            self._changed, self._day = False, day
        if changed:
            self._follow_today()

    def _follow_today(self) -> None:
        past, day, ways = self._past, self._day, (self._screened, self._limited)
        self._plan = plan = plan_of_today(self._base, past, day, *ways)
        asked = self._screened or past.answers
        due = standing(past.answers, past.unlocks, day).due if asked else "nothing"
        today = sum(each.day == day and each.counts for each in past.sessions)
        self._told = course_payload(self._course(), today, due, bar(past, day, *ways) != "third")
        self._pipeline.follow(plan)
        self._memory.practise(plan, past.choices)
        self._changed = False

    def _course(self) -> CourseDay:
        return course_day((each.day for each in self._past.sessions if each.counts), self._day)

    def _placed(self, event: Event) -> Event:
        """Add to the beginning of a session where it is practised, and the line of care that belongs there."""
        if event.name != "session_started":
            return event
        position = self._past.choices.position
        return replace(event, detail={**event.detail, "position": position, "care": STANCES[position].care})

    def _hear(self, tick: Tick) -> tuple[Event, ...]:
        """Remember what the session told; say the word about a second session."""
        told: tuple[Event, ...] = ()
        for event in tick.events:
            match event.name:
                case "session_started":
                    self._worked_s = {}
                    second = any(each.day == self._day and each.counts for each in self._past.sessions)
                    told += (Event(event.t_s, "second_today", None, {"say": SECOND_WORD}),) if second else ()
                case "side_done" if event.side is not None:
                    self._worked_s[event.side] = float(event.detail["worked_s"] or 0.0)
                case "session_done" | "session_stopped":
                    told += self._ended(tick)
                case "went_on":
                    self._add(lambda past: replace(past, sessions=past.sessions[:-1]))
                case "marked" if event.side is not None:
                    self._remember([self._mark(event, event.side)])
                case "comfort_found" if event.side is not None:
                    self._learn([self._reading(event, event.side)])
        return told

    def _ended(self, tick: Tick) -> tuple[Event, ...]:
        """Remember the session; say the word when it was the last one of the course."""
        side = tick.practice.side
        if side is not None and side not in self._worked_s:
            self._worked_s[side] = tick.practice.worked_s
        left_s, right_s = (self._worked_s.get(each, 0.0) for each in SIDES)
        before = self._course()
        self._remember([Practised(self._day, left_s, right_s, self._past.choices.position)])
        last = self._course().over and not before.over
        return (Event(tick.t_s, "course_done", None, {"say": COURSE_DONE_WORD}),) if last else ()

    def _mark(self, event: Event, side: Side) -> Marked:
        x_mm, y_mm = (float(event.detail[key] or 0.0) for key in ("x_mm", "y_mm"))
        return Marked(self._day, side, self._past.choices.position, x_mm, y_mm)

    def _reading(self, event: Event, side: Side) -> Reading:
        choices = self._past.choices
        force_n, low_n, high_n, loads = (
            float(event.detail[key] or 0.0) for key in ("force_n", "low_n", "high_n", "loads")
        )
        return Reading(self._day, side, choices.position, choices.ball, force_n, low_n, high_n, int(loads))

    # --- what is remembered -------------------------------------------------------------------------------------------

    def _add(self, change: Callable[[Past], Past]) -> None:
        with self._lock:
            self._past = change(self._past)
            self._changed = True

    def _remember(self, news: Sequence[Kept]) -> None:
        """Remember what the store keeps by itself."""
        self._add(lambda past: remember(past, news))

    def _learn(self, news: Sequence[Kept]) -> None:
        """Remember and keep, as one, so that nothing older is taken for news in between."""
        with self._lock:
            self._memory.keep(news)
            self._past = remember(self._past, news)
            self._changed = True

    # --- what people tell, in the network's thread or at the terminal -------------------------------------------------

    @property
    def wishes(self) -> Mapping[str, Callable[[Values], None]]:
        """What can be told, by the names of `qlmat.wishes`; each raises RefusedError saying why not."""
        return {
            "screening": self._screening,
            "today": self._line,
            "unlock": self._unlock,
            "position": self._position,
            "sides": self._sides,
            "note": lambda values: self._memory.note(values["text"], values.get("side")),
            "person": self._person,
        }

    def _screening(self, values: Values) -> None:
        yes = set(values["yes"])
        self._learn([Answered(self._today(), question.key, question.key in yes) for question in QUESTIONS])
        self._stop_if_barred()

    def _line(self, values: Values) -> None:
        if standing(self._past.answers, self._past.unlocks, self._today()).due == "all":
            raise RefusedError("all questions are due first: 'screening'")
        self._learn([Answered(self._today(), DAILY, values["new"])])
        self._stop_if_barred()

    def _stop_if_barred(self) -> None:
        barred = bar(self._past, self._today(), self._screened, limited=False)
        self._stop = self._active and barred is not None

    def _unlock(self, values: Values) -> None:
        reason = why_no_unlock(values["question"], values["clinician"])
        if reason is not None:
            raise RefusedError(reason)
        self._learn([Unlocked(self._today(), values["question"], values["clinician"].strip())])

    def _position(self, values: Values) -> None:
        self._choose(position=cast(Position, values["position"]), ball=values.get("ball", self._past.choices.ball))

    def _sides(self, values: Values) -> None:
        choices, chosen = self._past.choices, dict[str, Any]()
        for key, field in (("start_side", "start"), ("only_side", "only")):
            if key in values:
                chosen[field] = values[key] if values[key] in SIDES else None
        left_s, right_s = choices.extra_s
        chosen["extra_s"] = (values.get("extra_left_s", left_s), values.get("extra_right_s", right_s))
        self._choose(note=values.get("text", choices.note), **chosen)

    def _choose(self, **chosen: Any) -> None:
        if self._active:
            raise RefusedError("a session is running")
        self._learn([replace(self._past.choices, **chosen)])

    def _person(self, values: Values) -> None:
        if self._active:
            raise RefusedError("a session is running")
        if not self._memory.knows(values["person"]):
            raise RefusedError("nobody of that id or name is known here: 'qlmat people' lists who is")
        self._add(lambda past: Past(person=GUEST if values["person"] == GUEST else None))
        self._memory.use(values["person"])
