"""The words of a story: what a person on the mat can do, as a physiotherapist writes it in a TOML file.

[[step]]
do = "rock"        # roll the knees out and in
seconds = 30
cpm = 12           # cycles a minute
mm = 18            # how far the load wanders to each side
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from qlmat.core.model import Side
from qlmat.sim.faults import FaultKind
from qlmat.sim.sensor_faults import SensorFaultKind

Seconds = Annotated[float, Field(gt=0.0, le=36_000.0)]
Newtons = Annotated[float, Field(ge=0.0, le=1_000.0)]
Cpm = Annotated[float, Field(gt=0.0, le=120.0)]
Millimetres = Annotated[float, Field(ge=0.0, le=60.0)]
Offset = Annotated[float, Field(ge=-60.0, le=60.0)]
PlaceMm = Annotated[list[Offset], Field(min_length=2, max_length=2)]
Jitter = Annotated[float, Field(ge=0.0, le=0.4)]


class Words(BaseModel):
    """A table of a story: unknown keys are refused, numbers are taken as written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Habits(Words):
    """`[person]`: what the body does all the time. Defaults are the middle of the domain facts C.4's ranges."""

    breathing_cpm: Cpm = 15.0
    breathing_newtons: Newtons = 4.0
    breathing_mm: Millimetres = 1.0
    restless_newtons: Newtons = 0.5  # random walk, per square root of a second
    restless_mm: Millimetres = 0.2


class Wait(Words):
    """Nothing changes."""

    do: Literal["wait"]
    seconds: Seconds


class Place(Words):
    """Lie down on the ball of one side; `seconds` is how long it takes to load it."""

    do: Literal["place"]
    side: Side
    newtons: Newtons
    place_mm: PlaceMm = [0.0, 0.0]
    seconds: Seconds = 2.0


class Settle(Words):
    """Lie and breathe before moving."""

    do: Literal["settle"]
    seconds: Seconds = 15.0


class Rest(Words):
    """Lie and breathe between movements."""

    do: Literal["rest"]
    seconds: Seconds


class _Movement(Words):
    seconds: Seconds
    cpm: Cpm
    jitter: Jitter = 0.05  # of each cycle's length, one sigma
    lean_newtons: Newtons | None = None  # mean force during this step, when it differs from the placed one


class Rock(_Movement):
    """Roll the knees out and in: the load wanders sideways by `mm`, force swings by `newtons`."""

    do: Literal["rock"]
    mm: Millimetres = 18.0
    newtons: Newtons = 15.0


class Bend(_Movement):
    """Bend the knee up and down: force swings by `newtons`, the load wanders to the head and back by `mm`."""

    do: Literal["bend"]
    newtons: Newtons = 25.0
    mm: Millimetres = 8.0


class Press(Words):
    """Press with a mean force of `newtons`, then go back to the force before."""

    do: Literal["press"]
    newtons: Newtons
    seconds: Annotated[float, Field(ge=1.5, le=3600.0)]


class MoveBall(Words):
    """Raise the hip, move the ball to another place, settle on it again."""

    do: Literal["move_ball"]
    place_mm: PlaceMm
    seconds: Annotated[float, Field(ge=1.0, le=60.0)] = 3.0


class LoseBall(Words):
    """The ball slips away in a quarter of a second; after `seconds` the next step begins with an empty pad."""

    do: Literal["lose_ball"]
    seconds: Annotated[float, Field(ge=0.5, le=600.0)]


class LiftOff(Words):
    """Get up from the ball."""

    do: Literal["lift_off"]
    seconds: Seconds = 1.0


class ChangePad(Words):
    """Get up and lie down on the other side's ball."""

    do: Literal["change_pad"]
    newtons: Newtons | None = None  # as on the side before
    place_mm: PlaceMm = [0.0, 0.0]
    seconds: Annotated[float, Field(ge=4.0, le=600.0)] = 8.0


class Fidget(Words):
    """Shift one's posture: the load moves for good by `by_mm`."""

    do: Literal["fidget"]
    by_mm: PlaceMm
    seconds: Seconds = 1.5


class Cough(Words):
    """Cough once at the beginning of `seconds`: a push of `newtons` for 0.3 s."""

    do: Literal["cough"]
    newtons: Newtons = 45.0
    seconds: Annotated[float, Field(ge=0.3, le=60.0)] = 1.0


class PressButton(Words):
    """Hold the stop button for `seconds`."""

    do: Literal["press_button"]
    seconds: Annotated[float, Field(ge=0.02, le=30.0)] = 0.3


Step = (
    Wait | Place | Settle | Rest | Rock | Bend | Press | MoveBall | LoseBall | LiftOff | ChangePad | Fidget | Cough
    | PressButton
)  # fmt: skip


class Moment(Words):
    """`[[moment]]`: something that happens while the steps go on."""

    at_seconds: Annotated[float, Field(ge=0.0)]
    do: Literal["cough", "press_button"]
    newtons: Newtons = 45.0
    seconds: Seconds = 0.3


def _known_fault(word: str) -> str:
    known = (*get_args(FaultKind), *get_args(SensorFaultKind), "brown_out")
    if word not in known:
        raise PydanticCustomError("unknown_word", "no such fault", {"known": known})
    return word


class Trouble(Words):
    """`[[fault]]`: a fault of the bus, of a chip (brown_out) or of a sensor; without `seconds` it stays."""

    kind: Annotated[str, AfterValidator(_known_fault)]
    at_seconds: Annotated[float, Field(ge=0.0)]
    seconds: Seconds | None = None
    sensor: str | None = None
    other_sensor: str | None = None
    chip: int | None = None
    other_chip: int | None = None
    volts: float = 0.0
    per_minute_ratio: float = 0.0
    cost_seconds: float = 0.1


class Expectation(Words):
    """`[[expect]]`: an event that must come, within `within_seconds` of its time."""

    event: str
    at_seconds: Annotated[float, Field(ge=0.0)]
    within_seconds: Seconds = 1.0
    side: Side | None = None


class HeardCue(Words):
    """`[[cue]]`: a cue that must be felt, and what the motor does in milliseconds: on, off, on.

    With `cut_short` a more urgent one cuts in before its end.
    """

    cue: str
    at_seconds: Annotated[float, Field(ge=0.0)]
    within_seconds: Seconds = 1.0
    motor_ms: Annotated[list[Annotated[int, Field(gt=0, le=2000)]], Field(min_length=1)]
    cut_short: bool = False


class Story(Words):
    """A whole file. `plan` is for the session under test; `never` names events that must not come."""

    about: str = ""
    seed: int = 1
    person: Habits = Habits()
    step: Annotated[list[Annotated[Step, Field(discriminator="do")]], Field(min_length=1)]
    moment: list[Moment] = []
    fault: list[Trouble] = []
    plan: dict[str, Any] = {}
    expect: list[Expectation] = []
    cue: list[HeardCue] = []
    never: list[str] = []
