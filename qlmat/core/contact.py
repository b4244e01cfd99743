"""Tell what rests on each pad: force, centre of pressure, and whether it counts as touching.

A force sensor never reads nothing twice alike: it warms, it creeps under load and keeps a few percent after it. So zero
follows the empty pad slowly, stands still under load, touching needs more force to begin than to go on, and the force
that lingers after a release has to be exceeded before a new contact counts.

A spike strikes one lead for a sample or two; a load comes to all feet at once, and stays. So a touch that every foot
tells of counts almost at once and from less, and only a load at the edge waits until no spike lasts that long.
"""

from math import inf, isnan

from qlmat.core.model import SIDES, Board, Contact, Contacts, Forces, Side

# Pressure detection, cadence facts section 6: a load counts from 3 N; thermal walk +-1.2 N, residual 3 % of the load.
ON_N = 3.0
OFF_N = 2.2
OFF_PEAK_RATIO = 0.05
DEBOUNCE_S = 0.04  # spikes last a sample or two; 40 ms leaves two thirds of the 150 ms allowed
# A touch every foot tells of: on seeds 0 to 59 of bench/contact.py 0.1 N a foot cried out once, 2.0 N split a touch.
FIRM_FEET = 3  # two leads are struck by spikes at once some times an hour
FIRM_N, FIRM_FOOT_N = 2.3, 0.2  # more than a touch needs to go on; four times the noise of an empty foot
FIRM_S = 0.009  # two frames at 100 a second; hum of 50 Hz on all leads turns before, but for a strong one
REST_N_PER_S = 0.2  # what a foot shows at rest is followed faster than zero, slower than a hand lays a weight down
QUIET_N, QUIET_S = 5.0, 2.0  # tare only when the pad has been this empty for this long (domain facts, C.5)
TARE_N_PER_S = 0.05  # a puck warms within 8 minutes (domain facts, C.4-6): 1.2 N needs 0.003 N/s, a residual more
UNDER_N, UNDER_S, UNDER_N_PER_S = 1.5, 0.5, 5.0  # less than nothing is a wrong zero: mend it fast
FOLLOW_S = 0.1  # zero takes a step no sooner: more often costs time and changes nothing
LINGER_N_PER_S = 20.0  # how fast the force after a release is followed down
FOOT_N = 0.5  # a foot with less says nothing about the centre (cadence facts, section 6)
ABSENT_S = 0.5  # a pad that cannot be read keeps its touch this long: a lost scan is no lift-off
STARTUP_FRAMES = 5  # their median is the first zero
STARTUP_N = 12.0  # a plate and foam preload three feet with 3 to 9 N (domain facts, C.2); more is somebody lying there


class ContactDetector:
    """Follows both pads of a board, frame by frame, at any rate from 1 to 1000 frames a second.

    A ball of 60 N put down 20 mm to the right after five empty frames, at 50 frames a second; the pad's own weight
    rests on its feet (2 N each). All feet tell of it, so the second frame is enough:

    >>> from math import cos, radians, sin
    >>> import numpy as np
    >>> from qlmat.core.model import Chip, Sensor
    >>> feet = [Sensor(f"left_{i}", "left", 70 * cos(radians(a)), 70 * sin(radians(a)), 0x48, i)
    ...         for i, a in enumerate((90, 210, 330))]
    >>> detector = ContactDetector(Board(chips=(Chip(0x48),), sensors=tuple(feet)))
    >>> for frame in range(9):
    ...     load = [20 * (1 + 2 * 20 * foot.x_mm / 70**2) for foot in feet] if frame > 4 else [0, 0, 0]
    ...     pad = detector.step(Forces(frame * 0.02, np.array(load) + 2.0)).left
    ...     if frame > 3:
    ...         print(round(pad.force_n, 1), pad.touching, pad.cop_mm and [round(mm) for mm in pad.cop_mm])
    0.0 False None
    60.0 False None
    60.0 True [20, 0]
    60.0 True [20, 0]
    60.0 True [20, 0]
    """

    def __init__(self, board: Board) -> None:
        """Start with no zero yet: the first five frames give it."""
        self._board = board
        self._pads = tuple(_Pad(board, side) for side in SIDES)

    def step(self, forces: Forces) -> Contacts:
        """Take newtons (sensors,) of one frame, NaN where absent; frames must not run backwards."""
        newtons = forces.newtons.tolist()
        left, right = self._pads
        return Contacts(forces.t_s, left.step(forces.t_s, newtons), right.step(forces.t_s, newtons))

    def tare(self) -> None:
        """Take zero afresh from the next five frames, whatever lies there: only for a person who says it is empty."""
        for pad in self._pads:
            pad.begin(STARTUP_N * 1e9)

    def reset(self) -> None:
        """Forget everything, as at switching on."""
        self._pads = tuple(_Pad(self._board, side) for side in SIDES)


class _Pad:
    """One pad. Plain floats throughout: a call into numpy costs more than everything here together."""

    def __init__(self, board: Board, side: Side) -> None:
        feet = [(index, sensor) for index, sensor in enumerate(board.sensors) if sensor.side == side]
        self._indices = [index for index, _ in feet]
        self._places = tuple((sensor.x_mm, sensor.y_mm) for _, sensor in feet)
        self._read_t_s = float("-inf")
        self._contact = Contact(0.0, None, False)
        self.begin(STARTUP_N)

    def begin(self, believed_empty_n: float) -> None:
        """Forget zero and contact; take a new zero from the next frames if their total is below `believed_empty_n`."""
        self._zero = [0.0] * len(self._indices)
        self._rest = list(self._zero)  # over zero, what each foot showed lately while nothing touched
        self._startup: list[list[float]] | None = []
        self._believed_empty_n = believed_empty_n
        self._touching = False
        self._recent = (0.0, 0.0)  # the two totals before this one: a spike is never the smallest of three
        self._peak_n = self._linger_n = 0.0
        self._flip_since_s = self._firm_since_s = inf
        self._quiet_since_s: float | None = None
        self._under_since_s: float | None = None
        self._followed_s = float("-inf")

    def step(self, t_s: float, newtons: list[float]) -> Contact:
        if self._startup is not None:
            self._find_zero(self._startup, [newtons[index] for index in self._indices])
        loads = [newtons[index] - zero for index, zero in zip(self._indices, self._zero)]  # noqa: B905 - equal, and hot
        total_n = sum(loads)
        if isnan(total_n) or not loads:  # NaN: one foot that cannot be read makes the sum unknown
            return self._absent(t_s)
        passed_s, self._read_t_s = t_s - self._read_t_s, t_s
        if self._startup is None:
            self._decide(t_s, loads, total_n)
            if not self._touching:
                self._follow_zero(t_s, passed_s, loads, total_n)
        self._contact = Contact(max(total_n, 0.0), self._centre(loads) if self._touching else None, self._touching)
        return self._contact

    def _absent(self, t_s: float) -> Contact:
        if self._touching and t_s - self._read_t_s > ABSENT_S:
            self._touching = False
            self._flip_since_s = self._firm_since_s = inf
        return Contact(None, None, self._touching)

    def _find_zero(self, startup: list[list[float]], loads: list[float]) -> None:
        if any(map(isnan, loads)):
            return
        startup.append(loads)
        if len(startup) < STARTUP_FRAMES:
            return
        zero = [sorted(foot)[STARTUP_FRAMES // 2] for foot in zip(*startup, strict=True)]
        if sum(zero) < self._believed_empty_n:
            self._zero = zero
        self._startup = None

    def _decide(self, t_s: float, loads: list[float], total_n: float) -> None:
        """Flip between touching and not after 40 ms beyond the threshold, or after 9 ms of a touch on every foot."""
        if self._touching:
            self._peak_n = max(self._peak_n, min(total_n, *self._recent))
            off_n = max(min(OFF_N, self._peak_n / 2.0), OFF_PEAK_RATIO * self._peak_n)
            beyond, firm = total_n < off_n, False
        else:
            beyond, firm = total_n > ON_N + self._linger_n, total_n > FIRM_N and self._firm(loads, total_n)
        self._recent = (total_n, self._recent[0])
        if not beyond:
            self._flip_since_s = inf
        elif self._flip_since_s == inf:
            self._flip_since_s = t_s
        if not firm:
            self._firm_since_s = inf
        elif self._firm_since_s == inf:
            self._firm_since_s = t_s
        if t_s - self._flip_since_s >= DEBOUNCE_S or t_s - self._firm_since_s >= FIRM_S:
            self._flip(loads, total_n)

    def _firm(self, loads: list[float], total_n: float) -> bool:
        """Tell whether every foot shows more than at rest, all together a touch, and without the largest half of it."""
        rises = [load - rest for load, rest in zip(loads, self._rest)]  # noqa: B905 - equal, and hot
        rise_n = sum(rises)
        if len(rises) < FIRM_FEET or rise_n <= FIRM_N:
            return False
        return rise_n - max(rises) > FIRM_N / 2.0 and min(rises) > FIRM_FOOT_N

    def _flip(self, loads: list[float], total_n: float) -> None:
        self._touching = not self._touching
        self._flip_since_s = self._firm_since_s = inf
        self._quiet_since_s = self._under_since_s = None
        self._rest = loads
        self._peak_n = 0.0
        self._linger_n = 0.0 if self._touching else max(total_n, 0.0)

    def _follow_zero(self, t_s: float, passed_s: float, loads: list[float], total_n: float) -> None:
        """Let zero follow the empty pad, slowly; faster only where it reads less than nothing."""
        if total_n < self._linger_n:
            self._linger_n = max(total_n, 0.0, self._linger_n - LINGER_N_PER_S * passed_s)
        if total_n - self._linger_n >= QUIET_N:
            self._quiet_since_s = None
        elif self._quiet_since_s is None:
            self._quiet_since_s = t_s
        if total_n >= -UNDER_N:
            self._under_since_s = None
        elif self._under_since_s is None:
            self._under_since_s = t_s
        waited_s = t_s - self._followed_s
        if waited_s < FOLLOW_S:
            return
        self._followed_s = t_s
        most_n = REST_N_PER_S * min(waited_s, 1.0)
        self._rest = [
            rest + max(-most_n, min(most_n, load - rest)) for rest, load in zip(self._rest, loads, strict=True)
        ]
        if self._under_since_s is not None and t_s - self._under_since_s > UNDER_S:
            self._slew(loads, UNDER_N_PER_S * min(waited_s, 1.0))
        elif self._quiet_since_s is not None and t_s - self._quiet_since_s > QUIET_S:
            self._slew(loads, TARE_N_PER_S * min(waited_s, 1.0))

    def _slew(self, loads: list[float], most_n: float) -> None:
        steps = [max(-most_n, min(most_n, load)) for load in loads]
        self._zero = [zero + step for zero, step in zip(self._zero, steps, strict=True)]
        self._rest = [rest - step for rest, step in zip(self._rest, steps, strict=True)]

    def _centre(self, loads: list[float]) -> tuple[float, float] | None:
        """Weigh the places of the feet by their loads; below the release force the last centre stands."""
        total_n = x_n_mm = y_n_mm = 0.0
        for load, (x_mm, y_mm) in zip(loads, self._places):  # noqa: B905 - equal, and hot
            if load > FOOT_N:
                total_n += load
                x_n_mm += load * x_mm
                y_n_mm += load * y_mm
        if total_n < OFF_N:
            return self._contact.cop_mm
        return x_n_mm / total_n, y_n_mm / total_n
