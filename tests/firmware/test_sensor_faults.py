"""Broken leads, parts and rails behind the emulated chips are told by name; a sound mat says nothing."""

import numpy as np
import pytest

from qlmat.core.calibration import nominal_calibration
from qlmat.core.faults import CHECKS
from qlmat.core.model import Event, FloatArray
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.sim.sensor_faults import SensorFault, SensorFaultKind
from qlmat_firmware.board import BOARD_V1
from tests.firmware.rocking import RockedMat, Rocking, told

START_S, END_S, GONE_S = 15.0, 25.0, 31.0


def events(load: Rocking, *faults: SensorFault, until_s: float = GONE_S, seed: int = 5) -> list[Event]:
    """Run the whole pipeline over the mat; return what it says of sensors."""
    mat = RockedMat(load, faults, seed=seed)
    pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
    ticks = (pipeline.push(frame) for frame in mat.frames(until_s))
    return [event for tick in ticks for event in tick.events if event.name.startswith("sensor_")]


class UntilTwenty(Rocking):
    """Rocks until 20 s, then gets up."""

    def newtons(self, t_s: FloatArray) -> FloatArray:
        """Give (n, sensors) in N."""
        return np.asarray(np.where(t_s[:, None] > 20.0, 0.0, super().newtons(t_s)))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("open", ["foot_lifted", "open"]),  # under load the two look alike until it has lasted
        ("foot_lifted", ["foot_lifted", "open"]),
        ("short", ["short"]),
        ("stuck", ["stuck"]),
        ("intermittent", ["loose"]),
    ],
)
def test_a_fault_of_a_loaded_foot_is_told_by_name_and_told_to_be_over(kind: SensorFaultKind, names: list[str]) -> None:
    found = events(Rocking(), SensorFault(kind, START_S, END_S, "left_2"))
    assert told(found) == [*(("sensor_fault", "left_2", name) for name in names), ("sensor_ok", "left_2", names[-1])]
    assert START_S < found[0].t_s < START_S + 5.0
    assert END_S + 1.5 < found[-1].t_s < END_S + 5.0


def test_an_event_says_what_to_check() -> None:
    found = events(Rocking(), SensorFault("short", START_S, END_S, "left_2"))
    assert found[0].detail["check"] == CHECKS["short"]
    assert found[0].side == "left"


def test_an_open_lead_of_an_empty_pad_shows_by_the_missing_weight_of_the_plate() -> None:
    found = events(Rocking(), SensorFault("open", START_S, END_S, "right_2"))
    assert told(found) == [("sensor_fault", "right_2", "open"), ("sensor_ok", "right_2", "open")]


def test_a_foot_that_keeps_its_load_when_the_person_gets_up_is_stuck() -> None:
    found = events(UntilTwenty(), SensorFault("stuck", START_S, END_S, "left_1"))
    assert told(found) == [("sensor_fault", "left_1", "stuck"), ("sensor_ok", "left_1", "stuck")]


def test_a_sagging_rail_is_told_by_the_chip_that_reads_it() -> None:
    found = events(Rocking(), SensorFault("rail_sag", START_S, END_S, volts=0.25))
    assert told(found) == [
        ("sensor_fault", "rail_0x48", "rail"),
        ("sensor_fault", "rail_0x49", "rail"),
        ("sensor_ok", "rail_0x48", "rail"),
        ("sensor_ok", "rail_0x49", "rail"),
    ]


def test_too_much_on_one_foot_is_saturation() -> None:
    found = events(Rocking(force_n=700.0, swing_mm=30.0), until_s=15.0)
    assert ("sensor_fault", "left_3", "saturated") in told(found)


def test_a_sensor_that_runs_away_from_its_neighbours_is_drifting() -> None:
    found = events(
        Rocking(start_s=1e9), SensorFault("drifting", 5.0, sensor="right_2", per_minute_ratio=4.0), until_s=80
    )
    assert told(found) == [("sensor_fault", "right_2", "drifting")]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("load", [Rocking(), Rocking(cpm=40.0, swing_mm=25.0), UntilTwenty()])
def test_a_sound_mat_says_nothing_of_its_sensors(load: Rocking, seed: int) -> None:
    assert told(events(load, seed=seed)) == []
