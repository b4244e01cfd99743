"""How a session ran: both forces and the pace about twice a second, and what happened; bounded. No clock, no I/O."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

RUNNING = frozenset({"placing", "settling", "working", "switching", "paused"})
APART_S = 0.39  # between two rows: every fourth picture at 10 Hz; a cycle takes 3 s and more
ROWS, EVENTS = 2400, 200  # 16 minutes: the longest two sides with every pause

Row = tuple[float, float | None, float | None, float | None]


@dataclass(slots=True)
class Ran:
    """One session as it went by. `rows` are (t_s, left_n | None, right_n | None, cadence_cpm | None)."""

    rows: deque[Row] = field(default_factory=lambda: deque(maxlen=ROWS))
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=EVENTS))
    running: bool = False

    def see(self, state: str | None, row: Row) -> None:
        """Take what is known at one instant; a session that begins, or a mat that starts again, wipes the one before.

        >>> ran = Ran()
        >>> for t_s in (0.0, 0.1, 0.5):
        ...     ran.see("working", (t_s, 80.0, 0.0, 12.0))
        >>> [row[0] for row in ran.rows]
        [0.0, 0.5]
        """
        began, self.running = not self.running, state in RUNNING
        if not self.running:
            return
        if self.rows and row[0] < self.rows[-1][0] - 1.0:
            began = True
            self.events.clear()
        if began:
            self.rows.clear()
        if not self.rows or row[0] >= self.rows[-1][0] + APART_S:
            self.rows.append(row)

    def note(self, event: dict[str, Any]) -> None:
        """Keep an event of the session that runs."""
        self.events.append(event)

    def told(self) -> dict[str, Any]:
        """Say it: rows oldest first, and the events that lie in their time."""
        first_s = self.rows[0][0] - 2.0 if self.rows else 0.0
        return {"trace": list(self.rows), "events": [each for each in self.events if each["t_s"] >= first_s]}
