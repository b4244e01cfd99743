"""Where a coach keeps what it remembers of a person: in a store, or nowhere."""

from collections.abc import Iterable
from typing import Protocol

from qlmat.core.course import Choices, Kept, Past
from qlmat.core.model import Side
from qlmat.core.plan import Plan


class Memory(Protocol):
    """Where it is kept: a store or, for a guest, nowhere."""

    def news(self) -> Past | None:
        """Give all that is kept when it has changed since the last call, else None. Never blocks."""
        ...

    def ask(self) -> None:
        """Look whether another program has kept something; `news` tells it. Never blocks, and not too often."""
        ...

    def keep(self, news: Iterable[Kept]) -> None:
        """Keep these; never blocks."""
        ...

    def note(self, text: str, side: Side | None) -> None:
        """Keep what somebody wrote down; never blocks."""
        ...

    def use(self, person: str) -> None:
        """Remember somebody else from now on, or nobody ("guest"); never blocks."""
        ...

    def knows(self, person: str) -> bool:
        """Tell whether this id or name may be somebody; False only when it surely is not."""
        ...

    def practise(self, plan: Plan, choices: Choices) -> None:
        """Hear what the next session will be about."""
        ...


class Oblivion:
    """A `Memory` that keeps nothing: for a demonstration."""

    def news(self) -> Past | None:
        """There is never any."""
        return None

    def ask(self) -> None:
        """There is nothing to look at."""

    def keep(self, news: Iterable[Kept]) -> None:
        """Let go of it."""

    def note(self, text: str, side: Side | None) -> None:
        """Let go of it."""

    def use(self, person: str) -> None:
        """It is nobody's."""

    def knows(self, person: str) -> bool:
        """Anybody may be anybody."""
        return True

    def practise(self, plan: Plan, choices: Choices) -> None:
        """It does not matter."""
