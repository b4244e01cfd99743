"""A story lived day after day: the same person, another day's breath and rhythm, the button pressed when it says so."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from qlmat.core.model import Board, FloatArray
from qlmat.sim.clock import VirtualClock
from qlmat.sim.person import PersonLoad
from qlmat.sim.scenario import Scenario, load_scenario, story

NIGHT_S = 35.0  # longer than the 30 s of empty pads after which a mat waits for the next session


def find_story(name: str) -> Scenario:
    """Read a built-in story or, if `name` looks like a file, that file. Raises `RecordingError`."""
    return load_scenario(Path(name)) if name.endswith(".toml") or Path(name).exists() else story(name)


class Days:
    """A `Load` that never ends. Day 0 is the story as its file fixes it; each later day draws its own."""

    def __init__(self, scenario: Scenario, board: Board) -> None:
        self._scenario, self._board = scenario, board
        self.day_s = scenario.end_s + NIGHT_S
        self._load = lru_cache(maxsize=2)(self._lie_down)

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N at the instants (n,), increasing."""
        days = np.floor(t_s / self.day_s).astype(int)
        parts = [self._load(day).newtons(t_s[days == day] - day * self.day_s) for day in np.unique(days).tolist()]
        return np.concatenate(parts)

    def press(self, clock: VirtualClock, press: Callable[[], object], release: Callable[[], object]) -> None:
        """Press and release the stop button as the story says, today and every day."""
        self._plan(clock, press, release, 0)

    def _lie_down(self, day: int) -> PersonLoad:
        if day == 0:
            return self._scenario.load(self._board)
        rng = np.random.default_rng([self._scenario.story.seed, day])
        return PersonLoad(self._scenario.new_person(rng), self._board)

    def _plan(self, clock: VirtualClock, press: Callable[[], object], release: Callable[[], object], day: int) -> None:
        begins_s = day * self.day_s
        for moment in self._scenario.presses:
            clock.call_at(begins_s + moment.t_s, press)
            clock.call_at(begins_s + moment.t_s + moment.seconds, release)
        clock.call_at(begins_s + self.day_s, lambda: self._plan(clock, press, release, day + 1))
