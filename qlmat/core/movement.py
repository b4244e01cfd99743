"""How the person moves on the ball: rocking, bending or still, how fast, how far, how many cycles.

>>> from math import pi, sin
>>> from qlmat.core.model import Contact, Contacts, NO_CONTACT
>>> estimator = MovementEstimator()
>>> for i in range(1000):  # 20 s at 50 frames/s: 12 cycles a minute, 12 mm to either side
...     x_mm = 12 * sin(2 * pi * 0.2 * i / 50)
...     movement = estimator.step(Contacts(i / 50, Contact(100.0, (x_mm, 0.0), True), NO_CONTACT))
>>> movement.side, movement.kind, round(60 * movement.cadence_hz, 1), round(movement.depth_mm)
('left', 'rock', 12.0, 24)
"""

import numpy as np

from qlmat.core.model import Contacts, FloatArray, Kind, Movement
from qlmat.core.movement_bank import Rhythm, basis, search
from qlmat.core.movement_channels import Channels, Presence
from qlmat.core.movement_count import ZigZag, turns
from qlmat.core.movement_follow import Follower
from qlmat.core.movement_slots import SLOT_S, Slots

DECIDE_SLOTS = 2  # 5 decisions a second
CHECK_DECISIONS = 5  # a second look at every cadence once a second while one is followed
QUIET_GATES = 0.35  # less than this part of a gate, peak to peak in 3 s, is no movement
SEEN_SLOTS = 30
LEAST_SLOTS = 10
LOST_RATIO = 0.85
BEGIN_ODDS = 3.5
ODDS_CYCLES, LEAST_ODDS, CONFIRM_ODDS, SURE_LEAST_ODDS = 2.2, -3.0, 10.0, -9.0
BACKED_GATES, BACKED_MM = 0.55, 3.0  # less force counts as bending when the load travels along the body with it
CONFIRM_CYCLES = 2.0
COUNT_SMOOTH = 0.12
GROWN = 1.9
OTHER = 0.18
WIDE_SLOTS, WIDE_MM = 100, 30.0  # knees that roll from pad to pad press twice a cycle: the sides tell, not the sum
STILL_PERIODS, STILL_RATIO = 0.9, 0.65  # people hold at the ends of a swing: half a period without travel is no stop
SLOW_S, SLOW_PERIODS = 11.0, 2.0  # posture shifts every so often look like a slow rhythm for a cycle


class MovementEstimator:
    """Follow both pads frame by frame; decide five times a second and repeat the answer in between."""

    def __init__(self) -> None:
        self._slots = Slots()
        self._presence = Presence()
        self.reset()

    def reset(self) -> None:
        """Forget the past, as after a new placement of the ball."""
        self._slots.reset()
        self._presence.reset()
        self._movement = Movement()
        self._undecided = 0
        self._passed = 0
        self._quiet_at = -1
        self._counted_to = 0
        self._end()

    def step(self, contacts: Contacts) -> Movement:
        """Take one frame's contacts and return the movement as last decided."""
        closed = self._slots.add(contacts)
        self._presence.note(contacts)
        if closed:
            self._presence.passed(closed)
            self._passed += closed
            self._undecided += closed
            if self._undecided >= DECIDE_SLOTS:
                self._movement = self._decide(self._undecided * SLOT_S)
                self._undecided = 0
        return self._movement

    # --- deciding ---

    def _end(self) -> None:
        self._kind: Kind = "still"
        self._follower: Follower | None = None
        self._size = 0.0
        self._usual_s = 0.0
        self._zigzag: ZigZag | None = None
        self._cycles = 0
        self._last_turn = -1_000_000
        self._until_check = CHECK_DECISIONS
        self._rival_since = 0
        self._sure = False
        self._grown_at, self._grown_from = 0, 0.0

    def _decide(self, passed_s: float) -> Movement:
        channels = self._presence.channels(self._slots)
        if channels is None:
            self._end()
            return Movement()
        if len(channels.x_mm) < LEAST_SLOTS:
            return Movement(side=channels.side)
        if self._follower is None:
            self._find(channels)
        else:
            self._follow(self._follower, channels, passed_s)
        if self._follower is None:
            return Movement(side=channels.side, kind="still")
        self._count(self._follower, channels)
        return self._answer(self._follower, channels)

    def _signal(self, channels: Channels) -> FloatArray:
        return channels.rock if self._kind == "rock" else channels.bend

    def _find(self, channels: Channels) -> None:
        """Begin when something repeats, is large enough and has swung to and fro."""
        fresh = self._passed - self._quiet_at
        rock, bend = self._both(channels, fresh)
        kind = choose(channels, rock, bend)
        rhythm = rock if kind == "rock" else bend if kind == "bend" else None
        if kind is not None and rhythm is not None:
            self._begin(kind, rhythm)
            if self._follower is not None:
                self._follower.follow(self._signal(channels), 0.0)
                if self._follower.log_odds < BEGIN_ODDS:
                    self._end()

    @staticmethod
    def _both(channels: Channels, fresh: int) -> tuple[Rhythm | None, Rhythm | None]:
        """Search both channels in the slots since it was last quiet."""
        rock = _promising(channels.rock[-fresh:], 1.0)
        bend = _promising(channels.bend[-fresh:], BACKED_GATES)
        if bend is not None and bend.amplitude < 1.0:
            along = channels.y_mm[-round(bend.periods / bend.hz / SLOT_S) :]
            if amplitude(along, bend.hz) < BACKED_MM:
                bend = None
        return rock, bend

    def _begin(self, kind: Kind, rhythm: Rhythm) -> None:
        cycles = self._cycles  # not lost when another rhythm of the same movement takes over
        self._end()
        self._cycles = cycles
        self._kind = kind
        self._follower = Follower(1.0 / rhythm.hz, rhythm.periods)
        self._size = rhythm.amplitude
        self._usual_s = 1.0 / rhythm.hz
        self._counted_to = max(self._counted_to, self._passed - round(rhythm.periods / rhythm.hz / SLOT_S))

    def _follow(self, follower: Follower, channels: Channels, passed_s: float) -> None:
        signal = self._signal(channels)
        follower.follow(signal, passed_s)
        if follower.cycles > ODDS_CYCLES and follower.log_odds < (SURE_LEAST_ODDS if self._sure else LEAST_ODDS):
            self._end()
            return
        if self._stopped(follower, signal, channels):
            self._quiet_at = self._passed - round(0.3 * follower.period_s / SLOT_S)
            self._end()
            return
        if follower.amplitude > GROWN * self._size and not self._grown_at:
            self._grown_at, self._grown_from = self._passed, self._size
        self._usual_s += (follower.period_s - self._usual_s) * min(1.0, passed_s / follower.period_s)
        self._size += (min(follower.amplitude, 1.5 * self._size) - self._size) * min(1.0, passed_s / follower.period_s)
        self._sure = self._sure or (follower.cycles >= CONFIRM_CYCLES and follower.log_odds > CONFIRM_ODDS)
        self._until_check -= 1
        if self._until_check <= 0 or self._grown_at:
            self._until_check = CHECK_DECISIONS
            self._check(follower, channels)

    def _stopped(self, follower: Follower, signal: FloatArray, channels: Channels) -> bool:
        backed = (
            self._kind == "rock"
            or amplitude(channels.y_mm[-round(2 * follower.period_s / SLOT_S) :], follower.hz) > BACKED_MM
        )
        if self._size < (BACKED_GATES if backed else 1.0) * LOST_RATIO:
            return True
        period_s = min(follower.period_s, self._usual_s)  # a signal that stands still stretches the period
        tail = signal[-round(STILL_PERIODS * period_s / SLOT_S) :]
        width = max(1, round(0.1 * period_s / SLOT_S))
        return float(np.ptp(smooth(tail, width))) < STILL_RATIO * self._size

    def _check(self, follower: Follower, channels: Channels) -> None:
        """Look at every cadence again: begin anew when another one has been better for half a period."""
        if self._outgrown(follower, channels):
            return
        rock, bend = self._both(channels, self._passed)
        kind = choose(channels, rock, bend)
        rhythm = rock if kind == "rock" else bend if kind == "bend" else None
        if rhythm is None or kind is None:
            return
        same = kind == self._kind and abs(np.log(rhythm.hz * follower.period_s)) < OTHER
        if same or rhythm.periods < 2.0:
            self._rival_since = 0
        elif not self._rival_since:
            self._rival_since = self._passed
        elif (self._passed - self._rival_since) * SLOT_S > 0.5 * follower.period_s:
            self._begin(kind, rhythm)

    def _outgrown(self, follower: Follower, channels: Channels) -> bool:
        """Begin anew when what was followed, breathing say, is small beside a movement that began on top of it."""
        if not self._grown_at:
            return False
        since = self._passed - self._grown_at
        rock, bend = self._both(channels, since + round(0.5 * follower.period_s / SLOT_S))
        kind = choose(channels, rock, bend)
        rhythm = rock if kind == "rock" else bend if kind == "bend" else None
        if rhythm is not None and kind is not None and rhythm.amplitude > GROWN * self._grown_from:
            self._begin(kind, rhythm)
            return True
        if since * SLOT_S > 3 * follower.period_s:
            self._grown_at = 0
        return False

    def _count(self, follower: Follower, channels: Channels) -> None:
        """Count maxima of the smoothed signal, at least half a period apart."""
        signal = self._signal(channels)
        new = self._passed - self._counted_to
        width = max(1, round(COUNT_SMOOTH * follower.period_s / SLOT_S))
        fed = smooth(signal[-new - width + 1 :], width)[-new:].tolist() if new else []
        if self._zigzag is None:
            self._zigzag = ZigZag(1.1 * self._size)
        self._zigzag.swing = 1.1 * self._size
        first = self._passed - len(fed)
        for at, value in enumerate(fed, first):
            if self._zigzag.feed(value) == 1 and (at - self._last_turn) * SLOT_S > 0.55 * follower.period_s:
                self._cycles += 1
                self._last_turn = at
        self._counted_to = self._passed

    def _answer(self, follower: Follower, channels: Channels) -> Movement:
        span = round(1.1 * follower.period_s / SLOT_S)
        ahead = follower.phase % 0.5
        return Movement(
            side=channels.side,
            kind=self._kind,
            cadence_hz=follower.hz,
            cadence_sd_hz=follower.hz * follower.sd_ratio,
            cycles=self._cycles,
            depth_mm=float(np.ptp(channels.x_mm[-span:])) if self._kind == "rock" else None,
            depth_n=float(np.ptp(channels.force_n[-span:])) if self._kind == "bend" else None,
            next_turn_t_s=self._slots.end_t_s + (0.5 - ahead) * follower.period_s,
            confirmed=self._sure,
        )


def choose(channels: Channels, rock: Rhythm | None, bend: Rhythm | None) -> Kind | None:
    """Tell rocking from bending by what moves: to the side, or force (and place along the body)."""
    if rock is None and bend is None:
        return None
    if rock is None:
        return None if channels.wide and float(np.ptp(channels.x_mm[-WIDE_SLOTS:])) > WIDE_MM else "bend"
    if bend is None or rock is None or channels.wide:
        return "rock"
    span = round(1.0 / bend.hz / SLOT_S)
    across, along = float(np.ptp(channels.x_mm[-span:])), float(np.ptp(channels.y_mm[-span:]))
    return "rock" if across > 0.8 * along else "bend"


def smooth(values: FloatArray, width: int) -> FloatArray:
    """Average each value with its neighbours: (n,) to (n - width + 1,)."""
    if width <= 1 or len(values) <= width:
        return values
    sums = np.cumsum(np.concatenate(([0.0], values)))
    return np.asarray((sums[width:] - sums[:-width]) / width)


def _promising(signal: FloatArray, least: float) -> Rhythm | None:
    """Find a rhythm of at least `least` gates that has swung to and fro: a shift has one swing, there and back two."""
    if len(signal) < LEAST_SLOTS or float(np.ptp(signal[-SEEN_SLOTS:])) < QUIET_GATES:
        return None
    rhythm = search(signal)
    if rhythm is None or rhythm.amplitude < least:
        return None
    if rhythm.hz * SLOW_S < 1.0 and rhythm.periods < SLOW_PERIODS:
        return None
    width = max(1, round(0.1 / rhythm.hz / SLOT_S))
    span = smooth(signal[-round(1.6 / rhythm.hz / SLOT_S) - width :], width)
    return rhythm if turns(span.tolist(), 1.1 * rhythm.amplitude) >= 3 else None


def amplitude(values: FloatArray, hz: float) -> float:
    """Give the amplitude of one cadence in slots (n,)."""
    return float(np.hypot(*(basis(hz, len(values))[:, 2:4].T @ values))) * float(np.sqrt(2 / len(values)))
