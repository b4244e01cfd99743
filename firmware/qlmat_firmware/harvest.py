"""What a chip's passes have brought in: results of the pass under way, passes waiting to be confirmed, passes done."""

from math import inf

from qlmat_firmware.sample import Sample

BACKLOG = 2  # passes a chip may be ahead of the frames delivered, besides those that wait to be confirmed
CONFIRM_S = 0.02  # chips that changed places for longer are noticed


class Harvest:
    """Passes by number. `done` are proven; whoever makes frames takes them out."""

    def __init__(self) -> None:
        self.done: dict[int, list[Sample]] = {}
        self._waiting: dict[int, list[Sample]] = {}
        self._pass: list[Sample] = []
        self._confirmed_s = -inf

    def bring(self, sample: Sample) -> None:
        """Add a result to the pass under way."""
        self._pass.append(sample)

    def finish(self, number: int) -> None:
        """Close the pass under way; from now on it waits to be confirmed."""
        self._waiting[number] = self._pass
        self._pass = []

    def confirm(self, now_s: float) -> None:
        """Take everything that waits as proven."""
        self._confirmed_s = now_s
        self.done.update(self._waiting)
        self._waiting = {}

    def forget(self) -> None:
        """Throw away what is not proven."""
        self._pass, self._waiting, self._confirmed_s = [], {}, -inf

    def has(self, number: int) -> bool:
        """Say whether a pass is finished, proven or not."""
        return number in self.done or number in self._waiting

    def room(self, more: int, confirm_every: int) -> bool:
        """Say whether `more` passes fit in."""
        return len(self.done) + len(self._waiting) + more < BACKLOG + confirm_every

    def crowded(self, confirm_every: int) -> bool:
        """Say whether more passes wait than should."""
        return len(self._waiting) > confirm_every

    def due(self, confirm_every: int) -> bool:
        """Say whether enough passes wait to be confirmed."""
        return len(self._waiting) >= confirm_every

    def doubtful(self, now_s: float) -> bool:
        """Say whether there are results and the last look at the chip's identity was long ago."""
        return bool(self._pass or self._waiting) and now_s - self._confirmed_s > CONFIRM_S
