"""Stories are read from TOML or refused in one line that a physiotherapist can act on."""

from math import inf
from pathlib import Path

import pytest

from qlmat.errors import RecordingError
from qlmat.sim.clock import VirtualClock
from qlmat.sim.mat import VirtualMat
from qlmat.sim.scenario import load_scenario, parse_scenario, stories, story
from qlmat.sim.signal import IDEAL
from qlmat_firmware.board import BOARD_V1

PLACE = '[[step]]\ndo = "place"\nside = "left"\nnewtons = 80\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            PLACE + '[[step]]\ndo = "rock"\nseconds = 9\ncpn = 12\n',
            "step 2 (rock): unknown key 'cpn': did you mean 'cpm'?",
        ),
        (PLACE + '[[step]]\ndo = "rock"\nseconds = 9\n', "step 2 (rock): needs the key 'cpm'."),
        (PLACE + '[[step]]\ndo = "rok"\nseconds = 9\n', "step 2: nobody can 'rok': did you mean 'rock'?"),
        (PLACE + "[[step]]\nseconds = 9\n", "step 2: needs the key 'do'"),
        (PLACE + '[[step]]\ndo = "rest"\nseconds = "9 s"\n', "step 2 (rest): seconds: input should be a valid number"),
        (PLACE + '[[step]]\ndo = "rest"\nseconds = -9\n', "step 2 (rest): seconds: input should be greater than 0"),
        (PLACE + '[[step]]\ndo = "rest"\nseconds = nan\n', "step 2 (rest): seconds: input should be"),
        (PLACE + PLACE, "step 2 (place): the person already lies on the left side"),
        ('[[step]]\ndo = "rock"\nseconds = 9\ncpm = 12\n', "step 1 (rock): nobody lies on the mat"),
        ("[person]\nbreathing = 4\n" + PLACE, "[person] unknown key 'breathing': did you mean 'breathing_mm'?"),
        ("sead = 4\n" + PLACE, "unknown key 'sead': did you mean 'seed'?"),
        ("seed = 4\n", "needs the key 'step'."),
        ("[[step]\n", "is not TOML"),
        (
            PLACE + '[[fault]]\nkind = "nak"\nat_seconds = 1\n',
            "fault 1: kind: nothing is called 'nak': did you mean 'nack'?",
        ),
        (
            PLACE + '[[expect]]\nevnt = "placed"\nat_seconds = 1\n',
            "expect 1: unknown key 'evnt': did you mean 'event'?",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_naming_file_step_and_key(text: str, said: str) -> None:
    with pytest.raises(RecordingError) as caught:
        parse_scenario(text, "my.toml")
    assert str(caught.value).startswith(f"my.toml: {said}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.toml"):
        load_scenario(tmp_path / "nowhere.toml")


def test_a_story_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text(PLACE, encoding="utf-8")
    assert load_scenario(path).end_s == 2.0


def test_expectations_come_with_the_story() -> None:
    text = (
        PLACE + '[plan]\nside_s = 40\n[[expect]]\nevent = "placed"\nat_seconds = 4\nwithin_seconds = 2\nside = "left"\n'
    )
    found = parse_scenario("never = ['too_hard']\n" + text, "my.toml").story
    assert (found.expect[0].event, found.expect[0].within_seconds, found.expect[0].side) == ("placed", 2.0, "left")
    assert (found.plan, found.never) == ({"side_s": 40}, ["too_hard"])


def test_the_package_brings_a_demo_that_visits_both_sides() -> None:
    assert "demo" in stories()
    demo = story("demo")
    sides = {demo.person.truth(t_s).side for t_s in range(int(demo.end_s))}
    kinds = {demo.person.truth(t_s).kind for t_s in range(int(demo.end_s))}
    assert (sides, kinds) == ({"left", "right", None}, {"rock", "bend", "still", None})
    assert demo.presses == ()


def test_an_unknown_story_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RecordingError, match="did you mean 'demo'"):
        story("demmo")


def test_faults_of_bus_chip_and_sensor_reach_the_mat() -> None:
    text = PLACE + (
        '[[fault]]\nkind = "nack"\nat_seconds = 1\nseconds = 2\nchip = 0x48\n'
        '[[fault]]\nkind = "brown_out"\nat_seconds = 3\nchip = 0x49\n'
        '[[fault]]\nkind = "swapped"\nat_seconds = 4\nsensor = "left_1"\nother_sensor = "right_1"\n'
    )
    scenario = parse_scenario(text, "my.toml")
    clock = VirtualClock()
    mat = VirtualMat(BOARD_V1, scenario.load(BOARD_V1), clock, imperfections=IDEAL)
    scenario.plan_faults(mat)
    clock.sleep_until(1.5)
    with pytest.raises(OSError, match="Remote I/O error"):
        mat.i2c.writeto(0x48, b"")
    clock.sleep_until(3.5)
    mat.i2c.writeto(0x48, b"")
    assert (mat.chips[0x48].resets, mat.chips[0x49].resets) == (0, 1)
    swapped = mat.signal.faults.faults[0]
    assert (swapped.kind, swapped.sensor, swapped.other, swapped.end_s) == ("swapped", "left_1", "right_1", inf)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ('kind = "open"\nat_seconds = 1\nsensor = "left_9"', "No sensor is called left_9"),
        ('kind = "open"\nat_seconds = 1', "needs the name of its `sensor`"),
        ('kind = "brown_out"\nat_seconds = 1', "needs the address of its chip"),
        ('kind = "brown_out"\nat_seconds = 1\nchip = 0x4A', "no chip at 0x4a"),
    ],
)
def test_a_fault_that_cannot_be_planned_is_refused(fault: str, said: str) -> None:
    scenario = parse_scenario(PLACE + "[[fault]]\n" + fault, "my.toml")
    mat = VirtualMat(BOARD_V1, scenario.load(BOARD_V1), VirtualClock(), imperfections=IDEAL)
    with pytest.raises(RecordingError, match=said):
        scenario.plan_faults(mat)
