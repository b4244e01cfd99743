"""The verbs of the mat in order: one instant, forces, contact, movement, session, cue. One frame in, one `Tick` out."""

from collections.abc import Sequence
from math import inf

from qlmat.core.alignment import Aligner
from qlmat.core.ball import BallWatch
from qlmat.core.calibration import Calibration, Calibrator
from qlmat.core.contact import ContactDetector
from qlmat.core.creep import CreepCompensator
from qlmat.core.cues import Cues, conduct
from qlmat.core.faults import SensorWatch
from qlmat.core.hum import HumFilter
from qlmat.core.lag import LagCompensator
from qlmat.core.model import SIDES, Board, Command, Contact, Contacts, Event, Forces, Frame, Movement, Side, Tick
from qlmat.core.movement import MovementEstimator
from qlmat.core.pacing import NO_PACING, pace
from qlmat.core.plan import Plan
from qlmat.core.session import ACTIVE, Seen, Session, advance
from qlmat.core.spots import PlaceWatch

_NOTHING = Contact(None, None, False)


class Pipeline:
    """Everything between a scan and what is known, said and played.

    A frame whose stamp does not increase is dropped and counted, never an error: its tick repeats the last one, says
    `frame_dropped` once for each run of such frames, and still obeys the commands that came with it.

    A ball of 90 N put on a pad of one foot after half a second, and left there, at 20 frames a second:

    >>> import numpy as np
    >>> from qlmat.core.calibration import nominal_calibration
    >>> from qlmat.core.model import Chip, Sensor
    >>> board = Board(chips=(Chip(0x48),), sensors=(Sensor("left_1", "left", 0.0, 0.0, 0x48, 0),))
    >>> mat = Pipeline(board, nominal_calibration(board), Plan())
    >>> for frame in range(500):
    ...     newtons = 90.0 if frame >= 10 else 0.0
    ...     volts = newtons * 3.3 / (newtons * 1.5 + 16.96)  # 1 kOhm under R = 16.96 kOhm N / F + 0.5 kOhm
    ...     tick = mat.push(Frame(frame * 0.05, np.array([volts, 3.3])))
    ...     for event in tick.events:
    ...         print(f"{event.t_s:5.2f} {event.name:16} {tick.contacts.left.force_n:.0f} N  {tick.cue}")
     1.10 session_started  90 N  None
     1.60 ball_placed      90 N  None
     4.15 placed           90 N  None
     4.20 on_the_spot      90 N  on_the_spot
    19.15 settled          90 N  None
    19.15 work_started     90 N  None
    """

    def __init__(self, board: Board, calibration: Calibration, plan: Plan) -> None:
        """Wire the stages for one board, its calibration and one plan."""
        self._aligner = Aligner()
        self._sensors = SensorWatch(board)
        self._hum = HumFilter()
        self._calibrator = Calibrator(board, calibration)
        curves = calibration.curves
        self._creep = CreepCompensator(tuple(curve.creep_per_decade for curve in curves))
        self._lag = LagCompensator(tuple(curve.lag_ratio for curve in curves), tuple(curve.lag_n for curve in curves))
        self._detector = ContactDetector(board)
        self._estimator = MovementEstimator()
        self._ball = BallWatch()
        self._place = PlaceWatch()
        self._pacing = NO_PACING
        self._plans = _by_side(plan)
        self._next_plan: Plan | None = None
        self._session = Session()
        self._cues = Cues()
        self._t_s = -inf
        self._contacts = Contacts(0.0, _NOTHING, _NOTHING)
        self._movement = Movement()
        self._dropping = False
        self._early: tuple[Command, ...] = ()
        self.dropped = 0

    def push(self, frame: Frame, commands: Sequence[Command] = ()) -> Tick:
        """Take one scan in volts and what was asked for since the last; return all that is known now."""
        aligned = self._aligner.step(frame)
        noticed = aligned.events
        if self._t_s < aligned.t_s < inf:
            noticed += self._sensors.step(aligned)
        forces = self._calibrator.forces(self._hum.step(aligned))
        return self._take(self._lag.step(self._creep.step(forces)), tuple(commands), noticed)

    def push_forces(self, forces: Forces, commands: Sequence[Command] = ()) -> Tick:
        """Take one scan in newtons, as from a recording; return all that is known now."""
        return self._take(forces, tuple(commands), ())

    def follow(self, plan: Plan) -> None:
        """Ask for something else from now on, or, while a session is active, from its end on."""
        self._next_plan = plan

    def _take(self, forces: Forces, commands: tuple[Command, ...], noticed: tuple[Event, ...]) -> Tick:
        if not self._t_s < forces.t_s < inf:
            return self._drop(forces.t_s, commands, noticed)
        self._t_s = forces.t_s
        self._dropping = False
        self._contacts = self._detector.step(forces)
        self._movement = self._estimator.step(self._contacts)
        asked, self._early = self._early + commands, ()
        return self._conclude(asked, noticed + self._ball.step(self._contacts))

    def _drop(self, t_s: float, commands: tuple[Command, ...], told: tuple[Event, ...]) -> Tick:
        self.dropped += 1
        if not self._dropping:
            stamp_s = t_s if -inf < t_s < inf else None
            told += (Event(self._contacts.t_s, "frame_dropped", None, {"stamp_s": stamp_s}),)
            self._dropping = True
        if self._t_s == -inf:  # there is no time yet at which anything could be done
            self._early += commands
            return Tick(
                0.0, self._contacts, self._movement, self._session.practice(self._plans[self._session.side]), told, None
            )
        return self._conclude(commands, told)

    def _conclude(self, commands: tuple[Command, ...], told: tuple[Event, ...]) -> Tick:
        """Advance the session and the cues, and gather everything in one tick."""
        if self._next_plan is not None and self._session.state not in ACTIVE:
            self._plans, self._next_plan = _by_side(self._next_plan), None
        seen = Seen(self._contacts, self._movement, commands, self._place.step(self._contacts, self._movement))
        plan = self._plans[self._session.side]
        self._session, events = advance(self._session, seen, plan)
        if events and any(event.name == "tared" for event in events):
            self._detector.tare()
        events = told + events
        t_s = self._contacts.t_s
        tick = plan.pacing and self._tick(t_s, plan)
        self._cues = conduct(self._cues, t_s, events, tick)
        practice = self._session.practice(self._plans[self._session.side])
        return Tick(t_s, self._contacts, self._movement, practice, events, self._cues.playing)

    def _tick(self, t_s: float, plan: Plan) -> bool:
        """Tell whether the pace ticks now."""
        if self._session.state != "working":
            self._pacing = NO_PACING
            return False
        self._pacing, tick = pace(self._pacing, t_s, self._movement, plan)
        return tick


def _by_side(plan: Plan) -> dict[Side | None, Plan]:
    return {None: plan, **{side: plan.of(side) for side in SIDES}}
