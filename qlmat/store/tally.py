"""From some seventy ticks to one row a second: what is kept of a session for good."""

from qlmat.core.model import SIDES, Side, State, Tick
from qlmat.core.plan import Plan
from qlmat.records import Second


class SecondTally:
    """Sums the ticks of one session up; a second is counted from the session's beginning.

    >>> from qlmat.core.model import NO_CONTACT, Contact, Contacts, Movement, Practice
    >>> tally = SecondTally(Plan(), began_s=10.0)
    >>> for frame in range(21):
    ...     t_s = 10.0 + frame / 20
    ...     pad = Contact(90.0 if frame < 10 else 120.0, (1.0, 2.0), True)
    ...     practice = Practice("working", "left", t_s - 10.0, 80.0)
    ...     rocking, contacts = Movement("left", "rock", 0.2), Contacts(t_s, pad, NO_CONTACT)
    ...     row = tally.step(Tick(t_s, contacts, rocking, practice, (), None))
    >>> row.second, round(row.force_n), round(row.cadence_hz, 3), round(row.inside_s, 2), round(row.above_s, 2)
    (0, 105, 0.2, 0.45, 0.5)
    """

    def __init__(self, plan: Plan, began_s: float) -> None:
        self._aims = {side: (*plan.of(side).zone_n, plan.of(side).too_hard_n) for side in SIDES}
        self._began_s = began_s
        self._t_s = began_s
        self._second = 0
        self._last: tuple[State, Side | None, float, int] = ("placing", None, 0.0, 0)
        self._clear()

    def step(self, tick: Tick) -> Second | None:
        """Take one tick; return the second that ended with it."""
        second = int(tick.t_s - self._began_s)
        done = self.take() if second > self._second else None
        self._second = max(self._second, second)
        self._add(tick, min(max(tick.t_s - self._t_s, 0.0), 1.0))  # a longer silence is no time on the mat
        self._t_s = tick.t_s
        return done

    def take(self) -> Second | None:
        """Give the second as it stands and begin a new one; None when it holds no tick."""
        if not self._ticks:
            return None
        state, side, worked_s, cycles = self._last
        n, places, rhythms = self._forces, self._places, self._rhythms
        row = Second(
            self._second, state, side,
            self._force_n / n if n else None, self._force_max_n if n else None,
            self._x_mm / places if places else None, self._y_mm / places if places else None,
            self._cadence_hz / rhythms if rhythms else None,
            cycles, worked_s, self._below_s, self._inside_s, self._above_s, self._hard_s,
        )  # fmt: skip
        self._clear()
        self._second += 1
        return row

    def _clear(self) -> None:
        self._ticks = self._forces = self._places = self._rhythms = 0
        self._force_n = self._force_max_n = self._x_mm = self._y_mm = self._cadence_hz = 0.0
        self._below_s = self._inside_s = self._above_s = self._hard_s = 0.0

    def _add(self, tick: Tick, passed_s: float) -> None:
        practice, movement = tick.practice, tick.movement
        if self._ticks and self._last[0] == "working" != practice.state:
            return  # the second in which work ended stays with the side that was worked
        self._ticks += 1
        self._last = practice.state, practice.side, practice.worked_s, movement.cycles
        if practice.side is None:
            return
        if movement.cadence_hz is not None and movement.side == practice.side:
            self._rhythms += 1
            self._cadence_hz += movement.cadence_hz
        contact = tick.contacts.of(practice.side)
        if contact.cop_mm is not None:
            self._places += 1
            self._x_mm += contact.cop_mm[0]
            self._y_mm += contact.cop_mm[1]
        if contact.force_n is not None:
            self._forces += 1
            self._force_n += contact.force_n
            self._force_max_n = max(self._force_max_n, contact.force_n)
            if practice.state == "working":
                self._judge(self._aims[practice.side], contact.force_n, passed_s)

    def _judge(self, aim: tuple[float, float, float], force_n: float, passed_s: float) -> None:
        low_n, high_n, hard_n = aim
        if force_n < low_n:
            self._below_s += passed_s
        elif force_n <= high_n:
            self._inside_s += passed_s
        else:
            self._above_s += passed_s
        if force_n > hard_n:
            self._hard_s += passed_s
