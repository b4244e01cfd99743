"""What the page believes of a message from the broker: its shape, its bounds, and nothing else.

A payload comes from the network, so it is checked before a browser sees it: unknown keys are dropped, numbers are
finite and bounded, words are short. Anything else raises `pydantic.ValidationError` and the message is ignored.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Word = Annotated[str, StringConstraints(max_length=64)]
Text = Annotated[str, StringConstraints(max_length=200)]
SideName = Literal["left", "right"]


class Message(BaseModel):
    """A checked payload; keys it does not know are dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Pad(Message):
    """One pad at one instant: newtons, centre of pressure in millimetres, touching."""

    force_n: Number | None
    cop_mm: tuple[Number, Number] | None
    touching: bool


class Pads(Message):
    """Both pads."""

    left: Pad
    right: Pad


class Motion(Message):
    """How the loaded side moves; cadence in cycles per minute."""

    side: SideName | None = None
    kind: Word | None = None
    cadence_cpm: Number | None = None
    cycles: Count = 0


class Practice(Message):
    """Where the session stands."""

    state: Word
    side: SideName | None = None
    worked_s: Number = 0.0
    remaining_s: Number | None = None


class Live(Message):
    """`live`, ten times a second while somebody lies on the mat."""

    t_s: Number
    pads: Pads
    movement: Motion
    session: Practice
    cue: Word | None = None


class State(Message):
    """`state`, once a second, flat; None for what is not known."""

    t_s: Number | None = None
    state: Word | None = None
    side: SideName | None = None
    worked_s: Number | None = None
    remaining_s: Number | None = None
    left_force_n: Number | None = None
    right_force_n: Number | None = None
    movement: Word | None = None
    cadence_cpm: Number | None = None
    cycles: Count | None = None
    cue: Word | None = None
    on_mat: bool | None = None
    rate_hz: Number | None = None
    faults: Count | None = None
    barred: Text | None = None
    why_not: Word | None = None


class Status(Message):
    """`status`, retained, and the mat's last will."""

    state: Literal["online", "offline"]
    sw: Word | None = None


class Happening(Message):
    """`event`: something that happened once. `n` counts since `boot`; `time` is UTC, ISO 8601."""

    n: Count | None = None
    boot: Word | None = None
    time: Word | None = None
    t_s: Number
    name: Word
    side: SideName | None = None
    detail: dict[Word, Number | Text | None] = Field(default_factory=dict, max_length=16)


class SideAims(Message):
    """What is asked of one side: newtons, how far the slow loads lay apart, seconds, the spot to go back to in mm."""

    comfortable_n: Number | None = None
    low_n: Number | None = None
    high_n: Number | None = None
    side_s: Number | None = None
    spot_mm: tuple[Number, Number] | None = None


class Aims(Message):
    """`plan`, retained: what the mat asks of the person. Newtons, cycles per minute, seconds."""

    zone_n: tuple[Number, Number]
    too_hard_n: Number
    cap_n: Number
    target_cpm: Number
    good_fast_cpm: Number
    too_fast_cpm: Number
    side_s: Number
    both_sides: bool = True
    left: SideAims | None = None
    right: SideAims | None = None


class Course(Message):
    """`course`, retained: where the course of daily sessions stands; counts, and what is still to be asked."""

    day: Count
    of: Annotated[int, Field(ge=1, le=100)]
    missed: Count = 0
    today: Count = 0
    more_today: bool = True
    due: Word | None = None
    next: Word | None = None


class Config(Message):
    """`config`, retained: the settings as they are. Newtons, seconds, cycles a minute; None without a coach."""

    comfortable_n: Number | None = None
    side_s: Number | None = None
    target_cpm: Number | None = None
    both_sides: bool | None = None
    start_side: Word | None = None
    position: Word | None = None
    guest: bool | None = None
    ball: Word | None = None
    only_side: Word | None = None
    extra_left_s: Number | None = None
    extra_right_s: Number | None = None
    calibrated: Word | None = None
    serial: Word | None = None
    left_error_ratio: Number | None = None
    right_error_ratio: Number | None = None
    private: bool | None = None


class SideSum(Message):
    """One side of a finished session. Seconds, cycles a minute, newtons."""

    worked_s: Number | None = None
    cycles: Count | None = None
    cadence_cpm: Number | None = None
    force_n: Number | None = None
    force_max_n: Number | None = None


class Summary(Message):
    """`session/<n>`: a session that has ended. `began` is UTC, ISO 8601."""

    n: Count
    began: Word | None = None
    seconds: Number | None = None
    result: Word
    reason: Text | None = None
    left: SideSum | None = None
    right: SideSum | None = None


class Answer(Message):
    """`resp/<name>`: what came of a command. `id` is the asker's."""

    command: Word
    id: Word | None = None
    ok: bool
    reason: Text | None = None


class Health(Message):
    """`health`, retained, once a minute: how the mat itself is."""

    clock: Word | None = None
    uptime_s: Number | None = None
    rate_hz: Number | None = None
    faults: Count | None = None
    chips_lost: Count | None = None
    events_lost: Count | None = None
    live_dropped: Count | None = None
    commands_refused: Count | None = None
    temperature_c: Number | None = None
    trouble: Text | None = None
    sw: Word | None = None
    sw_installed: Word | None = None


KINDS: dict[str, type[Message]] = {
    "live": Live,
    "state": State,
    "status": Status,
    "event": Happening,
    "plan": Aims,
    "course": Course,
    "config": Config,
    "resp": Answer,
    "session": Summary,
    "health": Health,
}
