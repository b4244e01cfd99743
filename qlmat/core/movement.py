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

from math import log

from qlmat.core.model import Contacts, FloatArray, Kind, Movement, Side
from qlmat.core.movement_bank import Rhythm, table
from qlmat.core.movement_channels import Channels, Presence, Source, spread
from qlmat.core.movement_choice import LEAST_SLOTS, find, rolled, smooth
from qlmat.core.movement_count import ZigZag
from qlmat.core.movement_follow import Follower
from qlmat.core.movement_models import BREATH_HZ, SPANS, models
from qlmat.core.movement_path import paths
from qlmat.core.movement_slots import SLOT_S, Slots, filled

DECIDE_SLOTS = 2  # 5 decisions a second
CHECK_DECISIONS, SURE_DECISIONS = 5, 15  # a look at every other cadence each second while one is followed, or each 3 s
FOLLOW_PERIODS, FOLLOW_S, STEADY_SD_RATIO = 0.08, 0.6, 0.025  # models are asked again then; after twice that once sure
REAL_SLOTS, REAL_SHARE = 50, 0.3  # of the last 5 s: fewer frames than 3 a second may be any cadence
BEGIN_ODDS, ACROSS_ODDS = 4.5, 10.0  # log odds against mere wandering that a movement begins with
SLOW_HZ, SLOW_ODDS = 9 / 60, 5.2  # likewise where shifts of posture are likely
OFTEN_SLOTS = 200  # quiet twice within 20 s
ODDS_CYCLES, LEAST_ODDS, SURE_LEAST_ODDS = 2.2, -3.0, -9.0  # less, and it was none
CONFIRM_CYCLES, CONFIRM_ODDS = 2.0, 10.0
LOST_RATIO = 0.75  # of the amplitude that is certainly movement
STILL_PERIODS, STILL_RATIO = 0.9, 0.65  # people hold at the ends of a swing: half a period without travel is no stop
COUNT_SMOOTH, COUNT_SWING, COUNT_APART = 0.12, 1.1, 0.55  # periods, amplitudes, periods
COUNT_CYCLES, BREATH_CYCLES = 2.0, 6.0
SMALL_SIZE, SMALL_RATIO = 1.6, 0.5  # gates; amplitudes of the largest movement counted before
GROWN, SHRINK = 1.9, 0.7
DOUBT_RATIO, DOUBT_DECISIONS = 0.7, 2  # of the usual odds: less, and every other cadence is looked at soon
OTHER = 0.18  # log ratio of two cadences that are not the same


class MovementEstimator:
    """Follow both pads frame by frame; decide five times a second and repeat the answer in between."""

    def __init__(self) -> None:
        table()  # all that is built once is built here: within a frame it would hold up the next
        for span in SPANS:
            paths(models(span).samples)
        self._slots = Slots()
        self._presence = Presence()
        self.reset()

    def reset(self) -> None:
        """Forget the past, as after a new placement of the ball."""
        self._slots.reset()
        self._presence.reset()
        self._movement = Movement()
        self._undecided = self._passed = 0
        self._quiet_at, self._quiet_before = -1, -OFTEN_SLOTS
        self._cycles = self._pending = 0
        self._counted_to = self._pending_from = 0
        self._largest: dict[Source, float] = {}
        self._pad: Side | None = None
        self._end()

    def step(self, contacts: Contacts) -> Movement:
        """Take one frame's contacts and return the movement as last decided."""
        closed = self._slots.add(contacts)
        if closed:
            self._presence.passed(closed, self._slots.touched)
            self._passed += closed
            self._undecided += closed
            if self._undecided >= DECIDE_SLOTS:
                self._movement = self._decide(self._undecided * SLOT_S)
                self._undecided = 0
        return self._movement

    # --- deciding ---

    def _end(self) -> None:
        if self._pending:  # what was no movement has no cycles; another one may count the same slots
            self._pending, self._counted_to = 0, self._pending_from
        self._source: Source = "across"
        self._follower: Follower | None = None
        self._size = 0.0
        self._usual_s = 0.0
        self._waited_s = 0.0
        self._zigzag: ZigZag | None = None
        self._last_turn = -1_000_000
        self._until_check = CHECK_DECISIONS
        self._rival_since = 0
        self._sure = False
        self._grown_at, self._grown_from = 0, 0.0

    def _decide(self, passed_s: float) -> Movement:
        channels = self._presence.channels(self._slots)
        if channels is None:
            self._end()
            self._cycles = 0
            self._largest.clear()
            return Movement()
        if len(channels.x_mm) < LEAST_SLOTS or self._rare():
            self._end()
            return Movement(side=channels.side, cycles=self._cycles)
        if self._follower is None:
            self._note_pad(channels)
            self._find(channels)
        else:
            self._follow(self._follower, channels, passed_s)
        if self._follower is None:
            return Movement(side=channels.side, kind="still", cycles=self._cycles)
        self._count(self._follower, channels)
        return self._answer(self._follower, channels)

    def _rare(self) -> bool:
        """Tell whether hardly any slot of late had a frame."""
        return self._slots.whole < REAL_SLOTS and float(self._slots.real[-REAL_SLOTS:].mean()) < REAL_SHARE

    def _note_pad(self, channels: Channels) -> None:
        """Count from nothing again when the load has gone over to the other pad alone."""
        if not channels.wide:
            self._cycles = self._cycles if self._pad in (None, channels.side) else 0
            self._pad = channels.side

    def _filled(self, follower: Follower, channels: Channels) -> FloatArray:
        """Fill gaps with what was one period earlier: the straight line that bridges them is no movement."""
        signal = channels.signal(self._source)
        if self._slots.whole >= len(signal):
            return signal
        return filled(signal, self._slots.real, round(follower.period_s / SLOT_S))

    def _find(self, channels: Channels) -> None:
        """Begin when something repeats, is large enough, has swung to and fro and is no mere wandering.

        Looks at what came since it was last quiet; once a second also across the quiet, because a knee that rests half
        of each cycle is quiet in every one, but then all of two periods must fit and the odds be better.
        """
        self._presence.note_calm(channels.force_n)
        rolling = rolled(channels)
        if rolling is not None and self._try(channels, ("across", rolling), LEAST_ODDS):
            return
        fresh = self._passed - self._quiet_at
        found = find(channels, fresh)
        slow = found is not None and found[1].hz < SLOW_HZ  # as shifts of posture are
        if self._try(channels, found, SLOW_ODDS if slow else BEGIN_ODDS):
            return
        if fresh >= len(channels.x_mm) or self._passed - self._quiet_before > OFTEN_SLOTS:
            return
        self._until_check -= 1
        if self._until_check <= 0:
            self._until_check = CHECK_DECISIONS
            self._try(channels, find(channels, self._passed), ACROSS_ODDS, least_periods=2.0)

    def _try(
        self, channels: Channels, found: tuple[Source, Rhythm] | None, least_odds: float, least_periods: float = 0.0
    ) -> bool:
        if found is None or found[1].periods < least_periods:
            return False
        waited = self._until_check
        follower = self._begin(*found)
        follower.follow(self._filled(follower, channels), 0.0)
        if follower.log_odds >= least_odds and not self._stopped(follower, channels):
            return True
        self._end()
        self._until_check = waited
        return False

    def _begin(self, source: Source, rhythm: Rhythm) -> Follower:
        self._end()
        self._source = source
        self._follower = Follower(1.0 / rhythm.hz, rhythm.periods)
        self._size = rhythm.amplitude
        self._usual_s = 1.0 / rhythm.hz
        self._counted_to = max(self._counted_to, self._passed - round(rhythm.periods / rhythm.hz / SLOT_S))
        self._pending_from = self._counted_to
        return self._follower

    def _follow(self, follower: Follower, channels: Channels, passed_s: float) -> None:
        self._waited_s += passed_s
        follower.go_on(passed_s)
        patience = 2.0 if follower.sd_ratio < STEADY_SD_RATIO else 1.0
        if self._waited_s >= patience * min(FOLLOW_PERIODS * follower.period_s, FOLLOW_S) - 1e-9:
            follower.follow(self._filled(follower, channels), self._waited_s)
            self._waited_s = 0.0
        if follower.cycles > ODDS_CYCLES and follower.log_odds < (SURE_LEAST_ODDS if self._sure else LEAST_ODDS):
            self._end()
        elif self._stopped(follower, channels):
            self._quiet_before, self._quiet_at = self._quiet_at, self._passed - round(0.3 * follower.period_s / SLOT_S)
            self._end()
        else:
            self._remember(follower, min(1.0, passed_s / follower.period_s))
            calm = follower.log_odds > max(CONFIRM_ODDS, DOUBT_RATIO * follower.usual_odds)
            self._until_check = self._until_check - 1 if calm else min(self._until_check - 1, DOUBT_DECISIONS)
            if self._until_check <= 0 or self._grown_at:
                self._check(follower, channels)
                at_ease = calm and self._follower is follower and not self._rival_since
                self._until_check = SURE_DECISIONS if at_ease else CHECK_DECISIONS

    def _remember(self, follower: Follower, share: float) -> None:
        """Keep what is usual for this movement, over about a cycle; its size shrinks more slowly than it grows."""
        if follower.amplitude > GROWN * self._size and not self._grown_at:
            self._grown_at, self._grown_from = self._passed, self._size
        self._usual_s += (follower.period_s - self._usual_s) * share
        slow = SHRINK if follower.amplitude < self._size else 1.0  # what fades within a cycle has stopped
        self._size += (min(follower.amplitude, 1.5 * self._size) - self._size) * share * slow
        self._sure = self._sure or (follower.cycles >= CONFIRM_CYCLES and follower.log_odds > CONFIRM_ODDS)

    def _stopped(self, follower: Follower, channels: Channels) -> bool:
        if self._size < LOST_RATIO:
            return True
        period_s = min(follower.period_s, self._usual_s)  # a signal that stands still stretches the period
        look = round(STILL_PERIODS * period_s / SLOT_S)
        if self._slots.whole < look:  # a line across a gap does not move, people may
            look += look - round(float(self._slots.real[-look:].sum()))
        tail = smooth(channels.signal(self._source, look), max(1, round(0.1 * period_s / SLOT_S)))
        return spread(tail) < STILL_RATIO * self._size

    def _check(self, follower: Follower, channels: Channels) -> None:
        """Look at every cadence again: begin anew when another one has been better for half a period."""
        if self._outgrown(follower, channels):
            return
        if self._source == "force" and not channels.wide and follower.clearer_in(channels.signal("along")):
            self._source, self._size, self._zigzag = (
                "along",
                follower.amplitude,
                None,
            )  # breathing hardly moves the place
        found = find(channels, self._passed)
        if found is None:
            return
        source, rhythm = found
        as_fast = abs(log(rhythm.hz * follower.period_s)) < OTHER
        if (as_fast and (source == "across") == (self._source == "across")) or rhythm.periods < 2.0:
            self._rival_since = 0
        elif not self._rival_since:
            self._rival_since = self._passed
        elif (self._passed - self._rival_since) * SLOT_S > 0.5 * min(follower.period_s, 1.0 / rhythm.hz):
            if as_fast:  # the same movement, better seen elsewhere
                self._believe()
            self._begin(source, rhythm)

    def _outgrown(self, follower: Follower, channels: Channels) -> bool:
        """Begin anew when what was followed, breathing say, is small beside a movement that began on top of it."""
        if not self._grown_at:
            return False
        since = self._passed - self._grown_at
        found = find(channels, since + round(0.5 * follower.period_s / SLOT_S))
        if found is not None and found[1].amplitude > GROWN * self._grown_from:
            self._begin(*found)
            return True
        if since * SLOT_S > 3 * follower.period_s:
            self._grown_at = 0
        return False

    def _count(self, follower: Follower, channels: Channels) -> None:
        """Count maxima of the smoothed signal, at least half a period apart, once it has lasted.

        What is small, itself or beside the movement before, and as fast as breathing must go on for longer.
        """
        new = self._passed - self._counted_to
        width = max(1, round(COUNT_SMOOTH * follower.period_s / SLOT_S))
        fed = smooth(channels.signal(self._source, new + width - 1), width)[-new:].tolist() if new else []
        if self._zigzag is None:
            self._zigzag = ZigZag(COUNT_SWING * self._size)
        self._zigzag.swing = COUNT_SWING * self._size
        first = self._passed - len(fed)
        for at, value in enumerate(fed, first):
            if self._zigzag.feed(value) == 1 and (at - self._last_turn) * SLOT_S > COUNT_APART * follower.period_s:
                self._pending += 1
                self._last_turn = at
        self._counted_to = self._passed
        largest = self._largest.get(self._source)
        small = self._size < (SMALL_SIZE if largest is None else SMALL_RATIO * largest)
        breath = small and BREATH_HZ[0] < 1.0 / follower.period_s < BREATH_HZ[1]
        if not self._grown_at and follower.cycles >= (BREATH_CYCLES if breath else COUNT_CYCLES):
            self._believe()

    def _believe(self) -> None:
        """Add the cycles counted in a movement to those told."""
        self._cycles, self._pending, self._pending_from = self._cycles + self._pending, 0, self._counted_to
        self._largest[self._source] = max(self._size, self._largest.get(self._source, 0.0))

    def _answer(self, follower: Follower, channels: Channels) -> Movement:
        span = round(1.1 * follower.period_s / SLOT_S)
        ahead = follower.phase % 0.5
        kind: Kind = "rock" if self._source == "across" else "bend"
        return Movement(
            side=channels.side,
            kind=kind,
            cadence_hz=follower.hz,
            cadence_sd_hz=follower.hz * follower.sd_ratio,
            cycles=self._cycles,
            depth_mm=spread(channels.x_mm[-span:]) if kind == "rock" else None,
            depth_n=spread(channels.force_n[-span:]) if kind == "bend" else None,
            next_turn_t_s=self._slots.end_t_s + (0.5 - ahead) * follower.period_s,
            confirmed=self._sure,
        )
