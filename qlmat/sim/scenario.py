"""Stories from TOML files: read, checked, and ready to be lived by a virtual person on a virtual mat."""

import tomllib
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from math import inf
from pathlib import Path
from typing import get_args

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from qlmat.core.model import Board
from qlmat.errors import RecordingError
from qlmat.sim import steps
from qlmat.sim.faults import Fault, FaultKind
from qlmat.sim.mat import VirtualMat
from qlmat.sim.person import Person, PersonLoad
from qlmat.sim.sensor_faults import SensorFault, SensorFaultKind
from qlmat.sim.steps import Story, Trouble
from qlmat.sim.storyline import Press

_TABLES: dict[str, type[BaseModel]] = {
    "person": steps.Habits,
    "moment": steps.Moment,
    "fault": steps.Trouble,
    "expect": steps.Expectation,
    "cue": steps.HeardCue,
}
_STEPS: dict[str, type[BaseModel]] = {
    get_args(step.model_fields["do"].annotation)[0]: step for step in get_args(steps.Step)
}
_BUS_KINDS: dict[str, FaultKind] = {kind: kind for kind in get_args(FaultKind)}
_SENSOR_KINDS: dict[str, SensorFaultKind] = {kind: kind for kind in get_args(SensorFaultKind)}


class Scenario:
    """One story and the person who lives it. `person` is made at first use, from the story's own seed."""

    def __init__(self, story: Story, where: str) -> None:
        self.story = story
        self.where = where

    @cached_property
    def person(self) -> Person:
        """The person of this story, the same each time: the file fixes the seed."""
        return self.new_person(np.random.default_rng(self.story.seed))

    def new_person(self, rng: np.random.Generator) -> Person:
        """Make another person live this story. Raises `RecordingError` where its steps make no sense."""
        try:
            return Person(self.story, rng)
        except RecordingError as error:
            raise RecordingError(f"{self.where}: {error}") from error

    @property
    def end_s(self) -> float:
        """When the last step ends."""
        return self.person.end_s

    @property
    def presses(self) -> tuple[Press, ...]:
        """When the button is pressed and for how long."""
        return tuple(self.person.line.presses)

    def load(self, board: Board) -> PersonLoad:
        """Lay the person on a board: the load of a `VirtualMat`."""
        return PersonLoad(self.person, board)

    def plan_faults(self, mat: VirtualMat) -> None:
        """Hand the story's faults to the mat that plays it. Raises `RecordingError` for one that cannot be."""
        for number, trouble in enumerate(self.story.fault, start=1):
            try:
                _plan(trouble, mat)
            except ValueError as error:
                raise RecordingError(f"{self.where}: fault {number} ({trouble.kind}): {error}") from error


def load_scenario(path: Path) -> Scenario:
    """Read a story from a TOML file. Raises `RecordingError` naming file, step and the nearest key."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: cannot be read: {error}. Check the path.") from error
    return parse_scenario(text, str(path))


def parse_scenario(text: str, where: str) -> Scenario:
    """Read a story from text; `where` names it in errors. Raises `RecordingError`."""
    try:
        scenario = Scenario(Story.model_validate(tomllib.loads(text)), where)
    except tomllib.TOMLDecodeError as error:
        raise RecordingError(f"{where}: is not TOML: {error}. Mend that line.") from error
    except ValidationError as error:
        # A mistyped key is also a missing one: the key that is there says more.
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        raise RecordingError(f"{where}: {_explain(first)}") from error
    _ = scenario.person  # a story that cannot be lived is refused here, not in the middle of a run
    return scenario


def stories() -> tuple[str, ...]:
    """List the names of the stories that come with the package."""
    folder = resources.files("qlmat.sim").joinpath("stories")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def story(name: str) -> Scenario:
    """Read one of the package's stories by name. Raises `RecordingError` with the nearest name for an unknown one."""
    if name not in stories():
        raise RecordingError(f"No story is called {name!r}{_nearest(name, stories())}")
    entry = resources.files("qlmat.sim").joinpath("stories", f"{name}.toml")
    return parse_scenario(entry.read_text(encoding="utf-8"), f"{name}.toml")


def _plan(trouble: Trouble, mat: VirtualMat) -> None:
    start_s = trouble.at_seconds
    end_s = inf if trouble.seconds is None else start_s + trouble.seconds
    about_chips = trouble.chip is not None or trouble.kind != "swapped"
    if trouble.kind == "brown_out":
        if trouble.chip is None:
            raise ValueError("needs the address of its chip.")
        mat.brown_out(trouble.chip, start_s)
    elif trouble.kind in _BUS_KINDS and about_chips:
        kind = _BUS_KINDS[trouble.kind]
        mat.i2c.faults.add(Fault(kind, start_s, end_s, trouble.chip, trouble.other_chip, trouble.cost_seconds))
    else:
        mat.inject(
            SensorFault(
                _SENSOR_KINDS[trouble.kind],
                start_s,
                end_s,
                sensor=trouble.sensor,
                other=trouble.other_sensor,
                volts=trouble.volts,
                per_minute_ratio=trouble.per_minute_ratio,
            )
        )


# --- errors a physiotherapist can mend ---


def _explain(error: ErrorDetails) -> str:
    """Say in which step which key is wrong and what to write instead."""
    place, key = _place(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            return f"{place}unknown key {key!r}{_nearest(key, _known_keys(error['loc']))}"
        case "missing":
            return f"{place}needs the key {key!r}."
        case "unknown_word":
            return (
                f"{place}{key}: nothing is called {error['input']!r}{_nearest(error['input'], error['ctx']['known'])}"
            )
        case "union_tag_invalid":
            tag = str(error["ctx"]["tag"])
            return f"{place}nobody can {tag!r}{_nearest(tag, tuple(_STEPS))}"
        case "union_tag_not_found":
            return f"{place}needs the key 'do': one of {', '.join(_STEPS)}."
        case _:
            return f"{place}{key}: {error['msg'][0].lower()}{error['msg'][1:]}, not {error['input']!r}."


def _place(loc: tuple[int | str, ...]) -> tuple[str, str]:
    """Split a location into the words for its step and the key."""
    if len(loc) >= 2 and isinstance(loc[1], int):
        kind = f" ({loc[2]})" if loc[0] == "step" and len(loc) > 2 else ""
        keys = loc[3:] if loc[0] == "step" else loc[2:]
        return f"{loc[0]} {loc[1] + 1}{kind}: ", ".".join(map(str, keys))
    return (f"[{loc[0]}] " if len(loc) > 1 else ""), str(loc[-1])


def _known_keys(loc: tuple[int | str, ...]) -> tuple[str, ...]:
    if loc[0] == "step" and len(loc) > 2:
        return tuple(_STEPS[str(loc[2])].model_fields)
    return tuple(_TABLES.get(str(loc[0]), Story).model_fields)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f": did you mean {close[0]!r}?" if close else f": there are {', '.join(known)}."
