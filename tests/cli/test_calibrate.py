"""`qlmat calibrate`: a virtual helper weighs a virtual pad; what is wrong is refused; the file is whole and honest."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import hypot
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from qlmat.calibration_file import calibrated_words, read_calibration
from qlmat.cli.calibrate_guide import Guide
from qlmat.cli.calibrate_helper import Person, VirtualHelper
from qlmat.cli.calibrate_screen import Screen
from qlmat.cli.calibrate_steps import home_steps
from qlmat.cli.device import open_virtual
from qlmat.cli.main import main
from qlmat.config import load
from qlmat.core.calibration import Calibrator
from qlmat.core.fitting import conductance
from qlmat.core.model import Frame
from qlmat.core.pipeline import Pipeline
from qlmat.errors import CalibrationError, ConfigError
from qlmat.sim.clock import VirtualClock
from qlmat.sim.load import NoLoad, RecordedLoad
from qlmat.sim.pad import RigidPad
from qlmat_firmware.board import BOARD_V1

FEET = BOARD_V1.sensors[:3]


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calibrate the left pad once, at 15 scans a second, and keep everything."""
    folder = tmp_path_factory.mktemp("calibration")
    config = folder / "qlmat.toml"
    config.write_text('[bus]\nrate = "15 Hz"\n')
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", "--device", "virtual", "--side", "left", "--speed", "1e9", "--serial", "left_1=A17",
              "-c", str(config), "-o", str(folder / "c.json"), "--keep", str(folder / "kept.csv")])  # fmt: skip
    assert ended.value.code == 0
    return folder


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", *map(str, arguments)])
    return int(ended.value.code or 0)


def test_a_virtual_pad_is_calibrated_step_by_step(weighed: Path) -> None:
    content = read_calibration(weighed / "c.json")
    assert [sensor.name for sensor in content.sensors] == ["left_1", "left_2", "left_3"]
    assert content.sensors[0].serial == "A17"
    left = content.remaining["left"]
    assert left.force_interval[0] < left.force_ratio < left.force_interval[1] < 0.25
    assert left.centre_mm < 6.0


def test_the_file_changes_the_board_and_its_curves_for_the_daemon(weighed: Path) -> None:
    board, calibration = read_calibration(weighed / "c.json").applied(BOARD_V1)
    Calibrator(board, calibration)
    assert board.sensors[0].x_mm != BOARD_V1.sensors[0].x_mm
    assert board.sensors[3:] == BOARD_V1.sensors[3:]
    assert all(curve.creep_per_decade > 0.0 for curve in calibration.curves[:3])


def test_the_configuration_takes_the_file(weighed: Path) -> None:
    config = weighed / "with.toml"
    config.write_text(f'[mat]\ncalibration_file = "{weighed / "c.json"}"\n')
    settings = load(config, BOARD_V1)
    assert settings.calibration.curves[0].scale_ohm_n == read_calibration(weighed / "c.json").sensors[0].scale_ohm_n
    assert settings.board.sensors[0].x_mm != BOARD_V1.sensors[0].x_mm


def test_the_daemon_tells_when_it_was_calibrated_and_what_remains(weighed: Path) -> None:
    config = weighed / "told.toml"
    config.write_text(f'[mat]\ncalibration_file = "{weighed / "c.json"}"\n')
    content = read_calibration(weighed / "c.json")

    said = calibrated_words(load(config, BOARD_V1).calibrated)

    assert said["calibrated"] == content.made_at.date().isoformat()
    assert said["left_error_ratio"] == content.remaining["left"].force_ratio
    assert said["right_error_ratio"] is None, "only one pad was weighed"


def test_what_was_kept_is_fitted_again_to_much_the_same(weighed: Path) -> None:
    again = weighed / "again.json"
    assert run("--from", weighed / "kept.csv", "-o", again) == 0
    for one, other in zip(read_calibration(weighed / "c.json").sensors, read_calibration(again).sensors, strict=True):
        assert other.scale_ohm_n == pytest.approx(one.scale_ohm_n, rel=0.12)


def test_a_calibrated_mat_weighs_a_ball_that_a_new_one_misjudges(weighed: Path) -> None:
    config = weighed / "use.toml"
    config.write_text(f'[mat]\ncalibration_file = "{weighed / "c.json"}"\n[bus]\nrate = "15 Hz"\n')
    off = {}
    for name, settings in (("new", load(None, BOARD_V1)), ("calibrated", load(config, BOARD_V1))):
        on_feet = RigidPad(FEET).split(np.array([160.0]), np.array([10.0]), np.array([-12.0]))[0]
        rows = np.zeros((4, 6))
        rows[2:, :3] = on_feet
        wired = replace(settings, board=BOARD_V1)  # the virtual parts are those that were calibrated: a fixed seed
        opened = open_virtual(wired, RecordedLoad([0.0, 3.0, 4.0, 60.0], rows), VirtualClock())
        mat = Pipeline(settings.board, settings.calibration, settings.plan)
        while (tick := mat.push(opened.mat.source.read())).t_s < 50.0:  # type: ignore[arg-type]  # it never ends
            pass
        opened.mat.close()
        assert tick.contacts.left.force_n is not None
        assert tick.contacts.left.cop_mm is not None
        off[name] = abs(tick.contacts.left.force_n / 160.0 - 1.0)
    assert off["calibrated"] < 0.10
    assert off["new"] > off["calibrated"]
    assert hypot(tick.contacts.left.cop_mm[0] - 10.0, tick.contacts.left.cop_mm[1] + 12.0) < 5.0


@pytest.mark.parametrize("weights", ["20,50", "50,20,100", "a,b,c", "0,1,2", "10,20,20,30"])
def test_weights_that_do_not_rise_are_wrong_usage(weights: str) -> None:
    assert run("--weights", weights) == 2


def test_an_edited_file_is_refused(weighed: Path) -> None:
    body = json.loads((weighed / "c.json").read_text())
    body["sensors"][0]["scale_ohm_n"] *= 2
    edited = weighed / "edited.json"
    edited.write_text(json.dumps(body))
    with pytest.raises(ConfigError, match="changed after it was written"):
        read_calibration(edited)


def test_a_file_cut_short_is_refused(weighed: Path) -> None:
    cut = weighed / "cut.json"
    cut.write_text((weighed / "c.json").read_text()[:200])
    with pytest.raises(ConfigError, match="no whole calibration file"):
        read_calibration(cut)


def swap_two_leads(rows: list[list[str]]) -> None:
    for row in rows:
        row[1], row[2] = row[2], row[1]


def open_a_lead(rows: list[list[str]]) -> None:
    for row in rows[1:]:
        row[2] = "0.0"


def mistake_a_weight(rows: list[list[str]]) -> None:
    at = [row for row in rows if row[-3] == "60.2"]
    for row in at[: len(at) // 8]:
        row[-3] = "125"


def forget_a_side(rows: list[list[str]]) -> None:
    for row in rows[1:]:
        if row[-1] != "0":
            row[-4:] = [""] * 4


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (swap_two_leads, "leads swapped"),
        (open_a_lead, "left_2 hardly changed"),
        (mistake_a_weight, "noted"),
        (forget_a_side, "too few places"),
    ],
)
def test_bad_data_is_refused_with_the_reason_and_nothing_is_written(
    spoil: Callable[[list[list[str]]], None], reason: str, weighed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [line.split(",") for line in (weighed / "kept.csv").read_text().splitlines()]
    spoil(rows if spoil is not swap_two_leads else rows[1:])
    (weighed / "bad.csv").write_text("\n".join(",".join(row) for row in rows) + "\n")
    output = weighed / f"{spoil.__name__}.json"
    assert run("--from", weighed / "bad.csv", "-o", output) == 1
    assert reason in capsys.readouterr().err
    assert not output.exists()


def test_a_recording_without_marks_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("t_s," + ",".join(f"{s.name}_v" for s in BOARD_V1.sensors) + "\n0.0,1,1,1,1,1,1\n")
    assert run("--from", plain) == 2
    assert "load_side" in capsys.readouterr().err


def test_an_unknown_part_and_an_unknown_side_are_wrong_usage() -> None:
    assert run("--side", "middle") == 2
    assert run("--serial", "left_9=1", "--from", "x.csv") == 2


def test_a_person_who_does_nothing_for_three_minutes_ends_it(tmp_path: Path) -> None:
    config = tmp_path / "slow.toml"
    config.write_text('[bus]\nrate = "5 Hz"\n')
    settings = load(config, BOARD_V1)
    opened = open_virtual(settings, NoLoad(6), VirtualClock())
    steps = home_steps(FEET)
    guide = Guide(BOARD_V1, FEET, opened.mat.source, Person(), lambda progress: None, lambda frame, step: None)
    with pytest.raises(CalibrationError, match="did not begin in 180 s"):
        guide.run(steps[:1])
    opened.mat.close()


class Spiky:
    """A pad under 150 N whose sensors spike for one scan five times a second, one after another."""

    def __init__(self) -> None:
        self.scans = 0

    def read(self) -> Frame:
        volts = np.full(len(BOARD_V1.channels), 1.4)
        volts[[each for each in BOARD_V1.rail_channel if each is not None]] = 3.3
        if self.scans % 20 == 0:
            volts[self.scans // 20 % 3] = 2.0
        self.scans += 1
        return Frame(self.scans / 100.0, volts)


def test_a_spike_of_one_scan_is_neither_a_stack_that_moves_nor_part_of_a_reading() -> None:
    step = next(step for step in home_steps(FEET) if step.kind == "stand")
    guide = Guide(BOARD_V1, FEET, Spiky(), Person(), lambda progress: None, lambda frame, step: None)
    placement = guide.run([step])[0]
    assert len(placement.readings) == len(step.read_s)
    for each in placement.readings:
        assert each.siemens == pytest.approx([conductance(1.4, 3.3, FEET[0].divider_ohm)] * 3, rel=1e-9)


def test_the_helper_puts_what_it_is_told_where_it_is_told() -> None:
    helper = VirtualHelper(BOARD_V1, "right", np.random.default_rng(1))
    step = next(step for step in home_steps(FEET) if step.kind == "weigh" and step.x_mm == 0.0 and step.y_mm == 50.0)
    helper.told(step, 10.0)
    newtons = helper.newtons(np.array([10.5, 13.0]))
    assert newtons[0].sum() == 0.0
    assert newtons[1].sum() == pytest.approx(step.force_n, rel=0.04)
    assert newtons[1].argmax() == 3
    assert newtons[:, :3].sum() == 0.0


def test_the_screen_says_each_step_once(capsys: pytest.CaptureFixture[str]) -> None:
    from qlmat.cli.calibrate_guide import Progress

    step = home_steps(FEET)[0]
    with Screen(Console(width=200), "left") as screen:
        for share in (None, 0.1, 0.9):
            screen.show(Progress(step, 1, 52, share, (0.0, 0.0, 0.0)))
    assert capsys.readouterr().out.count("Lean on the middle") == 1
