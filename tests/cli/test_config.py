"""A configuration is taken whole, or refused in one line that names file, key and what to write instead."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from qlmat import recording, wiring
from qlmat.config import load, parse, sample
from qlmat.core.model import Board, Chip
from qlmat.core.plan import Plan
from qlmat.errors import ConfigError
from qlmat.practice import PLAN_FIELDS
from qlmat.units import CADENCE, OHMS, SECONDS, WEIGHT
from qlmat_firmware import conversion, sampler
from qlmat_firmware.board import BOARD_V1

FOOT = '[[board.sensor]]\nname = "foot"\nside = "left"\nx = "1 mm"\ny = "2 mm"\nchip = 0x48\ninput = 0\n'


def test_the_sample_says_exactly_the_defaults() -> None:
    settings = parse(sample(BOARD_V1), BOARD_V1, "sample")
    assert settings == load(None, BOARD_V1)
    assert settings.plan == Plan()
    assert settings.board == BOARD_V1


def test_the_sample_of_another_board_brings_that_board_whatever_the_default() -> None:
    other = Board(
        chips=(Chip(0x4B, "ads1015", rail_input=None),),
        sensors=tuple(replace(sensor, chip=0x4B, divider_ohm=2200.0) for sensor in BOARD_V1.sensors[:3]),
        data_rate_sps=1600,
        motor_pin=5,
    )
    assert parse(sample(other), BOARD_V1, "sample").board == other


def test_every_value_of_the_sample_is_read_and_not_only_its_default() -> None:
    text = sample(BOARD_V1).replace('"90 s"', '"1.5 min"').replace('"12 cpm"', '"0.25 Hz"').replace('"100 N"', '"80 N"')
    plan = parse(text.replace('"either"', '"left"').replace("motor = 18", "motor = 19"), BOARD_V1, "sample").plan
    assert (plan.side_s, plan.target_hz, plan.comfortable_n, plan.first_side) == (90.0, 0.25, 80.0, "left")


def test_the_practice_section_sets_fields_that_the_plan_has() -> None:
    assert set(PLAN_FIELDS.values()) <= {field.name for field in fields(Plan)}


@pytest.mark.parametrize(
    ("text", "number_si"),
    [("90 s", 90.0), ("1.5 min", 90.0), ("90000 ms", 90.0), (" 90s ", 90.0)],
)
def test_a_quantity_is_read_in_any_of_its_units(text: str, number_si: float) -> None:
    assert SECONDS(text) == pytest.approx(number_si)


@pytest.mark.parametrize(
    ("text", "number_si"), [(CADENCE.write(0.2), 0.2), (CADENCE.write(1 / 3), 1 / 3), (OHMS.write(1000.0), 1000.0)]
)
def test_a_quantity_written_is_read_back_exactly(text: str, number_si: float) -> None:
    assert (CADENCE if "cpm" in text or "Hz" in text else OHMS)(text) == number_si


def test_body_weight_may_be_said_in_kilograms() -> None:
    assert WEIGHT("75 kg") == pytest.approx(735.5, abs=0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[matt]", "f.toml: matt: unknown key: did you mean 'mat'?"),
        ('[mat]\nidd = "a"', "f.toml: mat.idd: unknown key: did you mean 'id'?"),
        ('[mat]\ncolour = "red"', "f.toml: mat.colour: unknown key: known here are id, name"),
        ('[mat]\nid = "a/b"', "f.toml: mat.id: cannot be 'a/b': use 1 to 32 letters, digits, - or _"),
        ("mat = 3", "f.toml: mat: is a section: write [mat] above its keys"),
        ("[mat", "f.toml: this is not TOML: Expected ']'"),
        ("[broker]\nport = 99999", "f.toml: broker.port: cannot be 99999: it should be less than or equal to 65535"),
        ('[broker]\npassword_file = "/none"', "f.toml: broker.password_file: cannot read /none (no such file"),
        ("[practice]\nside_time = 90", 'f.toml: practice.side_time: 90 has no unit: write "90 s"'),
        ('[practice]\nside_time = "90"', 'f.toml: practice.side_time: 90 has no unit: write "90 s"'),
        ('[practice]\nside_time = "90 N"', "f.toml: practice.side_time: 'N' is not a unit of time: write \"90 s\""),
        ('[practice]\nside_time = "soon"', "f.toml: practice.side_time: cannot read 'soon' as a time: write it like"),
        ("[practice]\nside_time = true", "f.toml: practice.side_time: needs a time in quotes, such as"),
        ('[practice]\nside_time = "300 s"', "f.toml: practice.side_time: 300 s is out of range: 1 s to 120 s"),
        ('[practice]\ntarget_cadence = "30 cpm"', "f.toml: practice.target_cadence: it must not be above good_cadence"),
        ('[practice]\ncomfortable_force = "290 N"', "f.toml: practice: 1.3 x comfortable_force = 377 N is above"),
        ('[bus]\nsampling = "double"', "f.toml: bus.sampling: cannot be 'double': write 'simple' or 'pipelined'"),
        ('[bus]\nrate = "300 Hz"', "f.toml: bus.rate: 300 Hz is more than 4 inputs in turn at 860 SPS can give"),
        (
            '[bus]\nsampling = "simple"\nrate = "110 Hz"',
            "f.toml: bus.rate: 110 Hz is more than 8 inputs in turn at 860 SPS can give: stay under 108 Hz or",
        ),
        ('[bus]\nscl_rate = "1 MHz"', "f.toml: bus.scl_rate: 1 MHz is out of range: 10 kHz to 400 kHz"),
        ('[board]\ndata_rate = "500 SPS"', "f.toml: board.data_rate: an ads1115 cannot do 500 SPS: choose of 8, 16"),
        ("[[board.chip]]\naddress = 0x50", "f.toml: board.chip[0].address: no ADS1x15 can answer at 0x50: choose one"),
        ("[[board.chip]]\naddres = 0x48", "f.toml: board.chip[0].addres: unknown key: did you mean 'address'?"),
        (2 * "[[board.chip]]\naddress = 0x48\n", "f.toml: board.chip[1].address: 0x48 is taken by another chip"),
        ("".join(f"[[board.chip]]\naddress = {a}\n" for a in range(72, 77)), "f.toml: board.chip: 5 chips; one bus"),
        ("[board]\nchip = []", "f.toml: board.chip: 0 chips; one bus carries 1 to 4"),
        (2 * FOOT, "f.toml: board.sensor[1].name: 'foot' is taken: give every sensor a name of its own"),
        (FOOT + FOOT.replace("foot", "toe"), "f.toml: board.sensor[1].input: input 0 of chip 0x48 is taken by foot"),
        (FOOT.replace("input = 0", "input = 3"), "f.toml: board.sensor[0].input: input 3 of chip 0x48 is taken by the"),
        (FOOT.replace("input = 0", "input = 4"), "f.toml: board.sensor[0].input: cannot be 4: it should be less than"),
        (FOOT.replace("0x48", "0x4A"), "f.toml: board.sensor[0].chip: there is no chip 0x4a: use one of 0x48, 0x49"),
        (FOOT.replace("foot", "../x"), "f.toml: board.sensor[0].name: cannot be '../x': use 1 to 32 small letters"),
        (FOOT.replace('"1 mm"', "1"), 'f.toml: board.sensor[0].x: 1 has no unit: write "1 mm"'),
        ("[board.pins]\nmotor = 17", "f.toml: board.pins.button: pin 17 is taken by motor: choose a free BCM pin"),
        ("[board.pins]\nled = 2", "f.toml: board.pins.led: pin 2 is taken by SDA: choose a free BCM pin"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse(text, BOARD_V1, "f.toml")
    assert str(refusal.value).startswith(said)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.toml: cannot be read \(no such file or directory\): check the path"):
        load(tmp_path / "none.toml", BOARD_V1)


def test_another_part_keeps_the_default_data_rate_and_may_have_its_own() -> None:
    other = '[[board.chip]]\naddress = 0x48\npart = "ads1015"\n[[board.chip]]\naddress = 0x49\n'
    assert parse(other, BOARD_V1, "f.toml").board.data_rate_sps == 860
    assert parse(other + '[board]\ndata_rate = "3300 SPS"', BOARD_V1, "f.toml").board.data_rate_sps == 3300


def test_rates_and_ranges_are_those_the_driver_knows() -> None:
    assert load(None, BOARD_V1).bus.rate == sampler.DEFAULT_RATE_HZ
    assert wiring.DATA_RATES_SPS == conversion.DATA_RATES_SPS
    assert recording.FULL_SCALE_V / recording.COUNTS == conversion.FULL_SCALE_V / conversion.STEPS


def test_a_password_comes_from_the_first_line_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word\nsecond line\n")
    settings = parse(f'[broker]\npassword_file = "{tmp_path / "secret"}"', BOARD_V1, "f.toml")
    assert settings.broker.password() == "pass word"
