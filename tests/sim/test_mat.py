"""From newtons on the feet to the numbers the real driver reads."""

import numpy as np
import pytest
from adafruit_ads1x15 import ADS1115, AnalogIn

from qlmat.sim.clock import VirtualClock
from qlmat.sim.load import Load, NoLoad, RecordedLoad, RecordedVolts
from qlmat.sim.mat import VirtualMat
from qlmat.sim.sensor_faults import SensorFault
from qlmat.sim.signal import IDEAL, Imperfections
from qlmat_firmware.board import BOARD_V1

STEP_V = 4.096 / 32768
FEET_N = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)


def steady(*newtons: float) -> RecordedLoad:
    return RecordedLoad([0.0, 1000.0], [newtons, newtons])


def ideal_mat(load: Load | RecordedVolts, *faults: SensorFault) -> VirtualMat:
    return VirtualMat(BOARD_V1, load, VirtualClock(), imperfections=IDEAL, faults=faults)


def read_all(mat: VirtualMat) -> dict[str, float]:
    drivers = {address: ADS1115(mat.i2c, address=address, gain=1, data_rate=860) for address in mat.chips}
    return {ch.name: AnalogIn(drivers[ch.chip], ch.input).voltage for ch in mat.board.channels}


def divider_v(newtons: float, rail_v: float = 3.3) -> float:
    return rail_v * 1000.0 / (1000.0 + 500.0 + 16_960.0 / newtons)


def test_each_foot_reaches_its_own_channel_to_half_a_step() -> None:
    volts = read_all(ideal_mat(steady(*FEET_N)))
    for sensor, newtons in zip(BOARD_V1.sensors, FEET_N, strict=True):
        assert volts[sensor.name] == pytest.approx(divider_v(newtons), abs=STEP_V / 2 + 1e-9)
    assert (volts["rail_0x48"], volts["rail_0x49"]) == pytest.approx((3.3, 3.3))


def test_an_empty_ideal_mat_reads_zero() -> None:
    volts = read_all(ideal_mat(NoLoad(6)))
    assert {volts[sensor.name] for sensor in BOARD_V1.sensors} == {0.0}


def test_recorded_volts_reach_the_driver_as_they_were() -> None:
    wanted = (0.1, 0.5, 1.0, 1.5, 2.0, 2.2)
    volts = read_all(ideal_mat(RecordedVolts([0.0, 10.0], [wanted, wanted])))
    assert [volts[sensor.name] for sensor in BOARD_V1.sensors] == pytest.approx(wanted, abs=STEP_V / 2 + 1e-9)


def test_a_recording_is_a_straight_line_between_rows_and_nothing_beyond_its_ends() -> None:
    load = RecordedLoad([1.0, 2.0], [[10.0], [20.0]])
    assert load.newtons(np.array([0.9, 1.0, 1.25, 2.0, 2.1]))[:, 0].tolist() == [0.0, 10.0, 12.5, 20.0, 0.0]


@pytest.mark.parametrize("times", [[0.0, 0.0], [1.0, 0.5], [0.0, float("nan")], [0.0]])
def test_a_recording_whose_times_do_not_increase_is_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match=r"increase|match"):
        RecordedLoad(times, [[1.0], [2.0]])


def test_a_window_across_blocks_averages_a_ramp_to_its_middle() -> None:
    mat = ideal_mat(RecordedVolts([0.0, 2.0], [[0.0] * 6, [2.0] * 6]))
    assert mat.signal.mean(0, 0.43, 0.57)[0] == pytest.approx(0.5, abs=1e-9)
    assert mat.signal.mean(0, 1.2345, 1.2345)[0] == pytest.approx(1.2345, abs=1e-9)


@pytest.mark.parametrize(
    ("fault", "volts"),
    [
        (SensorFault("open", 0.0, sensor="left_2"), 0.0),
        (SensorFault("short", 0.0, sensor="left_2"), 3.3),
        (SensorFault("foot_lifted", 0.0, sensor="left_2"), 0.0),
        (SensorFault("swapped", 0.0, sensor="left_2", other="right_3"), divider_v(60.0)),
        (SensorFault("rail_sag", 0.0, volts=0.3), divider_v(20.0, rail_v=3.0)),
        (SensorFault("open", 5.0, sensor="left_2"), divider_v(20.0)),
    ],
    ids=lambda value: value.kind if isinstance(value, SensorFault) else "",
)
def test_a_sensor_fault_shows_at_its_input(fault: SensorFault, volts: float) -> None:
    assert read_all(ideal_mat(steady(*FEET_N), fault))["left_2"] == pytest.approx(volts, abs=4e-4)


def test_a_sagging_rail_is_seen_on_the_rail_channel() -> None:
    assert read_all(ideal_mat(steady(*FEET_N), SensorFault("rail_sag", 0.0, volts=0.3)))["rail_0x49"] == pytest.approx(
        3.0
    )


def test_a_stuck_sensor_keeps_the_volts_it_had() -> None:
    mat = ideal_mat(RecordedVolts([0.0, 4.0], [[0.0] * 6, [2.0] * 6]), SensorFault("stuck", 1.0, sensor="left_1"))
    assert mat.signal.mean(0, 3.0, 3.001)[0] == pytest.approx(0.5)
    assert mat.signal.mean(1, 3.0, 3.001)[0] == pytest.approx(1.50025)


def test_an_intermittent_lead_is_open_about_half_of_the_time() -> None:
    fault = SensorFault("intermittent", 0.0, sensor="left_1")
    rng = np.random.default_rng(11)  # fixed seed: half a minute of a loose lead
    mat = VirtualMat(BOARD_V1, steady(*FEET_N), VirtualClock(), rng, imperfections=IDEAL, faults=(fault,))
    volts = np.array([mat.signal.mean(0, t_s, t_s)[0] for t_s in np.arange(0.0, 30.0, 0.02)])
    is_open = volts < 0.01
    assert 0.3 < is_open.mean() < 0.7
    assert 100 < np.count_nonzero(np.diff(is_open)) < 400


def test_a_drifting_sensor_gains_conductance_by_the_minute() -> None:
    mat = ideal_mat(steady(*FEET_N), SensorFault("drifting", 0.0, sensor="left_1", per_minute_ratio=0.5))
    open_circuit = 1.5 * 1000.0 / (500.0 + 16_960.0 / 10.0)
    assert mat.signal.mean(0, 60.0, 60.0)[0] == pytest.approx(3.3 * open_circuit / (1 + open_circuit))


def test_the_motor_is_felt_only_while_it_runs() -> None:
    rng = np.random.default_rng(13)  # fixed seed
    how = Imperfections(parts=False, mains_v=0.0, rail_sigma_v=0.0)
    mat = VirtualMat(BOARD_V1, steady(*FEET_N), VirtualClock(), rng, imperfections=how)
    times_s = np.arange(2.0, 3.0, 0.0037)
    still = np.ptp([mat.signal.mean(0, t_s, t_s + 0.001)[0] for t_s in times_s])
    mat.motor_running = lambda: True
    shaken = np.ptp([mat.signal.mean(0, t_s, t_s + 0.001)[0] for t_s in times_s])
    assert still < 1e-6
    assert shaken > 0.002


def test_mains_pick_up_vanishes_when_a_conversion_lasts_one_mains_period() -> None:
    how = Imperfections(parts=False, preload_n=0.0, rail_sigma_v=0.0)
    mat = VirtualMat(BOARD_V1, steady(*FEET_N), VirtualClock(), np.random.default_rng(17), imperfections=how)
    times_s = np.arange(2.0, 3.0, 0.0031)
    fast = np.ptp([mat.signal.mean(0, t_s, t_s + 0.00116)[0] for t_s in times_s])
    slow = np.ptp([mat.signal.mean(0, t_s, t_s + 0.020)[0] for t_s in times_s])
    assert fast > 1e-4
    assert slow < fast / 100


def test_two_mats_with_one_seed_are_one_mat() -> None:
    readings = [
        read_all(VirtualMat(BOARD_V1, steady(*FEET_N), VirtualClock(), np.random.default_rng(19))) for _ in range(2)
    ]
    assert readings[0] == readings[1]


def test_a_usual_board_is_off_by_its_parts_but_not_by_more() -> None:
    volts = read_all(VirtualMat(BOARD_V1, steady(*FEET_N), VirtualClock(), np.random.default_rng(23)))
    ratios = [volts[s.name] / divider_v(n + 1.5) for s, n in zip(BOARD_V1.sensors, FEET_N, strict=True)]
    assert all(0.75 < ratio < 1.25 for ratio in ratios)
    assert len(set(ratios)) == 6


def test_a_brown_out_puts_one_chip_back_to_power_up() -> None:
    mat = ideal_mat(steady(*FEET_N))
    read_all(mat)
    mat.brown_out(0x49, mat.clock.now_s() + 1.0)
    mat.clock.sleep(2.0)
    assert (mat.chips[0x48].config, mat.chips[0x49].config) == (0xF3E3 & 0x7FFF, 0x0583)


def test_an_imperfect_mat_without_a_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="rng"):
        VirtualMat(BOARD_V1, NoLoad(6), VirtualClock())


def test_a_fault_of_an_unknown_sensor_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="left_1, left_2"):
        ideal_mat(NoLoad(6), SensorFault("open", 0.0, sensor="left_9"))
