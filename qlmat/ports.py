"""The four seams between the control loop and the world. A fifth needs two real implementations first."""

from typing import Protocol

from qlmat.core.model import Frame, Tick


class Clock(Protocol):
    """Monotonic time; the virtual one jumps, the real one sleeps."""

    def now_s(self) -> float:
        """Read monotonic seconds."""
        ...

    def sleep_until(self, t_s: float) -> None:
        """Return at `t_s` or, if it has passed, at once."""
        ...


class FrameSource(Protocol):
    """Where scans come from: a board on a bus, or a recording. It paces itself."""

    def read(self) -> Frame | None:
        """Wait for the next scan and return it; None when there will be no more.

        Never blocks for longer than 0.25 s: a bus that does not answer gives a frame with its channels absent.
        """
        ...

    def close(self) -> None:
        """Leave the bus or the file in a safe state."""
        ...


class Actuator(Protocol):
    """Something a person feels, hears or sees: motor, buzzer, LED."""

    def set(self, on: bool) -> None:
        """Switch it; switching to the state it is in costs nothing."""
        ...

    def close(self) -> None:
        """Switch it off and release it."""
        ...


class Sink(Protocol):
    """Somebody who wants every tick: MQTT, a recording, a terminal. It must never block the control loop."""

    def put(self, tick: Tick, frame: Frame) -> None:
        """Take one tick and the frame it came from."""
        ...

    def close(self) -> None:
        """Deliver what is due and let go."""
        ...
