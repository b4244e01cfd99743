"""Words and numbers of the ADS1115 and ADS1015 (datasheets SBAS444 and SBAS473): what to write, what an answer means.

    config   15 | 14 13 12 | 11 10 9 |  8   | 7 6 5 |     4     |    3     |    2     | 1 0
             OS |   MUX    |   PGA   | MODE |  DR   | COMP_MODE | COMP_POL | COMP_LAT | COMP_QUE

With COMP_QUE = 11 the comparator is off and bits 4 to 2 do nothing, so they carry what we want to read back: bit 4
changes with every start, bits 3 and 2 number the chip.
"""

from typing import Literal

from qlmat.errors import ConfigError

Part = Literal["ads1115", "ads1015"]

CONVERSION, CONFIG, LO_THRESH = b"\x00", b"\x01", b"\x02"  # pointer bytes
FULL_SCALE_V = 4.096  # PGA 1; 125 uV a step on 16 bits. The inputs themselves must stay within the chip's supply
STEPS = 32768  # both parts: the 12 bits of an ADS1015 stand left-justified
LOWEST_CODE = -2400  # -0.3 V, the absolute minimum of an input: below it no single-ended result can lie
WAKE_UP_S = 25e-6  # from power-down to the start of the conversion (datasheet 9.4.2.1)
WAKE_UP_MARGIN_S = 10e-6
OSCILLATOR_TOLERANCE_RATIO = 0.10  # "data rate variation" of the datasheet, all rates and both directions
READY, SINGLE_SHOT, COMPARATOR_OFF = 0x8000, 0x0100, 0x0003  # OS: writing 1 starts, reading 1 means idle
SINGLE_ENDED, PGA_4_096_V = 4, 1  # MUX codes 4 to 7 are inputs 0 to 3 against ground
ALTERNATING = 0x0010
CONFIG_RESET, LO_THRESH_RESET = 0x8583, 0x8000
DATA_RATES_SPS: dict[Part, tuple[int, ...]] = {  # by the code in the DR field
    "ads1115": (8, 16, 32, 64, 128, 250, 475, 860),
    "ads1015": (128, 250, 490, 920, 1600, 2400, 3300),
}


def volts(code: int) -> float:
    """Turn a signed 16-bit code at +-4.096 V into volts."""
    return code * FULL_SCALE_V / STEPS


def part_rate_sps(part: Part, wanted_sps: int) -> int:
    """Give the slowest data rate of the part that is at least `wanted_sps`, or its fastest.

    >>> part_rate_sps("ads1115", 860), part_rate_sps("ads1015", 860), part_rate_sps("ads1115", 3300)
    (860, 920, 860)
    """
    if wanted_sps <= 0:
        raise ConfigError(f"board.data_rate_sps is {wanted_sps}: choose one of {DATA_RATES_SPS[part]}.")
    return next((rate for rate in DATA_RATES_SPS[part] if rate >= wanted_sps), DATA_RATES_SPS[part][-1])


def slowest_conversion_s(rate_sps: int) -> float:
    """Give the longest a single shot may take: wake-up and one period of the slowest oscillator, seconds."""
    return WAKE_UP_S + 1.0 / ((1.0 - OSCILLATOR_TOLERANCE_RATIO) * rate_sps)


def fastest_conversion_s(rate_sps: int) -> float:
    """Give the shortest a single shot may take: no wake-up and one period of the fastest oscillator, seconds."""
    return 1.0 / ((1.0 + OSCILLATOR_TOLERANCE_RATIO) * rate_sps)


def config_word(part: Part, input_: int, rate_sps: int, chip_number: int = 0) -> int:
    """Build the word that starts a single shot of one input against ground at +-4.096 V, comparator off.

    >>> hex(config_word("ads1115", 0, 860)), hex(config_word("ads1115", 3, 860, chip_number=1))
    ('0xc3e3', '0xf3e7')
    """
    mux = SINGLE_ENDED + input_
    rate_code = DATA_RATES_SPS[part].index(rate_sps)
    return READY | mux << 12 | PGA_4_096_V << 9 | SINGLE_SHOT | rate_code << 5 | chip_number << 2 | COMPARATOR_OFF


def marker(address: int) -> int:
    """Build what we leave in a chip's unused low threshold: a reset erases it, another chip has another.

    As a result it would be far below zero, so that it can never pass for one. An ADS1015 keeps only the upper 12 bits.

    >>> hex(marker(0x48))
    '0xa480'
    """
    return 0xA000 | address << 4
