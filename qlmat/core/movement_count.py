"""Turns and cycles: extremes that alternate by at least a given swing."""

from collections.abc import Iterator, Sequence
from math import isnan


class ZigZag:
    """Follow a signal and tell when it has turned by more than a swing; noise below the swing is no turn.

    >>> zigzag = ZigZag(swing=1.0)
    >>> [zigzag.feed(v) for v in (0.0, 2.0, 1.5, 0.5, 0.0, 1.8)]
    [0, -1, 0, 1, 0, -1]
    """

    def __init__(self, swing: float) -> None:
        self.swing = swing
        self._low = self._high = float("nan")
        self._rising: bool | None = None

    def feed(self, value: float) -> int:
        """Take one value; return 1 when a maximum, -1 when a minimum has just been confirmed, else 0."""
        if isnan(self._low):
            self._low = self._high = value
            return 0
        if value > self._high:  # noqa: PLR1730 - hot, and max() takes three times as long
            self._high = value
        if value < self._low:  # noqa: PLR1730
            self._low = value
        if self._rising is not False and value < self._high - self.swing:
            first = self._rising is None and self._high - self._low < self.swing
            self._rising, self._low = False, value
            return 0 if first else 1
        if self._rising is not True and value > self._low + self.swing:
            self._rising, self._high = True, value
            return -1
        return 0


def turns(values: Sequence[float], swing: float) -> Iterator[int]:
    """Go through the turns of at least `swing` in a stretch: what `ZigZag` says of each, at a third of the cost.

    >>> list(turns([0.0, 2.0, 0.0, 2.0, 0.0], swing=1.0))
    [-1, 1, -1, 1]
    """
    low = high = values[0]  # since the last turn, from its extreme on
    rising = falling = False
    for value in values:
        if value > high:
            high = value
            if not rising and value > low + swing:
                rising, falling = True, False
                yield -1
            if rising:
                low = value
        elif value < low:
            low = value
            if not falling and value < high - swing:
                rising, falling = False, True
                yield 1
            if falling:
                high = value
