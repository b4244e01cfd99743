"""The `[board]` section: chips, sensors and pins as a person writes them, checked into a `Board` that can be built."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qlmat.core.model import Board, Chip, Sensor
from qlmat.errors import ConfigError
from qlmat.units import MILLIMETRES, OHMS, SAMPLES, VOLTS

ADDRESSES = (0x48, 0x49, 0x4A, 0x4B)  # ADDR pin to GND, VDD, SDA, SCL: all an ADS1x15 can have (datasheet 7.5.1.1)
DATA_RATES_SPS = {  # the DR field of the configuration register, by part
    "ads1115": (8, 16, 32, 64, 128, 250, 475, 860),
    "ads1015": (128, 250, 490, 920, 1600, 2400, 3300),
}
I2C_PINS = {2: "SDA", 3: "SCL"}


class Section(BaseModel):
    """A table of the configuration: unknown keys refused, values taken as written, never bent to fit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Millimetres = Annotated[float, BeforeValidator(MILLIMETRES), MILLIMETRES]
Ohms = Annotated[float, BeforeValidator(OHMS), OHMS]
Samples = Annotated[float, BeforeValidator(SAMPLES), SAMPLES]
Volts = Annotated[float, BeforeValidator(VOLTS), VOLTS]
Input = Annotated[int, Field(ge=0, le=3)]
Pin = Annotated[int, Field(ge=2, le=27)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class ChipSection(Section):
    """`[[board.chip]]`"""

    address: int = Field(description="I2C address: 0x48, 0x49, 0x4A or 0x4B, by the ADDR pin")
    part: Literal["ads1115", "ads1015"] = Field(default="ads1115", description="ads1115 (16 bit) or ads1015 (12 bit)")
    rail_input: Input | Literal["none"] = Field(
        default=3, description='input that reads the rail of the dividers, or "none"'
    )


class SensorSection(Section):
    """`[[board.sensor]]`"""

    name: Name = Field(description="also the column of a recording")
    side: Literal["left", "right"] = Field(description="which pad it stands under")
    x: Millimetres = Field(description="from the pad's centre, right +")
    y: Millimetres = Field(description="towards the head +")
    chip: int = Field(description="address of its chip")
    input: Input = Field(description="input of that chip, 0 to 3")
    divider: Ohms = Field(default=1000.0, description="resistor to ground")


class PinsSection(Section):
    """`[board.pins]`, BCM numbers"""

    motor: Pin | None = Field(default=None, description="vibration motor, through a transistor")
    buzzer: Pin | None = Field(default=None, description="piezo buzzer")
    led: Pin | None = Field(default=None, description="light")
    button: Pin | None = Field(default=None, description="stop button, to ground")


class BoardSection(Section):
    """`[board]`: what is not said stays as on the default board"""

    supply: Volts | None = Field(default=None, description="rail of the dividers")
    data_rate: Samples | None = Field(
        default=None, description="conversions a second of each chip; 860 is the fastest of an ads1115"
    )
    pins: PinsSection = PinsSection()
    chip: list[ChipSection] | None = None
    sensor: list[SensorSection] | None = None


def board_of(section: BoardSection, default: Board) -> Board:
    """Lay the section over `default` and check the whole; raises `ConfigError` whose text begins with the key."""
    pins = {f"{name}_pin": pin for name, pin in section.pins.model_dump(exclude_none=True).items()}
    board = replace(
        default,
        chips=default.chips if section.chip is None else tuple(_chip(chip) for chip in section.chip),
        sensors=default.sensors if section.sensor is None else tuple(_sensor(sensor) for sensor in section.sensor),
        supply_v=default.supply_v if section.supply is None else section.supply,
        data_rate_sps=default.data_rate_sps if section.data_rate is None else round(section.data_rate),
        **pins,
    )
    _check_chips(board)
    if section.data_rate is not None:
        _check_data_rate(board)
    _check_sensors(board)
    _check_pins(board)
    return board


def sections_of(board: Board) -> BoardSection:
    """Say a board as its configuration section, every key filled: the inverse of `board_of`."""
    chips = [
        ChipSection(address=c.address, part=c.part, rail_input="none" if c.rail_input is None else c.rail_input)
        for c in board.chips
    ]
    sensors = [
        SensorSection.model_construct(
            name=s.name, side=s.side, x=s.x_mm, y=s.y_mm, chip=s.chip, input=s.input, divider=s.divider_ohm
        )
        for s in board.sensors
    ]
    pins = PinsSection(motor=board.motor_pin, buzzer=board.buzzer_pin, led=board.led_pin, button=board.button_pin)
    return BoardSection.model_construct(
        supply=board.supply_v, data_rate=float(board.data_rate_sps), pins=pins, chip=chips, sensor=sensors
    )


def _chip(section: ChipSection) -> Chip:
    rail_input = None if section.rail_input == "none" else section.rail_input
    return Chip(address=section.address, part=section.part, rail_input=rail_input)


def _sensor(section: SensorSection) -> Sensor:
    return Sensor(
        name=section.name,
        side=section.side,
        x_mm=section.x,
        y_mm=section.y,
        chip=section.chip,
        input=section.input,
        divider_ohm=section.divider,
    )


def _check_chips(board: Board) -> None:
    if not 1 <= len(board.chips) <= len(ADDRESSES):
        raise ConfigError(f"board.chip: {len(board.chips)} chips; one bus carries 1 to 4: leave the others out")
    for index, chip in enumerate(board.chips):
        key = f"board.chip[{index}]"
        if chip.address not in ADDRESSES:
            raise ConfigError(
                f"{key}.address: no ADS1x15 can answer at {chip.address:#x}: "
                f"choose one of {', '.join(f'{a:#x}' for a in ADDRESSES)} (where its ADDR pin goes)"
            )
        if chip.address in [other.address for other in board.chips[:index]]:
            raise ConfigError(f"{key}.address: {chip.address:#x} is taken by another chip: move one ADDR pin")


def _check_data_rate(board: Board) -> None:
    """Refuse a rate that none of the board's chips has; a chip of another part takes its own next one."""
    parts = {chip.part for chip in board.chips}
    rates = sorted({rate for part in parts for rate in DATA_RATES_SPS[part]})
    if board.data_rate_sps not in rates:
        raise ConfigError(
            f"board.data_rate: an {' or '.join(sorted(parts))} cannot do {board.data_rate_sps} SPS: "
            f"choose of {', '.join(map(str, rates))}"
        )


def _check_sensors(board: Board) -> None:
    if not board.sensors:
        raise ConfigError("board.sensor: there is none: write one [[board.sensor]] for each foot of a pad")
    taken: dict[tuple[int, int], str] = {
        (chip.address, chip.rail_input): f"the rail of chip {chip.address:#x}"
        for chip in board.chips
        if chip.rail_input is not None
    }
    names: set[str] = set()
    for index, sensor in enumerate(board.sensors):
        key, where = f"board.sensor[{index}]", (sensor.chip, sensor.input)
        if sensor.name in names or sensor.name.startswith("rail_"):
            raise ConfigError(f"{key}.name: {sensor.name!r} is taken: give every sensor a name of its own")
        if sensor.chip not in [chip.address for chip in board.chips]:
            raise ConfigError(f"{key}.chip: there is no chip {sensor.chip:#x}: use one of {_addresses(board.chips)}")
        if where in taken:
            raise ConfigError(
                f"{key}.input: input {sensor.input} of chip {sensor.chip:#x} is taken by {taken[where]}: "
                "choose a free input"
            )
        taken[where] = sensor.name
        names.add(sensor.name)


def _check_pins(board: Board) -> None:
    taken = dict(I2C_PINS)
    for name in PinsSection.model_fields:
        pin: int = getattr(board, f"{name}_pin")
        if pin in taken:
            raise ConfigError(f"board.pins.{name}: pin {pin} is taken by {taken[pin]}: choose a free BCM pin, 4 to 27")
        taken[pin] = name


def _addresses(chips: Iterable[Chip]) -> str:
    return ", ".join(f"{chip.address:#x}" for chip in chips)
