"""The register map of the ADS1115 and ADS1015: numbers of the datasheets SBAS444D and SBAS473E, nothing else.

config   15   14 13 12   11 10 9     8     7 6 5      4         3         2       1 0
         OS      MUX       PGA     MODE     DR    COMP_MODE COMP_POL  COMP_LAT  COMP_QUE
reset     1     0 0 0     0 1 0      1     1 0 0      0         0         0       1 1      = 0x8583
"""

from typing import Literal, NamedTuple

Part = Literal["ads1115", "ads1015"]

CONVERSION, CONFIG, LO_THRESH, HI_THRESH = range(4)  # pointer values
CONFIG_RESET, LO_RESET, HI_RESET = 0x8583, 0x8000, 0x7FFF
OS, MODE_SINGLE = 0x8000, 0x0100
COMP_WINDOW, COMP_ACTIVE_HIGH, COMP_LATCHING, COMP_OFF = 0x0010, 0x0008, 0x0004, 0x0003
GENERAL_CALL_RESET = b"\x06"

DATA_RATES_SPS: dict[Part, tuple[int, ...]] = {
    "ads1115": (8, 16, 32, 64, 128, 250, 475, 860),
    "ads1015": (128, 250, 490, 920, 1600, 2400, 3300, 3300),
}
LOW_BITS_UNUSED: dict[Part, int] = {"ads1115": 0, "ads1015": 4}  # 12 bits stand left-justified in 16
MUX_INPUTS: tuple[tuple[int, int | None], ...] = (  # positive, negative input; None is ground
    (0, 1), (0, 3), (1, 3), (2, 3), (0, None), (1, None), (2, None), (3, None),
)  # fmt: skip


class Range(NamedTuple):
    """One setting of the amplifier: full scale and what an input loads its source with."""

    full_scale_v: float
    ground_ohm: float
    differential_ohm: float


_QUARTER = Range(0.256, 100e6, 0.71e6)
RANGES: tuple[Range, ...] = (
    Range(6.144, 10e6, 22e6),
    Range(4.096, 6e6, 15e6),
    Range(2.048, 6e6, 4.9e6),
    Range(1.024, 3e6, 2.4e6),
    Range(0.512, 100e6, 0.71e6),
    _QUARTER,
    _QUARTER,
    _QUARTER,
)


def mux_of(config: int) -> tuple[int, int | None]:
    """Read which inputs a configuration compares."""
    return MUX_INPUTS[config >> 12 & 7]


def range_of(config: int) -> Range:
    """Read the amplifier's range."""
    return RANGES[config >> 9 & 7]


def data_rate_sps(part: Part, config: int) -> int:
    """Read the nominal conversions per second."""
    return DATA_RATES_SPS[part][config >> 5 & 7]


def signed(word: int) -> int:
    """Read 16 bits as two's complement."""
    return word - 0x10000 if word & 0x8000 else word
