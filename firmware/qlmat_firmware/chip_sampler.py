"""Sampling one chip: a story told in steps, each of which says when it wants to go on.

Steps of several chips are interleaved by the source; that is the whole pipelining. Nothing here waits or polls.

How a result earns trust: `docs/sampling.md`. In short: it must be a possible result; one that a silent bus or a start
without effect could also have given (0, -1, our own configuration, the same as the result before) is taken only with
proof; and the whole pass counts only when the chip's marker is read back after it.
"""

from collections.abc import Callable, Generator, Sequence
from math import inf

from qlmat_firmware.conversion import WAKE_UP_S, fastest_conversion_s, volts
from qlmat_firmware.converter import Converter
from qlmat_firmware.harvest import Harvest
from qlmat_firmware.memory import Memory
from qlmat_firmware.passes import Shared
from qlmat_firmware.sample import Running, Sample
from qlmat_firmware.trouble import HERE, GarbledError, kind_of
from qlmat_firmware.waking import Steps, Waker

TRIES, TRANSFERS_A_STEP = 3, 8
LATE_S = 0.1  # beyond it a waiting result is old news: measure again
TOLD_STRETCH_S, STRETCHED_S = 0.02, 0.005  # a longer start leaves its time unknown: 5 ms are 0.5 mm at 40 cpm
RECHECK_S = 1.0  # the oscillator drifts slowly
RETRY_S, LONGEST_RETRY_S = 0.01, 0.2


class ChipSampler:
    """One chip's inputs, over and over. `harvest` holds finished passes until the source takes them.

    `down`: it was found untrustworthy and is being taken into service again. `wake_s`: when it wants to go on.
    """

    def __init__(
        self,
        chip: Converter,
        inputs: Sequence[int],
        channels: Sequence[int],
        shared: Shared,
        may_start: Callable[[int], bool],
    ) -> None:
        self.chip = chip
        self.waker = Waker(chip, shared)
        self.down = False
        self.wake_s = shared.clock.now_s()
        self.pass_number = 0
        self.harvest = Harvest()
        self._inputs = tuple(inputs)
        self._channels = tuple(channels)
        self._shared = shared
        self._now_s = shared.clock.now_s
        self._may_start = may_start
        self._shortest_s = fastest_conversion_s(chip.rate_sps)
        self._steps = self._run()
        self._retry_s = RETRY_S
        self._stepped_s = self.wake_s
        self._forget()

    def step(self) -> None:
        """Do what is due and set `wake_s` to the next time; infinity means: after somebody else has gone on."""
        self._stepped_s = self._now_s()
        measuring = self._shared.bus is None
        self.wake_s = next(self._steps)
        told_s = TOLD_STRETCH_S + TRANSFERS_A_STEP * self._shared.transfer_s
        if not (measuring or self.down) and self._now_s() - self._stepped_s > told_s:
            self._shared.troubles.note(self._now_s(), self.chip.where, "stretched")

    @property
    def unconfirmed(self) -> bool:
        """Say whether it is time for a look at the marker."""
        return self.harvest.due(self._shared.tempo.confirm_every)

    def confirm(self) -> None:
        """Look at the marker now, while the bus has nothing better to do."""
        try:
            self._confirm()
        except OSError as error:
            self.wake_s = self._steps.throw(error)

    @property
    def ending(self) -> bool:
        """Say whether the last conversion of the pass is under way."""
        return self._running.position == len(self._inputs) - 1

    def owes(self, number: int) -> bool:
        """Say whether this chip's part of a pass is still to come."""
        if self.down or number in self.harvest.done:
            return False
        return self.pass_number <= number or self.harvest.has(number)

    def _forget(self) -> None:
        self.harvest.forget()
        self._memory = Memory(self.chip, len(self._inputs))
        self._running = Running(0, 0.0, tainted=True)
        self._looked_s = -inf

    # --- the story ---

    def _run(self) -> Steps:
        while True:
            try:
                yield from self.waker.wake_up()
                if self.down:
                    self.down = False
                    self.pass_number = self._shared.passes.latest + 1
                yield from self._sample()
            except OSError as error:
                self._fall(error)
            # A bus that takes a second to say "timed out" must leave time for the other chips.
            self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)
            yield self._now_s() + max(self._retry_s, min(self._now_s() - self._stepped_s, LONGEST_RETRY_S))

    def _fall(self, error: OSError) -> None:
        self.down = True
        self._forget()
        self._shared.troubles.note(self._now_s(), self.chip.where, kind_of(error))

    def _sample(self) -> Steps:
        under_way = False
        while True:
            if not under_way:
                yield from self._await_pass()
                self._start(0)
            for position in range(len(self._inputs)):
                if self._quick(position):
                    yield self._due_s - self._shared.lead_s
                    follow = self._follow(position)
                    if follow is not None and not self._late():
                        self._start_and_fetch(follow)
                        continue
                yield self._due_s
                self._running.tainted |= self._late()
                yield from self._collect(position)
                follow = self._follow(position)
                if follow is not None:
                    self._start(follow)
            under_way = follow is not None
            self._finish_pass(under_way)

    @property
    def _due_s(self) -> float:
        return self.chip.acked_s + self.waker.wait_s

    def _await_pass(self) -> Steps:
        while True:
            now_s = self._now_s()
            if not self._room(0) or not self._may_start(self.pass_number):
                yield inf
            elif (start_s := self._shared.passes.start_s(self.pass_number, now_s)) > now_s:
                yield start_s
            else:
                return

    def _room(self, more: int) -> bool:
        return self.harvest.room(more, self._shared.tempo.confirm_every)

    def _late(self) -> bool:
        if self._now_s() - self._due_s <= LATE_S:
            return False
        if not self._shared.troubles.bus_is_slow:
            self._shared.troubles.note(self._now_s(), HERE, "late")
        return True

    def _follow(self, position: int) -> int | None:
        """Say what to convert next: the next input, the first one if the next pass may begin, else nothing."""
        if position + 1 < len(self._inputs):
            return position + 1
        number, now_s = self.pass_number + 1, self._now_s()
        may = self._room(1) and self._may_start(number) and self._shared.passes.start_s(number, now_s) <= now_s
        return 0 if may else None

    # --- the fast way: start the next conversion, then fetch the result of the one before ---

    def _quick(self, position: int) -> bool:
        follow = (position + 1) % len(self._inputs)
        return (
            self._shared.tempo.fast
            and self.waker.marked
            and not self._running.tainted
            and not self._memory.risky(position)
            and not self._memory.risky(follow)
            and self._now_s() - self._looked_s < RECHECK_S
        )

    def _start_and_fetch(self, follow: int) -> None:
        before, chip = self._running, self.chip
        if self._shared.tempo.joined:
            code = chip.start_and_fetch(self._inputs[follow], self._shared.shortest_bit_s)
        else:
            chip.start(self._inputs[follow])
            code = chip.fetch()
        self._running = self._under_way(follow)
        if not chip.believable(code):
            chip.reject(code)
        in_time = self._now_s() - chip.begun_s < self._shortest_s
        if in_time and code != self._memory.last_code and not chip.doubtful(code):
            self._keep(before, code)
            return
        # Late, it may be the result of either conversion; equal, a start may have been lost. Both are in doubt then.
        self._shared.troubles.counts["doubtful"] += 1
        if in_time and code == self._memory.last_code:
            self.waker.in_doubt()
        self._memory.doubt(before.position)
        self._running.tainted = True

    # --- the careful way: see that the conversion is done, fetch, and only then start the next ---

    def _start(self, position: int, prove: bool = False) -> None:
        self.chip.start(self._inputs[position])
        self._running = self._under_way(position)
        if prove or self._memory.may_repeat(position):
            self._prove()

    def _under_way(self, position: int) -> Running:
        took_s = self._now_s() - self.chip.begun_s - self._shared.transfer_s
        middle_s = self.chip.acked_s + WAKE_UP_S + self.waker.period_s / 2
        return Running(position, middle_s, tainted=took_s > STRETCHED_S)

    def _prove(self) -> None:
        """See that the chip, known to have been idle, is busy."""
        try:
            self._running.proven = self.chip.busy()
            if not (self._running.proven or self.waker.blind) and self._now_s() - self.chip.begun_s < self._shortest_s:
                self._lost(GarbledError("lost_start"))
        except GarbledError as error:
            self._lost(error)

    def _lost(self, error: GarbledError) -> None:
        """Count a start that did not arrive; anything worse goes on up."""
        if error.kind != "lost_start":
            raise error
        self._shared.troubles.note(self._now_s(), self.chip.where, error.kind)
        self._running.tainted = True

    def _collect(self, position: int) -> Steps:
        """Take the result of the conversion under way; measure again where it cannot be believed."""
        stale: int | None = None
        for attempt in range(TRIES):
            if (yield from self._is_done()) and not self._running.tainted:
                code = self.chip.fetch()
                if self._credible(code) or (self.waker.blind and attempt > 0):
                    if stale is not None and self._memory.foreign(position, stale, code):
                        self._shared.troubles.note(self._now_s(), self.chip.where, "lost_start")
                    self._keep(self._running, code)
                    return
                stale = code
            else:
                self._memory.doubt(position)
            self._start(position, prove=True)
            yield self._due_s
        self._shared.troubles.counts["doubtful"] += 1
        yield from self._is_done()
        self._memory.doubt(position)

    def _is_done(self) -> Generator[float, None, bool]:
        """Wait until the chip is idle, which it should be already; False if its last start was lost."""
        try:
            # A conversion that takes longer than any of ours may be somebody else's.
            self._running.tainted |= yield from self.waker.until_idle()
        except GarbledError as error:
            self._lost(error)
            return False
        self._looked_s = self._now_s()
        return True

    def _credible(self, code: int) -> bool:
        """Say whether to believe what an idle chip gave; raises GarbledError when it is no result at all."""
        chip = self.chip
        if not chip.believable(code):
            chip.reject(code)
        if code in (0, -1):  # a silent bus says so too, but not with a right answer in between
            chip.idle()
            if chip.fetch() != code:
                raise GarbledError("stuck")
        return self._running.proven or self._memory.last_code not in (None, code)

    # --- the harvest ---

    def _keep(self, conversion: Running, code: int) -> None:
        self._memory.keep(conversion.position, code)
        self.harvest.bring(Sample(self._channels[conversion.position], volts(code), conversion.middle_s))
        if self._shared.tempo.confirm_every == 1 and self.harvest.doubtful(self._now_s()):
            self._confirm()

    def _finish_pass(self, under_way: bool) -> None:
        self.harvest.finish(self.pass_number)
        self.pass_number += 1
        # With conversions under way the bus will have a moment for it, but not for ever.
        if not under_way or self.harvest.crowded(self._shared.tempo.confirm_every):
            self._confirm()

    def _confirm(self) -> None:
        """Prove what was brought in since the last look at the marker."""
        self.waker.confirm()
        self.harvest.confirm(self._now_s())
        self._retry_s = RETRY_S
        self._shared.troubles.calm(self._now_s(), self.chip.where)
