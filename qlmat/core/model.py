"""The nouns of the mat: what is wired where, what flows through the pipeline, and what leaves it.

A scan of the board comes in as a `Frame`; it becomes `Forces`, a `Contact` per pad, a `Movement`, a `Session` and
`Event`s; all of it leaves as one `Tick`. Every value carries `t_s`, monotonic seconds.

Axes of a pad, seen from above with the person lying on it: x points to the person's right, y to the head, millimetres
from the pad's centre. In arrays an absent number is NaN; outside arrays it is None; NaN never leaves in a message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from qlmat.core import sides

FloatArray = npt.NDArray[np.float64]
Side = sides.Side
Kind = Literal["rock", "bend", "still"]
State = Literal["waiting", "placing", "settling", "working", "switching", "done", "paused", "stopped", "measuring"]
CommandName = Literal["start", "stop", "pause", "resume", "tare", "mark", "press", "comfort"]
SIDES = sides.SIDES


# --- what is wired where -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """One ADC on the bus. `rail_input` is the input that reads the rail feeding the dividers, None if none does."""

    address: int
    part: Literal["ads1115", "ads1015"] = "ads1115"
    rail_input: int | None = 3


@dataclass(frozen=True, slots=True)
class Sensor:
    """One foot of a pad on its force-sensitive resistor: name, pad, place on the pad, ADC input and divider."""

    name: str
    side: Side
    x_mm: float
    y_mm: float
    chip: int
    input: int
    divider_ohm: float = 1000.0


class Channel(NamedTuple):
    """One ADC input in use. The order of a board's channels is the order of `Frame.volts`."""

    chip: int
    input: int
    name: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is wired: chips, sensors, pins (BCM numbers). Channels are all sensors, then all rails."""

    chips: tuple[Chip, ...]
    sensors: tuple[Sensor, ...]
    supply_v: float = 3.3
    data_rate_sps: int = 860
    motor_pin: int = 18
    buzzer_pin: int = 13
    led_pin: int = 24
    button_pin: int = 17

    @property
    def channels(self) -> tuple[Channel, ...]:
        """List the ADC inputs in use: sensors in their order, then the rail of each chip that has one."""
        sensors = [Channel(s.chip, s.input, s.name) for s in self.sensors]
        rails = [
            Channel(c.address, c.rail_input, f"rail_{c.address:#x}") for c in self.chips if c.rail_input is not None
        ]
        return tuple(sensors + rails)

    @property
    def rail_channel(self) -> tuple[int | None, ...]:
        """For each sensor, the index in `channels` of the rail that feeds its divider; None where nobody reads it."""
        where = {channel.name: index for index, channel in enumerate(self.channels)}
        return tuple(where.get(f"rail_{sensor.chip:#x}") for sensor in self.sensors)


# --- what flows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One scan of the board.

    `volts`: (channels,) in the order of `Board.channels`, NaN where absent (never guessed).
    `sample_t_s`: (channels,) the middle of each conversion; None when the whole frame is one instant, `t_s`.
    `t_s` is the latest instant in the frame. `events`: what the source noticed since the frame before, such as a chip
    that stopped answering (`adc_fault`, `adc_ok`).
    """

    t_s: float
    volts: FloatArray
    sample_t_s: FloatArray | None = None
    events: tuple["Event", ...] = ()

    @property
    def skew_s(self) -> float:
        """Seconds between the first and the last sample of the frame."""
        return 0.0 if self.sample_t_s is None else float(np.nanmax(self.sample_t_s) - np.nanmin(self.sample_t_s))


@dataclass(frozen=True, slots=True, eq=False)
class Forces:
    """Newtons on each sensor: (sensors,), NaN where absent, not tared."""

    t_s: float
    newtons: FloatArray


@dataclass(frozen=True, slots=True)
class Contact:
    """What rests on one pad: total force, centre of pressure in pad coordinates, and whether it counts as touching.

    `force_n` is None when no sensor of the pad can be trusted; `cop_mm` is None unless touching.
    """

    force_n: float | None
    cop_mm: tuple[float, float] | None
    touching: bool


NO_CONTACT = Contact(0.0, None, False)


class Contacts(NamedTuple):
    """Both pads at one instant."""

    t_s: float
    left: Contact
    right: Contact

    def of(self, side: Side) -> Contact:
        """Pick the pad of one side."""
        return self.left if side == "left" else self.right


@dataclass(frozen=True, slots=True)
class Movement:
    """How the loaded side moves now.

    `side`: the pad the movement is read from, None when nothing is loaded. `kind`: None when it cannot be told.
    `cadence_hz` and its one-sigma `cadence_sd_hz`: None unless moving. `cycles`: whole cycles since the load came on,
    rests between them or not. `depth_mm`: peak-to-peak travel of the centre of pressure when rocking, `depth_n`:
    peak-to-peak force when bending. `next_turn_t_s`: when the movement will next reverse, for the pace tick.
    `confirmed`: two cycles or more seen with one rhythm.
    """

    side: Side | None = None
    kind: Kind | None = None
    cadence_hz: float | None = None
    cadence_sd_hz: float | None = None
    cycles: int = 0
    depth_mm: float | None = None
    depth_n: float | None = None
    next_turn_t_s: float | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once, at `t_s`: a name of the field, the side it concerns, and plain details."""

    t_s: float
    name: str
    side: Side | None = None
    detail: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asks for, by button, page or MQTT."""

    name: CommandName
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """What a watcher may know of the session: state, side being worked, seconds counted on it and still to do.

    `barred`: why nothing begins when a ball is put down now; None when it does, or while something goes on.
    """

    state: State
    side: Side | None
    worked_s: float
    remaining_s: float
    barred: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Everything known after one scan; the only type that leaves the core."""

    t_s: float
    contacts: Contacts
    movement: Movement
    practice: Practice
    events: tuple[Event, ...]
    cue: str | None
